import type { Snapshot, Table } from '#lake'
import { checkpointInterval, logRetentionMs, removedFileRetentionMs } from '#lake'
import type { SqlEngine } from '#port'
import { Fault } from '#port'
import type { Scratch } from '../effects.ts'
import type { LogEffects } from './clean-log.ts'
import { cleanLog } from './clean-log.ts'
import { compactFiles } from './compact.ts'
import type { CompactOptions } from './plan-compaction.ts'
import { planCompaction } from './plan-compaction.ts'
import { vacuum } from './vacuum.ts'

export interface MaintainOptions {
  /** Absent: its files are left as they are. */
  readonly compact?: CompactOptions
  /** Oldest version that someone may still read, whatever the retentions say; undefined: none in particular. */
  readonly neededFrom?: () => Promise<number | undefined>
}

export interface MaintainEffects extends LogEffects {
  /** An engine and a scratch folder for as long as `work` takes; asked for only where files are to be rewritten. */
  readonly inWorkshop: <T>(
    work: (tools: { readonly engine: SqlEngine; readonly scratch: Scratch }) => Promise<T>,
  ) => Promise<T>
}

/** What a stream is to have: files of a size that engines like, rewritten in steps of a second or so. */
export const steadyCompaction: CompactOptions = {
  targetBytes: 32 * 1024 * 1024,
  targetRows: 2_000_000,
  leastFiles: 24,
  mostFiles: 256,
  tierFactor: 8,
}

/** However long the retentions, leftovers are looked for this often; and never more often than the other. */
const rarestMs = 6 * 3600 * 1000
const oftenestMs = 10 * 1000

/** Commits that are put into one file while no checkpoint covers them: who opens the table reads a handful of objects, and writing them costs little. */
function leastTail(configuration: Snapshot['configuration']): number {
  return Math.max(4, Math.floor(checkpointInterval(configuration) / 5))
}

/**
 * Keeps one table in order: each call does what is due by now and answers whether more is. Costs two small reads where nothing is. Never throws a Fault:
 * what went wrong is reported, the table is as it was, and the next call tries again.
 */
export function maintainer(
  table: Table,
  { compact, neededFrom = async () => undefined }: MaintainOptions,
  effects: MaintainEffects,
): () => Promise<boolean> {
  const { nowMs, report, failpoint } = effects
  const done = { checkpointVersion: -1, compactedVersion: -1, logMs: 0, logVersion: -1, vacuumMs: 0, vacuumVersion: -1 }
  /** Files that could not be compacted, and would fail again. */
  const left = new Set<string>()
  /** True where the table asks for what we do not keep: said once, and nothing tried again. */
  let foreign = false

  async function told(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      foreign ||= error.code === 'lake/unsupported'
      report({ kind: 'fault', fault: error })
    }
  }

  async function compactOne(snapshot: Snapshot): Promise<boolean> {
    if (compact === undefined) return false
    const files = left.size === 0 ? snapshot.files : snapshot.files.filter(({ path }) => !left.has(path))
    const [run, more] = planCompaction(files, compact)
    if (run === undefined) return false
    await told(async () => {
      try {
        await effects.inWorkshop((tools) => compactFiles(table, snapshot, run, { ...effects, ...tools }))
      } catch (error) {
        // A run that takes so long that its files are cleaned up before their commit would take as long again.
        if (error instanceof Fault && (!error.retry || error.code === 'lake/upload-gone')) {
          const culprits = run.filter(({ path }) => String(error.facts.path).endsWith(path))
          for (const { path } of culprits.length > 0 ? culprits : run) left.add(path)
        }
        throw error
      }
    })
    return more !== undefined
  }

  async function checkpointIfOverdue({ version, configuration }: Snapshot): Promise<void> {
    // Writers leave checkpoints themselves; this is for those that end before they have.
    const overdue = 2 * checkpointInterval(configuration)
    if (version - done.checkpointVersion < overdue) return
    const startedMs = nowMs()
    const written = await table.checkpoint(overdue)
    done.checkpointVersion = version
    if (written === undefined) return
    failpoint('maintain/checkpoint-written')
    const tookMs = nowMs() - startedMs
    report({ kind: 'lake/maintained', table: table.root, deed: 'checkpoint', written: 1, removed: 0, tookMs })
  }

  async function shortenTail({ version, configuration }: Snapshot): Promise<void> {
    const least = leastTail(configuration)
    if (version - done.compactedVersion < least) return
    const startedMs = nowMs()
    const compacted = await table.compactLog(least)
    done.compactedVersion = version
    if (compacted === undefined) return
    await table.writeChecksum()
    failpoint('maintain/log-compacted')
    const tookMs = nowMs() - startedMs
    report({ kind: 'lake/maintained', table: table.root, deed: 'compact-log', written: 1, removed: 0, tookMs })
  }

  /** What is needed may move on while the work looks at it, and another process clean up behind it: then it is asked once more. */
  async function keepingNeeded(work: (keep: { readonly from?: number }) => Promise<unknown>): Promise<void> {
    const keep = (from: number | undefined) => (from === undefined ? {} : { from })
    const from = await neededFrom()
    try {
      await work(keep(from))
    } catch (error) {
      const now = await neededFrom()
      if (!(error instanceof Fault && error.code === 'lake/no-version') || now === from) throw error
      await work(keep(now))
    }
  }

  function isDue(lastMs: number, retainMs: number): boolean {
    return nowMs() - lastMs >= Math.min(rarestMs, Math.max(oftenestMs, retainMs / 4))
  }

  return async () => {
    let more = false
    if (foreign) return false
    await told(async () => {
      const snapshot = await table.snapshot()
      if (snapshot === undefined) return
      const { version, configuration } = snapshot
      await told(() => checkpointIfOverdue(snapshot))
      await told(() => shortenTail(snapshot))
      more = await compactOne(snapshot)
      if (version > done.logVersion && isDue(done.logMs, logRetentionMs(configuration))) {
        done.logMs = nowMs()
        done.logVersion = version
        await told(() => keepingNeeded((keep) => cleanLog(table, keep, effects)))
      }
      if (version > done.vacuumVersion && isDue(done.vacuumMs, removedFileRetentionMs(configuration))) {
        done.vacuumMs = nowMs()
        done.vacuumVersion = version
        await told(() => keepingNeeded((keep) => vacuum(table, keep, effects)))
      }
    })
    return more
  }
}
