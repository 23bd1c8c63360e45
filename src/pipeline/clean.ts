import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import { Fault } from '#port'
import type { CleanEffects } from './clean-batch.ts'
import { prepareBatch, workSchema } from './clean-batch.ts'
import type { Target } from './clean-commit.ts'
import { commitChange, displacedChange, measureChange, quarantineChange, silverChange } from './clean-commit.ts'
import { refreshLedger } from './clean-ledger.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { datasetStanding, fromNothing, ledgerIsStale, nextBatch } from './clean-standing.ts'

export interface CleanResult {
  readonly dataset: string
  /** True where Silver or the ledger had something to learn. */
  readonly changed: boolean
}

export interface CleanOptions {
  /** Clean all of Bronze again and replace what stands, new or not. */
  readonly full?: boolean
}

/** A process that loses this many rounds to others is not merely unlucky. */
const rounds = 20

/**
 * Bronze into Silver for one dataset: what Bronze gained since Silver was made is typed, checked, and goes to Silver, quarantine or the displaced.
 * Where a record goes depends on the set of all records landed and on nothing else: not on the order of files, the batches, crashes, or who else cleans.
 * The tables of a batch are committed one by one, Silver last; each commit says which Bronze version the table stands for, and a batch that was
 * interrupted is done again from Bronze, the tables that have it already left as they are. Nothing new: no commit, and no work in the engine.
 * Faults: `clean/conservation`, `clean/contended` (retry), `clean/bronze-behind`, `machine/stopped` (retry), the lake's and the engine's.
 */
export async function cleanDataset(
  contract: Contract,
  effects: CleanEffects,
  { full = false }: CleanOptions = {},
): Promise<CleanResult> {
  const print = fingerprint(contract)
  const startedMs = effects.nowMs()
  let changed = false
  let anew = full
  try {
    for (let round = 0; round < rounds; round += 1) {
      checkStop(effects.signal)
      const standing = await datasetStanding(contract, print, effects)
      if (anew && standing.bronze !== undefined) {
        changed = true
        const to = standing.bronze.version
        anew = !(await cleanBatch({ contract, print, to, full }, -1, fromNothing(standing), effects))
        continue
      }
      const batch = nextBatch(standing)
      if (batch !== undefined) {
        changed = true
        await cleanBatch({ contract, print, to: batch.to, full: false }, batch.from, standing, effects)
        continue
      }
      if (!full && !ledgerIsStale(standing, contract.name)) return { dataset: contract.name, changed }
      changed = true
      const totals = await refreshLedger(contract, print, standing, effects)
      if (totals === undefined) continue
      const tookMs = effects.nowMs() - startedMs
      effects.report({ kind: 'clean/dataset', dataset: contract.name, ...totals, tookMs })
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
  return nextBatch(standing) !== undefined || ledgerIsStale(standing, contract.name)
}

/** Commits one batch, table by table; stops short where another process was faster, and the next round looks again. Answers whether it came to the end. */
async function cleanBatch(
  target: Target,
  from: number,
  standing: DatasetStanding,
  effects: CleanEffects,
): Promise<boolean> {
  const { failpoint } = effects
  const { quarantine, displaced, measure, silver } = standing
  const batch = await prepareBatch(target.contract, { from, to: target.to }, standing, effects)
  const commit = async (change: Parameters<typeof commitChange>[1]): Promise<boolean> => {
    checkStop(effects.signal)
    return (await commitChange(target, change, batch, effects)) === 'done'
  }
  failpoint('clean/before-quarantine')
  if (!(await commit(quarantineChange(target, quarantine, batch)))) return false
  failpoint('clean/after-quarantine')
  if (!(await commit(displacedChange(target, displaced, batch)))) return false
  failpoint('clean/after-displaced')
  if (measure !== undefined && !(await commit(measureChange(target, measure, batch)))) return false
  failpoint('clean/after-measure')
  failpoint('clean/before-silver')
  if (!(await commit(silverChange(target, silver, batch)))) return false
  failpoint('clean/after-silver')
  return true
}

function checkStop(signal: AbortSignal): void {
  if (!signal.aborted) return
  throw new Fault('machine/stopped', 'Cleaning was stopped between two commits.', {
    mend: 'Run again: it goes on where it stopped.',
    retry: true,
  })
}
