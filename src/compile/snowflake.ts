import type { Column, ColumnType } from '#port'
import { snowflakeName, snowflakeScalar, snowflakeText } from '#port'

/** What a warehouse's objects are called. */
export interface WarehouseNames {
  readonly database: string
  readonly warehouse: string
  /** Loads and builds. */
  readonly role: string
  /** Reads Gold. */
  readonly readerRole: string
}

export const warehouseNames: WarehouseNames = {
  database: 'SCHOOL_CLIMATE',
  warehouse: 'PIPELINE_WH',
  role: 'PIPELINE_ROLE',
  readerRole: 'BI_ROLE',
}

/** A table of the lake, as the warehouse has it. */
export interface WarehouseTable {
  /** `silver.svi`. */
  readonly name: string
  readonly columns: readonly Column[]
}

/** Which version of each table of the lake stands in the warehouse. Changed in the transaction that changes the rows. */
export const ledger: WarehouseTable = {
  name: 'bronze.fairlead_load',
  columns: [
    { name: 'table_name', type: 'string' },
    { name: 'delta_id', type: 'string' },
    { name: 'delta_version', type: 'long' },
    { name: 'row_count', type: 'long' },
    { name: 'load_id', type: 'string' },
    { name: 'loaded_at', type: 'timestamp' },
  ],
}

/** What a column of the lake is there. Whole numbers have one type; what is nested is JSON. */
function snowflakeColumnType(type: ColumnType): string {
  if (typeof type !== 'string') return 'VARIANT'
  return snowflakeScalar(type)
}

/** The same as the catalogue names it, without width. */
export function snowflakeCatalogType(type: ColumnType): string {
  const name = snowflakeColumnType(type).replace(/\(.*/, '')
  return name === 'VARCHAR' ? 'TEXT' : name
}

export function createTable(database: string, { name, columns }: WarehouseTable): string {
  const list = columns.map((column) => `  ${snowflakeName(column.name)} ${snowflakeColumnType(column.type)}`)
  return `CREATE TABLE IF NOT EXISTS ${snowflakeName(database, name)} (\n${list.join(',\n')}\n)`
}

export function addColumn(database: string, table: string, { name, type }: Column): string {
  return `ALTER TABLE ${snowflakeName(database, table)} ADD COLUMN IF NOT EXISTS ${snowflakeName(name)} ${snowflakeColumnType(type)}`
}

/**
 * Rows of Parquet files on a stage, by the names of their columns; what a file lacks is null. Any error ends the statement. `files` are names below `from`:
 * a file that an earlier version had may be among them, so it is read whatever was read before.
 */
export function copyInto(database: string, table: string, from: string, files?: readonly string[]): string {
  const named = files === undefined ? '' : `\n  FILES = (${files.map(snowflakeText).join(', ')})\n  FORCE = TRUE`
  return `COPY INTO ${snowflakeName(database, table)}
  FROM ${from}${named}
  FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE)
  MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE
  ON_ERROR = ABORT_STATEMENT`
}
