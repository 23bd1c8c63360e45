import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { parseCommit } from './actions.ts'
import { readCheckpoint } from './checkpoint-read.ts'
import type { Checkpoint, LogFile } from './log-files.ts'
import { logFiles, wholeCheckpoints } from './log-files.ts'
import { checkpointPath, commitPath, lastCheckpointPath } from './paths.ts'
import { unsupported } from './protocol.ts'
import type { Replay } from './state.ts'
import { startReplay } from './state.ts'
import { commitsOf, isMissing, planTail, replayTail } from './tail.ts'

/** Commits looked for at once by who does not know whether they are there. */
const readAhead = 16

/** What a listing of the log shows. */
interface LogListing {
  readonly newest: number | undefined
  readonly files: readonly LogFile[]
  readonly checkpoints: readonly Checkpoint[]
  readonly hasV2Checkpoint: boolean
}

/** A table's log, replayed to one version. */
export interface LoadedLog {
  readonly replay: Replay
  readonly version: number
  readonly checkpointVersion: number | undefined
  /** How the commit of `version` begins; undefined where it is not there any more. */
  readonly mark: string | undefined
}

/** Bytes by which a commit is known again: they hold its time and the names of its files, and in all that write a txnId, that. */
const markBytes = 1024

export function markOf(commit: Uint8Array): string {
  return Buffer.from(commit.buffer, commit.byteOffset, Math.min(commit.length, markBytes)).toString('latin1')
}

/** How a commit that stands begins; undefined where there is none. */
export async function readMark(store: ObjectStore, root: string, version: number): Promise<string | undefined> {
  const bytes = await store.readRange(commitPath(root, version), 0, markBytes)
  return bytes && markOf(bytes)
}

/** Lists the log from `from` on (inclusive). */
async function listLog(store: ObjectStore, root: string, from = 0): Promise<LogListing> {
  const files: LogFile[] = await Array.fromAsync(logFiles(store, root, from))
  const checkpoints = wholeCheckpoints(files)
  const newestCommit = files.findLast(({ kind }) => kind === 'commit')?.version
  const newestCheckpoint = checkpoints.at(-1)?.version
  const newest = Math.max(newestCommit ?? -1, newestCheckpoint ?? -1)
  return {
    newest: newest < 0 ? undefined : newest,
    files,
    checkpoints,
    hasV2Checkpoint: files.some(({ kind }) => kind === 'v2-checkpoint'),
  }
}

/** A log at whose newest commit so much time has passed is listed: what comes next may have been cleaned up already. */
export const longAbsenceMs = 10 * 60 * 1000

/** Further behind than this, the log is read from a newer checkpoint. */
export const longTail = 200

/** Replays the log from its best checkpoint to `upTo`, or to the newest version. Undefined: no table. */
export async function loadLog(
  store: ObjectStore,
  root: string,
  { nowMs, upTo }: { readonly nowMs: number; readonly upTo?: number },
): Promise<LoadedLog | undefined> {
  const near = store.localRoot === undefined || upTo !== undefined ? undefined : await loadFromHint(store, root, nowMs)
  if (near !== undefined) return near
  try {
    return await loadOnce(store, root, upTo)
  } catch (error) {
    // A log may be cleaned while it is read; then a second listing shows a newer checkpoint.
    if (isMissing(error)) return await loadOnce(store, root, upTo)
    throw error
  }
}

/**
 * From the checkpoint that the hint names onward, one number after the other. For a folder, whose listing costs what all of it holds, and a log of which a commit
 * was made just now: such a one is read as it is followed. Undefined: it has to be listed.
 */
async function loadFromHint(store: ObjectStore, root: string, nowMs: number): Promise<LoadedLog | undefined> {
  const version = await readHint(store, root)
  if (version === undefined) return undefined
  const path = checkpointPath(root, version)
  const [bytes, mark] = await Promise.all([store.read(path), readMark(store, root, version)])
  if (bytes === undefined || mark === undefined) return undefined
  const checkpoint = { version, paths: [path] }
  const replay = startReplay(root, checkpoint)
  await readCheckpoint({ read: async () => bytes }, checkpoint, replay)
  await replayInfo(store, root, version, replay)
  const reached = await followCommits(store, root, { version, mark, limit: longTail, atOnce: readAhead }, replay)
  if (reached === undefined) return undefined
  const { committedMs } = replay.state()
  const isNew = committedMs !== undefined && Math.abs(nowMs - committedMs) < longAbsenceMs
  if (!isNew && !(await isNewest(store, root, version, reached.version))) return undefined
  return { replay, ...reached, checkpointVersion: version }
}

async function isNewest(store: ObjectStore, root: string, from: number, version: number): Promise<boolean> {
  const { newest, checkpoints } = await listLog(store, root, from)
  return newest === version && checkpoints.at(-1)?.version === from
}

async function loadOnce(store: ObjectStore, root: string, upTo: number | undefined): Promise<LoadedLog | undefined> {
  const hint = await readHint(store, root)
  let listing = await listLog(store, root, hint ?? 0)
  const best = (): Checkpoint | undefined =>
    listing.checkpoints.findLast(({ version }) => upTo === undefined || version <= upTo)
  // The hint is only a hint: it may be stale, wrong, or newer than what is asked for.
  if (hint !== undefined && best() === undefined) listing = await listLog(store, root)
  const { newest } = listing
  if (newest === undefined) {
    if (listing.hasV2Checkpoint) throw unsupported(root, 'v2Checkpoint', 'v2Checkpoint', 'read')
    return undefined
  }
  const version = upTo ?? newest
  if (version > newest) throw noVersion(root, version, `the newest is ${newest}`)

  const checkpoint = best()
  const replay = startReplay(root, checkpoint)
  if (checkpoint) await readCheckpoint(store, checkpoint, replay)
  const plan = planTail(root, listing.files, { from: (checkpoint?.version ?? -1) + 1, to: version })
  const last = await replayTail(store, root, plan, replay)
  const mark = last ? markOf(last) : await replayInfo(store, root, version, replay)
  return { replay, version, checkpointVersion: checkpoint?.version, mark }
}

/** Neither a checkpoint nor compacted commits have a commitInfo; the commit beside them says when it was. Answers its mark. */
async function replayInfo(
  store: ObjectStore,
  root: string,
  version: number,
  replay: Pick<Replay, 'apply'>,
): Promise<string | undefined> {
  const path = commitPath(root, version)
  const bytes = await store.read(path)
  if (bytes === undefined) return undefined
  const infos = parseCommit(bytes, path).filter(({ kind }) => kind === 'commitInfo')
  replay.apply(version, infos, path)
  return markOf(bytes)
}

/** Reads commits `from` to `to` (both inclusive) and applies them in order. */
export async function replayCommits(
  store: ObjectStore,
  root: string,
  from: number,
  to: number,
  replay: Pick<Replay, 'apply'>,
): Promise<void> {
  await replayTail(store, root, commitsOf(root, from, to), replay)
}

/** Applies the commits after `version` as far as they go, without listing. Answers where that is, with its mark. Undefined: further than `limit` commits. */
export async function followCommits(
  store: ObjectStore,
  root: string,
  { version, mark, limit, atOnce = 1 }: { version: number; mark: string; limit: number; atOnce?: number },
  replay: Pick<Replay, 'apply'>,
): Promise<{ readonly version: number; readonly mark: string } | undefined> {
  const last = version + limit
  let reached = { version, mark }
  // Most often there is nothing new, or one commit; who is far behind reads ever more at once.
  for (let batch = atOnce; reached.version < last; batch = Math.min(2 * batch, readAhead)) {
    const versions = Array.from({ length: batch }, (_, i) => reached.version + 1 + i)
    for (const [i, bytes] of (
      await Promise.all(versions.map((each) => store.read(commitPath(root, each))))
    ).entries()) {
      const at = versions[i]
      if (bytes === undefined || at === undefined) return reached
      replay.apply(at, parseCommit(bytes, commitPath(root, at)), commitPath(root, at))
      reached = { version: at, mark: markOf(bytes) }
    }
  }
  return undefined
}

export function noVersion(root: string, version: number, why: string): Fault {
  return new Fault('lake/no-version', `The table ${root} has no version ${version}: ${why}.`, {
    mend: 'Ask for a version that stands, or for the newest.',
    facts: { root, version },
  })
}

/** Version of the newest checkpoint, as far as `_last_checkpoint` knows. Whatever is wrong with it, the listing knows better. */
async function readHint(store: ObjectStore, root: string): Promise<number | undefined> {
  const bytes = await store.read(lastCheckpointPath(root))
  return bytes && hintVersion(bytes)
}

export function hintVersion(bytes: Uint8Array): number | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
    return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined
  } catch {
    return undefined // a hint that is no JSON hints at nothing
  }
}
