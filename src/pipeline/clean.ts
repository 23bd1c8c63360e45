import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import type { FailpointName } from '#port'
import { Fault } from '#port'
import type { PreparedChange, Target } from './clean-commit.ts'
import { commitChange, discard } from './clean-commit.ts'
import type { Judge, Judged } from './clean-judge.ts'
import { addToLedger, refreshLedger } from './clean-ledger.ts'
import { markLanded, unmarkedReplays } from './clean-marks.ts'
import type { BatchLimits } from './clean-portion.ts'
import { batchLimits, portionOf } from './clean-portion.ts'
import { sqlJudge } from './clean-sql.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { datasetStanding, fromNothing, ledgerIsAt, ledgerIsStale, nextBatch } from './clean-standing.ts'
import { checkBatch } from './clean-tally.ts'
import type { CleanEffects, CommitEffects } from './clean-work.ts'
import { all } from './in-turn.ts'
import type { RecordCounts } from './law.ts'

export interface CleanResult {
  readonly dataset: string
  /** True where Silver or the ledger had something to learn. */
  readonly changed: boolean
}

export interface CleanOptions {
  /** Clean all of Bronze again and replace what stands, new or not. */
  readonly full?: boolean
  /** Count all of the dataset for the ledger, where else a batch's counts are added to what the ledger says. */
  readonly recount?: boolean
  /** What one batch may be, so that a backlog of any length is cleaned in the same memory. */
  readonly limits?: BatchLimits
}

/** A process that loses this many rounds to others is not merely unlucky. */
const rounds = 20

/**
 * Bronze into Silver for one dataset: what Bronze gained since Silver was made is typed, checked, and goes to Silver, quarantine or the displaced.
 * Where a record goes depends on the set of all records landed and on nothing else: not on the order of files, the batches, crashes, or who else cleans.
 * Each table of a batch is committed by itself, Silver after the others; each commit says which Bronze version the table stands for, and a batch that was
 * interrupted is done again from Bronze, the tables that have it already left as they are. Nothing new: no commit, and no work in the engine.
 * What a batch costs grows with the batch and with the files that may hold its keys, not with the tables.
 * Faults: `clean/conservation`, `clean/contended` (retry), `clean/bronze-behind`, `machine/stopped` (retry), the lake's and the engine's.
 */
export function cleanDataset(
  contract: Contract,
  effects: CleanEffects,
  options: CleanOptions = {},
): Promise<CleanResult> {
  return cleanBy(sqlJudge(contract, effects), contract, effects, options)
}

/** The same with any judge of rows. */
export async function cleanBy(
  judge: Judge,
  contract: Contract,
  effects: CommitEffects,
  { full = false, recount = full, limits = batchLimits }: CleanOptions = {},
): Promise<CleanResult> {
  const print = fingerprint(contract)
  const startedMs = effects.nowMs()
  let changed = false
  let anew = full
  const report = (totals: RecordCounts): void =>
    effects.report({
      kind: 'clean/dataset',
      dataset: contract.name,
      ...totals,
      tookMs: effects.nowMs() - startedMs,
    })
  try {
    for (let lost = 0; lost < rounds; ) {
      checkStop(effects.signal)
      const standing = await datasetStanding(contract, print, effects)
      if (await markLanded(contract, standing.bronze, effects)) changed = true
      if (anew && standing.bronze !== undefined) {
        changed = true
        const to = standing.bronze.version
        const target = { contract, print, to, full: true }
        const done = await unlessOvertaken(standing, effects, () =>
          cleanBatch(target, -1, fromNothing(standing), judge, effects),
        )
        anew = done === undefined
        if (anew) lost += 1
        continue
      }
      const batch = nextBatch(standing)
      if (batch !== undefined) {
        changed = true
        const { from } = batch
        const judgeBatch = async () => {
          const to = await portionOf(contract.name, batch, standing, limits, effects)
          const judged = await cleanBatch({ contract, print, to, full: false }, from, standing, judge, effects)
          return judged && { to, ...judged }
        }
        // A first batch that was interrupted so long ago that Bronze no longer has its end: all of Bronze takes its place.
        const begin = from === -1 ? () => (anew = true) : undefined
        const done = await unlessOvertaken(standing, effects, judgeBatch, begin)
        if (done === undefined) lost += 1
        if (done === undefined || recount || !ledgerIsAt(standing, contract.name, from)) continue
        const totals = await addToLedger(contract, print, standing, done, judge, effects)
        if (totals === undefined) lost += 1
        if (totals === undefined || done.to < (standing.bronze?.version ?? -1)) continue
        report(totals)
        return { dataset: contract.name, changed }
      }
      if (!recount && !ledgerIsStale(standing, contract.name)) return { dataset: contract.name, changed }
      changed = true
      const totals = await unlessOvertaken(standing, effects, () =>
        refreshLedger(contract, print, standing, judge, effects),
      )
      if (totals === undefined) {
        lost += 1
        continue
      }
      report(totals)
      return { dataset: contract.name, changed }
    }
  } finally {
    if (changed) await judge.end()
  }
  throw new Fault(
    'clean/contended',
    `${contract.name} was changed by others in each of ${rounds} rounds of cleaning.`,
    {
      mend: 'Run again when fewer processes clean this lake.',
      retry: true,
      facts: { dataset: contract.name },
    },
  )
}

/** Undefined where the log of Bronze no longer goes back to where this work began: other processes cleaned on meanwhile, or what is to be done then was done. */
async function unlessOvertaken<T>(
  { silver }: DatasetStanding,
  { table }: Pick<CommitEffects, 'table'>,
  work: () => Promise<T | undefined>,
  elseDo?: () => void,
): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const isGone = error instanceof Fault && error.code === 'lake/no-version'
    if (!isGone) throw error
    const isOvertaken = (await table(silver.root).snapshot())?.version !== silver.snapshot?.version
    if (!isOvertaken) {
      if (elseDo === undefined) throw error
      elseDo()
    }
    return undefined
  }
}

/** True where `cleanDataset` would do something. */
export async function cleanIsStale(contract: Contract, effects: Pick<CleanEffects, 'table'>): Promise<boolean> {
  const standing = await datasetStanding(contract, fingerprint(contract), effects)
  const { bronze } = standing
  if (nextBatch(standing) !== undefined || ledgerIsStale(standing, contract.name)) return true
  return (await unmarkedReplays(contract.name, bronze, effects)).length > 0
}

/**
 * Commits one batch: Silver after all others, for it says that the batch is done. Stops short where another process was faster, and the next round looks again.
 * Answers what the batch counts where it came to the end.
 */
async function cleanBatch(
  target: Target,
  from: number,
  standing: DatasetStanding,
  judge: Judge,
  effects: CommitEffects,
): Promise<Pick<Judged, 'tallies' | 'topics'> | undefined> {
  const { failpoint, table } = effects
  // Bronze's version may be another process's, which died over it: what is written below must not outlive it.
  await table(`bronze/${target.contract.name}`).sync()
  const { tallies, topics, silver, quarantine, displaced, measure } = await judge.batch(target, from, standing)
  // What an interrupted batch has left in the displaced would be counted twice.
  if (standing.displaced.position <= from) checkBatch(target.contract.name, tallies)
  const commit = async (change: PreparedChange, after: FailpointName): Promise<boolean> => {
    checkStop(effects.signal)
    if ((await commitChange(target, change, effects)) === 'moved') return false
    failpoint(after)
    return true
  }
  failpoint('clean/before-quarantine')
  const done = await all([
    commit(quarantine, 'clean/after-quarantine'),
    commit(displaced, 'clean/after-displaced'),
    ...(measure === undefined ? [] : [commit(measure, 'clean/after-measure')]),
  ])
  if (done.includes(false)) {
    await discard(table(standing.silver.root), silver.add, effects)
    return undefined
  }
  // Nor Silver what another process committed of this batch.
  await all(
    [quarantine, displaced, ...(measure === undefined ? [] : [measure])].map((each) =>
      table(each.change.standing.root).sync(),
    ),
  )
  failpoint('clean/before-silver')
  return (await commit(silver, 'clean/after-silver')) ? { tallies, topics } : undefined
}

function checkStop(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Fault('machine/stopped', 'Cleaning was stopped between two commits.', {
    mend: 'Run again: it goes on where it stopped.',
    retry: true,
  })
}
