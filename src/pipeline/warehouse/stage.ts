import type { WarehouseTable } from '#compile'
import { copyInto } from '#compile'
import type { DataFile, Snapshot } from '#lake'
import { recordsOf } from '#lake'
import { Fault, snowflakeName, snowflakeText } from '#port'
import { rootOf } from '../build.ts'
import { attachSnapshot } from '../exchange.ts'
import type { WarehouseEffects, WarehouseOptions } from './effects.ts'

/** A table as the lake has it now. */
export interface Wanted extends WarehouseTable {
  /** Of the Delta table; '' where there is none yet. */
  readonly id: string
  readonly version: number
  readonly snapshot: Snapshot | undefined
}

/** A table whose rows the warehouse can reach. */
export interface Staged extends Wanted {
  readonly rows: number
  readonly files: number
  readonly sizeBytes: number
  /** Statements that bring the rows into an empty table. */
  readonly copies: readonly string[]
}

export async function wantedTables(
  tables: readonly WarehouseTable[],
  { table }: WarehouseEffects,
): Promise<readonly Wanted[]> {
  return Promise.all(
    tables.map(async (each) => {
      const snapshot = await table(rootOf(each.name)).snapshot()
      return { ...each, snapshot, id: snapshot?.id ?? '', version: snapshot?.version ?? -1 }
    }),
  )
}

export async function stageTables(
  tables: readonly Wanted[],
  options: WarehouseOptions,
  effects: WarehouseEffects,
): Promise<readonly Staged[]> {
  const { stage } = options
  if (stage !== undefined) return tables.map((table) => inPlace(table, stage, options))
  const filled = tables.filter(({ snapshot }) => (snapshot?.files.length ?? 0) > 0)
  if (filled.length === 0) return tables.map(empty)
  // It goes with the session, and with it what was put there, however the session ends.
  const own = snowflakeName(options.database, 'bronze', `load_${effects.newId().replaceAll('-', '')}`)
  await effects.warehouse.run(`CREATE TEMPORARY STAGE ${own}`)
  const staged: Staged[] = []
  for (const table of tables) staged.push(await put(table, own, options, effects))
  return staged
}

const empty = (table: Wanted): Staged => ({ ...table, rows: 0, files: 0, sizeBytes: 0, copies: [] })

/** Writes the table's rows as files of one shape, whatever the lake's files lack, and puts them on the session's stage. */
async function put(
  table: Wanted,
  stage: string,
  { database }: WarehouseOptions,
  effects: WarehouseEffects,
): Promise<Staged> {
  const { name, columns, snapshot } = table
  const { engine, scratch, warehouse, signal } = effects
  checkGoingOn(signal)
  await attachSnapshot(name, effects.table(rootOf(name)), snapshot, columns, effects)
  const list = columns.map((column) => `"${column.name}"`).join(', ')
  const from = name
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
  const files = await engine.writeParquet(`SELECT ${list} FROM ${from}`, scratch.folder)
  const folder = `@${stage}/${name.replace('.', '/')}/`
  for (const { path } of files) {
    const address = snowflakeText(`file://${path.replaceAll('\\', '/')}`)
    await warehouse.run(`PUT ${address} ${folder} AUTO_COMPRESS = FALSE OVERWRITE = TRUE`)
    await scratch.remove(path)
  }
  return {
    ...table,
    rows: files.reduce((sum, { rows }) => sum + rows, 0),
    files: files.length,
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    copies: files.length === 0 ? [] : [copyInto(database, name, folder)],
  }
}

/** That many files one statement takes by name. */
const filesAtOnce = 1_000

/** The lake's own files, read by the service where they lie. */
function inPlace(table: Wanted, stage: string, { database }: WarehouseOptions): Staged {
  const { name, snapshot } = table
  const files = snapshot?.files ?? []
  if ((snapshot?.partitionColumns.length ?? 0) > 0) {
    throw new Fault('load/partitioned', `${name} is partitioned: values of its rows stand in no file.`, {
      mend: 'Leave snowflake.stage out; what is loaded then goes through this machine.',
      facts: { table: name },
    })
  }
  const folder = `@${snowflakeName(database, stage)}/${rootOf(name)}/`
  const copies: string[] = []
  for (let at = 0; at < files.length; at += filesAtOnce) {
    const paths = files.slice(at, at + filesAtOnce).map(({ path }) => path)
    copies.push(copyInto(database, name, folder, paths))
  }
  const rows = files.reduce((sum, file) => sum + rowsOf(file, name), 0)
  return {
    ...table,
    rows,
    files: files.length,
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    copies,
  }
}

function rowsOf(file: DataFile, table: string): number {
  const rows = recordsOf(file)
  if (rows !== undefined) return rows
  throw new Fault(
    'load/uncounted',
    `A file of ${table} does not say how many rows it has, so a load could not be checked.`,
    {
      mend: 'Leave snowflake.stage out; what is loaded then goes through this machine, and is counted.',
      facts: { table, file: file.path },
    },
  )
}

/** Between two statements. Fault: `machine/stopped`. */
export function checkGoingOn(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Fault('machine/stopped', 'The load was stopped; what stood in the warehouse stands.', {
    mend: 'Call it again.',
    retry: true,
  })
}
