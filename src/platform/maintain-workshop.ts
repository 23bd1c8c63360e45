import { join } from 'node:path'
import type { MaintainEffects } from '#pipeline'
import type { ObjectStore } from '#port'
import { makeScratch } from './scratch.ts'

/**
 * A small engine for each step, on one thread: two cores have one left for who appends, and rows keep their order. Made anew each time, so that nothing of it
 * stays in memory between steps.
 */
export function maintainWorkshop(
  store: ObjectStore,
  { memoryMb }: { readonly memoryMb: number },
): MaintainEffects['inWorkshop'] {
  return async (work) => {
    const scratch = await makeScratch(store)
    try {
      const { duckdbEngine } = await import('#engine')
      const engine = await duckdbEngine({ memoryMb, threads: 1, spillFolder: join(scratch.folder, 'spill') })
      try {
        return await work({ engine, scratch })
      } finally {
        await engine.close()
      }
    } finally {
      await scratch.dispose()
    }
  }
}
