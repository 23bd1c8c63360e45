import { zstdDecompressSync } from 'node:zlib'
import { Fault } from '#port'
import type { AsyncBuffer, FileMetaData } from './library.ts'
import { compressors, parquetMetadata, parquetMetadataAsync, parquetRead, parquetSchema } from './library.ts'
import type { DataType, FileField, Value } from './schema.ts'
import { decimalOf, fieldOf } from './schema.ts'
import type { LeafStatistics } from './statistics.ts'
import { leafStatistics } from './statistics.ts'
import { scaled } from './unscaled.ts'

/** Where a file's bytes come from, a range at a time. */
export interface RangeReader {
  readonly sizeBytes: number
  /** `end` is exclusive. */
  read(start: number, end: number): Promise<Uint8Array>
}

export interface ReadRequest {
  /** Names of columns; all where absent. */
  readonly columns?: readonly string[]
  readonly rowStart?: number
  /** Exclusive. */
  readonly rowEnd?: number
}

export interface ParquetFile {
  readonly rows: number
  readonly fields: readonly FileField[]
  /** First row of each row group, for reading a group at a time. */
  readonly groupStarts: readonly number[]
  /** False where a row group is known to have nothing but nulls in a column. */
  mayHold(group: number, column: string): boolean
  readonly statistics: readonly LeafStatistics[]
  /** Rows by column name. */
  read(request?: ReadRequest): Promise<readonly Readonly<Record<string, Value>>[]>
}

/** Opens a Parquet file. Fault `lake/damaged` where it cannot be read; `name` is for the message. */
export async function openParquet(source: Uint8Array | RangeReader, name: string): Promise<ParquetFile> {
  const file = bufferOf(source)
  const metadata = await guarded(name, () => parquetMetadataAsync(file, { parsers, geoparquet: false }))
  return parquetFile(file, metadata, name)
}

/** What the footer says, without reading a row. */
export function readFooter(
  bytes: Uint8Array,
  name: string,
): { readonly rows: number; readonly fields: readonly FileField[]; readonly statistics: readonly LeafStatistics[] } {
  try {
    const metadata = parquetMetadata(arrayBufferOf(bytes), { parsers, geoparquet: false })
    return {
      rows: Number(metadata.num_rows),
      fields: parquetSchema(metadata).children.map(fieldOf),
      statistics: leafStatistics(metadata),
    }
  } catch (error) {
    throw damaged(error, name)
  }
}

function parquetFile(file: AsyncBuffer, metadata: FileMetaData, name: string): ParquetFile {
  const fields = parquetSchema(metadata).children.map(fieldOf)
  const physical = withoutDecimals(metadata)
  const groupStarts: number[] = []
  let start = 0
  for (const group of metadata.row_groups) {
    groupStarts.push(start)
    start += Number(group.num_rows)
  }
  return {
    rows: Number(metadata.num_rows),
    fields,
    groupStarts,
    mayHold(group, column) {
      const chunks = metadata.row_groups[group]?.columns.filter(
        (chunk) => chunk.meta_data?.path_in_schema[0] === column,
      )
      return chunks?.some(({ meta_data: meta }) => meta?.statistics?.null_count !== meta?.num_values) ?? false
    },
    get statistics() {
      return leafStatistics(metadata)
    },
    async read({ columns, rowStart = 0, rowEnd = Number(metadata.num_rows) } = {}) {
      const wanted = columns ? fields.filter((field) => columns.includes(field.name)) : fields
      if (rowEnd <= rowStart) return []
      if (wanted.length === 0) return Array.from({ length: rowEnd - rowStart }, () => ({}))
      let rows: Record<string, unknown>[] = []
      await guarded(name, () =>
        parquetRead({
          file,
          metadata: physical,
          columns: wanted.map((field) => field.name),
          rowStart,
          rowEnd,
          rowFormat: 'object',
          compressors: { ...compressors, ZSTD: (bytes: Uint8Array) => plainBytes(zstdDecompressSync(bytes)) },
          parsers: { ...parsers, stringFromBytes: (bytes: Uint8Array | undefined) => bytes && text.decode(bytes) },
          utf8: false,
          geoparquet: false,
          onComplete: (complete) => {
            rows = complete
          },
        }),
      )
      for (const row of rows) for (const field of wanted) row[field.name] = toValue(field.type, row[field.name])
      return rows as Record<string, Value>[]
    },
  }
}

const text = new TextDecoder('utf-8', { ignoreBOM: true })

/** Instants become µs, dates days; texts of the footer stay bytes, as they may be cut. */
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => micros(millis, (value) => value * 1000n),
  timestampFromMicroseconds: (value: bigint) => micros(value, (each) => each),
  timestampFromNanoseconds: (nanos: bigint) =>
    micros(nanos, (value) => (value >= 0n ? value / 1000n : -((999n - value) / 1000n))),
  dateFromDays: (days: number) => days,
  stringFromBytes: (bytes: Uint8Array) => bytes,
  jsonFromBytes: (bytes: Uint8Array | undefined) => bytes && text.decode(bytes),
}

function micros(value: bigint | undefined, convert: (value: bigint) => bigint): bigint | undefined {
  return value === undefined || value === null ? undefined : convert(BigInt(value))
}

/** The library turns decimals into floating point; without the mark it gives their digits. */
function withoutDecimals(metadata: FileMetaData): FileMetaData {
  return {
    ...metadata,
    schema: metadata.schema.map((element) => {
      if (element.converted_type !== 'DECIMAL' && element.logical_type?.type !== 'DECIMAL') return element
      const { converted_type: _converted, logical_type: _logical, ...plain } = element
      return plain
    }),
  }
}

function toValue(type: DataType, value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof type !== 'string') {
    if (type.type === 'array') return Array.isArray(value) ? value.map((item) => toValue(type.elementType, item)) : null
    if (typeof value !== 'object') return null
    if (type.type === 'struct') {
      return Object.fromEntries(
        type.fields.map(({ name, type: inner }) => [name, toValue(inner, Reflect.get(value, name))]),
      )
    }
    return Object.entries(value).map(([key, item]) => ({
      key: keyOf(type.keyType, key),
      value: toValue(type.valueType, item),
    }))
  }
  const decimal = decimalOf(type)
  if (decimal) return scaled(value instanceof Uint8Array ? signed(value) : BigInt(String(value)), decimal.scale)
  if (typeof value === 'bigint') return value >= -maxSafe && value <= maxSafe ? Number(value) : value
  if (value instanceof Uint8Array) return type === 'string' ? text.decode(value) : value
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

const maxSafe = BigInt(Number.MAX_SAFE_INTEGER)

/** The library makes objects of maps, whose keys are text whatever they were. */
function keyOf(type: DataType, key: string): Value {
  if (typeof type !== 'string' || type === 'string' || decimalOf(type)) return key
  if (type === 'boolean') return key === 'true'
  if (type === 'long' || type === 'timestamp') return toValue(type, BigInt(key))
  return Number(key)
}

/** Two's complement, most significant byte first. */
function signed(bytes: Uint8Array): bigint {
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return BigInt.asIntN(bytes.length * 8, value)
}

function bufferOf(source: Uint8Array | RangeReader): AsyncBuffer {
  if (source instanceof Uint8Array) {
    const buffer = arrayBufferOf(source)
    return { byteLength: buffer.byteLength, slice: (start, end) => buffer.slice(start, end) }
  }
  return {
    byteLength: source.sizeBytes,
    slice: async (start, end) => {
      const from = start < 0 ? source.sizeBytes + start : start
      return arrayBufferOf(await source.read(from, end ?? source.sizeBytes))
    },
  }
}

/** The library takes whole array buffers. */
function arrayBufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer
  return new Uint8Array(bytes).buffer
}

function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

async function guarded<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw damaged(error, name)
  }
}

function damaged(error: unknown, name: string): unknown {
  if (error instanceof Fault) return error
  return new Fault(
    'lake/damaged',
    `${name} cannot be read as Parquet: ${error instanceof Error ? error.message : error}.`,
    {
      mend: 'Restore the file from a copy, or load what it held again.',
      cause: error,
      facts: { path: name },
    },
  )
}
