/** The thread that lands files. Started by `landInThread`; says what it does by messages and ends. */
import { parentPort, workerData } from 'node:worker_threads'
import { landFiles } from '#pipeline'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import { folderFiles } from './files.ts'
import { openLake } from './lake.ts'
import type { LandRequest, ThreadMessage } from './land-thread.ts'

const port = parentPort
if (port === null) throw new TypeError('This file is the start of a thread.')

const { lake: folder, from, datasets }: LandRequest = workerData
const stop = new AbortController()
port.on('message', () => stop.abort())
const say = (message: ThreadMessage) => port.postMessage(message)

try {
  const failpoint = failpointFrom(process.env)
  const report = (event: PlatformEvent) =>
    say(
      'fault' in event ? { kind: 'event', event: { ...event, fault: event.fault.toJSON() } } : { kind: 'event', event },
    )
  const lake = await openLake(folder, { report, failpoint })
  const contracts = await listDatasets({ datasets })
  const effects = { ...lake, nowMs: Date.now, report, failpoint, signal: stop.signal }
  const landing = await landFiles(await folderFiles(from), contracts, effects)
  const faults = landing.faults.map(({ file, fault }) => ({ file, fault: fault.toJSON() }))
  say({ kind: 'landed', landing: { ...landing, faults } })
} catch (error) {
  if (!(error instanceof Fault)) throw error
  say({ kind: 'fault', fault: error.toJSON() })
} finally {
  port.close()
}
