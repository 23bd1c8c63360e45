/** The thread that lands files, started by `landInThread`. */
import { landFiles } from '#pipeline'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import { folderFiles } from './files.ts'
import { openLake } from './lake.ts'
import type { LandRequest, PlainLanding } from './land-thread.ts'
import { asThread } from './thread.ts'

await asThread<LandRequest, PlainLanding>(async ({ lake: folder, from, datasets }, { report, signal }) => {
  const failpoint = failpointFrom(process.env)
  const lake = await openLake(folder, { report, failpoint })
  const contracts = await listDatasets({ datasets })
  const landing = await landFiles(await folderFiles(from), contracts, {
    ...lake,
    ...{ nowMs: Date.now, report, failpoint, signal },
  })
  return { ...landing, faults: landing.faults.map(({ file, fault }) => ({ file, fault: fault.toJSON() })) }
})
