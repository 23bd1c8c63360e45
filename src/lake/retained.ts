import type { ObjectStore } from '#port'
import { parseCommit } from './actions.ts'
import { removesOf } from './checkpoint-read.ts'
import { logFiles } from './log-files.ts'
import { decodePath } from './paths.ts'
import { removedFileRetentionMs } from './retention.ts'
import type { LogState } from './state.ts'

/**
 * Files of the newest version, and those that were removed after `sinceMs`: what was the newest version at any moment since then had no others.
 * A state knows removes for as long as its table keeps removed files; for longer ago the commits are asked, as far back as they go.
 */
export async function filesNeededSince(
  store: ObjectStore,
  root: string,
  state: LogState,
  { sinceMs, nowMs }: { readonly sinceMs: number; readonly nowMs: number },
): Promise<ReadonlySet<string>> {
  const needed = new Set(state.files.values().map(({ file }) => file.path))
  for await (const removes of removesOf(store, root, state)) {
    for (const { path, deletionTimestamp = 0 } of removes) {
      if (deletionTimestamp >= sinceMs) needed.add(decodePath(path, root))
    }
  }
  if (sinceMs >= nowMs - removedFileRetentionMs(state.metaData.configuration)) return needed
  for await (const { path, kind, modifiedMs } of logFiles(store, root)) {
    if (kind !== 'commit' || modifiedMs < sinceMs) continue
    const bytes = await store.read(path)
    for (const action of bytes === undefined ? [] : parseCommit(bytes, path)) {
      if (action.kind === 'remove') needed.add(decodePath(action.remove.path, path))
    }
  }
  return needed
}
