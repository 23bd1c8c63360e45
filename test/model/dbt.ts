import { homedir } from 'node:os'
import { join } from 'node:path'
import type { DbtPlaces } from '#model'
import { dbtRunner, installDbt } from '#model'
import type { ModelRunner, Report } from '#port'

/** Where dbt is installed for the tests, as `fairlead doctor --fix dbt` would. */
export const dbtPlaces: DbtPlaces = {
  cacheFolder: process.env.FAIRLEAD_DBT_CACHE ?? join(homedir(), '.cache', 'fairlead'),
  path: process.env.PATH ?? '',
}

/** dbt itself as a runner; installed the first time that a test needs it. */
export function realDbt(report: Report = () => {}): ModelRunner {
  const signal = AbortSignal.timeout(1_200_000)
  return dbtRunner({
    report,
    signal,
    program: () => installDbt(dbtPlaces, { python: process.env.FAIRLEAD_PYTHON ?? 'python3', signal }),
  })
}
