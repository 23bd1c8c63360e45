import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { StageEffects } from '#pipeline'
import type { Failpoint, Report } from '#port'
import type { LakeOptions } from './api.ts'
import type { Lake } from './lake.ts'
import { lazyEngine } from './lazy-engine.ts'
import { makeScratch } from './scratch.ts'

/** An engine and a scratch folder over a lake, for as long as `work` takes. */
export async function inWorkshop<T>(
  lake: Lake,
  { engine: { memoryMb } }: Pick<LakeOptions, 'engine'>,
  { report, signal, failpoint }: { report: Report; signal: AbortSignal; failpoint: Failpoint },
  work: (effects: StageEffects) => Promise<T>,
): Promise<T> {
  const scratch = await makeScratch(lake.store)
  try {
    const spillFolder = join(scratch.folder, 'spill')
    const engine = lazyEngine('duckdb', async () => {
      const { duckdbEngine } = await import('#engine')
      return duckdbEngine({ memoryMb, threads: engineThreads(), spillFolder })
    })
    const stop = () => engine.cancel()
    signal.addEventListener('abort', stop, { once: true })
    try {
      return await work({ ...lake, engine, scratch, nowMs: Date.now, report, failpoint, signal })
    } finally {
      signal.removeEventListener('abort', stop)
      await engine.close()
      await lake.settled()
    }
  } finally {
    await scratch.dispose()
  }
}

/**
 * All processors but one, which landing's thread or this one keeps busy. An engine that waits for its own threads does so awake,
 * and on two processors takes the time that landing needs.
 */
function engineThreads(): number {
  return Math.max(1, availableParallelism() - 1)
}
