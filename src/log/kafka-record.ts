import type { NewRecord } from '#port'
import { sizeOf } from './record.ts'

/** Who writes a batch, so that the broker takes it once: `sequence` numbers the records of one producer in one partition. */
export interface BatchProducer {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly sequence: number
  readonly isTransactional: boolean
}

/** What Kafka's brokers take by default is 1,048,588 bytes a batch. A record that is larger stands alone: the broker may take more. */
const batchBytes = 900_000
/** At most, for what stands around a record's own bytes: lengths, deltas, header count. */
const recordOverhead = 30
const headerOverhead = 10
const headerBytes = 61

/** Records of one partition, split so that each part fits a batch. */
export function inBatches(records: readonly NewRecord[]): readonly (readonly NewRecord[])[] {
  const batches: NewRecord[][] = []
  let current: NewRecord[] = []
  let sizeBytes = 0
  for (const record of records) {
    const size = roomOf(record)
    if (current.length > 0 && sizeBytes + size > batchBytes) {
      batches.push(current)
      current = []
      sizeBytes = 0
    }
    current.push(record)
    sizeBytes += size
  }
  if (current.length > 0) batches.push(current)
  return batches
}

function roomOf(record: NewRecord): number {
  return recordOverhead + record.headers.length * headerOverhead + sizeOf(record)
}

/** A record batch of format 2, uncompressed. Records have the time at which it is made. */
export function encodeBatch(
  records: readonly NewRecord[],
  timestampMs: number,
  { producerId, producerEpoch, sequence, isTransactional }: BatchProducer,
  crc32c: (bytes: Uint8Array) => number,
): Buffer {
  const room = headerBytes + records.reduce((sum, record) => sum + roomOf(record), 0)
  const bytes = Buffer.from(new ArrayBuffer(room))
  let at = headerBytes
  for (const [i, record] of records.entries()) at = writeRecord(bytes, at, record, i)
  bytes.writeBigInt64BE(0n, 0)
  bytes.writeInt32BE(at - 12, 8)
  bytes.writeInt32BE(-1, 12)
  bytes[16] = 2
  bytes.writeInt16BE(isTransactional ? 16 : 0, 21)
  bytes.writeInt32BE(records.length - 1, 23)
  bytes.writeBigInt64BE(BigInt(timestampMs), 27)
  bytes.writeBigInt64BE(BigInt(timestampMs), 35)
  bytes.writeBigInt64BE(producerId, 43)
  bytes.writeInt16BE(producerEpoch, 51)
  bytes.writeInt32BE(sequence, 53)
  bytes.writeInt32BE(records.length, 57)
  bytes.writeUInt32BE(crc32c(bytes.subarray(21, at)), 17)
  return bytes.subarray(0, at)
}

function writeRecord(bytes: Buffer, start: number, { key, value, headers }: NewRecord, offsetDelta: number): number {
  const keys = headers.map((header) => Buffer.from(header.key))
  let length =
    1 + varintSize(0) + varintSize(offsetDelta) + partSize(key) + partSize(value) + varintSize(headers.length)
  for (const [i, header] of headers.entries()) length += partSize(keys[i] ?? null) + partSize(header.value)
  let at = writeVarint(bytes, start, length)
  bytes[at++] = 0
  at = writeVarint(bytes, at, 0)
  at = writeVarint(bytes, at, offsetDelta)
  at = writePart(bytes, at, key)
  at = writePart(bytes, at, value)
  at = writeVarint(bytes, at, headers.length)
  for (const [i, header] of headers.entries()) {
    at = writePart(bytes, at, keys[i] ?? null)
    at = writePart(bytes, at, header.value)
  }
  return at
}

function partSize(part: Uint8Array | null): number {
  return part === null ? 1 : varintSize(part.length) + part.length
}

function writePart(bytes: Buffer, at: number, part: Uint8Array | null): number {
  if (part === null) return writeVarint(bytes, at, -1)
  const start = writeVarint(bytes, at, part.length)
  bytes.set(part, start)
  return start + part.length
}

function varintSize(value: number): number {
  let size = 1
  for (let left = zigzag(value); left > 127; left >>>= 7) size += 1
  return size
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let left = zigzag(value)
  for (; left > 127; left >>>= 7) bytes[at++] = (left & 127) | 128
  bytes[at++] = left
  return at
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}
