import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { duckdbEngine } from '#engine'
import type { ModelRunner, SqlEngine } from '#port'
import { compiledIn, normalSql, resultsOf } from './parity.ts'

const casesFolder = join(import.meta.dirname, '../cases/model')

/** What a case does: environment, then builds one after another, each after some SQL. A full refresh makes the rows that the increments before it left. */
interface Case {
  readonly env?: Readonly<Record<string, string>>
  /** Tables compared after each build. */
  readonly tables: readonly string[]
  readonly builds: readonly { readonly before?: readonly string[]; readonly fullRefresh?: boolean }[]
}

/** What dbt itself made of the case (`expected.json` comes from a run of dbt-core 1.12 with dbt-duckdb 1.11). */
interface Expected {
  readonly builds: readonly {
    readonly nodes: Readonly<Record<string, { readonly status: string; readonly failures: number | null }>>
    readonly tables: Readonly<
      Record<string, { readonly columns: readonly (readonly string[])[]; readonly rows: readonly unknown[] }>
    >
  }[]
  readonly nodes: Readonly<Record<string, { readonly dependsOn: readonly string[] }>>
  readonly compiled: Readonly<Record<string, string | null>>
}

/** Runs every case of `test/cases/model` on a runner: what is built, judged and named must be what dbt builds, judges and names. */
export function testModelRunner(name: string, runner: () => ModelRunner): void {
  for (const folder of readdirSync(casesFolder)) {
    test(`${name} builds the case ${folder} as dbt does`, () => withCase(folder, runner()))
  }
}

async function withCase(folder: string, runner: ModelRunner): Promise<void> {
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(casesFolder, folder, file), 'utf8'))
  const { env = {}, tables, builds } = read<Case>('case.json')
  const expected = read<Expected>('expected.json')
  const scratch = mkdtempSync(join(tmpdir(), 'fairlead-model-'))
  const engine = await duckdbEngine({ memoryMb: 256, threads: 1, spillFolder: join(scratch, 'spill') })
  const project = { folder: join(casesFolder, folder, 'project'), target: 'embedded', vars: {}, env }
  try {
    for (const [index, { before = [], fullRefresh = false }] of builds.entries()) {
      for (const sql of before) await engine.run(sql)
      const result = await runner.build({ ...project, fullRefresh, targetFolder: join(scratch, 'target') }, engine)
      const want = expected.builds[index]
      const got = Object.fromEntries(
        result.nodes.map((node) => [node.id, { status: node.status, failures: node.failures }]),
      )
      assert.deepEqual(sorted(got), want?.nodes, `nodes of build ${index + 1}`)
      const { results } = JSON.parse(readFileSync(join(scratch, 'target', 'run_results.json'), 'utf8'))
      assert.deepEqual(resultsOf(results), want?.nodes, `run_results.json of build ${index + 1}`)
      if (index === 0) compareCompiled(compiledIn(join(scratch, 'target')), expected)
      for (const table of tables) {
        const held = await contents(engine, table)
        assert.deepEqual(held, want?.tables[table], `${table} after build ${index + 1}`)
        if (fullRefresh) assert.deepEqual(held, expected.builds[index - 1]?.tables[table], `${table} by increments`)
      }
    }
    const plan = await runner.plan(project)
    const needs = Object.fromEntries(plan.map((node) => [node.id, [...node.dependsOn].sort()]))
    const wanted = Object.entries(expected.nodes).map(([id, node]): [string, readonly string[]] => [id, node.dependsOn])
    assert.deepEqual(sorted(needs), Object.fromEntries(wanted), 'what needs what')
    compareManifest(JSON.parse(readFileSync(join(scratch, 'target', 'manifest.json'), 'utf8')), expected)
  } finally {
    await engine.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Names, places and tags of every node, as far as `expected.json` has them. */
function compareManifest(
  manifest: Readonly<Record<string, Record<string, Record<string, unknown>>>>,
  expected: Expected,
): void {
  for (const [id, { dependsOn: _, ...want }] of Object.entries(expected.nodes)) {
    const node = manifest.nodes?.[id] ?? manifest.unit_tests?.[id] ?? {}
    assert.deepEqual(Object.fromEntries(Object.keys(want).map((key) => [key, node[key]])), want, id)
  }
}

/** The SQL that a node runs, blanks aside, where both make it: dbt leaves none of a node that it skipped. */
function compareCompiled(compiled: Readonly<Record<string, string | null>>, expected: Expected): void {
  for (const [id, sql] of Object.entries(expected.compiled))
    if (sql !== null) assert.equal(compiled[id], normalSql(sql), `SQL of ${id}`)
}

export async function contents(engine: SqlEngine, table: string): Promise<unknown> {
  const described = await engine.query(`describe select * from ${table}`)
  const columns = described.rows.map((row) => [String(row[0]), String(row[1])])
  const cells = columns.map(([column]) => `cast("${column}" as varchar)`).join(', ')
  return { columns, rows: (await engine.query(`select ${cells} from ${table} order by all`)).rows }
}

function sorted<T>(of: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)))
}
