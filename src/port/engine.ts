import type { Column } from './column.ts'

/** Ready for JSON: integers beyond ±(2^53 − 1) and decimals of more than 15 digits are strings, instants ISO 8601 in UTC, binary base64, NaN and ±infinity null. */
export type Cell = null | boolean | number | string | readonly Cell[] | { readonly [field: string]: Cell }

export type Row = readonly Cell[]

export interface QueryResult {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
}

/** Parquet files that together hold one table. */
export interface FileTable {
  /** `schema.name`; the schema is made if it is not there. */
  readonly name: string
  /** What the table has, in order; a column that a file lacks is null there. */
  readonly columns: readonly Column[]
  /** Absolute local paths. Empty: an empty table with these columns. */
  readonly files: readonly string[]
}

export interface WrittenFile {
  readonly path: string
  readonly rows: number
  readonly sizeBytes: number
}

/**
 * `duckdb`: a private, disposable database in this process; nothing in it outlives `close`.
 * `snowflake`: a session at a warehouse that others use too. What is attached goes with the session; what `run` makes stays.
 */
export type SqlDialect = 'duckdb' | 'snowflake'

/**
 * A session that runs SQL over files. Its calls are answered one after the other, in order of calling. A name that was not quoted comes back in lower case.
 * Faults: `engine/sql` (facts: `sql`; the message is the engine's own), `engine/memory`, `engine/cancelled`, `engine/disk`,
 * `engine/refused`; of a service also `engine/sign-in`, `engine/connection`, `engine/missing`, `engine/privilege`, none of which repeats a secret.
 */
export interface SqlEngine<D extends SqlDialect = 'duckdb'> {
  readonly dialect: D
  /** Statements without a result. Several may stand in one text. `parameters` fill `$1`, `$2`…, for a single statement only. */
  run(sql: string, parameters?: readonly Cell[]): Promise<void>
  /** One statement, its whole result in memory. */
  query(sql: string, parameters?: readonly Cell[]): Promise<QueryResult>
  /** One statement, its result in batches; stopping early frees what it holds. */
  stream(sql: string): { readonly columns: Promise<readonly Column[]>; readonly batches: AsyncIterable<readonly Row[]> }
  /** Names and types that a select would have, without running it. */
  describe(sql: string): Promise<readonly Column[]>
  /** Makes the table readable by name, without copying it where the engine can reach the files. */
  attach(table: FileTable): Promise<void>
  /**
   * Writes a select's rows as Parquet into `folder` (absolute, existing), in files of at most about `maxFileBytes`.
   * Instants are written in UTC and adjusted, integers at their own width. No rows: no file.
   */
  writeParquet(select: string, folder: string, maxFileBytes?: number): Promise<readonly WrittenFile[]>
  /**
   * From here on only single selects are answered, over what is attached: no other file, no setting, no write. For a stranger's SQL.
   * Anything else faults with `engine/refused`.
   */
  confine(): Promise<void>
  /** Another session, which answers beside this one: same tables, but for temporary ones, which at a service are those attached too. It ends with this one at the latest. */
  session(): Promise<SqlEngine<D>>
  /** Ends the statement under way, here and in sessions made from here, which then faults with `engine/cancelled`. */
  cancel(): void
  close(): Promise<void>
}
