import type { RecordBlock, TimestampType } from '#port'

export interface BlockBuilder {
  readonly count: number
  readonly sizeBytes: number
  /** A start is a position in the block's bytes; a length of -1 is null. */
  add(
    offset: number,
    timestampMs: number,
    keyStart: number,
    keyLength: number,
    valueStart: number,
    valueLength: number,
  ): void
  /** One more header of the record that was added last. */
  addHeader(keyStart: number, keyLength: number, valueStart: number, valueLength: number): void
  build(): RecordBlock
}

export interface BlockKind {
  readonly partition: number
  readonly bytes: Uint8Array
  readonly timestampType: TimestampType
  readonly epoch: number
}

/** Takes down where records lie in `bytes`. `expected` records have room; more find it. */
export function blockBuilder({ partition, bytes, timestampType, epoch }: BlockKind, expected: number): BlockBuilder {
  let room = Math.max(16, expected)
  let count = 0
  let sizeBytes = 0
  let offsets = new Float64Array(room)
  let timestampsMs = new Float64Array(room)
  let spans = new Int32Array(room * 4)
  let headerEnds: Int32Array | undefined
  let headers = 0
  let headerSpans = new Int32Array(0)

  function grow(): void {
    room *= 2
    offsets = larger(offsets, new Float64Array(room))
    timestampsMs = larger(timestampsMs, new Float64Array(room))
    spans = larger(spans, new Int32Array(room * 4))
    if (headerEnds !== undefined) headerEnds = larger(headerEnds, new Int32Array(room))
  }

  return {
    get count() {
      return count
    },
    get sizeBytes() {
      return sizeBytes
    },
    add(offset, timestampMs, keyStart, keyLength, valueStart, valueLength) {
      if (count === room) grow()
      offsets[count] = offset
      timestampsMs[count] = timestampMs
      const at = count * 4
      spans[at] = keyStart
      spans[at + 1] = keyLength
      spans[at + 2] = valueStart
      spans[at + 3] = valueLength
      if (keyLength > 0) sizeBytes += keyLength
      if (valueLength > 0) sizeBytes += valueLength
      if (headerEnds !== undefined) headerEnds[count] = headers
      count += 1
    },
    addHeader(keyStart, keyLength, valueStart, valueLength) {
      headerEnds ??= new Int32Array(room) // none of the records before this one has any
      if ((headers + 1) * 4 > headerSpans.length) {
        headerSpans = larger(headerSpans, new Int32Array(Math.max(64, headerSpans.length * 2)))
      }
      headerSpans.set([keyStart, keyLength, valueStart, valueLength], headers * 4)
      headers += 1
      sizeBytes += keyLength + Math.max(0, valueLength)
      headerEnds[count - 1] = headers
    },
    build: () => ({
      ...{ partition, count, bytes, timestampType, epoch, sizeBytes },
      offsets: offsets.subarray(0, count),
      timestampsMs: timestampsMs.subarray(0, count),
      spans: spans.subarray(0, count * 4),
      headerEnds: headerEnds?.subarray(0, count),
      headerSpans: headerSpans.subarray(0, headers * 4),
    }),
  }
}

function larger<T extends Float64Array | Int32Array>(from: T, into: T): T {
  into.set(from)
  return into
}
