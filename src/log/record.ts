import type { LogRecord, NewRecord, RecordHeader } from '#port'

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

/** Large enough that a row's cost vanishes among its records, small enough that reading from its middle wastes little. */
const chunkBytes = 64 * 1024

/** Three lengths before each record: key and value (−1 for null), number of headers; two before each header: its key and value. Little-endian, 32 bits. */
const recordOverhead = 12
const headerOverhead = 8

const noHeaders: readonly RecordHeader[] = []

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** What a record weighs against a limit of bytes: what the producer handed over. */
export function sizeOf({ key, value, headers }: NewRecord): number {
  let size = (key?.length ?? 0) + (value?.length ?? 0)
  for (const header of headers) size += Buffer.byteLength(header.key) + header.value.length
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
    bytes.writeInt32LE(header.value.length, position + 4)
    position += headerOverhead + keyBytes
    bytes.set(header.value, position)
    position += header.value.length
  }
  return position
}

/** Records from `offset` on, within the limits but at least one where there is one. Their bytes are views of the chunks'. */
export function decodeRecords(
  chunks: readonly StoredChunk[],
  offset: number,
  { maxBytes, maxRecords }: { readonly maxBytes: number; readonly maxRecords: number },
): readonly LogRecord[] {
  const answer: LogRecord[] = []
  let room = maxBytes
  for (const { partition, first, records, timestampMs, bytes } of chunks) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let position = 0
    const take = (length: number): Uint8Array => {
      position += length
      return bytes.subarray(position - length, position)
    }
    const takeHeader = (): RecordHeader => {
      const keyLength = view.getInt32(position, true)
      const valueLength = view.getInt32(position + 4, true)
      position += headerOverhead
      return { key: decoder.decode(take(keyLength)), value: take(valueLength) }
    }
    for (let i = 0; i < records; i += 1) {
      const keyLength = view.getInt32(position, true)
      const valueLength = view.getInt32(position + 4, true)
      const headerCount = view.getInt32(position + 8, true)
      position += recordOverhead
      const begin = position
      const key = keyLength < 0 ? null : take(keyLength)
      const value = valueLength < 0 ? null : take(valueLength)
      const headers = headerCount === 0 ? noHeaders : Array.from({ length: headerCount }, takeHeader)
      if (first + i < offset) continue
      room -= position - begin - headerCount * headerOverhead
      if (answer.length >= maxRecords || (answer.length > 0 && room < 0)) return answer
      answer.push({ partition, key, value, headers, offset: first + i, timestampMs })
    }
  }
  return answer
}
