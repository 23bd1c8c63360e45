import { writeParquet } from '#parquet'
import type { ReadAnswer, RecordBlock, Topic } from '#port'
import { Fault, recordsOf } from '#port'
import { bronzeColumns } from '../land/index.ts'

/** Records of one topic that are to be landed together. */
export interface Batch {
  readonly rows: number
  /** Bytes of keys, values and headers. */
  readonly sizeBytes: number
  /** When its first record was taken in, milliseconds since 1970; undefined while it is empty. */
  readonly sinceMs: number | undefined
  take(answer: ReadAnswer, nowMs: number): void
  /** As the rows of Bronze. */
  parquet(topic: Topic, ingestMs: number): Uint8Array
}

/** Bytes that a record weighs besides its own. */
const recordBytes = 64

export function newBatch(): Batch {
  const blocks: RecordBlock[] = []
  let rows = 0
  let sizeBytes = 0
  let sinceMs: number | undefined
  return {
    get rows() {
      return rows
    },
    get sizeBytes() {
      return sizeBytes
    },
    get sinceMs() {
      return sinceMs
    },
    take(answer, nowMs) {
      for (const block of answer.blocks) {
        if (block.count === 0) continue
        sinceMs ??= nowMs
        blocks.push(block)
        rows += block.count
        sizeBytes += block.sizeBytes + block.count * recordBytes
      }
    },
    parquet(topic, ingestMs) {
      const records = recordsOf({ blocks, next: 0 })
      const types = blocks.flatMap(({ count, timestampType }) => Array.from({ length: count }, () => timestampType))
      return writeParquet(
        bronzeColumns,
        [
          { constant: topic.name },
          { constant: topic.id },
          records.map(({ partition }) => partition),
          records.map(({ offset }) => offset),
          records.map(({ timestampMs }) => (Number.isNaN(timestampMs) ? null : timestampMs * 1000)),
          types,
          records.map(({ key }) => key),
          records.map(({ value }) => value),
          records.map(({ headers }) => headers),
          { constant: ingestMs * 1000 },
        ],
        rows,
      )
    },
  }
}

/**
 * What a log answered, where it is what was asked for: offsets from `from` on, rising, up to `next`. A log that answers otherwise would have records landed
 * twice or passed over.
 */
export function checkAnswer(answer: ReadAnswer, topic: Topic, partition: number, from: number): ReadAnswer {
  let least = from
  for (const block of answer.blocks) {
    for (let i = 0; i < block.count; i += 1) {
      const offset = block.offsets[i] ?? -1
      if (offset < least || block.partition !== partition) throw strayed(topic, partition, least, offset)
      least = offset + 1
    }
  }
  if (answer.next < least) throw strayed(topic, partition, least, answer.next)
  return answer
}

function strayed({ name }: Topic, partition: number, asked: number, offset: number): Fault {
  return new Fault(
    'log/damaged',
    `The log answered offset ${offset} of ${name}, partition ${partition}, where ${asked} or later was due.`,
    {
      mend: 'Nothing of it was landed. Tell who keeps the log; reading begins again from where the lake stands.',
      retry: true,
      facts: { topic: name, partition, asked, offset },
    },
  )
}
