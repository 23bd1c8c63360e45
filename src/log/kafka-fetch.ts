import type { Fault } from '#port'
import type { Asked } from './kafka-fault.ts'
import { damaged } from './kafka-fault.ts'

/** One partition's part of a Fetch answer; its record batches lie in `bytes` from `start` to `end`. */
export interface PartitionAnswer {
  readonly partition: number
  readonly errorCode: number
  readonly lastStableOffset: number
  /** Where the reader's log and the leader's parted, if they did. */
  readonly divergingEpoch: { readonly epoch: number; readonly endOffset: number } | undefined
  readonly aborted: readonly AbortedTransaction[]
  readonly start: number
  readonly end: number
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface FetchAnswer {
  readonly errorCode: number
  readonly partitions: readonly PartitionAnswer[]
}

/**
 * Reads a Fetch answer (versions 13 to 17) in place; of topics there is one, the one that was asked for.
 *
 *   throttle_time_ms error_code session_id [topic_id [partition_index error_code high_watermark last_stable_offset log_start_offset
 *   [producer_id first_offset TAGS] preferred_read_replica records TAGS] TAGS] TAGS      tag 0 of a partition: epoch end_offset TAGS
 */
export function parseFetch(bytes: Buffer, asked: Asked): FetchAnswer {
  let at = 0
  const fail = (why: string): Fault => damaged(why, asked)
  const take = (size: number): number => {
    if (!(size >= 0) || at + size > bytes.length) throw fail('the answer ends early')
    at += size
    return at - size
  }
  const int16 = () => bytes.readInt16BE(take(2))
  const int32 = () => bytes.readInt32BE(take(4))
  const int64 = () => readOffset(bytes, take(8))
  const uvarint = (): number => {
    let value = 0
    for (let scale = 1; scale <= 2 ** 28; scale *= 128) {
      const byte = bytes[take(1)] ?? 0
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
    throw fail('a length has no end')
  }
  const skipTags = (): void => {
    for (let left = uvarint(); left > 0; left -= 1) {
      uvarint()
      take(uvarint())
    }
  }
  const partition = (): PartitionAnswer => {
    const [index, errorCode] = [int32(), int16()]
    int64() // high watermark
    const lastStableOffset = int64()
    int64() // start of the log
    const aborted: AbortedTransaction[] = []
    for (let left = uvarint() - 1; left > 0; left -= 1) {
      aborted.push({ producerId: bytes.readBigInt64BE(take(8)), firstOffset: int64() })
      skipTags()
    }
    int32() // preferred replica
    const sizeBytes = Math.max(0, uvarint() - 1)
    const start = take(sizeBytes)
    let divergingEpoch: PartitionAnswer['divergingEpoch']
    for (let left = uvarint(); left > 0; left -= 1) {
      const tag = uvarint()
      const next = uvarint() + at
      if (tag === 0) divergingEpoch = { epoch: int32(), endOffset: int64() }
      at = next
      take(0)
    }
    return {
      ...{ partition: index, errorCode, lastStableOffset, aborted, divergingEpoch, start, end: start + sizeBytes },
    }
  }

  take(4) // throttle time
  const errorCode = int16()
  take(4) // session
  const partitions: PartitionAnswer[] = []
  for (let topics = uvarint() - 1; topics > 0; topics -= 1) {
    take(16)
    for (let left = uvarint() - 1; left > 0; left -= 1) partitions.push(partition())
    skipTags()
  }
  skipTags()
  return { errorCode, partitions }
}

/** A 64-bit integer as a number. What is beyond 2⁵³ no log has written. */
export function readOffset(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4)
}
