import type { Spec } from '#config'
import { didYouMean } from '#config'
import type { LineageAnswer, LineagePicture } from '#platform'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { impactText, traceText, wholeText } from '../lineage-text.ts'

const flags = {
  column: {
    kind: 'text',
    about: 'Where this column comes from: gold.climate_vulnerability.svi_overall',
    optional: true,
  },
  impact: { kind: 'text', about: 'What this table or column has a say in: silver.svi.rpl_themes', optional: true },
  format: { kind: 'text', about: 'text, mermaid, svg, json or openlineage', default: 'text' },
} as const satisfies Spec

const pictures: readonly string[] = ['mermaid', 'svg', 'openlineage'] satisfies readonly LineagePicture[]
const formats = ['text', 'json', ...pictures]

export const lineage: Command<typeof flags> = {
  name: 'lineage',
  about: 'where each column of Gold comes from',
  more: 'From the datasets’ contracts and the dbt project as it compiles, so no lake has to be there. A value is copied, transformed (a calculation in its row) or aggregated (of several rows): DIRECT, in OpenLineage’s words. What is only compared in a join, filtered or grouped by chooses values and decides which rows there are: INDIRECT, by JOIN, FILTER or GROUP_BY. --impact goes on to the pages of the dashboard. A header is a column of Bronze. Incremental models are followed as they are built anew. openlineage prints one JobEvent a line, of OpenLineage 2-0-2.',
  flags,
  options: [],
  examples: [
    'fairlead lineage',
    'fairlead lineage --column gold.climate_vulnerability.svi_overall',
    'fairlead lineage --impact silver.svi.rpl_themes --format svg',
  ],
  async run({ flags: { column, impact, format }, options }, { backend, answer, report, signal, width }) {
    if (!formats.includes(format)) throw noFormat(format)
    if (column !== undefined && impact !== undefined) throw both()
    const { datasets, models, engine } = options
    const platform = await backend()
    const picture = pictures.includes(format) ? (format as LineagePicture) : undefined
    const found = await platform.askLineage(
      { datasets, models, engine, of: { column, impact }, picture },
      { report, signal },
    )
    const json = document(found.whole ?? found.trace ?? found.impact)
    await answer({
      json,
      text: format === 'json' ? lines(json) : found.picture === null ? plainText(found, width) : [found.picture],
    })
    return 0
  },
}

function* lines(json: Iterable<string>): Iterable<string> {
  yield* json
  yield '\n'
}

function plainText({ whole, trace, impact }: LineageAnswer, width: number | undefined): Iterable<string> {
  if (trace !== undefined) return traceText(trace)
  if (impact !== undefined) return impactText(impact, width)
  return wholeText(whole ?? { tables: [], tests: [], pages: [] }, width)
}

function noFormat(format: string): Fault {
  return new Fault('usage/bad-value', `--format ${format} is none of ${formats.join(', ')}.`, {
    mend: `Choose one of them.${didYouMean(format, formats)}`,
    facts: { flag: 'format' },
  })
}

function both(): Fault {
  return new Fault('usage/bad-value', '--column and --impact look in opposite directions.', {
    mend: 'Ask for one of them.',
    facts: { flag: 'impact' },
  })
}
