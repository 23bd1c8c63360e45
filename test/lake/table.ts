import type { Change, DataFile, RowOf, Snapshot, Table } from '#lake'
import { readRows } from '#lake'
import type { Field } from '#parquet'
import { writeParquet } from '#parquet'
import type { Column, ObjectStore } from '#port'

/** The columns of most tables in these tests: who wrote a row, and its number. */
export const columns = [
  { name: 'writer', type: 'string' },
  { name: 'n', type: 'long' },
] as const satisfies readonly Column[]

/** A file of rows, not yet committed. */
export async function writeRows(table: Table, writer: string, numbers: readonly number[]): Promise<DataFile> {
  return table.writeFile(writeParquet(columns, [{ constant: writer }, numbers], numbers.length))
}

/** A file of one column. */
export async function writeColumn(table: Table, field: Field, values: readonly unknown[]): Promise<DataFile> {
  return table.writeFile(writeParquet([field], [values], values.length))
}

/** A change with what a test does not care about left empty. */
export function changing(change: Partial<Change>): Change {
  return { add: [], remove: [], txns: [], ...change }
}

/** Adds rows in one commit, making the table if need be; answers the version. */
export async function append(
  table: Table,
  writer: string,
  numbers: readonly number[],
  txns: Change['txns'] = [],
): Promise<number> {
  const file = await writeRows(table, writer, numbers)
  const { version } = await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: (newest) => changing({ ...(newest ? {} : { columns }), add: [file], txns }),
  })
  return version ?? -1
}

export async function rowsOf(store: ObjectStore, root: string, snapshot: Snapshot): Promise<readonly RowOf[]> {
  return (await Array.fromAsync(readRows(store, root, snapshot))).flat()
}

/** Numbers of a snapshot's rows, sorted. */
export async function numbersOf(
  store: ObjectStore,
  root: string,
  snapshot: Snapshot | undefined,
): Promise<readonly number[]> {
  if (!snapshot) return []
  return (await rowsOf(store, root, snapshot)).map(({ n }) => Number(n)).sort((a, b) => a - b)
}

/** The lines of a commit, as JSON. */
export async function commitLines(
  store: ObjectStore,
  root: string,
  version: number,
): Promise<readonly Record<string, Record<string, unknown>>[]> {
  const bytes = await store.read(`${root}/_delta_log/${String(version).padStart(20, '0')}.json`)
  return new TextDecoder()
    .decode(bytes)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

export async function pathsIn(store: ObjectStore, prefix: string): Promise<readonly string[]> {
  return (await Array.fromAsync(store.list(prefix))).map(({ path }) => path)
}
