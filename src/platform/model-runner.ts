import { randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { DbtPlaces } from '#model'
import { dbtRunner, embeddedRunner, findDbt } from '#model'
import type { ModelRunner } from '#port'
import type { RunOptions, WorkEffects } from './api.ts'

/** What builds Gold: the embedded runner, or dbt itself. */
export function modelRunner({ builder, dbt }: Pick<RunOptions, 'builder' | 'dbt'>, effects: WorkEffects): ModelRunner {
  if (builder !== 'dbt') return embeddedRunner({ report: effects.report, nowMs: Date.now, newId: randomUUID })
  return dbtRunner({ ...effects, program: () => findDbt(dbtPlaces(dbt, process.env)) })
}

/** Where dbt is looked for, and where it is installed: beside what other programs keep for this user. */
export function dbtPlaces(program: string | undefined, environment: NodeJS.ProcessEnv): DbtPlaces {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  return { program, cacheFolder: join(cache, 'fairlead'), path: environment.PATH ?? '' }
}
