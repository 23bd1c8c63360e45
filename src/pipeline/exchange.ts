import type { DataFile, Snapshot, Table } from '#lake'
import type { Column, SqlEngine } from '#port'
import type { Scratch } from './effects.ts'

export interface ExchangeEffects {
  readonly engine: SqlEngine
  readonly scratch: Scratch
}

/** Makes files of a table readable in the engine as `name`. No files: an empty table with these columns. */
export async function attachFiles(
  name: string,
  { root, columns, files }: { root: string; columns: readonly Column[]; files: readonly DataFile[] },
  { engine, scratch }: ExchangeEffects,
): Promise<void> {
  const paths = await scratch.localPaths(files.map((file) => `${root}/${file.path}`))
  await engine.attach({ name, columns, files: paths })
}

/** Makes a table's snapshot readable in the engine; where there is no table yet, an empty one with the columns it is going to have. */
export async function attachSnapshot(
  name: string,
  table: Table,
  snapshot: Snapshot | undefined,
  columns: readonly Column[],
  effects: ExchangeEffects,
): Promise<void> {
  await attachFiles(
    name,
    { root: table.root, columns: snapshot?.columns ?? columns, files: snapshot?.files ?? [] },
    effects,
  )
}

/** Writes a select's rows as data files of the table, not yet committed. No rows: no files. */
export async function writeSelect(
  table: Table,
  select: string,
  { engine, scratch }: ExchangeEffects,
): Promise<readonly DataFile[]> {
  const files: DataFile[] = []
  for (const written of await engine.writeParquet(select, scratch.folder)) {
    files.push(await table.writeFile(await scratch.read(written.path)))
    await scratch.remove(written.path)
  }
  return files
}
