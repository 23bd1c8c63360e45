import type { ObjectStore } from '#port'
import { Fault } from '#port'
import type { Action } from './actions.ts'
import { parseCommit } from './actions.ts'
import { damaged } from './fields.ts'
import type { LogFile } from './log-files.ts'
import { commitPath, decodePath } from './paths.ts'
import type { Replay } from './state.ts'

/** Read at once at most: enough to hide a store's latency, few enough to hold in memory. */
const mostObjects = 64
const mostBytes = 8 * 1024 * 1024

/** Commits that are read by one object: one commit, or several that were compacted. */
type Stretch = Pick<LogFile, 'path' | 'kind' | 'from' | 'version' | 'sizeBytes'>

/** What to read for the commits `from` to `to` (both inclusive), in order: as few objects as cover them, whether or not a listing had them all. */
export function planTail(
  root: string,
  files: readonly LogFile[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly Stretch[] {
  const best = new Map<number, Stretch>()
  for (const file of files) {
    if (file.kind !== 'commit' && file.kind !== 'compacted') continue
    const known = best.get(file.from)
    if (file.version <= to && file.version >= (known?.version ?? 0)) best.set(file.from, file)
  }
  const plan: Stretch[] = []
  for (let version = from; version <= to; ) {
    const stretch = best.get(version) ?? commitStretch(root, version)
    plan.push(stretch)
    version = stretch.version + 1
  }
  return plan
}

/**
 * Applies what was planned, in order. Compacted commits that cannot be read are passed over in favour of the commits themselves. Answers the bytes of the last
 * object where that is a commit. Fault where a commit is not there.
 */
export async function replayTail(
  store: ObjectStore,
  root: string,
  plan: readonly Stretch[],
  replay: Pick<Replay, 'apply'>,
): Promise<Uint8Array | undefined> {
  const newest = plan.at(-1)?.version ?? -1
  let last: Uint8Array | undefined
  for (const batch of batchesOf(plan)) {
    const read = await Promise.all(batch.map(({ path }) => store.read(path)))
    for (const [i, { path, kind, from, version }] of batch.entries()) {
      const bytes = read[i]
      if (kind === 'commit') {
        if (bytes === undefined) throw missingCommit(root, version, newest)
        replay.apply(version, parseCommit(bytes, path), path)
        last = bytes
        continue
      }
      const actions = bytes && compactedActions(bytes, path)
      last = undefined
      if (actions !== undefined) replay.apply(version, actions, path)
      else last = await replayTail(store, root, commitsOf(root, from, version), replay)
    }
  }
  return last
}

/** The commits `from` to `to` one by one, where no listing says how large they are. */
export function commitsOf(root: string, from: number, to: number): readonly Stretch[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => commitStretch(root, from + i))
}

function commitStretch(root: string, version: number): Stretch {
  return { path: commitPath(root, version), kind: 'commit', from: version, version, sizeBytes: mostBytes / 16 }
}

function* batchesOf(plan: readonly Stretch[]): Iterable<readonly Stretch[]> {
  let batch: Stretch[] = []
  let bytes = 0
  for (const stretch of plan) {
    if (batch.length === mostObjects || (batch.length > 0 && bytes + stretch.sizeBytes > mostBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(stretch)
    bytes += stretch.sizeBytes
  }
  if (batch.length > 0) yield batch
}

/** Undefined where they cannot be read: the commits say the same. */
function compactedActions(bytes: Uint8Array, path: string): readonly Action[] | undefined {
  try {
    const actions = parseCommit(bytes, path)
    for (const action of actions) {
      if (action.kind === 'add') decodePath(action.add.path, path)
      if (action.kind === 'remove') decodePath(action.remove.path, path)
    }
    return actions
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** A commit between others is not there. */
function missingCommit(root: string, version: number, newest: number): Fault {
  return new Fault(
    'lake/damaged',
    `The log of ${root} is not contiguous: version ${version} is missing, while version ${newest} stands.`,
    {
      mend: 'Restore the missing file of _delta_log from a copy, or remove the table and load it again.',
      facts: { root, missingVersion: version, newest },
    },
  )
}

/** A checkpoint that was listed, or that a state began with, is not there. */
export function missingCheckpoint(path: string): Fault {
  return damaged(path, 'it is gone', undefined, { missingCheckpoint: true })
}

/** Something of the log is not there: it was lost, or cleaned up while it was read. */
export function isMissing(error: unknown): boolean {
  return error instanceof Fault && ('missingVersion' in error.facts || 'missingCheckpoint' in error.facts)
}
