/** The thread that keeps tables in order. Started by `maintainInThread`; says what it does by messages and ends when told to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { maintainer, steadyCompaction } from '#pipeline'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import { failpointFrom } from './failpoint.ts'
import { openLake } from './lake.ts'
import type { MaintainMessage, MaintainRequest } from './maintain.ts'
import { neededFrom } from './maintain-needs.ts'
import { maintainWorkshop } from './maintain-workshop.ts'

const port = parentPort
if (port === null) throw new TypeError('This file is the start of a thread.')

const { lake: folder, tables, everyMs, engine }: MaintainRequest = workerData
const stop = new AbortController()
const { signal } = stop
port.on('message', () => stop.abort())
const say = (message: MaintainMessage) => port.postMessage(message)

try {
  const failpoint = failpointFrom(process.env)
  const report = (event: PlatformEvent) =>
    say(
      'fault' in event ? { kind: 'event', event: { ...event, fault: event.fault.toJSON() } } : { kind: 'event', event },
    )
  const lake = await openLake(folder, { report, failpoint })
  const effects = {
    store: lake.store,
    nowMs: Date.now,
    report,
    failpoint,
    inWorkshop: maintainWorkshop(lake.store, engine),
  }
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
  say({ kind: 'stopped' })
} catch (error) {
  if (!(error instanceof Fault)) throw error
  say({ kind: 'fault', fault: error.toJSON() })
} finally {
  port.close()
}
