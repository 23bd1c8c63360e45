import type { Lineage, LineageImpact, LineageKind, LineageTable, LineageTrace } from '#api'
import { findColumn, findName } from './find.ts'
import { mostDone } from './origin.ts'

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
  return { of: { table: table.name, column }, lineage: { tables: sliceOf(lineage, wanted), tests: [] } }
}

/** All that a table, or a column of it, has a say in. Fault: `usage/bad-value`. */
export function impactOf(lineage: Lineage, name: string): LineageImpact {
  const { table, column } = findName(lineage, name)
  const whole = column === undefined
  const values = new Map<string, Map<string, LineageKind>>()
  values.set(
    table.name,
    new Map((whole ? table.columns.map((each) => each.name) : [column]).map((each) => [each, 'copied'])),
  )
  const rows = new Map<string, LineageImpact['rows'][number]>()
  const reached = new Set([table.name])
  const changed = new Set(whole ? [table.name] : [])
  for (const each of lineage.tables) {
    if (each.name === table.name) continue
    const affected = affectedColumns(each, values, changed)
    for (const { how, table: from, column: by } of each.uses) {
      if (values.get(from)?.has(by))
        rows.set(`${each.name} ${how} ${from}.${by}`, { table: each.name, how, by: `${from}.${by}` })
    }
    const hasRows = [...rows.values()].some((row) => row.table === each.name)
    if (hasRows || each.reads.some((read) => changed.has(read))) changed.add(each.name)
    if (affected.size > 0) values.set(each.name, affected)
    if (affected.size > 0 || changed.has(each.name)) reached.add(each.name)
  }
  const slice = new Map([...reached].map((each) => [each, new Set(values.get(each)?.keys())]))
  return {
    of: { table: table.name, column: column ?? null },
    columns: [...values]
      .filter(([of]) => of !== table.name)
      .flatMap(([of, columns]) => [...columns].map(([name, kind]) => ({ table: of, column: name, kind }))),
    rows: [...rows.values()],
    tables: [...reached].filter((each) => each !== table.name),
    tests: lineage.tests.filter(({ reads }) =>
      reads.some((read) => changed.has(read.table) || read.columns.some((each) => values.get(read.table)?.has(each))),
    ),
    lineage: { tables: sliceOf(lineage, slice), tests: [] },
  }
}

/** Columns that take a value that is affected, or that count rows that are, by the most that is done to it on the way. */
function affectedColumns(
  { columns }: LineageTable,
  values: ReadonlyMap<string, ReadonlyMap<string, LineageKind>>,
  changed: ReadonlySet<string>,
): Map<string, LineageKind> {
  const found = new Map<string, LineageKind>()
  for (const { name, from } of columns) {
    const kinds = from.flatMap((origin): readonly LineageKind[] => {
      if (origin.kind === 'constant') return []
      if (origin.kind === 'rows') return changed.has(origin.table) ? ['aggregated'] : []
      const before = values.get(origin.table)?.get(origin.column)
      return before === undefined ? [] : [mostDone(before, origin.kind)]
    })
    const [first, ...others] = kinds
    if (first !== undefined) found.set(name, others.reduce(mostDone, first))
  }
  return found
}

/** Only these tables, of each only these columns, and of each of those only origins among them; constants stay. */
function sliceOf({ tables }: Lineage, wanted: ReadonlyMap<string, ReadonlySet<string>>): readonly LineageTable[] {
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
