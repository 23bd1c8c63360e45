import type { ColumnValues, Value } from '#parquet'
import { writeParquet } from '#parquet'
import type { LogRecord, Topic } from '#port'
import { bronzeColumns } from '../land/index.ts'

/** Records of one topic that are to be landed together. */
export interface Batch {
  readonly rows: number
  /** Bytes of keys, values and headers. */
  readonly sizeBytes: number
  /** When its first record was taken in, milliseconds since 1970; undefined while it is empty. */
  readonly sinceMs: number | undefined
  take(partition: number, records: readonly LogRecord[], nowMs: number): void
  /** As the rows of Bronze. */
  parquet(topic: Topic, ingestMs: number): Uint8Array
}

/** Bytes that a record weighs besides its own. */
const recordBytes = 64

export function newBatch(): Batch {
  const partitions: number[] = []
  const offsets: number[] = []
  const timestamps: number[] = []
  const keys: (Uint8Array | null)[] = []
  const values: (Uint8Array | null)[] = []
  const headers: Value[] = []
  let sizeBytes = 0
  let sinceMs: number | undefined
  return {
    get rows() {
      return offsets.length
    },
    get sizeBytes() {
      return sizeBytes
    },
    get sinceMs() {
      return sinceMs
    },
    take(partition, records, nowMs) {
      if (records.length > 0) sinceMs ??= nowMs
      for (const record of records) {
        partitions.push(partition)
        offsets.push(record.offset)
        timestamps.push(record.timestampMs * 1000)
        keys.push(record.key)
        values.push(record.value)
        headers.push(record.headers.map(({ key, value }) => ({ key, value })))
        sizeBytes += recordBytes + (record.key?.length ?? 0) + (record.value?.length ?? 0)
        for (const { key, value } of record.headers) sizeBytes += key.length + value.length
      }
    },
    parquet(topic, ingestMs) {
      const columns: readonly ColumnValues[] = [
        { constant: topic.name },
        { constant: topic.id },
        partitions,
        offsets,
        timestamps,
        { constant: 'log_append_time' },
        keys,
        values,
        headers,
        { constant: ingestMs * 1000 },
      ]
      return writeParquet(bronzeColumns, columns, offsets.length)
    },
  }
}
