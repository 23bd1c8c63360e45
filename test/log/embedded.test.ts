import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedLog } from '#log'
import { testRecordLog } from './conformance.ts'

testRecordLog('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-log-'))
  const log = await embeddedLog(
    { file: join(folder, 'not', 'yet', 'log.sqlite'), keepHours: 168, maxMb: 64 },
    { nowMs: Date.now, newId: randomUUID, report: console.error, machineId: () => 'm' },
  )
  return { log, remove: () => rm(folder, { recursive: true }) }
})
