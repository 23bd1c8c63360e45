export type { DuckdbOptions } from './duckdb.ts'
export { duckdbEngine } from './duckdb.ts'
export { snowflakeEngine } from './snowflake.ts'
export type { SnowflakeIdentity, SnowflakeOptions } from './snowflake-options.ts'
