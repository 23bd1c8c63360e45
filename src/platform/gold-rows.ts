import type { Snapshot, Table } from '#lake'
import { readRows } from '#lake'
import type { Publication } from '#pipeline'
import { rootOf } from '#pipeline'
import type { Lake } from './lake.ts'
import type { TableRow } from './live-state.ts'

/** All rows of a snapshot, for tables that fit in memory many times; of all columns, where none are named. */
export async function rowsIn(
  lake: Lake,
  table: Table,
  snapshot: Snapshot,
  columns?: readonly string[],
): Promise<readonly TableRow[]> {
  const rows: TableRow[] = []
  for await (const batch of readRows(lake.store, table.root, snapshot, columns)) rows.push(...batch)
  return rows
}

/** All rows of a Gold table as the publication names it; none where it does not. */
export async function goldRows(
  lake: Lake,
  publication: Publication,
  name: string,
  columns?: readonly string[],
): Promise<readonly TableRow[]> {
  const published = publication.gold.find(({ table }) => table === name)
  if (published === undefined) return []
  const table = lake.table(rootOf(`gold.${name}`))
  return rowsIn(lake, table, await table.snapshotAt(published.version), columns)
}
