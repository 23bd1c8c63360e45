export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** What a producer hands over. Bytes are kept as they come. */
export interface NewRecord {
  readonly partition: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

export interface LogRecord extends NewRecord {
  /** Rises within a partition, in the order of appending; a log may leave offsets out. */
  readonly offset: number
  /** When it was sent, or when the log took it, milliseconds since 1970. */
  readonly timestampMs: number
}

/**
 * Records of one partition as a log holds them: one piece of memory, and where each record's parts lie in it. Nothing is copied and no object is made for a
 * record until somebody asks for it. Whoever is handed a block owns it.
 */
export interface RecordBlock {
  readonly partition: number
  readonly count: number
  readonly bytes: Uint8Array
  /** By record, rising. */
  readonly offsets: Float64Array
  /** By record, milliseconds since 1970; NaN where the record has none. */
  readonly timestampsMs: Float64Array
  /** Who set the timestamps: the producer, or the log when it took the record. */
  readonly timestampType: TimestampType
  /** Four numbers a record: start of the key in `bytes` and its length, of the value and its length. A length of -1 is null. */
  readonly spans: Int32Array
  /** By record, the number of headers up to and with its own; undefined where no record has one. */
  readonly headerEnds: Int32Array | undefined
  /** Four numbers a header, as in `spans`. The key is UTF-8. */
  readonly headerSpans: Int32Array
  /** Bytes of keys, values and headers. */
  readonly sizeBytes: number
  /** Of the partition's leadership that took these records; never falls from one record to the next. -1 in a log that knows none. */
  readonly epoch: number
}

export type TimestampType = 'create_time' | 'log_append_time'

export interface ReadAnswer {
  readonly blocks: readonly RecordBlock[]
  /** Where reading goes on: beyond the last record, and beyond what a log keeps between records for itself. */
  readonly next: number
  /** Leadership under which whatever stands before `next` was taken, a log's own marks included; not given where the log knows none. */
  readonly epoch?: number
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The records, one object each; their bytes are views of the blocks'. */
export function recordsOf({ blocks }: ReadAnswer): LogRecord[] {
  return blocks.flatMap((block) => Array.from({ length: block.count }, (_, i) => recordAt(block, i)))
}

function recordAt(block: RecordBlock, at: number): LogRecord {
  const { partition, bytes, offsets, timestampsMs, spans, headerEnds, headerSpans } = block
  const part = (from: Int32Array, i: number): Uint8Array | null => {
    const start = from[i] ?? 0
    const length = from[i + 1] ?? -1
    return length < 0 ? null : bytes.subarray(start, start + length)
  }
  const firstHeader = at === 0 ? 0 : (headerEnds?.[at - 1] ?? 0)
  const headers = Array.from({ length: (headerEnds?.[at] ?? 0) - firstHeader }, (_, i) => ({
    key: decoder.decode(part(headerSpans, (firstHeader + i) * 4) ?? undefined),
    value: part(headerSpans, (firstHeader + i) * 4 + 2),
  }))
  return {
    ...{ partition, offset: offsets[at] ?? 0, timestampMs: timestampsMs[at] ?? Number.NaN },
    ...{ key: part(spans, at * 4), value: part(spans, at * 4 + 2), headers },
  }
}
