/**
 * Stands in for `#parquet` in seeds, by `quick.ts`: what the kernel writes as Parquet is kept as it is in memory, because encoding would take most of a seed's time.
 * Files that landing makes page by page stay Parquet, and are decoded once for all who read them.
 */
import { deserialize, serialize } from 'node:v8'
import type {
  ColumnValues,
  Field,
  ParquetFile,
  ParquetWriter,
  RangeReader,
  ReadRequest,
  Value,
} from '../src/parquet/index.ts'
import { openParquet as openReal, readFooter as readReal } from '../src/parquet/index.ts'
import { Fault } from '../src/port/index.ts'

export { decimalOf, gatherWriter, prefixAbove, prefixBelow, scaled } from '../src/parquet/index.ts'

type Rows = readonly Readonly<Record<string, Value>>[]

interface Plain {
  readonly fields: readonly Field[]
  readonly rows: Rows
}

const magic = Buffer.from('PLAIN')
const end = Buffer.from('END')

export function parquetWriter(fields: readonly Field[]): ParquetWriter {
  const rows: Record<string, Value>[] = []
  return {
    sizeBytes: 0,
    get rows() {
      return rows.length
    },
    append(columns, count) {
      for (let i = 0; i < count; i += 1) {
        const of = (column: ColumnValues | undefined): Value =>
          (column !== undefined && 'constant' in column ? column.constant : column?.[i]) as Value
        rows.push(Object.fromEntries(fields.map(({ name }, at) => [name, of(columns[at]) ?? null])))
      }
    },
    finish: () => new Uint8Array(Buffer.concat([magic, serialize({ fields, rows } satisfies Plain), end])),
  }
}

export function writeParquet(fields: readonly Field[], columns: readonly ColumnValues[], rows: number): Uint8Array {
  const writer = parquetWriter(fields)
  writer.append(columns, rows)
  return writer.finish()
}

export function readFooter(bytes: Uint8Array, name: string): ReturnType<typeof readReal> {
  if (!isPlain(bytes)) return readReal(bytes, name)
  const { fields, rows } = plainOf(bytes, name)
  return { fields, rows: rows.length, statistics: [] }
}

/** Of real files, by their bytes. */
const decoded = new Map<string, { readonly fields: ParquetFile['fields']; readonly rows: Rows }>()
const mostDecoded = 500

export async function openParquet(source: Uint8Array | RangeReader, name: string): Promise<ParquetFile> {
  const bytes = source instanceof Uint8Array ? source : await source.read(0, source.sizeBytes)
  const { fields, rows } = isPlain(bytes) ? plainOf(bytes, name) : await realFile(bytes, name)
  return {
    ...{ rows: rows.length, fields, groupStarts: rows.length === 0 ? [] : [0], statistics: [] },
    mayHold: (_group, column) => rows.some((row) => (row[column] ?? null) !== null),
    async read({ rowStart = 0, rowEnd = rows.length }: ReadRequest = {}) {
      return rows.slice(rowStart, rowEnd)
    },
  }
}

async function realFile(bytes: Uint8Array, name: string) {
  const key = Buffer.from(bytes).toString('latin1')
  const known = decoded.get(key)
  if (known !== undefined) return known
  const file = await openReal(bytes, name)
  const whole = { fields: file.fields, rows: await file.read() }
  if (decoded.size > mostDecoded) decoded.clear()
  decoded.set(key, whole)
  return whole
}

function isPlain(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(0, magic.length), magic) === 0
}

function plainOf(bytes: Uint8Array, name: string): Plain {
  if (Buffer.compare(bytes.subarray(-end.length), end) !== 0)
    throw new Fault('lake/damaged', `${name} is torn.`, { mend: 'Restore it.', facts: { path: name } })
  return deserialize(bytes.subarray(magic.length, -end.length))
}
