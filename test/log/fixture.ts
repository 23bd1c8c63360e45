import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmbeddedLogEffects, EmbeddedLogOptions } from '#log'
import { embeddedLog } from '#log'
import type { RecordLog } from '#port'

/** A folder for one test, with the name of a log's file in it. */
export async function inFolder(body: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-log-'))
  try {
    await body(join(folder, 'log.sqlite'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

export function openLog(
  file: string,
  { effects, options }: { effects?: Partial<EmbeddedLogEffects>; options?: Partial<EmbeddedLogOptions> } = {},
): Promise<RecordLog> {
  const report: EmbeddedLogEffects['report'] = (event) => {
    throw new Error(`Nothing was to be reported: ${JSON.stringify(event)}`)
  }
  return embeddedLog(
    { file, keepHours: 168, maxMb: 1_000, ...options },
    { nowMs: Date.now, newId: randomUUID, report, machineId: () => 'this', ...effects },
  )
}
