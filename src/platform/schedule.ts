import type { Contract } from '#contract'
import type { Landing, SourceFile, StageEffects } from '#pipeline'
import { cleanDataset, landFiles, placeAll } from '#pipeline'

/**
 * Landing reads files on this thread while the engine cleans, on threads of its own, what has landed: a dataset is begun when landing moves on to
 * the next one's files. Cleaning is by Bronze version and exactly-once, so one begun too early is gone on with afterwards.
 */
export async function landAndClean(
  files: readonly SourceFile[],
  contracts: readonly Contract[],
  { full }: { readonly full: boolean },
  effects: StageEffects,
): Promise<Landing> {
  let cleaning: Promise<unknown> = Promise.resolve()
  let current: string | undefined
  const clean = (dataset: string | undefined) => {
    const contract = contracts.find(({ name }) => name === dataset)
    if (contract !== undefined) cleaning = cleaning.then(() => cleanDataset(contract, effects))
    cleaning.catch(() => {}) // awaited below; a landing that faults first is what is told
  }
  const landing = await landFiles(files, contracts, {
    ...effects,
    report(event) {
      effects.report(event)
      if (event.kind !== 'land/file' || event.dataset === current) return
      clean(current)
      current = event.dataset
    },
  }).finally(() => cleaning.catch(() => {}))
  await cleaning
  if (full) for (const contract of contracts) await cleanDataset(contract, effects, { full })
  await Promise.all([cleanRest(contracts, effects), placeAll(effects)])
  // Where the last datasets cleaned were those that places are made from.
  await placeAll(effects)
  return landing
}

async function cleanRest(contracts: readonly Contract[], effects: StageEffects): Promise<void> {
  for (const contract of contracts) await cleanDataset(contract, effects)
}
