import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isAddress } from '#config'
import { embeddedLog, kafkaLog, machineId } from '#log'
import type { RecordLog, Report } from '#port'
import { Fault } from '#port'
import type { StreamOptions } from './api.ts'
import { kafkaOptions } from './kafka.ts'

type LogOptions = Pick<StreamOptions, 'lake' | 'topics' | 'kafka'>

/** True where the log is a cluster's, in which others have their topics. */
export function isShared({ kafka }: Pick<LogOptions, 'kafka'>): boolean {
  return kafka !== undefined && kafka.brokers.length > 0
}

/** The log that feeds a lake: Kafka where brokers are named, otherwise the embedded one, which is made where it is not there. */
export async function openLog({ lake, topics, kafka }: LogOptions, report: Report): Promise<RecordLog> {
  if (kafka !== undefined && isShared({ kafka })) return kafkaLog(await kafkaOptions(kafka), { report })
  const { keepHours, maxMb } = topics
  return embeddedLog(
    { file: logFile({ lake, topics }), keepHours, maxMb },
    { nowMs: Date.now, newId: randomUUID, report, machineId },
  )
}

/** As `openLog`, where it is there already. */
export async function existingLog(options: LogOptions, report: Report): Promise<RecordLog | undefined> {
  if (isShared(options)) return openLog(options, report)
  if (options.topics.log === undefined && isAddress(options.lake)) return undefined
  return existsSync(logFile(options)) ? openLog(options, report) : undefined
}

/** Beside the lake and not in it: a lake holds tables alone, and other tools read it. */
function logFile({ lake, topics }: Pick<LogOptions, 'lake' | 'topics'>): string {
  if (topics.log === undefined && isAddress(lake)) {
    throw new Fault('config/log', 'A lake in a bucket has no folder beside it for the log of topics.', {
      mend: 'Name one: --log DIR, or topics.log in fairlead.yaml.',
    })
  }
  return join(topics.log ?? `${lake}-log`, 'log.sqlite')
}
