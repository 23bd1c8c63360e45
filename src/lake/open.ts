import type { FileField } from '#parquet'
import type { Failpoint, ObjectStore, RetryEffects } from '#port'
import { Fault } from '#port'
import { parseCommit } from './actions.ts'
import { encodeCheckpoint } from './checkpoint.ts'
import type { CommitStamp } from './commit.ts'
import { actionsOfChange, encodeCommit, putCommit } from './commit.ts'
import { checkFileFields } from './conform.ts'
import type { LoadedLog } from './log.ts'
import { hintVersion, isMissingCommit, listLog, loadLog, noVersion, replayCommits } from './log.ts'
import { checkpointPath, commitPath, lastCheckpointPath } from './paths.ts'
import { createOwn, patientReads } from './patience.ts'
import { removedFileRetentionMs } from './retention.ts'
import type { LogState } from './state.ts'
import { dataFileOf, snapshotOf } from './state.ts'
import { summarize } from './statistics.ts'
import type { Change, CommitOutcome, CommitRequest, DataFile, Snapshot, Table } from './table.ts'

/** Each lost race means that another writer won one, so this many in a row mean that something else is wrong. */
const commitAttempts = 200

/** Commits between checkpoints, as Spark has it, where the table's `delta.checkpointInterval` says nothing else. */
const checkpointInterval = 10

/** A tail longer than this is not walked if a checkpoint stands nearer. */
const longTail = 100

export interface TableEffects extends RetryEffects {
  readonly nowMs: () => number
  /** A new UUID. */
  readonly newId: () => string
  readonly failpoint: Failpoint
  /** Who writes, for `commitInfo`: `fairlead/1.2.3`. */
  readonly engineInfo: string
}

/** What the table knows of its log; changed only by `advance`, one call at a time. */
interface Known {
  readonly loaded: LoadedLog
  readonly state: LogState
  readonly snapshot: Snapshot
}

/** Opens the Delta table whose folder in the store is `root`; it need not be there yet. Keeps the newest snapshot and reads only what came after it. */
export function openTable(store: ObjectStore, root: string, effects: TableEffects): Table {
  const reads = patientReads(store, effects)
  const { nowMs, newId, sleep, random, report, failpoint, engineInfo } = effects
  /** Columns of files written here and not yet committed, by path. */
  const writtenFields = new Map<string, readonly FileField[]>()
  let known: Known | undefined
  let advancing: Promise<unknown> = Promise.resolve()

  function remember(loaded: LoadedLog): Known {
    const state = loaded.replay.state()
    known = { loaded, state, snapshot: snapshotOf(root, state) }
    return known
  }

  /** Brings what is known up to date; calls wait for each other. */
  function refresh(): Promise<Known | undefined> {
    const next = advancing.then(advance)
    advancing = next.catch(() => {})
    return next
  }

  async function advance(): Promise<Known | undefined> {
    const before = known
    known = undefined // whatever fails below leaves nothing half changed
    if (before) {
      const after = await follow(before)
      if (after) return after
    }
    const loaded = await loadLog(reads, root)
    return loaded && remember(loaded)
  }

  /** From a known version onward; undefined where the log has to be read anew. */
  async function follow({ loaded, state, snapshot }: Known): Promise<Known | undefined> {
    const { version } = state
    const listing = await listLog(reads, root, version)
    const { newest, newestCommit } = listing
    if (newest === undefined || newest < version) return undefined // removed, perhaps made anew
    const checkpoint = listing.checkpoints.findLast((each) => each.version <= newest)
    const checkpointVersion = checkpoint?.version ?? loaded.checkpointVersion
    if (newest === version) {
      const old = loaded.newestCommit
      const same =
        !old ||
        !newestCommit ||
        (old.sizeBytes === newestCommit.sizeBytes && old.modifiedMs === newestCommit.modifiedMs)
      if (!same) return undefined
      known = { loaded: { ...loaded, checkpointVersion, newestCommit }, state, snapshot }
      return known
    }
    if (checkpoint && checkpoint.version - version > longTail) return undefined
    try {
      await replayCommits(reads, root, version + 1, newest, loaded.replay)
    } catch (error) {
      if (isMissingCommit(error)) return undefined // cleaned up to a newer checkpoint
      throw error
    }
    return remember({ replay: loaded.replay, version: newest, checkpointVersion, newestCommit })
  }

  /** After our own commit: what we wrote need not be read back, if nothing came between. */
  function adopt(version: number, bytes: Uint8Array): Promise<Known | undefined> {
    const next = advancing.then(async () => {
      const before = known
      if (before && before.state.version === version - 1) {
        known = undefined
        before.loaded.replay.apply(version, parseCommit(bytes, commitPath(root, version)), commitPath(root, version))
        return remember({ ...before.loaded, version, newestCommit: undefined })
      }
      return before && before.state.version >= version ? before : advance()
    })
    advancing = next.catch(() => {})
    return next
  }

  async function checkpoint({ state, loaded }: Known): Promise<void> {
    const every = Number(state.metaData.configuration['delta.checkpointInterval'] ?? checkpointInterval)
    if (state.version - (loaded.checkpointVersion ?? 0) < (every > 0 ? every : checkpointInterval)) return
    const { version } = state
    try {
      const { bytes, actions } = encodeCheckpoint(state, nowMs() - removedFileRetentionMs(state.metaData.configuration))
      await createOwn(store, checkpointPath(root, version), bytes, effects)
      if (known?.state.version === version)
        known = { ...known, loaded: { ...known.loaded, checkpointVersion: version } }
      await hintAt(version, actions, bytes.length, state.files.size)
    } catch (error) {
      const fault =
        error instanceof Fault
          ? error
          : new Fault('lake/checkpoint', `The checkpoint of ${root} at version ${version} was not written: ${error}`, {
              mend: 'Nothing is lost; the next commit tries again.',
              cause: error,
            })
      report({ kind: 'fault', fault })
      return
    }
    failpoint('lake/checkpoint-written')
  }

  async function hintAt(version: number, size: number, sizeInBytes: number, numOfAddFiles: number): Promise<void> {
    const path = lastCheckpointPath(root)
    const standing = await reads.read(path)
    if (standing && (hintVersion(standing) ?? -1) >= version) return
    await store.replace(path, new TextEncoder().encode(JSON.stringify({ version, size, sizeInBytes, numOfAddFiles })))
  }

  async function commit(request: CommitRequest): Promise<CommitOutcome> {
    for (let attempt = 1; attempt <= commitAttempts; attempt += 1) {
      const newest = await refresh()
      const base = newest && { state: frozen(newest.state), snapshot: newest.snapshot }
      const change = await request.stage(base?.snapshot)
      if (!change) return { outcome: 'unneeded', version: base?.snapshot.version }
      const stamp: CommitStamp = { nowMs: nowMs(), txnId: newId(), newId, engineInfo }
      const actions = actionsOfChange(root, base?.state, change, request, stamp)
      checkWritten(change, base?.snapshot)
      const version = (base?.snapshot.version ?? -1) + 1
      const bytes = encodeCommit(actions, request, base?.snapshot.version, stamp)
      if (
        (await putCommit(withReads(store, reads), commitPath(root, version), bytes, stamp.txnId, effects)) === 'won'
      ) {
        failpoint('lake/commit-created')
        for (const { path } of change.add) writtenFields.delete(path)
        const now = await adopt(version, bytes)
        if (now?.state.version === version) await checkpoint({ ...now, state: frozen(now.state) })
        return { outcome: 'committed', version }
      }
      await sleep(random() * Math.min(1000, 5 * 2 ** Math.min(attempt, 8)))
    }
    throw new Fault('lake/contended', `${commitAttempts} commits to ${root} in a row lost to other writers.`, {
      mend: 'Run again, with fewer writers on one table.',
      retry: true,
      facts: { root },
    })
  }

  /** A file that was written here must have the table's columns, type for type; readers of Delta trust the log, not the file. */
  function checkWritten(change: Change, snapshot: Snapshot | undefined): void {
    const columns = change.columns ?? snapshot?.columns ?? []
    for (const { path } of change.add) {
      const fields = writtenFields.get(path)
      if (fields) checkFileFields(fields, columns, `${root}/${path}`)
    }
  }

  return {
    root,
    async snapshot() {
      return (await refresh())?.snapshot
    },
    async snapshotAt(version) {
      if (!Number.isSafeInteger(version) || version < 0) throw noVersion(root, version, 'versions count from 0')
      if (known?.state.version === version) return known.snapshot
      const loaded = await loadLog(reads, root, version)
      if (!loaded) throw noVersion(root, version, 'there is no table')
      return snapshotOf(root, loaded.replay.state())
    },
    async dataChangesBetween(after, upTo) {
      const added: DataFile[] = []
      let removes = false
      try {
        await replayCommits(reads, root, after + 1, upTo, {
          apply: (_version, actions, path) => {
            for (const action of actions) {
              if (action.kind === 'add' && action.add.dataChange) added.push(dataFileOf(action.add, path))
              if (action.kind === 'remove' && action.remove.dataChange) removes = true
            }
          },
        })
      } catch (error) {
        if (!isMissingCommit(error)) throw error
        throw noVersion(root, upTo, `commits after ${after} are no longer all there, or not yet`)
      }
      return { added, removes }
    },
    async writeFile(parquet) {
      const path = `part-00000-${newId()}-c000.zstd.parquet`
      const { stats, fields } = summarize(parquet, `${root}/${path}`)
      await createOwn(store, `${root}/${path}`, parquet, effects)
      failpoint('lake/data-written')
      writtenFields.set(path, fields)
      return { path, sizeBytes: parquet.length, modifiedMs: nowMs(), partitionValues: {}, stats }
    },
    commit,
  }
}

/** The replay goes on changing its maps while a commit is staged. */
function frozen(state: LogState): LogState {
  return { ...state, files: new Map(state.files), removed: new Map(state.removed), txns: new Map(state.txns) }
}

function withReads(store: ObjectStore, reads: ObjectStore): ObjectStore {
  return { ...reads, create: store.create }
}
