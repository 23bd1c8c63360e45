import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import type { FailpointName } from '#port'
import { Fault } from '#port'
import { prepareBatch } from './clean-batch.ts'
import type { PreparedChange, Target } from './clean-commit.ts'
import {
  commitChange,
  discard,
  displacedChange,
  measureChange,
  prepareChange,
  quarantineChange,
  silverChange,
} from './clean-commit.ts'
import { addToLedger, refreshLedger } from './clean-ledger.ts'
import { markLanded, unmarkedReplays } from './clean-marks.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { datasetStanding, fromNothing, ledgerIsAt, ledgerIsStale, nextBatch } from './clean-standing.ts'
import type { Tally } from './clean-tally.ts'
import { checkBatch, tallyBatch } from './clean-tally.ts'
import type { CleanEffects } from './clean-work.ts'
import { workSchema } from './clean-work.ts'
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
export async function cleanDataset(
  contract: Contract,
  effects: CleanEffects,
  { full = false, recount = full }: CleanOptions = {},
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
    for (let round = 0; round < rounds; round += 1) {
      checkStop(effects.signal)
      const standing = await datasetStanding(contract, print, effects)
      if (await markLanded(contract, standing.bronze, effects)) changed = true
      if (anew && standing.bronze !== undefined) {
        changed = true
        const to = standing.bronze.version
        const done = await cleanBatch({ contract, print, to, full }, -1, fromNothing(standing), effects)
        anew = done === undefined
        continue
      }
      const batch = nextBatch(standing)
      if (batch !== undefined) {
        changed = true
        const done = await cleanBatch({ contract, print, to: batch.to, full: false }, batch.from, standing, effects)
        if (done === undefined || recount || !ledgerIsAt(standing, contract.name, batch.from)) continue
        const totals = await addToLedger(contract, print, standing, { to: batch.to, ...done }, effects)
        if (totals === undefined || batch.to < (standing.bronze?.version ?? -1)) continue
        report(totals)
        return { dataset: contract.name, changed }
      }
      if (!recount && !ledgerIsStale(standing, contract.name)) return { dataset: contract.name, changed }
      changed = true
      const totals = await refreshLedger(contract, print, standing, effects)
      if (totals === undefined) continue
      report(totals)
      return { dataset: contract.name, changed }
    }
  } finally {
    if (changed) await effects.engine.run(`DROP SCHEMA IF EXISTS ${workSchema(contract)} CASCADE`).catch(() => {}) // the engine is thrown away anyway
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
  effects: CleanEffects,
): Promise<{ tallies: readonly Tally[]; topics: ReadonlyMap<string, string> } | undefined> {
  const { failpoint } = effects
  const { quarantine, displaced, measure, silver } = standing
  const batch = await prepareBatch(target.contract, { from, to: target.to }, standing, effects)
  const tallies = await tallyBatch(target.contract, batch, effects)
  // What an interrupted batch has left in the displaced would be counted twice.
  if (displaced.position <= from) checkBatch(target.contract.name, tallies)
  const quarantined = tallies.reduce((sum, each) => sum + (each.rule === '' ? each.quarantined : 0), 0)
  const prepare = (change: Parameters<typeof prepareChange>[1]) => prepareChange(target, change, batch, effects)
  const commit = async (change: PreparedChange, after?: FailpointName): Promise<boolean> => {
    checkStop(effects.signal)
    if ((await commitChange(target, change, effects)) === 'moved') return false
    if (after !== undefined) failpoint(after)
    return true
  }
  const [last, ...others] = await all([
    prepare(silverChange(target, silver, batch)),
    prepare(quarantineChange(target, quarantine, batch, quarantined)),
    prepare(displacedChange(target, displaced, batch)),
    ...(measure === undefined ? [] : [prepare(measureChange(target, measure, batch))]),
  ])
  const places = ['clean/after-quarantine', 'clean/after-displaced', 'clean/after-measure'] as const
  failpoint('clean/before-quarantine')
  const done = await all(others.map((change, at) => commit(change, places[at])))
  if (last === undefined) return undefined
  if (done.includes(false)) {
    await discard(effects.table(silver.root), last.add, effects)
    return undefined
  }
  failpoint('clean/before-silver')
  if (!(await commit(last))) return undefined
  failpoint('clean/after-silver')
  return { tallies, topics: batch.topics }
}

function checkStop(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Fault('machine/stopped', 'Cleaning was stopped between two commits.', {
    mend: 'Run again: it goes on where it stopped.',
    retry: true,
  })
}
