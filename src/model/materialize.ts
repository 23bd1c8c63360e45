import type { SqlEngine } from '#port'
import { Fault } from '#port'
import { quoted } from './context.ts'
import type { ModelNode, Node } from './node.ts'
import { mistaken } from './place.ts'
import { buildSeed } from './seed.ts'
import type { Value } from './value.ts'
import { isList, text, truthy } from './value.ts'

/** `stored`: a table that holds a view's rows. `none`: gone since the shelf was read. */
type Kind = 'table' | 'view' | 'stored' | 'none'

/** What stands in the engine by `schema.name`, in lower case, kept true while the build goes on. */
export interface Shelf {
  kindOf(node: ModelNode): Kind | undefined
  note(node: ModelNode, kind: Kind): void
}

/** Says of a table that it holds the rows of a view, see `storedViews`. */
const storedMark = 'rows of a view'

export async function readShelf(engine: SqlEngine): Promise<Shelf> {
  const { rows } = await engine.query(
    `select schema_name, table_name, case when comment = '${storedMark}' then 'stored' else 'table' end from duckdb_tables()
    union all select schema_name, view_name, 'view' from duckdb_views() where not internal`,
  )
  const key = (schema: unknown, name: unknown): string => `${String(schema)}.${String(name)}`.toLowerCase()
  const kinds = new Map(rows.map(([schema, name, kind]): [string, Kind] => [key(schema, name), kind as Kind]))
  return {
    kindOf: (node) => kinds.get(key(node.schema, node.alias)),
    note: (node, kind) => void kinds.set(key(node.schema, node.alias), kind),
  }
}

/** Makes the schemas that nodes are to stand in, before any does: two threads that make one at the same time would be in each other's way. */
export async function makeSchemas(nodes: readonly Node[], engine: SqlEngine): Promise<void> {
  const made = nodes.filter((node) => node.kind !== 'test' && node.materialized !== 'ephemeral')
  for (const name of new Set(made.map(({ schema }) => schema)))
    await engine.run(`create schema if not exists ${quoted(name)}`)
}

export interface Work {
  readonly node: ModelNode
  readonly sql: string
  /** The incremental model goes on from its rows. */
  readonly goesOn: boolean
  /** The view's rows are kept until the build ends, see `storedViews`. */
  readonly stored: boolean
}

/** Makes a model's table or view, or a seed's table, and answers the statements that did it. */
export async function materialize(work: Work, engine: SqlEngine, shelf: Shelf): Promise<string> {
  const { node, sql, goesOn, stored } = work
  if (node.materialized === 'ephemeral') return ''
  if (stored && (await storeView(work, engine, shelf))) return ''
  const relation = node.relation.sql
  const kind = node.materialized === 'view' ? 'view' : 'table'
  if (goesOn) {
    const statements = [...ownTable(node, shelf), ...(await incrementSql(node, sql, engine))]
    // The rows that go and the rows that come are one change: a failure between them leaves the table as it was.
    await engine.run('begin transaction')
    try {
      for (const statement of statements) await engine.run(statement)
      await engine.run('commit')
    } catch (error) {
      await engine.run('rollback')
      throw error
    }
    shelf.note(node, 'table')
    return statements.join(';\n')
  }
  const before = shelf.kindOf(node)
  await makeRoom(relation, before, kind, engine)
  const made =
    node.kind === 'seed' ? await buildSeed(node, engine) : `create or replace ${kind} ${relation} as (\n${sql}\n)`
  if (node.kind !== 'seed') await engine.run(made)
  shelf.note(node, kind)
  return made
}

async function makeRoom(relation: string, before: Kind | undefined, kind: 'table' | 'view', engine: SqlEngine) {
  const stands = before === 'stored' ? 'table' : before
  if (stands !== undefined && stands !== 'none' && stands !== kind) await engine.run(`drop ${stands} ${relation}`)
}

/** False where its rows cannot be had: dbt makes a view all the same, and whoever reads it fails. */
async function storeView({ node, sql }: Work, engine: SqlEngine, shelf: Shelf): Promise<boolean> {
  const relation = node.relation.sql
  await makeRoom(relation, shelf.kindOf(node), 'table', engine)
  try {
    await engine.run(`create or replace table ${relation} as (\n${sql}\n)`)
    await engine.run(`comment on table ${relation} is '${storedMark}'`)
    shelf.note(node, 'stored')
    return true
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'engine/sql') throw error
    await engine.run(`drop table if exists ${relation}`)
    shelf.note(node, 'none')
    return false
  }
}

/** Published rows may stand as a view of their files: the model goes on from a copy of them. */
function ownTable(node: ModelNode, shelf: Shelf): readonly string[] {
  if (shelf.kindOf(node) !== 'view') return []
  const relation = node.relation.sql
  const copy = `${quoted(node.schema)}.${quoted(`${node.alias}__dbt_copy`)}`
  return [
    `create or replace table ${copy} as select * from ${relation}`,
    `drop view ${relation}`,
    `alter table ${copy} rename to ${quoted(node.alias)}`,
  ]
}

/** The statements that bring an incremental model's rows into those that stand. */
export async function incrementSql(node: ModelNode, sql: string, engine: SqlEngine): Promise<readonly string[]> {
  const relation = node.relation.sql
  const fresh = quoted(`${node.alias}__dbt_tmp`)
  const keys = uniqueKey(node)
  const columns = (await engine.describe(`select * from ${relation}`)).map((column) => quoted(column.name))
  const all = columns.join(', ')
  const make = `create or replace temporary table ${fresh} as (\n${sql}\n)`
  const insert = `insert into ${relation} (${all}) (select ${all} from ${fresh})`
  const drop = `drop table ${fresh}`
  const strategy = text(node.config.get('incremental_strategy') ?? 'default', node.at)
  if (strategy === 'append' || (keys.length === 0 && strategy !== 'merge')) return [make, insert, drop]
  if (strategy === 'merge') {
    const on = keys.length === 0 ? 'false' : keys.map((key) => `fresh.${key} = held.${key}`).join(' and ')
    return [
      make,
      `merge into ${relation} as held using ${fresh} as fresh on (${on}) when matched then update by name when not matched then insert by name`,
      drop,
    ]
  }
  // dbt compares a single key with `in` and several one by one; they differ for null keys, so both are kept.
  const [only] = keys
  const remove =
    keys.length === 1 && !isList(node.config.get('unique_key') ?? null)
      ? `delete from ${relation} where (${only}) in (select (${only}) from ${fresh})`
      : `delete from ${relation} as held using ${fresh} as fresh where ${keys.map((key) => `fresh.${key} = held.${key}`).join(' and ')}`
  return [make, remove, insert, drop]
}

function uniqueKey(node: ModelNode): readonly string[] {
  const key: Value = node.config.get('unique_key') ?? null
  if (key === null || !truthy(key)) return []
  if (typeof key === 'string') return [key]
  if (isList(key)) return key.map((part) => text(part, node.at))
  throw mistaken('unique_key must be a column or a list of columns.', node.at, "Write unique_key='column'.")
}
