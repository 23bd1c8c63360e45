import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import type { CompiledTable, CompiledTest, LakeTable } from '#lineage'
import type { ModelProject, PlannedNode, SqlEngine } from '#port'
import type { LakeOptions, WorkEffects } from './api.ts'
import { modelRunner } from './model-runner.ts'
import { makeFolder } from './scratch.ts'

export interface CompiledProject {
  readonly models: readonly CompiledTable[]
  readonly tests: readonly CompiledTest[]
}

/** The project as it is built anew, over tables without a row: each model's SQL, and the columns that the engine says it has. */
export async function compileProject(
  project: ModelProject,
  tables: readonly LakeTable[],
  { engine: { memoryMb } }: Pick<LakeOptions, 'engine'>,
  { signal }: WorkEffects,
): Promise<CompiledProject> {
  const runner = modelRunner({}, { report: () => {}, signal })
  const plan = await runner.plan(project)
  const sql = await runner.compile(project)
  const reads = readsOf(plan)
  const scratch = await makeFolder()
  const engine = await duckdbEngine({ memoryMb, threads: 1, spillFolder: join(scratch.folder, 'spill') })
  try {
    for (const { name, columns } of tables) await engine.attach({ name, columns, files: [] })
    const seeds = plan.flatMap(({ kind, name }) => (kind === 'seed' ? [name] : []))
    const how = { alone: true, fullRefresh: true, targetFolder: join(scratch.folder, 'target') }
    if (seeds.length > 0) await runner.build({ ...project, ...how, select: seeds }, engine)
    const models: CompiledTable[] = []
    for (const { id, relation, materialized } of plan) {
      if (relation === null) continue
      const text = sql.get(id)
      if (text !== undefined) await createEmpty(relation, text, engine)
      const columns = await engine.describe(`SELECT * FROM ${inQuotes(relation)}`)
      const table = { name: relation, materialized, columns, reads: reads.get(id) ?? [] }
      models.push(text === undefined ? table : { ...table, sql: text })
    }
    return { models, tests: testsOf(plan, sql, reads) }
  } finally {
    await engine.close()
    await scratch.dispose()
  }
}

async function createEmpty(relation: string, sql: string, engine: SqlEngine): Promise<void> {
  const schema = relation.slice(0, relation.indexOf('.'))
  await engine.run(
    `CREATE SCHEMA IF NOT EXISTS "${schema}"; CREATE TABLE ${inQuotes(relation)} AS (${sql}\n) WITH NO DATA`,
  )
}

const inQuotes = (relation: string): string =>
  relation
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')

function testsOf(
  plan: readonly PlannedNode[],
  sql: ReadonlyMap<string, string>,
  reads: ReadonlyMap<string, readonly string[]>,
): readonly CompiledTest[] {
  return plan.flatMap(({ id, kind, name }) => {
    const text = kind === 'test' ? sql.get(id) : undefined
    return text === undefined ? [] : [{ id, name, sql: text, reads: reads.get(id) ?? [] }]
  })
}

/** Tables that each node reads, through those that are ephemeral and stand in its own SQL. */
function readsOf(plan: readonly PlannedNode[]): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map(plan.map((node) => [node.id, node]))
  const found = new Map<string, readonly string[]>()
  const of = (node: PlannedNode): readonly string[] => {
    const known = found.get(node.id)
    if (known !== undefined) return known
    const needs = node.dependsOn.flatMap((id) => {
      const need = nodes.get(id)
      return need === undefined ? [] : need.relation === null ? of(need) : [need.relation]
    })
    const reads = [...new Set([...node.sources, ...needs])]
    found.set(node.id, reads)
    return reads
  }
  for (const node of plan) of(node)
  return found
}
