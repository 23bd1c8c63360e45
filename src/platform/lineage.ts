import type { Lineage } from '#api'
import {
  impactOf,
  lakeLineage,
  mermaidOf,
  openLineageEvents,
  projectLineage,
  svgOf,
  testLineage,
  traceColumn,
  withoutLoose,
  withSqlReader,
} from '#lineage'
import { placeOrigins } from '#pipeline'
import type { WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { dashboardPages } from './dashboard-pages.generated.ts'
import type { LineageAnswer, LineageAsk, LineagePicture, LineageRequest } from './lineage-api.ts'
import { compileProject } from './lineage-project.ts'
import { goldProject, lakeTables } from './project.ts'

/**
 * From the datasets' contracts and the dbt project as it compiles, over empty tables: no lake is read.
 * Faults: those of the contracts and of the model runner, `machine/library`.
 */
export async function readLineage(options: LineageRequest, effects: WorkEffects): Promise<Lineage> {
  const contracts = await listDatasets(options)
  const tables = lakeTables(contracts)
  const lake = lakeLineage(contracts, tables, placeOrigins)
  const { models, tests } = await compileProject(goldProject(options, process.env), tables, options, effects)
  return withSqlReader(async (reader) => {
    const all = [...lake, ...projectLineage(models, lake, reader)]
    return { tables: all, tests: testLineage(tests, all, reader), pages: dashboardPages }
  })
}

/** Faults: those of `readLineage`, `usage/bad-value` for a name that is none. */
export async function answerLineage(ask: LineageAsk, effects: WorkEffects): Promise<LineageAnswer> {
  const { column, impact: changed } = ask.of
  const whole = await readLineage(ask, effects)
  if (column !== undefined) {
    const trace = traceColumn(whole, column)
    return { trace, picture: drawn(trace.lineage, ask.picture, `Where ${column} comes from`) }
  }
  if (changed !== undefined) {
    const impact = impactOf(whole, changed)
    return { impact, picture: drawn(impact.lineage, ask.picture, `What ${changed} has a say in`) }
  }
  return { whole, picture: drawn(whole, ask.picture) }
}

const drawn = (lineage: Lineage, picture: LineagePicture | undefined, title?: string): string | null =>
  picture === undefined ? null : lineagePicture(lineage, picture, title)

/** Of a part, with its columns; of everything, tables only. */
export function lineagePicture(lineage: Lineage, picture: LineagePicture, title?: string): string {
  const columns = title !== undefined
  const drawn = columns ? lineage : withoutLoose(lineage)
  if (picture === 'mermaid') return mermaidOf(drawn, { columns })
  if (picture === 'svg') return svgOf(drawn, { columns, title: title ?? 'From Bronze to Gold' })
  const events = openLineageEvents(lineage, { at: new Date(), producer: 'urn:fairlead' })
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}
