import type { SqlEngine } from '#port'
import { Fault } from '#port'
import { compileAll, withTables } from './compile.ts'
import type { NodeContext } from './context.ts'
import { nodeScope, quoted, relationThing } from './context.ts'
import { environment } from './environment.ts'
import type { Scope } from './evaluate.ts'
import type { Loaded } from './load.ts'
import { findRef } from './load.ts'
import { incrementSql } from './materialize.ts'
import type { ModelNode, Relation, TestNode, UnitInput, UnitRows, UnitTest } from './node.ts'
import { mistaken } from './place.ts'
import { findSource, makingContext } from './reading.ts'
import { frame, renderBlock } from './render.ts'
import { parseTemplate } from './template.ts'
import type { Verdict } from './test-run.ts'
import { toValue } from './value.ts'

type UnitNode = TestNode & { readonly unit: UnitTest }

/** A table that stands in for one that the model reads: its own columns, the given rows. */
interface StandIn {
  readonly name: string
  readonly relation: Relation
  readonly rows: UnitRows
}

/** Runs a model's select over the rows that a unit test gives, and compares with those that it expects, in any order. */
export async function runUnitTest(node: UnitNode, loaded: Loaded, engine: SqlEngine): Promise<Verdict> {
  const model = loaded.manifest.nodes.get(node.unit.model) as ModelNode
  const standIns = new Map<string, StandIn>()
  const written = render(node, model, loaded, standIns)
  const ctes: { name: string; sql: string }[] = []
  for (const { name, relation, rows } of standIns.values()) {
    // The model's own columns are those of its select, so that its table need not stand yet.
    const from = relation === model.relation ? selectOf(model, loaded) : `select * from ${relation.sql}`
    ctes.push({ name, sql: await rowsSql(rows, () => typesOf(engine, from)) })
  }
  const select = withTables(written, ctes)
  return node.unit.merged ? mergedVerdict(node, model, select, engine) : verdictOf(node, select, engine)
}

function selectOf(model: ModelNode, loaded: Loaded): string {
  return compileAll(loaded, [model], { goesOn: () => false }).get(model.id)?.sql ?? ''
}

function render(node: UnitNode, model: ModelNode, loaded: Loaded, standIns: Map<string, StandIn>): string {
  const { project, manifest } = loaded
  const { unit, at } = node
  const byName = new Map([...manifest.sources.values()].map((table) => [`${table.source}.${table.name}`, table]))
  const standIn = (of: UnitInput['of'], names: readonly string[], relation: Relation) => {
    const key = JSON.stringify([of, names])
    const given = unit.given.find((input) => JSON.stringify([input.of, input.names]) === key)
    if (given === undefined) {
      const what = of === 'this' ? 'this' : `${of}(${names.map((name) => `'${name}'`).join(', ')})`
      throw mistaken(
        `${model.name} reads ${what}, and the unit test gives no rows of it.`,
        at,
        `Add \`- input: ${what}\` with rows, or rows: [].`,
      )
    }
    const name = `__dbt__cte__${names.length === 0 ? model.name : names.join('__')}`
    standIns.set(key, { name, relation, rows: given.rows })
    return relationThing({ ...relation, sql: name })
  }
  const context: NodeContext = {
    ...makingContext(model, project.name),
    isIncremental: () => unit.macros.get('is_incremental') === true,
    self: () => standIn('this', [], model.relation),
    source: (source, table, place) =>
      standIn('source', [source, table], findSource(byName, source, table, place).relation),
    ref: (names, place) => {
      const found = findRef(names, place, manifest.nodes, project.name, manifest.disabled)
      return standIn('ref', names, found.relation)
    },
  }
  const inner = nodeScope(project, manifest.macros, surroundings(unit, loaded), context)
  const scope: Scope = {
    lookup(name, place) {
      const override = unit.macros.get(name)
      return override === undefined || name === 'is_incremental' ? inner.lookup(name, place) : () => override
    },
  }
  return renderBlock(parseTemplate(model.rawCode, model.file, model.at.line), frame(scope))
}

function surroundings({ vars, env }: UnitTest, { project }: Loaded): Scope {
  if (vars.size === 0 && env.size === 0) return project.scope
  return environment({
    vars: new Map([...project.vars, ...vars]),
    env: { ...project.env, ...Object.fromEntries([...env].map(([name, value]) => [name, String(toValue(value))])) },
    target: project.target,
    project: project.name,
  })
}

type Types = ReadonlyMap<string, string>

async function typesOf(engine: SqlEngine, select: string): Promise<Types> {
  const { rows } = await engine.query(`describe ${select}`)
  return new Map(rows.map(([name, type]) => [String(name), String(type)]))
}

async function rowsSql(given: UnitRows, types: () => Promise<Types>): Promise<string> {
  if ('sql' in given) return given.sql
  const columns = await types()
  return valuesSql(given.rows, columns, [...columns.keys()])
}

function valuesSql(
  rows: readonly ReadonlyMap<string, string | null>[],
  types: Types,
  columns: readonly string[],
): string {
  const spelled = new Map(columns.map((name) => [name.toLowerCase(), name]))
  for (const name of rows.flatMap((row) => [...row.keys()])) {
    if (spelled.has(name.toLowerCase())) continue
    throw new Fault('engine/sql', `There is no column ${name}; there is ${columns.join(', ')}.`, {
      mend: 'Correct the rows.',
    })
  }
  const line = (row: ReadonlyMap<string, string | null>): string => {
    const cells = new Map([...row].map(([name, value]) => [name.toLowerCase(), value]))
    const parts = columns.map(
      (name) => `cast(${literal(cells.get(name.toLowerCase()) ?? null)} as ${types.get(name)}) as ${quoted(name)}`,
    )
    return `select ${parts.join(', ')}`
  }
  return rows.length === 0 ? `${line(new Map())} where false` : rows.map(line).join('\nunion all ')
}

const literal = (value: string | null): string => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`)

const mostShown = 5

async function verdictOf({ unit }: UnitNode, select: string, engine: SqlEngine): Promise<Verdict> {
  const types = await typesOf(engine, select)
  const { expect } = unit
  const named =
    'sql' in expect ? [...(await typesOf(engine, expect.sql)).keys()] : [...(expect.rows[0]?.keys() ?? types.keys())]
  const known = new Map([...types.keys()].map((name) => [name.toLowerCase(), name]))
  const columns = named.map((name) => known.get(name.toLowerCase()) ?? name)
  const list = columns.map(quoted).join(', ')
  const wanted = 'sql' in expect ? expect.sql : valuesSql(expect.rows, types, columns)
  const sides = `with made as (select ${list} from (\n${select}\n)), wanted as (select ${list} from (\n${wanted}\n))`
  const { rows } = await engine.query(
    `${sides} select 'expected', * from (from wanted except all from made) union all select 'made', * from (from made except all from wanted) limit ${mostShown}`,
  )
  if (rows.length === 0) return { status: 'pass', failures: 0, message: null }
  const told = rows.map(
    ([side, ...cells]) => `${side} ${columns.map((name, i) => `${name}=${JSON.stringify(cells[i])}`).join(', ')}`,
  )
  return { status: 'fail', failures: 1, message: `The rows differ: ${told.join('; ')}` }
}

/** The rows that the whole table holds after the model's own way of merging; nothing of it stays. */
async function mergedVerdict(node: UnitNode, model: ModelNode, select: string, engine: SqlEngine): Promise<Verdict> {
  const given = node.unit.given.find(({ of }) => of === 'this')
  if (given === undefined) {
    throw mistaken('A merged result needs rows that stand.', node.at, 'Add `- input: this` with the rows before.')
  }
  const identifier = `${model.alias}__dbt_unit`
  const relation = { schema: 'temp', identifier, sql: quoted(identifier) }
  const before = await rowsSql(given.rows, () => typesOf(engine, select))
  await engine.run('begin transaction')
  try {
    await engine.run(`create temporary table ${relation.sql} as (\n${before}\n)`)
    for (const sql of await incrementSql({ ...model, alias: identifier, relation }, select, engine))
      await engine.run(sql)
    return await verdictOf(node, `select * from ${relation.sql}`, engine)
  } finally {
    await engine.run('rollback')
  }
}
