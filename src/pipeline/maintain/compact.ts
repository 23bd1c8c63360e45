import type { DataFile, Snapshot, Table } from '#lake'
import { openDataFile, typeName } from '#lake'
import type { Column, Failpoint, ObjectStore, Report, SqlEngine } from '#port'
import { Fault } from '#port'
import type { Scratch } from '../effects.ts'
import { attachFiles, writeSelect } from '../exchange.ts'

export interface CompactEffects {
  readonly store: ObjectStore
  /** One thread keeps the order of the rows. */
  readonly engine: SqlEngine
  readonly scratch: Scratch
  readonly nowMs: () => number
  readonly report: Report
  readonly failpoint: Failpoint
}

export type Compaction =
  | { readonly outcome: 'compacted'; readonly version: number; readonly written: number; readonly removed: number }
  /** Another commit took one of the files away first; what was written is gone again. */
  | { readonly outcome: 'overtaken' }

/** Coordinates by which rows are ordered, where a table has them. */
const coordinates = ['source', 'partition', 'offset']

/**
 * Rewrites a run of a snapshot's files, all of the same partition values, into few, in one commit that changes no data. Whoever appends meanwhile is not held up.
 * Faults: `lake/unsupported` (a table that we do not write), `lake/bad-file` (a file whose rows would not survive as they are), the engine's and the store's own.
 */
export async function compactFiles(
  table: Table,
  snapshot: Snapshot,
  run: readonly DataFile[],
  effects: CompactEffects,
): Promise<Compaction> {
  const startedMs = effects.nowMs()
  await table.checkWritable()
  const columns = snapshot.columns.filter(({ name }) => !snapshot.partitionColumns.includes(name))
  const rows = await checkedRows(table, columns, run, effects)
  await attachFiles('maintain.files', { root: table.root, columns, files: run }, effects)
  const names = columns.map(({ name }) => quoted(name)).join(', ')
  const ordered = coordinates.every((name) => columns.some((column) => column.name === name))
  const order = ordered ? ` ORDER BY ${coordinates.map(quoted).join(', ')}` : ''
  const partition = partitionOf(snapshot, run)
  const add = await writeSelect(table, `SELECT ${names} FROM maintain.files${order}`, effects, partition)
  try {
    await checkRows(table, columns, { run, rows, add }, effects)
  } catch (error) {
    await discard(table, add, effects)
    throw error
  }
  let overtaken = false
  const { version } = await table.commit({
    operation: 'OPTIMIZE',
    parameters: { predicate: '[]' },
    blindAppend: false,
    stage(newest) {
      const live = new Set(newest?.files.map(({ path }) => path))
      overtaken = newest?.id !== snapshot.id || run.some(({ path }) => !live.has(path))
      return overtaken ? undefined : { add, remove: run, txns: [] }
    },
  })
  if (overtaken || version === undefined) {
    await discard(table, add, effects)
    return { outcome: 'overtaken' }
  }
  effects.failpoint('maintain/compacted')
  effects.report({
    kind: 'lake/maintained',
    table: table.root,
    deed: 'compact',
    written: add.length,
    removed: run.length,
    tookMs: effects.nowMs() - startedMs,
  })
  return { outcome: 'compacted', version, written: add.length, removed: run.length }
}

/** The partition that a run lies in, in the order of the table's columns. */
function partitionOf({ partitionColumns }: Snapshot, [first]: readonly DataFile[]): DataFile['partitionValues'] {
  return Object.fromEntries(partitionColumns.map((name) => [name, first?.partitionValues[name] ?? null]))
}

/** Rows of the files, by their footers. Each column must be in them what it is in the table: what an engine would cast is not the same bytes. */
async function checkedRows(
  table: Table,
  columns: readonly Column[],
  files: readonly DataFile[],
  { store }: CompactEffects,
): Promise<number> {
  let rows = 0
  for (const file of files) {
    const parquet = await openDataFile(store, table.root, file)
    for (const { name, type, oddity } of parquet.fields) {
      const column = columns.find((each) => each.name === name)
      const wanted = column && typeName(column.type)
      const found = typeName(type)
      // A column that the table does not have (any more) is no reader's.
      if (oddity === undefined && (wanted === undefined || wanted === found)) continue
      throw new Fault(
        'lake/bad-file',
        `${table.root}/${file.path} is left as it is: column ${name} is ${oddity ?? found} there and ${wanted} in the table.`,
        {
          mend: 'Nothing is lost; rewrite the file with the engine that wrote it, if it is to be compacted.',
          facts: { path: file.path, column: name },
        },
      )
    }
    rows += parquet.rows
  }
  return rows
}

/** What was written holds as many rows as what is to go. */
async function checkRows(
  table: Table,
  columns: readonly Column[],
  { run, rows, add }: { run: readonly DataFile[]; rows: number; add: readonly DataFile[] },
  effects: CompactEffects,
): Promise<void> {
  const now = await checkedRows(table, columns, add, effects)
  if (now === rows) return
  throw new Fault('lake/compaction', `Compacting ${run.length} files of ${table.root} made ${now} rows of ${rows}.`, {
    mend: 'Nothing was committed and nothing is lost. Please report it.',
    facts: { root: table.root, rows, now },
  })
}

async function discard(table: Table, files: readonly DataFile[], { store }: CompactEffects): Promise<void> {
  for (const { path } of files) await store.remove(`${table.root}/${path}`)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
