import { gatherWriter } from '#parquet'
import type { ReadAnswer, RecordBlock, Topic } from '#port'
import { Fault } from '#port'
import { bronzeColumns } from '../land/index.ts'

/** Records of one topic that are to be landed together, as the rows of Bronze. */
export interface Batch {
  readonly rows: number
  /** Memory that it holds. */
  readonly heldBytes: number
  /** Since when its first record may have waited, milliseconds since 1970; undefined while it is empty. */
  readonly sinceMs: number | undefined
  /** Timestamp of its newest record, milliseconds since 1970; null where none has one. */
  readonly newestMs: number | null
  /** Takes the records in; their blocks are not needed any more once it answers. */
  take(answer: ReadAnswer, nowMs: number, waitingSinceMs: number): void
  /** The Parquet file. Nothing may be taken in after it. */
  finish(): Uint8Array
}

/** Bytes that a record weighs besides its own. */
const recordBytes = 64

export function newBatch(topic: Topic): Batch {
  const file = gatherWriter(bronzeColumns)
  const column = {
    ...{ topic: file.runs('topic'), source: file.runs('source'), partition: file.runs('partition') },
    ...{ offset: file.numbers('offset'), timestamp: file.numbers('timestamp') },
    ...{ timestampType: file.runs('timestamp_type'), key: file.spans('key'), value: file.spans('value') },
    ...{ headers: file.pairs('headers'), ingest: file.runs('ingest_ts') },
  }
  let rows = 0
  let sinceMs: number | undefined
  let newestMs = Number.NEGATIVE_INFINITY

  function takeBlock(block: RecordBlock, nowMs: number): void {
    const { count, bytes, spans, offsets, timestampsMs } = block
    column.topic.add(topic.name, count)
    column.source.add(topic.id, count)
    column.partition.add(block.partition, count)
    column.offset.add(offsets, 1)
    column.timestamp.add(timestampsMs, 1000)
    column.timestampType.add(block.timestampType, count)
    column.key.add({ bytes, spans, stride: 4, first: 0, count })
    column.value.add({ bytes, spans, stride: 4, first: 2, count })
    column.headers.add(count, block.headerEnds, block.headerSpans, bytes)
    column.ingest.add(nowMs * 1000, count)
    // No comparison with NaN holds, so a record without a timestamp is passed over.
    for (let i = 0; i < count; i += 1) if ((timestampsMs[i] ?? 0) > newestMs) newestMs = timestampsMs[i] ?? 0
  }

  return {
    get rows() {
      return rows
    },
    get heldBytes() {
      return file.heldBytes
    },
    get sinceMs() {
      return sinceMs
    },
    get newestMs() {
      return newestMs === Number.NEGATIVE_INFINITY ? null : newestMs
    },
    take({ blocks }, nowMs, waitingSinceMs) {
      for (const block of blocks) {
        if (block.count === 0) continue
        sinceMs ??= waitingSinceMs
        takeBlock(block, nowMs)
        rows += block.count
        file.added(block.count, block.sizeBytes + block.count * recordBytes)
      }
    },
    finish: () => file.finish(),
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
