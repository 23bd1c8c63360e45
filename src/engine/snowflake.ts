import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Cell, Column, FileTable, Row, SqlEngine, WrittenFile } from '#port'
import { snowflakeIdentifier, snowflakeName, snowflakeText } from '#port'
import { duckdbEngine } from './duckdb.ts'
import { duckdbType, quoted, text } from './duckdb-types.ts'
import type { SnowflakeOptions } from './snowflake-options.ts'
import type { Session } from './snowflake-session.ts'
import { openSession } from './snowflake-session.ts'
import { snowflakeType } from './snowflake-types.ts'
import { checkOneSelect, statementsOf, withBinds } from './sql-text.ts'
import { inTurns } from './turns.ts'

/** A session at Snowflake. Faults: those of `openSession`. */
export async function snowflakeEngine(options: SnowflakeOptions): Promise<SqlEngine<'snowflake'>> {
  await mkdir(options.scratchFolder, { recursive: true })
  return engineOver(await openSession(options), options)
}

function engineOver(session: Session, options: SnowflakeOptions, end = () => {}): SqlEngine<'snowflake'> {
  const { scratchFolder, readerRole } = options
  const inTurn = inTurns()
  const sessions = new Set<SqlEngine<'snowflake'>>()
  let confined = false

  const check = (sql: string): void => {
    if (confined) checkOneSelect(sql)
  }

  async function runAll(sql: string, parameters?: readonly Cell[]): Promise<void> {
    check(sql)
    if (parameters !== undefined) {
      await session.query(withBinds(sql), bindable(parameters))
      return
    }
    for (const statement of statementsOf(sql)) await session.query(statement)
  }

  function stream(sql: string): ReturnType<SqlEngine['stream']> {
    let done = () => {}
    const finished = new Promise<void>((resolve) => {
      done = resolve
    })
    const opened = new Promise<Awaited<ReturnType<Session['stream']>>>((resolve, reject) => {
      void inTurn(async () => {
        try {
          check(sql)
          resolve(await session.stream(sql))
        } catch (error) {
          reject(error)
          return
        }
        await finished
      })
    })
    opened.catch(() => {})
    const columns = opened.then((answer) => answer.columns)
    columns.catch(() => {}) // told again by the batches
    return {
      columns,
      batches: (async function* () {
        try {
          yield* (await opened).batches
        } finally {
          done()
        }
      })(),
    }
  }

  return {
    dialect: 'snowflake',
    run: (sql, parameters) => inTurn(() => runAll(sql, parameters)),
    query(sql, parameters) {
      return inTurn(() => {
        check(sql)
        return session.query(parameters === undefined ? sql : withBinds(sql), parameters && bindable(parameters))
      })
    },
    stream,
    describe: (sql) => inTurn(() => session.describe(sql)),
    attach: (table) => inTurn(() => attach(table, session)),
    async writeParquet(select, folder, maxFileBytes) {
      const { columns, batches } = stream(select)
      const file = join(scratchFolder, `${randomUUID()}.ndjson`)
      try {
        const rows = await writeLines(batches, file)
        return rows === 0 ? [] : await parquetOf(await columns, file, { folder, maxFileBytes, scratchFolder })
      } finally {
        await rm(file, { force: true })
      }
    },
    confine() {
      return inTurn(async () => {
        await session.query(`USE ROLE ${snowflakeIdentifier(readerRole)}`)
        await session.query('USE SECONDARY ROLES NONE')
        confined = true
      })
    },
    async session() {
      const another = engineOver(await openSession(options), options, () => sessions.delete(another))
      sessions.add(another)
      if (confined) await another.confine()
      return another
    },
    cancel() {
      session.cancel()
      for (const each of sessions) each.cancel()
    },
    async close() {
      for (const each of [...sessions]) await each.close()
      return inTurn(async () => {
        end()
        await session.close()
      })
    },
  }
}

/** Lists and structs do not arrive as parameters anywhere in the product. */
function bindable(parameters: readonly Cell[]): (null | boolean | number | string)[] {
  return parameters.map((value) => {
    if (value !== null && typeof value === 'object') throw new TypeError('A parameter must be a scalar.')
    return value
  })
}

/** The service cannot reach files of this machine: they are put on a stage of the session, and a table of the session is made of them. */
async function attach({ name, columns, files }: FileTable, session: Session): Promise<void> {
  const schema = name.includes('.') ? name.slice(0, name.indexOf('.')) : undefined
  if (schema !== undefined) await session.query(`CREATE SCHEMA IF NOT EXISTS ${snowflakeIdentifier(schema)}`)
  const list = columns.map((column) => `${snowflakeIdentifier(column.name)} ${snowflakeType(column.type)}`).join(', ')
  await session.query(`CREATE OR REPLACE TEMPORARY TABLE ${snowflakeName(name)} (${list})`)
  if (files.length === 0) return
  const stageName = `ATTACHED_${randomUUID().replaceAll('-', '').toUpperCase()}`
  const stage =
    schema === undefined
      ? snowflakeIdentifier(stageName)
      : `${snowflakeIdentifier(schema)}.${snowflakeIdentifier(stageName)}`
  await session.query(`CREATE TEMPORARY STAGE ${stage}`)
  for (const file of files) {
    await session.query(
      `PUT ${snowflakeText(`file://${file.replaceAll('\\', '/')}`)} @${stage} AUTO_COMPRESS = FALSE OVERWRITE = TRUE`,
    )
  }
  for (const file of files) {
    await session.query(
      `COPY INTO ${snowflakeName(name)} FROM @${stage}/${basename(file)} FILE_FORMAT = (TYPE = PARQUET USE_LOGICAL_TYPE = TRUE BINARY_AS_TEXT = FALSE) MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE`,
    )
  }
}

async function writeLines(batches: AsyncIterable<readonly Row[]>, file: string): Promise<number> {
  let rows = 0
  async function* lines() {
    for await (const batch of batches) {
      rows += batch.length
      yield `${batch.map((row) => JSON.stringify(Object.fromEntries(row.map((cell, i) => [`c${i}`, cell])))).join('\n')}\n`
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(file))
  return rows
}

/**
 * Rows as Parquet, by a DuckDB of this process: the service would write files on a stage of its own, with widths and instants as it likes them,
 * and they would have to be fetched from there all the same.
 */
async function parquetOf(
  columns: readonly Column[],
  file: string,
  { folder, maxFileBytes, scratchFolder }: { folder: string; maxFileBytes: number | undefined; scratchFolder: string },
): Promise<readonly WrittenFile[]> {
  const duckdb = await duckdbEngine({ memoryMb: 512, threads: 1, spillFolder: join(scratchFolder, 'spill') })
  try {
    const read = columns.map(({ type }, i) => `c${i}: ${text(type === 'binary' ? 'VARCHAR' : duckdbType(type))}`)
    const select = columns.map(
      ({ name, type }, i) => `${type === 'binary' ? `from_base64(c${i})` : `c${i}`} AS ${quoted(name)}`,
    )
    const from = `read_json(${text(file)}, format = 'newline_delimited', columns = {${read.join(', ')}})`
    return await duckdb.writeParquet(`SELECT ${select.join(', ')} FROM ${from}`, folder, maxFileBytes)
  } finally {
    await duckdb.close()
  }
}
