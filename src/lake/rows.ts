import type { DataType, FileField, ParquetFile, RangeReader, Value } from '#parquet'
import { decimalOf, openParquet } from '#parquet'
import type { Column, ColumnType, ObjectStore } from '#port'
import { typeName } from './conform.ts'
import { damaged } from './fields.ts'
import { partitionValue } from './partition.ts'
import type { DataFile, Snapshot } from './table.ts'

export type RowOf = Readonly<Record<string, Value>>

/**
 * A snapshot's rows by column name, a batch at a time (one row group of one file), in the order of the snapshot's files. Values as `Value` says:
 * instants in µs, dates in days, decimals as digits; partition values filled in, columns that a file lacks null.
 */
export async function* readRows(
  store: ObjectStore,
  root: string,
  snapshot: Pick<Snapshot, 'columns' | 'partitionColumns' | 'files'>,
  wanted?: readonly string[],
): AsyncIterable<readonly RowOf[]> {
  const columns = wanted ? snapshot.columns.filter(({ name }) => wanted.includes(name)) : snapshot.columns
  for (const file of snapshot.files) yield* readFileRows(store, root, file, columns, snapshot.partitionColumns)
}

/** A data file's footer, and its rows on demand. Fault `lake/damaged` where it is not there or no Parquet. */
export function openDataFile(store: ObjectStore, root: string, file: DataFile): Promise<ParquetFile> {
  const path = `${root}/${file.path}`
  return openParquet(rangesOf(store, path, file.sizeBytes), path)
}

async function* readFileRows(
  store: ObjectStore,
  root: string,
  file: DataFile,
  columns: readonly Column[],
  partitionColumns: readonly string[],
): AsyncIterable<readonly RowOf[]> {
  const path = `${root}/${file.path}`
  const parquet = await openDataFile(store, root, file)
  const makers = columns.map((column) => makerOf(column, file, parquet.fields, partitionColumns, path))
  const inFile = makers.flatMap(({ field }) => (field === undefined ? [] : [field]))
  for (const [i, rowStart] of parquet.groupStarts.entries()) {
    const rows = await parquet.read({ columns: inFile, rowStart, rowEnd: parquet.groupStarts[i + 1] ?? parquet.rows })
    yield rows.map((row) => Object.fromEntries(makers.map(({ name, make }) => [name, make(row)])))
  }
}

interface Maker {
  readonly name: string
  /** The file's own name of the column; undefined where its value does not come from the file. */
  readonly field: string | undefined
  make(row: RowOf): Value
}

function makerOf(
  { name, type }: Column,
  file: DataFile,
  fields: readonly FileField[],
  partitionColumns: readonly string[],
  path: string,
): Maker {
  if (partitionColumns.includes(name)) {
    const value = partitionValue(file.partitionValues[name] ?? null, type, path)
    return { name, field: undefined, make: () => value }
  }
  const field =
    fields.find((each) => each.name === name) ?? fields.find((each) => each.name.toLowerCase() === name.toLowerCase())
  if (!field) return { name, field: undefined, make: () => null }
  const convert = converter(type, field.type, `${path}, column ${name}`)
  return { name, field: field.name, make: (row) => convert(row[field.name] ?? null) }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const wholeNumbers: ReadonlySet<DataType> = new Set<DataType>(['long', 'integer', 'short', 'byte'])

/** From a value of the file's type to one of the table's; fault `lake/damaged` where they are of different kinds. */
function converter(wanted: ColumnType, found: DataType, where: string): (value: Value) => Value {
  if (wanted === found) return (value) => value
  if (typeof wanted === 'string' && typeof found === 'string') {
    if (wanted === 'string' && found === 'binary') {
      return (value) => (value instanceof Uint8Array ? decoder.decode(value) : value)
    }
    if (wanted === 'binary' && found === 'string') {
      return (value) => (typeof value === 'string' ? new TextEncoder().encode(value) : value)
    }
    if (wholeNumbers.has(wanted) && wholeNumbers.has(found)) return (value) => value
    const table = decimalOf(wanted)
    const inFile = decimalOf(found)
    if (table && inFile && table.scale === inFile.scale) return (value) => value
  } else if (typeof wanted !== 'string' && typeof found !== 'string') {
    if (wanted.type === 'array') {
      const item =
        found.type === 'array'
          ? found.elementType
          : found.type === 'map'
            ? ({
                type: 'struct',
                fields: [
                  { name: 'key', type: found.keyType },
                  { name: 'value', type: found.valueType },
                ],
              } as const)
            : undefined
      if (item) {
        const convert = converter(wanted.elementType, item, where)
        return (value) => (Array.isArray(value) ? value.map(convert) : null)
      }
    } else if (found.type === 'struct') {
      const members = wanted.fields.map(({ name, type }) => {
        const field = found.fields.find((each) => each.name === name)
        return { name, convert: field ? converter(type, field.type, `${where}.${name}`) : () => null }
      })
      return (value) =>
        value === null || typeof value !== 'object'
          ? null
          : Object.fromEntries(members.map(({ name, convert }) => [name, convert(Reflect.get(value, name) ?? null)]))
    }
  }
  throw damaged(where, `it is ${typeName(found)} in the file and ${typeName(wanted)} in the table`)
}

function rangesOf(store: ObjectStore, path: string, sizeBytes: number): RangeReader {
  return {
    sizeBytes,
    async read(start, end) {
      const bytes = await store.readRange(path, start, end)
      if (bytes === undefined) throw damaged(path, 'the table names this file and it is not there')
      return bytes
    },
  }
}
