import type { Failpoint } from '#port'
import { failpoints, noFailpoint, replayFailpoints, streamFailpoints } from '#port'

/** The place where this process is to die, from `FAIRLEAD_FAILPOINT`; for tests of what a sudden death leaves behind. */
export function failpointFrom(environment: NodeJS.ProcessEnv): Failpoint {
  const name = [...failpoints, ...streamFailpoints, ...replayFailpoints].find(
    (one) => one === environment.FAIRLEAD_FAILPOINT,
  )
  if (name === undefined) return noFailpoint
  return (reached) => {
    if (reached === name) process.kill(process.pid, 'SIGKILL')
  }
}
