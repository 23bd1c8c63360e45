export { compileClean, messageValue } from './clean.ts'
export { bronzeOfCoordinate, keptColumns, measureColumns, silverColumns, wideColumns } from './column.ts'
export type { Dialect } from './dialect.ts'
export { dialects, duckdb } from './duckdb.ts'
export { keyBucket, keyHash, valueHash } from './hash.ts'
export { datasetPage } from './page.ts'
export { rowTypes } from './row-types.ts'
export type { WarehouseNames, WarehouseTable } from './snowflake.ts'
export {
  addColumn,
  copyInto,
  createTable,
  ledger,
  snowflakeCatalogType,
  warehouseNames,
} from './snowflake.ts'
export type { SetupOptions } from './snowflake-setup.ts'
export { snowflakeSetup, snowflakeTables } from './snowflake-setup.ts'
export type { PlatformTable } from './sources.ts'
export { dbtSources } from './sources.ts'
export type { VintageFinding } from './vintage.ts'
export { findVintageJoins } from './vintage.ts'
