import type { Lineage, LineageKind, LineageTable } from '#api'

/** Columns of tables, each with the most that is done on the way from or to the one that was chosen; an empty map: the table's rows. */
export type Reach = ReadonlyMap<string, ReadonlyMap<string, LineageKind>>

const kinds: readonly LineageKind[] = ['copied', 'transformed', 'aggregated']
const most = (a: LineageKind | undefined, b: LineageKind): LineageKind =>
  a !== undefined && kinds.indexOf(a) > kinds.indexOf(b) ? a : b

/** What a column is made from. */
export function above({ tables }: Lineage, table: string, column: string): Reach {
  const byName = new Map(tables.map((each) => [each.name, each]))
  const found = new Map<string, Map<string, LineageKind>>()
  const walk = (of: string, name: string, kind: LineageKind): void => {
    for (const origin of byName.get(of)?.columns.find((each) => each.name === name)?.from ?? []) {
      if (origin.kind === 'constant') continue
      const columns = found.get(origin.table) ?? new Map<string, LineageKind>()
      found.set(origin.table, columns)
      if (!('column' in origin)) continue
      const before = columns.get(origin.column)
      const now = most(kind, origin.kind)
      if (before !== undefined && most(before, now) === before) continue
      columns.set(origin.column, now)
      walk(origin.table, origin.column, now)
    }
  }
  walk(table, column, 'copied')
  return found
}

/** What is made from a column, the tables being in an order in which each stands after what it reads. */
export function below({ tables }: Lineage, table: string, column: string): Reach {
  const found = new Map<string, Map<string, LineageKind>>([[table, new Map([[column, 'copied']])]])
  for (const each of tables) {
    for (const { name, from } of each.columns) {
      for (const origin of from) {
        const before = 'column' in origin ? found.get(origin.table)?.get(origin.column) : undefined
        if (before === undefined || !('column' in origin)) continue
        const columns = found.get(each.name) ?? new Map<string, LineageKind>()
        found.set(each.name, columns.set(name, most(columns.get(name), most(before, origin.kind))))
      }
    }
  }
  const own = found.get(table)
  own?.delete(column)
  if (own?.size === 0) found.delete(table)
  return found
}

/** Tables that a table is made from, or that are made from it, near and far. */
export function tablesAround({ tables }: Lineage, name: string): { readonly above: Reach; readonly below: Reach } {
  const byName = new Map(tables.map((each) => [each.name, each]))
  const up = new Set<string>()
  const climb = (of: LineageTable | undefined): void => {
    for (const read of of?.reads ?? []) {
      if (up.has(read)) continue
      up.add(read)
      climb(byName.get(read))
    }
  }
  climb(byName.get(name))
  const down = new Set([name])
  for (const each of tables) if (each.reads.some((read) => down.has(read))) down.add(each.name)
  down.delete(name)
  const reach = (names: Iterable<string>): Reach => new Map([...names].map((each) => [each, new Map()]))
  return { above: reach(up), below: reach(down) }
}
