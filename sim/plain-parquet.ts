/**
 * Stands in for `#parquet` in seeds, by `quick.ts`: a file's rows stay in this thread's memory, and its bytes say which they are, because encoding and decoding
 * would take most of a seed's time. Bytes that were torn, or are of no file, are told as Parquet's would be.
 */
import type {
  ColumnValues,
  Field,
  GatherWriter,
  ParquetFile,
  ParquetWriter,
  RangeReader,
  ReadRequest,
  Value,
} from '../src/parquet/index.ts'
import { Fault } from '../src/port/index.ts'
import { plainColumns } from './plain-columns.ts'

export { decimalOf, prefixAbove, prefixBelow, scaled } from '../src/parquet/index.ts'

type Rows = readonly Readonly<Record<string, Value>>[]

interface Plain {
  readonly fields: readonly Field[]
  readonly rows: Rows
}

const files = new Map<string, Plain>()

/** To be called between two seeds. */
export function forgetFiles(): void {
  files.clear()
}

const magic = 'PLAIN'
const end = 'END'

/** As long as there are rows, so that a file can be torn anywhere and looks like no other. */
function keep(plain: Plain): Uint8Array {
  const name = String(files.size)
  files.set(name, plain)
  return new Uint8Array(Buffer.from(`${magic}${name}${' '.repeat(plain.rows.length)}${end}`, 'latin1'))
}

function plainOf(bytes: Uint8Array, name: string): Plain {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const plain = files.get(text.slice(magic.length, -end.length).trimEnd())
  if (!text.startsWith(magic) || !text.endsWith(end) || plain === undefined)
    throw new Fault('lake/damaged', `${name} is torn.`, { mend: 'Restore it.', facts: { path: name } })
  return plain
}

export function parquetWriter(fields: readonly Field[]): ParquetWriter {
  const rows: Record<string, Value>[] = []
  return {
    sizeBytes: 0,
    get rows() {
      return rows.length
    },
    append(columns, count) {
      for (let i = 0; i < count; i += 1) {
        const row: Record<string, Value> = {}
        for (const [at, { name }] of fields.entries()) {
          const column = columns[at]
          const value = column !== undefined && 'constant' in column ? column.constant : column?.[i]
          row[name] = (value ?? null) as Value
        }
        rows.push(row)
      }
    },
    finish: () => keep({ fields, rows }),
  }
}

export function writeParquet(fields: readonly Field[], columns: readonly ColumnValues[], rows: number): Uint8Array {
  const writer = parquetWriter(fields)
  writer.append(columns, rows)
  return writer.finish()
}

export function gatherWriter(fields: readonly Field[]): GatherWriter {
  const { values, ...columns } = plainColumns()
  let rows = 0
  let heldBytes = 0
  return {
    ...columns,
    added(count, sizeBytes) {
      rows += count
      heldBytes += sizeBytes
    },
    get heldBytes() {
      return heldBytes
    },
    finish: () =>
      writeParquet(
        fields,
        fields.map(({ name }) => values(name, rows)),
        rows,
      ),
  }
}

export function readFooter(bytes: Uint8Array, name: string): Pick<ParquetFile, 'fields' | 'rows' | 'statistics'> {
  const { fields, rows } = plainOf(bytes, name)
  return { fields, rows: rows.length, statistics: [] }
}

export async function openParquet(source: Uint8Array | RangeReader, name: string): Promise<ParquetFile> {
  const { fields, rows } = plainOf(source instanceof Uint8Array ? source : await source.read(0, source.sizeBytes), name)
  return {
    ...{ rows: rows.length, fields, groupStarts: rows.length === 0 ? [] : [0], statistics: [] },
    mayHold: (_group, column) => rows.some((row) => (row[column] ?? null) !== null),
    async read({ rowStart = 0, rowEnd = rows.length }: ReadRequest = {}) {
      return rows.slice(rowStart, rowEnd)
    },
  }
}
