import { randomUUID } from 'node:crypto'
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import type { DbtPlaces } from '#model'
import { dbtRunner, embeddedRunner, findDbt } from '#model'
import type { ModelRunner } from '#port'
import type { RunOptions, WorkEffects } from './api.ts'

/** What builds Gold: the embedded runner, or dbt itself. */
export function modelRunner(
  { builder, dbt, engine }: Pick<RunOptions, 'builder' | 'dbt'> & Partial<Pick<RunOptions, 'engine'>>,
  effects: WorkEffects,
): ModelRunner {
  if (builder !== 'dbt')
    return embeddedRunner({
      report: effects.report,
      nowMs: Date.now,
      newId: randomUUID,
      threads: buildThreads(engine?.memoryMb ?? 0),
    })
  return dbtRunner({ ...effects, program: () => findDbt(dbtPlaces(dbt, process.env)) })
}

/** More than these wait for one another. */
const mostThreads = 4

/** What a node should find for itself of the engine's memory. */
const memoryMbOfOne = 256

/** Tables of a few hundred thousand rows keep the engine on one processor each, so that several at once are what uses the others. */
function buildThreads(memoryMb: number): number {
  return Math.max(1, Math.min(mostThreads, availableParallelism(), Math.floor(memoryMb / memoryMbOfOne)))
}

/** Where dbt is looked for, and where it is installed: beside what other programs keep for this user. */
export function dbtPlaces(program: string | undefined, environment: NodeJS.ProcessEnv): DbtPlaces {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return { program, cacheFolder: join(cache, 'fairlead'), path: environment.PATH ?? '' }
}
