import type { Column, ColumnType } from '#port'
import type { DuckDBType } from './duckdb-api.ts'
import { DuckDBArrayType, DuckDBDecimalType, DuckDBListType, DuckDBStructType, DuckDBTypeId } from './duckdb-api.ts'

/** Types that stand in a Parquet file of Delta's as they are; what is wider or stranger goes to its nearest. */
export function columnType(type: DuckDBType): ColumnType {
  if (type instanceof DuckDBDecimalType) return `decimal(${type.width},${type.scale})`
  if (type instanceof DuckDBListType) return { type: 'array', elementType: columnType(type.valueType) }
  if (type instanceof DuckDBArrayType) return { type: 'array', elementType: columnType(type.valueType) }
  if (type instanceof DuckDBStructType) {
    return {
      type: 'struct',
      fields: type.entryNames.map((name, i) => ({ name, type: columnType(type.entryTypes[i] ?? type) })),
    }
  }
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return 'boolean'
    case DuckDBTypeId.TINYINT:
      return 'byte'
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.UTINYINT:
      return 'short'
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.USMALLINT:
      return 'integer'
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return 'long'
    case DuckDBTypeId.FLOAT:
      return 'float'
    case DuckDBTypeId.DOUBLE:
      return 'double'
    case DuckDBTypeId.BLOB:
      return 'binary'
    case DuckDBTypeId.DATE:
      return 'date'
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'timestamp'
    default:
      return 'string'
  }
}

const names: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  double: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
}

export function duckdbType(type: ColumnType): string {
  if (typeof type === 'string') return names[type] ?? type.toUpperCase()
  if (type.type === 'array') return `${duckdbType(type.elementType)}[]`
  return `STRUCT(${type.fields.map((field) => `${quoted(field.name)} ${duckdbType(field.type)}`).join(', ')})`
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/** `schema.name` or `name`, each part quoted. */
export function relation(name: string): string {
  return name.split('.').map(quoted).join('.')
}

/** The columns of a select, each cast to the type that is written for it. */
export function castColumns(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `CAST(${quoted(name)} AS ${duckdbType(type)}) AS ${quoted(name)}`).join(', ')
}
