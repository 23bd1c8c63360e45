import type { Contract } from '#contract'
import type { Landing, SourceFile, StageEffects } from '#pipeline'
import { all, cleanDataset, inSessions, landFiles, placeAll, placedFrom } from '#pipeline'
import type { LandRequest } from './land-thread.ts'
import { landInThread } from './land-thread.ts'

const cleanedAtOnce = 2

/**
 * What has landed is cleaned while the next files land: a dataset is begun when landing moves on to another one's files. Cleaning is by Bronze version
 * and exactly-once, so one begun too early is gone on with afterwards. Places, too, are made as soon as what they are made from was cleaned once.
 * Without `thread`, landing stays on this one.
 */
export function landAndClean(
  { files, thread }: { readonly files: readonly SourceFile[]; readonly thread: LandRequest | undefined },
  contracts: readonly Contract[],
  { full }: { readonly full: boolean },
  effects: StageEffects,
): Promise<Landing> {
  return inSessions(effects.engine, cleanedAtOnce, async (use) => {
    /** By dataset: one is never cleaned twice at once. */
    const cleaning = new Map<string, Promise<void>>()
    let placing: Promise<unknown> = Promise.resolve()
    const uncleaned = new Set<string>(placedFrom)
    const clean = async (contract: Contract) => {
      await use((engine) => cleanDataset(contract, { ...effects, engine }))
      if (!uncleaned.delete(contract.name) || uncleaned.size > 0) return
      placing = placeAll(effects)
      placing.catch(() => {}) // as below
    }
    let current: string | undefined
    const moveOn = (dataset: string | undefined): void => {
      const contract = dataset === current ? undefined : contracts.find(({ name }) => name === current)
      current = dataset
      if (contract === undefined) return
      const begun = (cleaning.get(contract.name) ?? Promise.resolve()).then(() => clean(contract))
      begun.catch(() => {}) // awaited below; a landing that faults first is what is told
      cleaning.set(contract.name, begun)
    }
    const follow: StageEffects['report'] = (event) => {
      effects.report(event)
      if (event.kind === 'land/recognised' || event.kind === 'land/file') moveOn(event.dataset)
    }
    try {
      const landing =
        thread === undefined
          ? await landFiles(files, contracts, { ...effects, report: follow })
          : await landInThread(thread, { report: follow, signal: effects.signal })
      moveOn(undefined)
      await all([...cleaning.values()])
      if (full) for (const contract of contracts) await cleanDataset(contract, effects, { full })
      await all([cleanAll(contracts, effects), placing.then(async () => void (await placeAll(effects)))])
      // Where the last datasets cleaned were those that places are made from.
      await placeAll(effects)
      return landing
    } finally {
      // The engine is closed next, and nobody may be at work in it.
      await Promise.allSettled(cleaning.values())
      await placing.catch(() => {})
    }
  })
}

async function cleanAll(contracts: readonly Contract[], effects: StageEffects): Promise<void> {
  for (const contract of contracts) await cleanDataset(contract, effects)
}
