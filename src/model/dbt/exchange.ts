import type { SqlEngine } from '#port'
import { quoted } from '../context.ts'
import { databaseName } from '../environment.ts'

/** dbt names a database by its file: so relations print as they do where the database is in memory. */
export const databaseFile = `${databaseName}.duckdb`

const beside = 'dbt_exchange'

/** Copies all that stands in the engine into a new database file, for dbt's process to go on from. Rows of a view are copied too: their files may be anywhere. */
export async function writeDatabase(engine: SqlEngine, file: string): Promise<void> {
  const { rows } = await engine.query(
    `select table_schema, table_name from information_schema.tables where table_catalog = current_database() and table_type <> 'LOCAL TEMPORARY'`,
  )
  await within(engine, file, '', async () => {
    for (const schema of new Set(rows.map(([name]) => String(name)))) {
      await engine.run(`create schema if not exists ${beside}.${quoted(schema)}`)
    }
    for (const [schema, name] of rows) {
      const relation = `${quoted(String(schema))}.${quoted(String(name))}`
      await engine.run(`create table ${beside}.${relation} as select * from ${relation}`)
    }
  })
}

export interface Made {
  readonly schema: string
  readonly alias: string
  /** The select of a view; a table's rows are copied. */
  readonly view: string | null
}

/** Takes over what dbt made: tables with their rows, views as views. */
export async function readDatabase(engine: SqlEngine, file: string, made: readonly Made[]): Promise<void> {
  await within(engine, file, ' (read_only)', async () => {
    for (const { schema, alias, view } of made) {
      const relation = `${quoted(schema)}.${quoted(alias)}`
      const { rows } = await engine.query(
        `select table_type = 'VIEW' from information_schema.tables where table_catalog = current_database() and table_schema = $1 and table_name = $2`,
        [schema, alias],
      )
      const stands = rows[0] === undefined ? undefined : rows[0][0] === true ? 'view' : 'table'
      const kind = view === null ? 'table' : 'view'
      await engine.run(`create schema if not exists ${quoted(schema)}`)
      if (stands !== undefined && stands !== kind) await engine.run(`drop ${stands} ${relation}`)
      await engine.run(`create or replace ${kind} ${relation} as ${view ?? `select * from ${beside}.${relation}`}`)
    }
  })
}

async function within(engine: SqlEngine, file: string, how: string, work: () => Promise<void>): Promise<void> {
  await engine.run(`attach '${file.replaceAll("'", "''")}' as ${beside}${how}`)
  try {
    await work()
  } finally {
    await engine.run(`detach ${beside}`)
  }
}
