import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { Lineage, LineageImpact, LineageTable } from '#api'
import type { CompiledTable } from '#lineage'
import { impactOf, projectLineage, withSqlReader } from '#lineage'
import { readLineage } from '../../src/platform/lineage.ts'

const cases = join(import.meta.dirname, '../cases/lineage')

/** `case.json` of a case; each of its models stands beside it, as SQL. */
interface Case {
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly models: readonly { readonly name: string; readonly reads: readonly string[]; readonly columns: string[] }[]
  readonly impact: Readonly<Record<string, Readonly<Record<'columns' | 'influenced' | 'rows', readonly string[]>>>>
}

const typed = (names: readonly string[]) => names.map((name) => ({ name, type: 'string' as const }))

async function lineageOf({ tables, models }: Case, folder: string): Promise<Lineage> {
  const lake = Object.entries(tables).map(
    ([name, columns]): LineageTable => ({
      ...{ name, layer: 'bronze', madeBy: 'file', about: '', reads: [], uses: [], untraced: null },
      columns: typed(columns).map((column) => ({ ...column, about: '', from: [], chosenBy: [] })),
    }),
  )
  const compiled = models.map(
    ({ name, reads, columns }): CompiledTable => ({
      ...{ name, reads, materialized: 'table', columns: typed(columns) },
      sql: readFileSync(join(folder, `${name}.sql`), 'utf8'),
    }),
  )
  return withSqlReader(async (reader) => ({
    tables: [...lake, ...projectLineage(compiled, lake, reader)],
    tests: [],
    pages: [],
  }))
}

const said = ({ columns, influenced, rows }: LineageImpact): object => ({
  columns: columns.map(({ kind, table, column }) => `${kind} ${table}.${column}`),
  influenced: influenced.map(({ table, column, how }) => `${table}.${column} ${how.join(' ')}`),
  rows: rows.map(({ table, how, by }) => `${table} ${how} ${by}`),
})

for (const name of readdirSync(cases)) {
  const folder = join(cases, name)
  const wanted: Case = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
  test(`in the case ${name}, what a change reaches is told by what it does there`, async () => {
    const lineage = await lineageOf(wanted, folder)
    for (const { name: table, untraced } of lineage.tables) assert.equal(untraced, null, table)
    for (const [of, impact] of Object.entries(wanted.impact)) {
      assert.deepEqual(said(impactOf(lineage, of)), impact, of)
    }
  })
}

let lineage: Lineage
before(async () => {
  const effects = { report: () => {}, signal: new AbortController().signal }
  lineage = await readLineage({ datasets: [], models: [], engine: { memoryMb: 512 } }, effects)
})

test('a change of a column reaches values, rows and tests', () => {
  const impact = impactOf(lineage, 'silver.svi.rpl_themes')
  const columns = impact.columns.map(({ table, column, kind }) => `${kind} ${table}.${column}`)
  assert.ok(columns.includes('copied gold.school_scorecard.svi_overall'))
  assert.ok(columns.includes('aggregated gold.equity_gap.spearman'))
  assert.ok(!columns.some((column) => column.includes('svi_theme1')))
  assert.ok(impact.rows.some(({ table, how }) => table === 'dbt_silver.rank_correlation' && how === 'FILTER'))
  assert.ok(!impact.tables.includes('gold.live_response'))
  assert.ok(impact.tests.some(({ name }) => name === 'svi_overall_is_of_its_tract'))
})

test('a rank that is only compared in a join influences the bucket that is found by it, and what is made by bucket', () => {
  const { columns, influenced } = impactOf(lineage, 'silver.svi.rpl_themes')
  const how = new Map(influenced.map((each) => [`${each.table}.${each.column}`, each.how.join(' ')]))
  assert.equal(how.get('dbt_silver.tract_rank.svi_bucket'), 'JOIN')
  assert.equal(how.get('gold.school_scorecard.svi_bucket'), 'JOIN')
  assert.equal(how.get('gold.equity_gap.mean_high'), 'JOIN GROUP_BY')
  assert.equal(how.get('gold.climate_by_bucket.mean_of_schools'), 'JOIN GROUP_BY')
  // What is looked up by another column is not touched, though it stands in the same row.
  for (const name of ['dbt_silver.tract_rank.borough', 'gold.school_scorecard.school_name']) {
    assert.equal(how.get(name), undefined, name)
  }
  for (const { table, column } of columns)
    assert.equal(how.get(`${table}.${column}`), undefined, 'one way, the stronger')
})

const pagesOf = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(impactOf(lineage, name).pages.map((page) => [page.name, page.how]))

test('every column that a page of the dashboard reads is there', () => {
  const known = new Set(lineage.tables.flatMap(({ name, columns }) => columns.map((each) => `${name}.${each.name}`)))
  const read = lineage.pages.flatMap(({ reads }) =>
    reads.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)),
  )
  assert.ok(read.length > 100)
  assert.deepEqual(
    read.filter((name) => !known.has(name)),
    [],
  )
})

test('a change of a column names the pages that show it, and how it comes there', () => {
  assert.deepEqual(pagesOf('silver.svi.rpl_themes'), {
    Vulnerability: 'DIRECT',
    Equity: 'DIRECT',
    Filters: 'INDIRECT',
    'Rows behind a figure': 'DIRECT',
  })
  // Themes are shown for a school alone, and no figure is made of them.
  assert.deepEqual(pagesOf('gold.climate_vulnerability.svi_theme1'), { 'Rows behind a figure': 'DIRECT' })
  assert.deepEqual(pagesOf('gold.live_curve.invited'), { Live: 'DIRECT' })
  assert.equal(pagesOf('silver.school_survey.student_response_rate').Overview, 'DIRECT')
  assert.equal(pagesOf('silver.school_survey.student_response_rate').Live, 'DIRECT')
})
