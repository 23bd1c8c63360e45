/** The thread that keeps tables in order until it is told to end, started by `maintainInThread`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { maintainer, steadyCompaction } from '#pipeline'
import { failpointFrom } from './failpoint.ts'
import { openLake } from './lake.ts'
import type { MaintainRequest } from './maintain.ts'
import { neededFrom } from './maintain-needs.ts'
import { maintainWorkshop } from './maintain-workshop.ts'
import { asThread } from './thread.ts'

await asThread<MaintainRequest, void>(async ({ lake: folder, tables, everyMs, engine }, { report, signal }) => {
  const failpoint = failpointFrom(process.env)
  const lake = await openLake(folder, { report, failpoint })
  const inWorkshop = maintainWorkshop(lake.store, engine)
  const effects = { store: lake.store, nowMs: Date.now, report, failpoint, inWorkshop }
  const maintainers = tables.map(({ root, compact }) =>
    maintainer(
      lake.table(root),
      { neededFrom: () => neededFrom(lake, root), ...(compact ? { compact: steadyCompaction } : {}) },
      effects,
    ),
  )
  while (!signal.aborted) {
    let more = false
    for (const maintain of maintainers) if (!signal.aborted) more = (await maintain()) || more
    // Others have their turn between two steps, however much there is to do.
    await sleep(more ? Math.min(everyMs, 50) : everyMs, undefined, { signal }).catch(() => {})
  }
  await lake.settled()
})
