import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cell, Column, QueryResult, Row } from '#port'
import { Fault } from '#port'
import { cancelled, signInFault, statementFault } from './snowflake-fault.ts'
import type { Connection, ResultColumn, RowStatement } from './snowflake-library.ts'
import { loadSnowflake } from './snowflake-library.ts'
import type { SnowflakeOptions } from './snowflake-options.ts'
import { connectionOptions } from './snowflake-options.ts'
import { columnOf, reader } from './snowflake-types.ts'

type Scalar = null | boolean | number | string

/** One session, which answers one statement at a time. */
export interface Session {
  query(sql: string, binds?: readonly Scalar[]): Promise<QueryResult>
  describe(sql: string): Promise<readonly Column[]>
  stream(sql: string): Promise<{ readonly columns: readonly Column[]; readonly batches: AsyncIterable<readonly Row[]> }>
  /** Ends the statement under way, which then faults with `engine/cancelled`. */
  cancel(): void
  close(): Promise<void>
}

const rowsInBatch = 2_048
/** The driver would go on for a minute to say goodbye to a service that is gone. */
const goodbyeMs = 5_000

/** Signs in. Faults: `engine/sign-in`, `engine/connection`, `config/snowflake`. */
export async function openSession(options: SnowflakeOptions): Promise<Session> {
  const snowflake = await loadSnowflake()
  const connection = snowflake.createConnection(connectionOptions(options))
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(signInFault(error, options)) : resolve()))
  })
  return sessionOver(connection, options)
}

interface Answer {
  readonly statement: RowStatement
  readonly rows: readonly unknown[][]
}

function sessionOver(connection: Connection, place: SnowflakeOptions): Session {
  let stop: (() => void) | undefined
  /** Why there is no use in asking on: the driver has tried for a minute already. The service ends the session, and rolls back what it had open. */
  let lost: Fault | undefined

  function faultOf(error: unknown, sql: string): unknown {
    const fault = statementFault(error, sql, place)
    if (fault instanceof Fault && fault.code === 'engine/connection') lost = fault
    return fault
  }

  function execute(
    sql: string,
    more: { binds?: Scalar[]; streamResult?: boolean; describeOnly?: boolean } = {},
  ): Promise<Answer> {
    if (lost !== undefined) return Promise.reject(lost)
    return new Promise((resolve, reject) => {
      const statement = connection.execute({
        sqlText: sql,
        ...more,
        complete: (error, answer, rows) => {
          stop = undefined
          if (error) reject(faultOf(error, sql))
          else resolve({ statement: answer as RowStatement, rows: rows ?? [] })
        },
      })
      stop = () => {
        // The service is told, and may be at it for a while yet: who asked is not kept waiting.
        statement.cancel(() => {})
        reject(cancelled(sql))
      }
    })
  }

  return {
    async query(sql, binds) {
      const { statement, rows } = await execute(sql, binds === undefined ? {} : { binds: [...binds] })
      const columns = columnsOf(statement)
      const read = readersOf(columns)
      return { columns: columns.map(columnOf), rows: rows.map(read) }
    },
    async describe(sql) {
      const { statement } = await execute(sql, { describeOnly: true })
      return columnsOf(statement).map(columnOf)
    },
    async stream(sql) {
      const { statement } = await execute(sql, { streamResult: true })
      const columns = columnsOf(statement)
      const rows = statement.streamRows()
      return {
        columns: columns.map(columnOf),
        batches: batchesOf(rows, readersOf(columns), (error) => faultOf(error, sql)),
      }
    },
    cancel() {
      stop?.()
    },
    async close() {
      if (lost !== undefined) return
      await Promise.race([
        new Promise<void>((resolve) => connection.destroy(() => resolve())),
        sleep(goodbyeMs, undefined, { ref: false }),
      ])
    },
  }
}

async function* batchesOf(
  rows: Readable,
  read: (row: readonly unknown[]) => Row,
  faultOf: (error: unknown) => unknown,
): AsyncIterable<readonly Row[]> {
  let batch: Row[] = []
  try {
    for await (const row of rows) {
      batch.push(read(row))
      if (batch.length < rowsInBatch) continue
      yield batch
      batch = []
    }
  } catch (error) {
    throw faultOf(error)
  } finally {
    rows.destroy()
  }
  if (batch.length > 0) yield batch
}

/** None where a statement answers nothing but that it is done. */
function columnsOf(statement: RowStatement): readonly ResultColumn[] {
  return statement.getColumns() ?? []
}

function readersOf(columns: readonly ResultColumn[]): (row: readonly unknown[]) => Row {
  const readers = columns.map(reader)
  return (row) => readers.map((read, i): Cell => read(row[i] ?? null))
}
