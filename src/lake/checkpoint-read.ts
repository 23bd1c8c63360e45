import { openParquet } from '#parquet'
import type { ObjectStore } from '#port'
import type { Action, RemoveFile } from './actions.ts'
import { actionsOf } from './actions.ts'
import { asObject, damaged } from './fields.ts'
import type { Checkpoint } from './log-files.ts'
import { logFiles, wholeCheckpoints } from './log-files.ts'
import { decodePath } from './paths.ts'
import type { LogState, Replay } from './state.ts'
import { missingCheckpoint } from './tail.ts'

/** Columns of any writer's checkpoint by which a table is read. Its removes, which are no reader's, are left where they are: see `removesOf`. */
const readersColumns = ['txn', 'add', 'metaData', 'protocol']

export async function readCheckpoint(
  store: Pick<ObjectStore, 'read'>,
  { version, paths }: Checkpoint,
  replay: Pick<Replay, 'apply'>,
): Promise<void> {
  const found = { protocol: false, metaData: false }
  for (const path of paths) {
    const bytes = await store.read(path)
    if (bytes === undefined) throw missingCheckpoint(path)
    for await (const actions of actionsIn(bytes, path, readersColumns)) {
      for (const { kind } of actions) if (kind === 'protocol' || kind === 'metaData') found[kind] = true
      replay.apply(version, actions, path)
    }
  }
  for (const [kind, there] of Object.entries(found)) {
    if (!there) throw damaged(paths[0] ?? '', `the checkpoint holds no ${kind}`)
  }
}

/** Actions of a checkpoint file, a row group at a time; groups that hold none of the columns are passed over. */
async function* actionsIn(
  bytes: Uint8Array,
  path: string,
  columns: readonly string[],
): AsyncIterable<readonly Action[]> {
  const file = await openParquet(bytes, path)
  const present = file.fields.map((field) => field.name).filter((column) => columns.includes(column))
  for (const [i, rowStart] of file.groupStarts.entries()) {
    const held = present.filter((column) => file.mayHold(i, column))
    if (held.length === 0) continue
    const rows = await file.read({ columns: held, rowStart, rowEnd: file.groupStarts[i + 1] ?? file.rows })
    yield rows.flatMap((row) => actionsOf(asObject(row, path, 'a row'), path))
  }
}

/**
 * The removes of a state, a batch at a time: those that its checkpoint has, but for files of which the log has said something since; then those since. They are
 * read when they are asked for, by the next checkpoint or a vacuum, and never all in memory.
 */
export async function* removesOf(
  store: ObjectStore,
  root: string,
  state: LogState,
): AsyncIterable<readonly RemoveFile[]> {
  const since = state.removed.values()
  if (state.base !== undefined) {
    const told = new Set(state.files.values().map(({ file }) => file.path))
    for (const { path } of since) told.add(decodePath(path, root))
    for await (const [path, bytes] of baseFiles(store, root, state.base, state.version)) {
      for await (const actions of actionsIn(bytes, path, ['remove'])) {
        yield actions.flatMap((action) =>
          action.kind === 'remove' && !told.has(decodePath(action.remove.path, path)) ? [action.remove] : [],
        )
      }
    }
  }
  yield since
}

/**
 * The files of the checkpoint that a state began with. Where it was cleaned up, another that came after it knows as well what is still to be kept, and what it
 * knows beyond that does no harm.
 */
async function* baseFiles(
  store: ObjectStore,
  root: string,
  base: Checkpoint,
  version: number,
): AsyncIterable<readonly [string, Uint8Array]> {
  const [sought = ''] = base.paths
  let { paths } = base
  for (;;) {
    const [first = '', ...others] = paths
    const bytes = await store.read(first)
    if (bytes !== undefined) {
      yield [first, bytes]
      for (const path of others) {
        const more = await store.read(path)
        if (more === undefined) throw missingCheckpoint(path)
        yield [path, more]
      }
      return
    }
    // Clean-up may go on between the listing and the reading: then another listing shows another checkpoint.
    const standing = wholeCheckpoints(await Array.fromAsync(logFiles(store, root, base.version)))
    const next = standing.findLast((each) => each.version <= version) ?? standing.at(-1)
    if (next === undefined || next.paths[0] === first) throw missingCheckpoint(sought)
    paths = next.paths
  }
}
