import type { LogFile, Table } from '#lake'
import { logFiles, logRetentionMs, wholeCheckpoints } from '#lake'
import type { Failpoint, ObjectStore, Report } from '#port'

export interface CleanLogOptions {
  /** How long the log is to go back; absent, what the table says (`delta.logRetentionDuration`, 30 days). */
  readonly retainMs?: number
  /** Oldest version that must stay readable, however old it is. */
  readonly from?: number
}

export interface LogEffects {
  readonly store: ObjectStore
  readonly nowMs: () => number
  readonly report: Report
  readonly failpoint: Failpoint
}

/**
 * Removes what the log has before the newest checkpoint that is older than its retention. Every version since then can still be read, and the commit at
 * the checkpoint stays: it says when that version was made. Answers how many objects went. Fault `lake/unsupported`: a table that we do not write.
 */
export async function cleanLog(
  table: Table,
  { retainMs, from = Number.POSITIVE_INFINITY }: CleanLogOptions,
  { store, nowMs, report, failpoint }: LogEffects,
): Promise<number> {
  const startedMs = nowMs()
  await table.checkWritable()
  const snapshot = await table.snapshot()
  if (snapshot === undefined) return 0
  const cutMs = startedMs - (retainMs ?? logRetentionMs(snapshot.configuration))
  const files = await Array.fromAsync(logFiles(store, table.root))
  const aged = new Set(files.filter(({ modifiedMs }) => modifiedMs <= cutMs).map(({ path }) => path))
  const base = wholeCheckpoints(files).findLast(
    ({ version, paths }) => version <= from && paths.every((path) => aged.has(path)),
  )
  if (base === undefined) return 0
  // The checkpoint must not go with the machine's power after what it stands for.
  await table.sync()
  // A younger file too, as of a checkpoint that was written late: left alone it would have a hole after it. And oldest first, for the same reason, whatever ends this half way.
  const gone = files.filter(({ version }) => version < base.version).sort(byVersion)
  for (const { path } of gone) await store.remove(path)
  if (gone.length === 0) return 0
  failpoint('maintain/log-cleaned')
  const tookMs = nowMs() - startedMs
  report({ kind: 'lake/maintained', table: table.root, deed: 'clean-log', written: 0, removed: gone.length, tookMs })
  return gone.length
}

function byVersion(a: LogFile, b: LogFile): number {
  return a.version - b.version || (a.path < b.path ? -1 : 1)
}
