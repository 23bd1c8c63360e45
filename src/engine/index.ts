export type { DuckdbOptions } from './duckdb.ts'
export { duckdbEngine } from './duckdb.ts'
