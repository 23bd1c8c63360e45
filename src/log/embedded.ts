import { resolve } from 'node:path'
import type { RecordLog, Report } from '#port'
import { wholeTopic } from './membership.ts'
import { encodeRecords, readParcel } from './record.ts'
import type { RetentionOptions } from './retention.ts'
import { startLogThread } from './thread.ts'

export interface EmbeddedLogOptions extends RetentionOptions {
  /** Path of the log's file, which is made with its folders; beside it stand two more while it is open. A local disk: processes share memory through it. */
  readonly file: string
}

export interface EmbeddedLogEffects {
  readonly nowMs: () => number
  /** A new id for a topic, like no other. */
  readonly newId: () => string
  /** Hears what no caller is told: records removed for size that a consumer lacked (`log/dropped`), a clock that fell (`log/clock`). */
  readonly report: Report
  /** What this machine is called for good. */
  readonly machineId: () => string
}

/** A log in one SQLite file, for any number of processes of one machine; its work is done on a thread of its own. Faults where the file cannot be opened. */
export async function embeddedLog(
  options: EmbeddedLogOptions,
  { nowMs, newId, report, machineId }: EmbeddedLogEffects,
): Promise<RecordLog> {
  const { keepHours, maxMb } = options
  const file = resolve(options.file)
  const { ask, end } = startLogThread({ file, keepHours, maxMb, machine: machineId() }, report)
  let lastWait = 0
  let closed: Promise<void> | undefined
  try {
    await ask('open', [])
  } catch (error) {
    await end()
    throw error
  }

  return {
    name: file,
    topic: (name) => ask('topic', [name]),
    createTopic: (name, partitions) => ask('createTopic', [name, partitions, newId()]),
    removeTopic: (name) => ask('removeTopic', [name]),
    async append(topic, records, producer) {
      const { bytes, chunks } = encodeRecords(records)
      const request = { topic, bytes, chunks, records: records.length, nowMs: nowMs(), producer }
      return ask('append', [request], [bytes.buffer])
    },
    sequenceOf: (topic, producer) => ask('sequenceOf', [topic, producer]),
    async read(topic, partition, offset, limits) {
      return readParcel(await ask('read', [topic, partition, offset, limits]), partition, offset, limits)
    },
    ranges: (topic) => ask('ranges', [topic]),
    async waitBeyond(topic, ends, signal) {
      if (signal.aborted) return
      lastWait += 1
      const wait = lastWait
      const stop = () => void ask('endWait', [wait]).catch(() => {}) // a closed log waits for nothing
      signal.addEventListener('abort', stop, { once: true })
      try {
        await ask('waitBeyond', [wait, topic, ends])
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    join: async (topic) => wholeTopic(topic),
    noteConsumed: (topic, consumer, next) => ask('noteConsumed', [topic, consumer, next]),
    close() {
      closed ??= ask('close', []).finally(end)
      return closed
    },
  }
}
