import type { NewRecord, ReadAnswer, ReadLimits } from '#port'
import { blockBuilder } from './block.ts'

/** Records of one partition that stand together in the log as one piece of bytes. */
export interface Chunk {
  readonly partition: number
  readonly records: number
  readonly sizeBytes: number
}

/** A piece as it was taken from the log. */
export interface StoredChunk {
  readonly partition: number
  readonly first: number
  readonly records: number
  readonly timestampMs: number
  readonly bytes: Uint8Array
}

/** Chunks that follow one another, for the way between threads: four numbers each, and all their bytes together. */
export interface ChunkParcel {
  /** First offset, number of records, timestamp in ms, size in bytes. */
  readonly numbers: Float64Array<ArrayBuffer>
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Large enough that a row's cost vanishes among its records, small enough that reading from its middle wastes little. */
const chunkBytes = 64 * 1024

/** Three lengths before each record: key and value (−1 for null), number of headers; two before each header: its key and value (−1 for null). Little-endian, 32 bits. */
const recordOverhead = 12
const headerOverhead = 8

/** What a record weighs against a limit of bytes: what the producer handed over. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0)
  for (const header of headers) size += Buffer.byteLength(header.key) + (header.value?.length ?? 0)
  return size
}

/** Records as chunks, one after the other in one buffer that is handed to another thread without copying. Order within a partition stays. */
export function encodeRecords(records: readonly NewRecord[]): {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly chunks: readonly Chunk[]
} {
  const byPartition = new Map<number, NewRecord[]>()
  let total = 0
  for (const record of records) {
    total += storedSizeOf(record)
    const others = byPartition.get(record.partition)
    if (others === undefined) byPartition.set(record.partition, [record])
    else others.push(record)
  }
  const bytes = Buffer.from(new ArrayBuffer(total))
  const chunks: Chunk[] = []
  let position = 0
  for (const [partition, own] of byPartition) {
    let first = 0
    let start = position
    for (const [i, record] of own.entries()) {
      position = write(record, bytes, position)
      if (position - start < chunkBytes && i < own.length - 1) continue
      chunks.push({ partition, records: i + 1 - first, sizeBytes: position - start })
      first = i + 1
      start = position
    }
  }
  return { bytes, chunks }
}

function storedSizeOf(record: NewRecord): number {
  return recordOverhead + record.headers.length * headerOverhead + sizeOf(record)
}

function write({ key, value, headers }: NewRecord, bytes: Buffer, at: number): number {
  let position = at
  bytes.writeInt32LE(key?.length ?? -1, position)
  bytes.writeInt32LE(value?.length ?? -1, position + 4)
  bytes.writeInt32LE(headers.length, position + 8)
  position += recordOverhead
  if (key !== null) bytes.set(key, position)
  position += key?.length ?? 0
  if (value !== null) bytes.set(value, position)
  position += value?.length ?? 0
  for (const header of headers) {
    const keyBytes = bytes.write(header.key, position + headerOverhead)
    bytes.writeInt32LE(keyBytes, position)
    bytes.writeInt32LE(header.value?.length ?? -1, position + 4)
    position += headerOverhead + keyBytes
    if (header.value !== null) bytes.set(header.value, position)
    position += header.value?.length ?? 0
  }
  return position
}

export function parcelOf(chunks: readonly StoredChunk[]): ChunkParcel {
  const numbers = new Float64Array(chunks.length * 4)
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0))
  let position = 0
  for (const [i, chunk] of chunks.entries()) {
    numbers.set([chunk.first, chunk.records, chunk.timestampMs, chunk.bytes.length], i * 4)
    bytes.set(chunk.bytes, position)
    position += chunk.bytes.length
  }
  return { numbers, bytes }
}

/** A parcel's records from `offset` on, within the limits but at least one where there is one; their bytes stay where they are. */
export function readParcel(
  { numbers, bytes }: ChunkParcel,
  partition: number,
  offset: number,
  { maxBytes, maxRecords }: ReadLimits,
): ReadAnswer {
  const block = blockBuilder({ partition, bytes, timestampType: 'log_append_time', epoch: -1 }, numbers[1] ?? 0)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = 0
  let next = offset
  read: for (let chunk = 0; chunk < numbers.length; chunk += 4) {
    const [first = 0, records = 0, timestampMs = 0] = numbers.subarray(chunk, chunk + 3)
    for (let i = 0; i < records; i += 1) {
      const keyLength = view.getInt32(position, true)
      const valueLength = view.getInt32(position + 4, true)
      const headers = view.getInt32(position + 8, true)
      const begin = position + recordOverhead
      const valueStart = begin + Math.max(0, keyLength)
      const headersStart = valueStart + Math.max(0, valueLength)
      position = headersStart
      for (let header = 0; header < headers; header += 1) {
        position += headerOverhead + view.getInt32(position, true) + Math.max(0, view.getInt32(position + 4, true))
      }
      if (first + i < offset) continue
      const sizeBytes = position - begin - headers * headerOverhead
      if (block.count >= maxRecords || (block.count > 0 && block.sizeBytes + sizeBytes > maxBytes)) break read
      block.add(first + i, timestampMs, begin, keyLength, valueStart, valueLength)
      for (let header = headersStart; header < position; ) {
        const headerKeyLength = view.getInt32(header, true)
        const headerValueLength = view.getInt32(header + 4, true)
        const start = header + headerOverhead
        block.addHeader(start, headerKeyLength, start + headerKeyLength, headerValueLength)
        header = start + headerKeyLength + Math.max(0, headerValueLength)
      }
      next = first + i + 1
    }
  }
  return { blocks: block.count === 0 ? [] : [block.build()], next }
}
