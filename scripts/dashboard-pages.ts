import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lineage, LineagePage } from '#api'
import { datasets } from '#datasets'
import { testLineage, withSqlReader } from '#lineage'
import { openReader, runOnce } from '#platform'
import type { SqlEngine } from '#port'
import { Fault } from '#port'
import { liveColumns } from '../src/platform/live-columns.ts'
import { askOf } from '../src/serve/ask.ts'
import type { Choices } from '../src/serve/choices.ts'
import { readChoices } from '../src/serve/choices.ts'
import type { FigureRoute, Question } from '../src/serve/figures/question.ts'
import { figures } from '../src/serve/figures/routes.ts'
import { pageOf, pageParameters, readPage, rowParameters, rowSelect } from '../src/serve/figures/rows.ts'
import { schoolMeasures } from '../src/serve/words.ts'
import { askingPages } from './dashboard-asks.ts'

type Reads = LineagePage['reads']

/**
 * What each page of the dashboard reads, seen rather than declared: every address of the API that its source asks is asked of a lake of sample files with every
 * value of every parameter, and the SQL that it sends is read.
 */
export async function dashboardPages(webFolder: string, lineage: Lineage): Promise<readonly LineagePage[]> {
  const sqlOf = await recorded()
  return withSqlReader(async (reader) => {
    const readsOf = (name: string): Reads => {
      if (name === 'live') return Object.entries(liveColumns).map(([table, columns]) => ({ table, columns }))
      const tests = [...(sqlOf.get(name) ?? [])].map((sql) => ({ id: sql, name, sql, reads: tablesIn(sql, lineage) }))
      const traced = testLineage(tests, lineage.tables, reader)
      for (const { id, reads } of traced) {
        if (
          reads.length > 0 &&
          reads.every(({ columns }) => columns.length === 0) &&
          !/^\s*SELECT count\(\*\)/i.test(id)
        ) {
          throw new Error(`What ${name} reads could not be followed: ${id}`)
        }
      }
      return traced.flatMap(({ reads }) => reads)
    }
    const pages = askingPages(webFolder)
    const asks = new Set(pages.flatMap((page) => page.asks))
    for (const name of asks) {
      if (!sqlOf.has(name) && !otherwise.includes(name)) throw new Error(`The API has no ${name}, which a page asks.`)
    }
    for (const name of sqlOf.keys()) if (!asks.has(name)) throw new Error(`No page is found that asks ${name}.`)
    return pages.map(({ name, path, asks }) => ({
      name,
      path,
      reads: together(asks.flatMap(readsOf)),
    }))
  })
}

/** Addresses that send no SQL: those of the stream, whose columns are declared where it is read, and those that read no table. */
const otherwise = ['live', 'events', 'publication', 'measures', 'lineage']

const tablesIn = (sql: string, { tables }: Lineage): readonly string[] =>
  tables.flatMap(({ name }) => (new RegExp(`\\b${name.replace('.', '\\.')}\\b`).test(sql) ? [name] : []))

/** Each table once, with all columns that any of them reads, in order. */
function together(all: Reads): Reads {
  const found = new Map<string, Set<string>>()
  for (const { table, columns } of all) found.set(table, new Set([...(found.get(table) ?? []), ...columns]))
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([table, columns]) => ({ table, columns: [...columns].sort() }))
}

/** The statements that each address of the API sends. */
async function recorded(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-pages-'))
  const topics = { keepHours: 1, maxMb: 16 }
  const options = { lake: join(folder, 'lake'), datasets: [], models: [], engine: { memoryMb: 512 }, topics }
  const effects = { report: () => {}, signal: new AbortController().signal }
  await runOnce({ ...options, full: false, sample: { schools: 60, seed: 7 } }, effects)
  const reader = await openReader(options)
  try {
    const publication = await reader.newest()
    if (publication === undefined) throw new Error('The sample was not published.')
    const open = await reader.open(publication)
    try {
      return await asked(open.engine, publication.gold)
    } finally {
      await open.close()
    }
  } finally {
    await reader.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const rows: FigureRoute = {
  parameters: [...rowParameters, ...pageParameters],
  answer: (ask, question) => readPage(rowSelect(ask, question), pageOf(ask, { most: 1, usual: 1 }), question.engine),
}

async function asked(engine: SqlEngine, gold: Question['gold']): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map<string, ReadonlySet<string>>()
  const recording = async (work: (engine: SqlEngine) => Promise<unknown> | unknown): Promise<ReadonlySet<string>> => {
    const sent = new Set<string>()
    const query: SqlEngine['query'] = (sql, values) => {
      sent.add(sql)
      return engine.query(sql, values)
    }
    await work({ ...engine, query })
    return sent
  }
  const choices = await readChoices(engine)
  found.set('options', await recording(readChoices))
  for (const [name, route] of Object.entries({ ...figures, rows })) {
    if (name === 'options') continue
    const sent = await recording(async (to) => {
      for (const parameters of questions(route.parameters, choices)) {
        const question: Question = { engine: to, choices, gold, datasets }
        try {
          await route.answer(askOf(new URLSearchParams(parameters), route.parameters), question)
        } catch (error) {
          // Not every value goes with every other one.
          if (!(error instanceof Fault) || error.code !== 'serve/bad-request') throw error
        }
      }
    })
    found.set(name, sent)
  }
  return found
}

/** Nothing, each value of each parameter, and each of them beside each value of what changes the tables. */
function questions(names: readonly string[], choices: Choices): readonly Readonly<Record<string, string>>[] {
  const known = valuesOf(choices)
  const singles = names.flatMap((name) => {
    const values = known[name]
    if (values === undefined) throw new Error(`scripts/dashboard-pages.ts knows no values for the parameter ${name}.`)
    return values.map((value) => ({ [name]: value }))
  })
  const turns = singles.filter((single) => 'by' in single || 'of' in single)
  return [{}, ...singles, ...turns.flatMap((turn) => singles.map((single) => ({ ...single, ...turn })))]
}

function valuesOf(choices: Choices): Readonly<Record<string, readonly string[]>> {
  const of = (list: readonly { readonly value: string }[]): readonly string[] =>
    list.slice(0, 2).map(({ value }) => value)
  return {
    year: choices.years.map(({ year }) => String(year)),
    borough: of(choices.boroughs),
    district: of(choices.districts),
    program: ['all', ...of(choices.programs)],
    vintage: choices.vintages.map(String),
    measure: [...schoolMeasures, ...choices.measures.slice(0, 1).map(({ id }) => id)],
    bucket: choices.buckets.slice(0, 1).map(({ bucket }) => bucket),
    respondent: ['student'],
    scale: ['rate', 'score_1_5', 'percent_positive'],
    by: ['borough', 'district'],
    of: ['schools', 'measures', 'vulnerability', 'quarantine', 'displaced', 'silver'],
    state: ['present', 'missing'],
    ranked: ['yes', 'no'],
    fate: ['duplicate'],
    bin: ['3'],
    dbn: ['01M015'],
    search: ['school'],
    source: ['0'],
    rule: ['none'],
    dataset: datasets.map(({ name }) => name),
    // These choose among what is read, and no column more.
    ...{ table: [], sort: [], order: [], offset: [], limit: [] },
  }
}

export function pagesModule(pages: readonly LineagePage[]): string {
  return [
    '// Made by scripts/generate.ts from the source of the dashboard and the SQL that its API sends. Change that.',
    "import type { LineagePage } from '#api'",
    '',
    'export const dashboardPages: readonly LineagePage[] = [',
    ...pages.map((page) => `  ${JSON.stringify(page)},`),
    ']',
    '',
  ].join('\n')
}
