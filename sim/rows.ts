import type { DataFile, RowOf, Snapshot, Table } from '#lake'
import { readRows } from '#lake'
import { openParquet, writeParquet } from '#parquet'
import type { Column, ObjectStore } from '#port'
import { Fault } from '#port'

/** A row, and the file that holds it. */
export interface HeldRow {
  readonly file: DataFile
  readonly row: RowOf
}

/** Rows of files as one task has them; a file never changes, so that it is read once. */
export interface RowReader {
  of(root: string, columns: readonly Column[], files: readonly DataFile[]): Promise<readonly HeldRow[]>
  ofSnapshot(root: string, snapshot: Snapshot | undefined): Promise<readonly HeldRow[]>
  /** Of an object of the store. */
  ofPath(path: string, columns: readonly Column[]): Promise<readonly RowOf[]>
}

export function rowReader(store: ObjectStore): RowReader {
  const known = new Map<string, readonly RowOf[]>()
  async function kept(path: string, read: () => Promise<readonly RowOf[]>): Promise<readonly RowOf[]> {
    const rows = known.get(path) ?? (await read())
    known.set(path, rows)
    return rows
  }
  async function of(root: string, columns: readonly Column[], files: readonly DataFile[]): Promise<HeldRow[]> {
    const rows: HeldRow[] = []
    for (const file of files) {
      const read = () => Array.fromAsync(readRows(store, root, { columns, partitionColumns: [], files: [file] }))
      const own = await kept(`${root}/${file.path}`, async () => (await read()).flat())
      rows.push(...own.map((row) => ({ file, row })))
    }
    return rows
  }
  return {
    of,
    ofSnapshot: (root, snapshot) => of(root, snapshot?.columns ?? [], snapshot?.files ?? []),
    ofPath: (path) => kept(path, () => wholeFile(store, path)),
  }
}

async function wholeFile(store: ObjectStore, path: string): Promise<readonly RowOf[]> {
  const bytes = await store.read(path)
  if (bytes === undefined) throw new Fault('engine/disk', `${path} is not there.`, { mend: 'Run again.', retry: true })
  return (await openParquet(bytes, path)).read()
}

/** One file of these rows; none where there are none. */
export async function writeRows(
  table: Table,
  columns: readonly Column[],
  rows: readonly RowOf[],
): Promise<readonly DataFile[]> {
  if (rows.length === 0) return []
  const values = columns.map(({ name }) => rows.map((row) => row[name] ?? null))
  return [await table.writeFile(writeParquet(columns, values, rows.length))]
}
