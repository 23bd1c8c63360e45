import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import type { Cell, Column, FileTable, Row, SqlEngine, WrittenFile } from '#port'
import { Fault } from '#port'
import type { DuckDBConnection, DuckDBResult } from './duckdb-api.ts'
import { DuckDBInstance, StatementType } from './duckdb-api.ts'
import { cell } from './duckdb-cells.ts'
import { castColumns, columnType, duckdbType, quoted, relation, text } from './duckdb-types.ts'
import { inTurns } from './turns.ts'

export interface DuckdbOptions {
  /** What the engine may hold in memory before it spills, in MB. */
  readonly memoryMb: number
  readonly threads: number
  /** Absolute folder for what does not fit in memory; made if absent. */
  readonly spillFolder: string
}

/**
 * Of a column in a row group; with more it is written plain. DuckDB finds that out by hashing its values, and a long dictionary, with the Bloom filter that it
 * brings, takes more room than zstd makes of the values themselves.
 */
const mostDictionaryValues = 4_000

/** A private DuckDB in memory: a file would be shared, and two openings of one file in a process lose commits. */
export async function duckdbEngine(options: DuckdbOptions): Promise<SqlEngine> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMb}MB`,
    threads: String(options.threads),
    // Rows have no order but the one that is asked for; kept, it would hold most reads to one thread.
    preserve_insertion_order: 'false',
    temp_directory: options.spillFolder,
    // The system caches files already; a stream's engine would gather every small file it ever read.
    enable_external_file_cache: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  // Instants without a zone are read as UTC, and shown so, whatever the machine's zone.
  await connection.run("SET GLOBAL TimeZone = 'UTC'")
  return engineOver(instance, connection, { confined: false, attached: new Set() }, () => instance.closeSync())
}

/** What holds for all sessions of a database. */
interface Shared {
  confined: boolean
  /** Files that are attached. */
  readonly attached: Set<string>
}

function engineOver(
  instance: DuckDBInstance,
  connection: DuckDBConnection,
  shared: Shared,
  end: () => void,
): SqlEngine {
  // A DuckDB connection mixes up the results of two statements at once.
  const inTurn = inTurns()
  const sessions = new Set<SqlEngine>()

  async function execute(sql: string, parameters?: readonly Cell[]): Promise<DuckDBResult> {
    try {
      if (shared.confined) await refuseAllButOneSelect(connection, sql)
      return await connection.stream(sql, parameters === undefined ? undefined : bindable(parameters))
    } catch (error) {
      throw engineFault(error, sql)
    }
  }

  async function describe(sql: string): Promise<readonly Column[]> {
    try {
      const prepared = await connection.prepare(sql)
      try {
        return Array.from({ length: prepared.columnCount }, (_, i) => ({
          name: prepared.columnName(i),
          type: columnType(prepared.columnType(i)),
        }))
      } finally {
        prepared.destroySync()
      }
    } catch (error) {
      throw engineFault(error, sql)
    }
  }

  async function* batches(opened: Promise<DuckDBResult>, sql: string): AsyncIterable<readonly Row[]> {
    const result = await opened
    try {
      for (
        let chunk = await result.fetchChunk();
        chunk !== null && chunk.rowCount > 0;
        chunk = await result.fetchChunk()
      ) {
        yield chunk.getRows().map((row) => row.map(cell))
      }
    } catch (error) {
      throw engineFault(error, sql)
    }
  }

  return {
    dialect: 'duckdb',

    run(sql, parameters) {
      return inTurn(async () => {
        try {
          if (shared.confined) await refuseAllButOneSelect(connection, sql)
          await connection.run(sql, parameters === undefined ? undefined : bindable(parameters))
        } catch (error) {
          throw engineFault(error, sql)
        }
      })
    },

    query(sql, parameters) {
      return inTurn(async () => {
        const result = await execute(sql, parameters)
        const rows: Row[] = []
        for await (const batch of batches(Promise.resolve(result), sql)) rows.push(...batch)
        return { columns: columnsOf(result), rows }
      })
    },

    stream(sql) {
      let done = () => {}
      const finished = new Promise<void>((resolve) => {
        done = resolve
      })
      const opened = new Promise<DuckDBResult>((resolve, reject) => {
        void inTurn(async () => {
          try {
            resolve(await execute(sql))
          } catch (error) {
            reject(error)
            return
          }
          await finished
        })
      })
      opened.catch(() => {})
      const columns = opened.then(columnsOf)
      columns.catch(() => {})
      return {
        columns,
        batches: (async function* () {
          try {
            yield* batches(opened, sql)
          } finally {
            done()
          }
        })(),
      }
    },

    describe: (sql) => inTurn(() => describe(sql)),

    attach(table) {
      return inTurn(async () => {
        const sql = viewOver(table)
        try {
          await connection.run(sql)
        } catch (error) {
          throw engineFault(error, sql)
        }
        for (const file of table.files) shared.attached.add(file)
      })
    },

    writeParquet(select, folder, maxFileBytes = 128 * 1024 * 1024) {
      return inTurn(async () => {
        const columns = await describe(select)
        const target = `${folder}/${randomUUID()}`
        await mkdir(target)
        const sql = `COPY (SELECT ${castColumns(columns)} FROM (${select})) TO ${text(target)}
          (FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT ${mostDictionaryValues}, FILE_SIZE_BYTES ${maxFileBytes}, OVERWRITE_OR_IGNORE true, RETURN_STATS true)`
        const result = await execute(sql)
        const written: WrittenFile[] = []
        const at = (name: string) => result.columnNames().indexOf(name)
        for await (const rows of batches(Promise.resolve(result), sql)) {
          for (const row of rows) {
            const file = {
              path: String(row[at('filename')]),
              rows: Number(row[at('count')]),
              sizeBytes: Number(row[at('file_size_bytes')]),
            }
            if (file.rows > 0) written.push(file)
          }
        }
        return written.sort((a, b) => (a.path < b.path ? -1 : 1))
      })
    },

    confine() {
      return inTurn(async () => {
        const allowed = [...shared.attached].map(text).join(', ')
        await connection.run(
          `SET allowed_paths = [${allowed}]; SET enable_external_access = false; SET lock_configuration = true`,
        )
        shared.confined = true
      })
    },

    async session() {
      const session = engineOver(instance, await instance.connect(), shared, () => sessions.delete(session))
      sessions.add(session)
      return session
    },

    cancel() {
      connection.interrupt()
      for (const session of sessions) session.cancel()
    },

    async close() {
      for (const session of [...sessions]) await session.close()
      return inTurn(async () => {
        connection.closeSync()
        end()
      })
    },
  }
}

function columnsOf(result: DuckDBResult): readonly Column[] {
  const types = result.columnTypes()
  return result.columnNames().flatMap((name, i) => {
    const type = types[i]
    return type === undefined ? [] : [{ name, type: columnType(type) }]
  })
}

/** Lists and structs do not arrive as parameters anywhere in the product. */
function bindable(parameters: readonly Cell[]): (null | boolean | number | string)[] {
  return parameters.map((value) => {
    if (value !== null && typeof value === 'object') throw new TypeError('A parameter must be a scalar.')
    return value
  })
}

/** An empty, typed branch comes first, so that a column no file has is there and null, and a table without files is empty. */
function viewOver({ name, columns, files }: FileTable): string {
  const schema = name.includes('.') ? `CREATE SCHEMA IF NOT EXISTS ${quoted(name.slice(0, name.indexOf('.')))};` : ''
  const typed = columns.map((column) => `CAST(NULL AS ${duckdbType(column.type)}) AS ${quoted(column.name)}`).join(', ')
  const empty = `SELECT ${typed} WHERE false`
  const from =
    files.length === 0
      ? empty
      : `${empty} UNION ALL BY NAME SELECT * FROM read_parquet([${files.map(text).join(', ')}], union_by_name = true, hive_partitioning = false)`
  return `${schema} CREATE OR REPLACE VIEW ${relation(name)} AS SELECT ${castColumns(columns)} FROM (${from})`
}

async function refuseAllButOneSelect(connection: DuckDBConnection, sql: string): Promise<void> {
  const statements = await connection.extractStatements(sql)
  const prepared = statements.count === 1 ? await statements.prepare(0) : undefined
  const isSelect = prepared?.statementType === StatementType.SELECT
  prepared?.destroySync()
  if (!isSelect) {
    throw new Fault('engine/refused', 'Only one select statement at a time is answered here.', {
      mend: 'Send a single SELECT over bronze.*, silver.* or gold.*.',
    })
  }
}

function engineFault(error: unknown, sql: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const message = error.message.trim()
  const facts = { sql: sql.length > 2_000 ? `${sql.slice(0, 2_000)}…` : sql }
  // Each by how the engine's message begins: further on it may quote what was read, which may say anything.
  if (/^INTERRUPT/i.test(message)) {
    return new Fault('engine/cancelled', 'The query was cancelled.', { mend: 'Run it again.', cause: error, facts })
  }
  if (/^Out of Memory/i.test(message)) {
    return new Fault('engine/memory', message, {
      mend: 'Give the engine more memory, or ask for less.',
      cause: error,
      facts,
    })
  }
  if (/^IO Error.*(No space left|disk full)/is.test(message)) {
    return new Fault('engine/disk', message, {
      mend: 'Free space on the disk of the lake and of the temporary folder.',
      retry: true,
      cause: error,
      facts,
    })
  }
  if (/^Permission Error|^[^"]*external access/i.test(message)) {
    return new Fault('engine/refused', message, {
      mend: 'Only tables of the lake can be read here.',
      cause: error,
      facts,
    })
  }
  return new Fault('engine/sql', message, { mend: 'Mend the SQL at the place the message names.', cause: error, facts })
}
