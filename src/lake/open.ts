import type { FileField } from '#parquet'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { parseCommit } from './actions.ts'
import { recordsOf } from './check.ts'
import { checkpointer } from './checkpointer.ts'
import { writeChecksum } from './checksum.ts'
import type { CommitStamp } from './commit.ts'
import { actionsOfChange, encodeCommit, putCommit } from './commit.ts'
import { checkFileFields } from './conform.ts'
import type { LoadedLog } from './log.ts'
import { followCommits, loadLog, longAbsenceMs, longTail, markOf, noVersion, readMark, replayCommits } from './log.ts'
import { compactLog } from './log-compaction.ts'
import { partitionFolder } from './partition.ts'
import { commitPath, logFolder } from './paths.ts'
import { createOwn, patientReads } from './patience.ts'
import { checkWritable } from './protocol.ts'
import { filesNeededSince } from './retained.ts'
import { logRetentionMs, removedFileRetentionMs } from './retention.ts'
import type { LogState } from './state.ts'
import { dataFileOf, snapshotOf } from './state.ts'
import { summarize } from './statistics.ts'
import type { Change, CommitOutcome, CommitRequest, DataFile, Snapshot, Table } from './table.ts'
import type { TableEffects } from './table-effects.ts'
import { isMissing } from './tail.ts'

/** Each lost race means that another writer won one, so this many in a row mean that something else is wrong. */
const commitAttempts = 200

/** Removes kept in memory before those that nobody may need any more are looked for. */
const manyRemoved = 4096

/** A shorter time than this a batch may take from its upload to its commit. */
const briefMs = 20_000

/** Files written and not yet committed that are remembered. */
const mostWritten = 10_000

/** What the table knows of its log; changed only by `advance`, one call at a time. */
interface Known {
  readonly loaded: LoadedLog
  readonly state: LogState
  readonly snapshot: Snapshot
  /** When the log was last looked at. */
  readonly seenMs: number
}

/** Opens the Delta table whose folder in the store is `root`; it need not be there yet. Keeps the newest snapshot and reads only what came after it. */
export function openTable(store: ObjectStore, root: string, effects: TableEffects): Table {
  const reads = patientReads(store, effects)
  const { nowMs, newId, sleep, random, report, failpoint, engineInfo } = effects
  const checkpoints = checkpointer(reads, root, effects, (checkpoint, tableId) => {
    if (known?.state.metaData.id !== tableId) return
    known.loaded.replay.restOn(checkpoint)
    known = { ...known, state: known.loaded.replay.state() }
  })
  /** Columns of files written here and not yet committed, by path. */
  const writtenFields = new Map<string, readonly FileField[]>()
  let known: Known | undefined
  let advancing: Promise<unknown> = Promise.resolve()
  let removedAfterSweep = 0

  function remember(loaded: LoadedLog): Known {
    const state = loaded.replay.state()
    if (state.removed.size > 2 * removedAfterSweep + manyRemoved) {
      loaded.replay.forgetRemoved(nowMs() - removedFileRetentionMs(state.metaData.configuration))
      removedAfterSweep = loaded.replay.state().removed.size
    }
    known = { loaded, state, snapshot: snapshotOf(state), seenMs: nowMs() }
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
    const loaded = await loadLog(reads, root, { nowMs: nowMs() })
    checkpoints.stands(loaded?.checkpointVersion)
    return loaded && remember(loaded)
  }

  /**
   * From a known version onward, without listing: the commit that we know must still be the one that stands, and what follows it has the next number.
   * Undefined where the log has to be read anew: removed, made anew, or perhaps cleaned up behind us.
   */
  async function follow(before: Known): Promise<Known | undefined> {
    const { loaded } = before
    const { mark, version } = loaded
    if (mark === undefined || isLongAgo(before)) return undefined
    const following = followCommits(reads, root, { version, mark, limit: longTail }, loaded.replay)
    following.catch(() => {}) // told below, where it is still the same log
    if ((await readMark(reads, root, version)) !== mark) return undefined
    const reached = await following
    if (reached === undefined) return undefined
    if (reached.version > version) return remember({ ...loaded, ...reached })
    known = { ...before, seenMs: nowMs() }
    return known
  }

  /** True where commits that we have not seen may have been cleaned up already; then the next number may be free and yet not be the next. */
  function isLongAgo({ state, seenMs }: Known): boolean {
    return Math.abs(nowMs() - seenMs) > Math.min(longAbsenceMs, logRetentionMs(state.metaData.configuration) / 2)
  }

  /** After our own commit: what we wrote need not be read back, if nothing came between. */
  function adopt(version: number, bytes: Uint8Array): Promise<Known | undefined> {
    const next = advancing.then(async () => {
      const before = known
      if (before && before.state.version === version - 1) {
        known = undefined
        before.loaded.replay.apply(version, parseCommit(bytes, commitPath(root, version)), commitPath(root, version))
        return remember({ ...before.loaded, version, mark: markOf(bytes) })
      }
      return before && before.state.version >= version ? before : advance()
    })
    advancing = next.catch(() => {})
    return next
  }

  async function writable(): Promise<Known | undefined> {
    const now = await refresh()
    if (now) checkWritable(root, now.state.protocol, now.state.metaData, now.state.schema)
    return now
  }

  async function commit(request: CommitRequest): Promise<CommitOutcome> {
    const startedMs = nowMs()
    for (let attempt = 1; attempt <= commitAttempts; attempt += 1) {
      const base = await refresh()
      const change = await request.stage(base?.snapshot)
      if (!change) return { outcome: 'unneeded', version: base?.snapshot.version }
      // Staging may take long, and the number that was next must not be taken for it after that.
      if (base && isLongAgo(base) && !isSameLog(base, await refresh())) continue
      const stamp: CommitStamp = { nowMs: nowMs(), txnId: newId(), newId, engineInfo }
      const actions = actionsOfChange(root, base?.state, change, request, stamp)
      checkWritten(change, base?.snapshot)
      await checkUploads(change, base?.snapshot)
      const version = (base?.snapshot.version ?? -1) + 1
      const bytes = encodeCommit(actions, request, base?.snapshot.version, stamp)
      if ((await putCommit(reads, commitPath(root, version), bytes, stamp.txnId, effects)) === 'won') {
        failpoint('lake/commit-created')
        tell(request, change, { version, lostRaces: attempt - 1, tookMs: nowMs() - startedMs })
        for (const { path } of change.add) writtenFields.delete(path)
        const now = await adopt(version, bytes)
        if (now) checkpoints.begin(now.state)
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

  function tell(
    { operation }: CommitRequest,
    { add, remove }: Change,
    about: { readonly version: number; readonly lostRaces: number; readonly tookMs: number },
  ): void {
    const sizeBytes = add.reduce((sum, file) => sum + file.sizeBytes, 0)
    const rows = add.reduce((sum, file) => sum + (recordsOf(file) ?? 0), 0)
    const files = { files: add.length, removed: remove.length, sizeBytes, rows }
    report({ kind: 'lake/committed', table: root, operation, ...files, ...about })
  }

  /** A file that was written here must have the table's columns, type for type; readers of Delta trust the log, not the file. */
  function checkWritten(change: Change, snapshot: Snapshot | undefined): void {
    const partitions = snapshot?.partitionColumns ?? change.partitionColumns ?? []
    const columns = change.columns ?? snapshot?.columns ?? []
    for (const { path } of change.add) {
      const fields = writtenFields.get(path)
      if (fields) checkFileFields(fields, columns, partitions, `${root}/${path}`)
    }
  }

  /**
   * A vacuum takes what was written and not committed for as long as removed files are kept. A file that is half as old is not named any more, there or not:
   * the other half is for what comes between this look and the commit, however long the process stands still.
   */
  async function checkUploads(change: Change, snapshot: Snapshot | undefined): Promise<void> {
    const keptMs = removedFileRetentionMs(snapshot?.configuration ?? {})
    for (const { path, modifiedMs } of change.add) {
      if (!writtenFields.has(path) || nowMs() - modifiedMs < keptMs / 2) continue
      // Where files are kept for so short that a batch may take as long, nothing could be committed otherwise.
      if (keptMs < briefMs && (await reads.readRange(`${root}/${path}`, 0, 1)) !== undefined) continue
      throw new Fault(
        'lake/upload-gone',
        `${root}/${path} was written so long before its commit that it may be cleaned up.`,
        {
          retry: true,
          mend: 'Nothing was committed; write the rows again, or let the table keep removed files for longer (delta.deletedFileRetentionDuration).',
          facts: { root, path },
        },
      )
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
      const loaded = await loadLog(reads, root, { nowMs: nowMs(), upTo: version }).catch(async (error: unknown) => {
        // A log that reads at its end has no hole: what is missing further back was cleaned up.
        if (!isMissing(error) || !(await refresh())) throw error
        throw noVersion(root, version, 'the log no longer goes back so far')
      })
      if (!loaded) throw noVersion(root, version, 'there is no table')
      return snapshotOf(loaded.replay.state())
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
        if (!isMissing(error)) throw error
        throw noVersion(root, upTo, `commits after ${after} are no longer all there, or not yet`)
      }
      return { added, removes }
    },
    async writeFile(parquet, partition = {}) {
      const partitionValues = withoutEmpty(partition)
      const folder = partitionFolder(Object.keys(partition), partitionValues)
      const path = `${folder}part-00000-${newId()}-c000.zstd.parquet`
      const { stats, fields } = summarize(parquet, `${root}/${path}`)
      await createOwn(store, `${root}/${path}`, parquet, effects)
      failpoint('lake/data-written')
      writtenFields.set(path, fields)
      // Files of commits that lost their race are never named; the oldest are forgotten first.
      const [oldest] = writtenFields.keys()
      if (writtenFields.size > mostWritten && oldest !== undefined) writtenFields.delete(oldest)
      return { path, sizeBytes: parquet.length, modifiedMs: nowMs(), partitionValues, stats }
    },
    async checkWritable() {
      await writable()
    },
    commit,
    async checkpoint(leastCommits = 1) {
      const now = await refresh()
      return now && checkpoints.write(now.state, leastCommits)
    },
    async compactLog(leastCommits) {
      const now = await writable()
      if (now === undefined) return undefined
      const range = { version: now.state.version, base: now.state.base?.version, leastCommits }
      return compactLog(reads, root, range, effects)
    },
    async writeChecksum() {
      const now = await writable()
      if (now !== undefined) await writeChecksum(reads, root, now.state, effects)
    },
    sync: () => reads.sync(logFolder(root).slice(0, -1)),
    settled: checkpoints.settled,
    async filesNeededSince(sinceMs) {
      const now = await refresh()
      return now && filesNeededSince(reads, root, now.state, { sinceMs, nowMs: nowMs() })
    },
  }
}

/** Empty text is null to every reader, so it is written as that. */
function withoutEmpty(partition: Readonly<Record<string, string | null>>): DataFile['partitionValues'] {
  return Object.fromEntries(Object.entries(partition).map(([column, text]) => [column, text === '' ? null : text]))
}

function isSameLog({ loaded }: Known, other: Known | undefined): boolean {
  return loaded.version === other?.loaded.version && loaded.mark === other.loaded.mark
}
