import type { Lineage, LineageTable, LineageTrace } from '#api'
import { findColumn } from './find.ts'

/** All that a column is made from, down to Bronze, and what decides which rows there are on the way. Fault: `usage/bad-value`. */
export function traceColumn(lineage: Lineage, name: string): LineageTrace {
  const { table, column } = findColumn(lineage, name)
  const tables = new Map(lineage.tables.map((each) => [each.name, each]))
  const wanted = new Map<string, Set<string>>()
  const wantRows = (of: string): void => {
    if (wanted.has(of)) return
    wanted.set(of, new Set())
    for (const read of tables.get(of)?.reads ?? []) wantRows(read)
  }
  const want = (of: string, name: string): void => {
    const columns = wanted.get(of) ?? new Set()
    wanted.set(of, columns)
    if (columns.has(name)) return
    columns.add(name)
    for (const origin of tables.get(of)?.columns.find((each) => each.name === name)?.from ?? []) {
      if ('column' in origin) want(origin.table, origin.column)
      else if (origin.kind === 'rows') wantRows(origin.table)
    }
  }
  want(table.name, column)
  return { of: { table: table.name, column }, lineage: { tables: sliceOf(lineage, wanted), tests: [], pages: [] } }
}

/** Only these tables, of each only these columns, and of each of those only origins among them; constants stay. */
export function sliceOf(
  { tables }: Lineage,
  wanted: ReadonlyMap<string, ReadonlySet<string>>,
): readonly LineageTable[] {
  return tables.flatMap((table) => {
    const columns = wanted.get(table.name)
    if (columns === undefined) return []
    return {
      ...table,
      columns: table.columns
        .filter(({ name }) => columns.has(name))
        .map((column) => ({
          ...column,
          from: column.from.filter((origin) =>
            'column' in origin
              ? wanted.get(origin.table)?.has(origin.column)
              : origin.kind !== 'rows' || wanted.has(origin.table),
          ),
        })),
      reads: table.reads.filter((read) => wanted.has(read)),
    }
  })
}
