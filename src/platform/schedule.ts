import type { Contract } from '#contract'
import type { Landing, SourceFile, StageEffects } from '#pipeline'
import { cleanDataset, landFiles, placeAll } from '#pipeline'
import type { LandRequest } from './land-thread.ts'
import { landInThread } from './land-thread.ts'

/**
 * What has landed is cleaned while the next files land: a dataset is begun when landing moves on to another one's files. Cleaning is by Bronze version
 * and exactly-once, so one begun too early is gone on with afterwards. Without `thread`, landing stays on this one.
 */
export async function landAndClean(
  { files, thread }: { readonly files: readonly SourceFile[]; readonly thread: LandRequest | undefined },
  contracts: readonly Contract[],
  { full }: { readonly full: boolean },
  effects: StageEffects,
): Promise<Landing> {
  let cleaning: Promise<unknown> = Promise.resolve()
  let current: string | undefined
  const follow: StageEffects['report'] = (event) => {
    effects.report(event)
    if (event.kind !== 'land/file' || event.dataset === current) return
    const contract = contracts.find(({ name }) => name === current)
    current = event.dataset
    if (contract === undefined) return
    cleaning = cleaning.then(() => cleanDataset(contract, effects))
    cleaning.catch(() => {}) // awaited below; a landing that faults first is what is told
  }
  const landing =
    thread === undefined
      ? await landFiles(files, contracts, { ...effects, report: follow })
      : await landInThread(thread, { report: follow, signal: effects.signal }).finally(() => cleaning.catch(() => {}))
  await cleaning
  if (full) for (const contract of contracts) await cleanDataset(contract, effects, { full })
  await Promise.all([cleanAll(contracts, effects), placeAll(effects)])
  // Where the last datasets cleaned were those that places are made from.
  await placeAll(effects)
  return landing
}

async function cleanAll(contracts: readonly Contract[], effects: StageEffects): Promise<void> {
  for (const contract of contracts) await cleanDataset(contract, effects)
}
