import type { TimestampType } from '#port'
import type { BlockBuilder } from './block.ts'
import { readOffset } from './kafka-fetch.ts'

/** What decoding needs of libraries. */
export interface BatchTools {
  /** CRC-32C, unsigned. */
  readonly crc32c: (bytes: Uint8Array) => number
  /** By the batch's codec (1 gzip, 2 snappy, 3 lz4, 4 zstd). */
  readonly decompress: (codec: number, bytes: Buffer) => Uint8Array
}

/** A record batch, format 2: what its header says, and where its records lie. */
export interface Batch {
  readonly baseOffset: number
  /** Of the last record that the batch had when it was written. */
  readonly lastOffset: number
  readonly count: number
  readonly epoch: number
  readonly producerId: bigint
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly codec: number
  readonly timestampType: TimestampType
  readonly firstTimestampMs: number
  readonly maxTimestampMs: number
  /** Of the records, which may be compressed. */
  readonly start: number
  /** Of the batch: the next one begins there. */
  readonly end: number
}

/** Says what is wrong with a batch. */
export class BatchError extends Error {}

/** baseOffset 8, length 4, epoch 4, magic 1, crc 4, attributes 2, lastOffsetDelta 4, timestamps 8 + 8, producer id 8, epoch 2, sequence 4, count 4. */
const headerBytes = 61
const lengthEnd = 12
/** A record of nothing: its length, attributes, two deltas, two lengths and the number of headers, a byte each. */
const leastRecordBytes = 7

/** The batch that begins at `start`; undefined where it is not all there, as the last one of an answer often is. Throws `BatchError`. */
export function readBatch(bytes: Buffer, start: number, limit: number, { crc32c }: BatchTools): Batch | undefined {
  if (limit - start < headerBytes) return undefined
  const end = start + lengthEnd + bytes.readInt32BE(start + 8)
  if (end < start + headerBytes) throw new BatchError('a batch is shorter than its header')
  if (end > limit) return undefined
  const format = bytes[start + 16]
  if (format !== 2) throw new BatchError(`a batch is of format ${format}, where only 2 (Kafka 0.11 and newer) is read`)
  if (crc32c(bytes.subarray(start + 21, end)) !== bytes.readUInt32BE(start + 17)) {
    throw new BatchError('a batch does not have its checksum')
  }
  const attributes = bytes.readInt16BE(start + 21)
  const baseOffset = readOffset(bytes, start)
  const batch: Batch = {
    ...{ baseOffset, lastOffset: baseOffset + bytes.readInt32BE(start + 23), count: bytes.readInt32BE(start + 57) },
    ...{ epoch: bytes.readInt32BE(start + 12), producerId: bytes.readBigInt64BE(start + 43) },
    ...{ isTransactional: (attributes & 16) !== 0, isControl: (attributes & 32) !== 0, codec: attributes & 7 },
    timestampType: (attributes & 8) === 0 ? 'create_time' : 'log_append_time',
    ...{ firstTimestampMs: readOffset(bytes, start + 27), maxTimestampMs: readOffset(bytes, start + 35) },
    ...{ start: start + headerBytes, end },
  }
  if (!Number.isSafeInteger(batch.lastOffset) || baseOffset < 0 || batch.lastOffset < baseOffset || batch.count < 0) {
    throw new BatchError('a batch says of itself what cannot be')
  }
  return batch
}

/** Records of one batch, read one after the other, from wherever reading stopped. */
export interface OpenBatch {
  readonly batch: Batch
  /** Where the records lie, uncompressed. */
  readonly bytes: Uint8Array
  at: number
  readonly end: number
  /** Records read. */
  done: number
  /** Offset that the next record has at least. */
  least: number
}

/** `memory` is where the bytes lie, as it is handed out. */
export function openBatch(batch: Batch, bytes: Buffer, memory: Uint8Array, { decompress }: BatchTools): OpenBatch {
  const { codec, start, end, count, baseOffset } = batch
  let records = memory
  if (codec !== 0) {
    try {
      records = ownBytes(decompress(codec, bytes.subarray(start, end)))
    } catch (error) {
      throw new BatchError(`a batch does not decompress: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const open = {
    ...{ batch, bytes: records, at: codec === 0 ? start : 0, end: codec === 0 ? end : records.length },
    ...{ done: 0, least: baseOffset },
  }
  if (count * leastRecordBytes > open.end - open.at) throw new BatchError('a batch has fewer records than it says')
  return open
}

/** The same bytes with memory that nobody shares. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return isWhole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes)
}

/**
 * Takes down the records of a batch from `from` on until a limit, for which all that `block` holds counts; at least one where it holds none. False where
 * the limit came first: `open` stands at the record that was over it. Throws `BatchError`.
 */
export function readRecords(
  open: OpenBatch,
  block: BlockBuilder,
  from: number,
  limits: { readonly records: number; readonly bytes: number; readonly mayBeNone: boolean },
): boolean {
  const { batch, bytes, end } = open
  const { baseOffset, lastOffset, firstTimestampMs } = batch
  const appendedMs = batch.timestampType === 'log_append_time' ? batch.maxTimestampMs : undefined
  const cursor: Cursor = { bytes, at: open.at }
  for (; open.done < batch.count; open.done += 1) {
    open.at = cursor.at
    const length = varint(cursor)
    const recordEnd = cursor.at + length
    if (length < leastRecordBytes - 1 || recordEnd > end) throw new BatchError('a record is longer than its batch')
    cursor.at += 1 // attributes, of which none is in use
    const timestampDelta = varlong(cursor)
    const offset = baseOffset + varint(cursor)
    const keyLength = varint(cursor)
    const keyStart = cursor.at
    if (keyLength > 0) cursor.at = keyStart + keyLength
    const valueLength = varint(cursor)
    const valueStart = cursor.at
    if (valueLength > 0) cursor.at = valueStart + valueLength
    if (keyLength < -1 || valueLength < -1 || cursor.at >= recordEnd) {
      throw new BatchError('a record’s parts are longer than the record')
    }
    if (offset < open.least || offset > lastOffset) throw new BatchError('offsets of records do not rise')
    const headersAt = cursor.at
    const sizeBytes = Math.max(keyLength, 0) + Math.max(valueLength, 0) + headersSize(cursor, recordEnd)
    if (offset >= from) {
      const over = block.count >= limits.records || block.sizeBytes + sizeBytes > limits.bytes
      if (over && (limits.mayBeNone || block.count > 0)) return false
      const sentMs = firstTimestampMs + timestampDelta
      const timestampMs = appendedMs ?? (sentMs === -1 ? Number.NaN : sentMs)
      block.add(offset, timestampMs, keyStart, keyLength, valueStart, valueLength)
      if (recordEnd - headersAt > 1) addHeaders({ bytes, at: headersAt }, block)
    }
    open.least = offset + 1
  }
  open.at = cursor.at
  if (cursor.at !== end) throw new BatchError('a batch is longer than its records')
  return true
}

/** Bytes of a record's headers, which must end where it ends. */
function headersSize(cursor: Cursor, recordEnd: number): number {
  let sizeBytes = 0
  const headers = varint(cursor)
  if (headers < 0 || headers * 2 > recordEnd - cursor.at)
    throw new BatchError('a record has fewer headers than it says')
  for (let i = 0; i < headers; i += 1) {
    const keyLength = varint(cursor)
    cursor.at += keyLength
    if (keyLength < 0 || cursor.at > recordEnd) throw new BatchError('a header is longer than its record')
    const valueLength = varint(cursor)
    if (valueLength > 0) cursor.at += valueLength
    if (valueLength < -1 || cursor.at > recordEnd) throw new BatchError('a header is longer than its record')
    sizeBytes += keyLength + Math.max(valueLength, 0)
  }
  if (cursor.at !== recordEnd) throw new BatchError('a record does not end where it says')
  return sizeBytes
}

function addHeaders(cursor: Cursor, block: BlockBuilder): void {
  for (let left = varint(cursor); left > 0; left -= 1) {
    const keyLength = varint(cursor)
    const keyStart = cursor.at
    cursor.at += keyLength
    const valueLength = varint(cursor)
    const valueStart = cursor.at
    if (valueLength > 0) cursor.at += valueLength
    block.addHeader(keyStart, keyLength, valueStart, valueLength)
  }
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

/** Zigzag, 32 bits. Beyond the memory's end all bytes are 0, and what reads there finds itself beyond its record. */
function varint(cursor: Cursor): number {
  const { bytes } = cursor
  let at = cursor.at
  let byte = bytes[at++] ?? 0
  let value = byte & 127
  for (let shift = 7; byte > 127; shift += 7) {
    if (shift > 28) throw new BatchError('a number has no end')
    byte = bytes[at++] ?? 0
    value |= (byte & 127) << shift
  }
  cursor.at = at
  return (value >>> 1) ^ -(value & 1)
}

/** Zigzag, 64 bits, exact up to 2⁵³. */
function varlong(cursor: Cursor): number {
  const { bytes } = cursor
  let at = cursor.at
  let byte = bytes[at++] ?? 0
  let value = byte & 127
  for (let scale = 128; byte > 127; scale *= 128) {
    if (scale > 2 ** 63) throw new BatchError('a number has no end')
    byte = bytes[at++] ?? 0
    value += (byte & 127) * scale
  }
  cursor.at = at
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
