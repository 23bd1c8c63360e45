import type { LineageColumn, LineageTable, LineageTest } from '#api'
import type { Column } from '#port'
import { lineageColumn } from './contract.ts'
import type { SqlReader } from './library.ts'
import type { KnownTable, QueryLineage } from './query.ts'
import { queryLineage } from './query.ts'
import { typeName } from './type-name.ts'

/** A model or seed of the dbt project, as it was compiled. */
export interface CompiledTable {
  /** `gold.climate_vulnerability`. */
  readonly name: string
  /** dbt's materialization, or `seed`. */
  readonly materialized: string
  /** Absent for a seed. */
  readonly sql?: string
  /** As the engine describes them. */
  readonly columns: readonly Column[]
  /** Tables it reads, by name. */
  readonly reads: readonly string[]
}

export interface CompiledTest {
  readonly id: string
  readonly name: string
  readonly sql: string
  readonly reads: readonly string[]
}

/** Lineage of the project's tables, given those it begins from. */
export function projectLineage(
  compiled: readonly CompiledTable[],
  lake: readonly LineageTable[],
  reader: SqlReader,
): readonly LineageTable[] {
  const known = new Map<string, KnownTable>(lake.map((table) => [table.name, table]))
  return compiled.map((table) => {
    const made = tableLineage(table, readTables(table.reads, known), reader)
    known.set(table.name, made)
    return made
  })
}

export function testLineage(
  tests: readonly CompiledTest[],
  tables: readonly LineageTable[],
  reader: SqlReader,
): readonly LineageTest[] {
  const known = new Map<string, KnownTable>(tables.map((table) => [table.name, table]))
  return tests.map(({ id, name, sql, reads }) => {
    const traced = queryLineage(sql, readTables(reads, known), reader)
    return {
      id,
      name,
      reads: reads.map((table) => ({ table, columns: 'untraced' in traced ? [] : columnsRead(traced, table) })),
    }
  })
}

const readTables = (names: readonly string[], known: ReadonlyMap<string, KnownTable>): readonly KnownTable[] =>
  names.flatMap((name) => known.get(name) ?? [])

function tableLineage(table: CompiledTable, tables: readonly KnownTable[], reader: SqlReader): LineageTable {
  const { name, materialized, sql, reads } = table
  const layer = sql === undefined ? 'seed' : name.startsWith('gold.') ? 'gold' : 'prepared'
  const base = { name, layer, madeBy: materialized, about: '', reads } as const
  if (sql === undefined) {
    return { ...base, columns: table.columns.map((column) => lineageColumn(column, [])), uses: [], untraced: null }
  }
  const traced = queryLineage(sql, tables, reader)
  const untraced = 'untraced' in traced ? traced.untraced : disagreement(traced, table.columns)
  if ('untraced' in traced || untraced !== null) {
    return { ...base, columns: table.columns.map((column) => lineageColumn(column, [])), uses: [], untraced }
  }
  return { ...base, columns: described(traced, table.columns), uses: traced.uses, untraced: null }
}

/** The engine's list of columns is the truth; a trace of other columns would put origins beside the wrong names. */
function disagreement({ columns }: QueryLineage, truth: readonly Column[]): string | null {
  const same =
    columns.length === truth.length && columns.every(({ name }, at) => isSame(name, truth[at]?.name) || name === '')
  return same ? null : `columns are read as ${columns.map(({ name }) => name).join(', ')}`
}

const isSame = (a: string, b: string | undefined): boolean => a.toLowerCase() === b?.toLowerCase()

function described({ columns }: QueryLineage, truth: readonly Column[]): readonly LineageColumn[] {
  return truth.map(({ name, type }, at) => {
    const { from = [], chosenBy = [] } = columns[at] ?? {}
    return { name, type: typeName(type), about: '', from, chosenBy }
  })
}

function columnsRead({ columns, uses }: QueryLineage, table: string): readonly string[] {
  const read = [...columns.flatMap(({ from }) => from), ...uses].flatMap((each) =>
    'column' in each && each.table === table ? [each.column] : [],
  )
  return [...new Set(read)]
}
