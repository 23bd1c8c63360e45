import type { BuildRequest, BuildResult, BuiltTable, NodeResult, Report, SqlEngine } from '#port'
import { Fault, withSessions } from '#port'
import type { Compiled } from './compile.ts'
import { compileAll, compiledPath } from './compile.ts'
import type { Loaded } from './load.ts'
import type { Shelf, Work } from './materialize.ts'
import { makeSchemas, materialize, readShelf } from './materialize.ts'
import type { Manifest, ModelNode, Node } from './node.ts'
import { isUnit } from './node.ts'
import { selectNodes } from './select.ts'
import type { Step } from './steps.ts'
import { blockerOf, stepsOf } from './steps.ts'
import { storedViews } from './stored-view.ts'
import type { Verdict } from './test-run.ts'
import { runTest, runTests } from './test-run.ts'
import { onThreads } from './threads.ts'
import { runUnitTest } from './unit-test.ts'

export interface RunEffects {
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** How many steps of a build are done at once, each in a session of its own: dbt's `threads`. */
  readonly threads: number
}

/** What happened to one node, for the result and for `run_results.json`. */
interface NodeRun {
  readonly node: Node
  readonly result: NodeResult
  readonly startedMs: number
  readonly compiledMs: number
  readonly endedMs: number
  readonly sql: string | null
}

export interface Run {
  readonly result: BuildResult
  readonly runs: readonly NodeRun[]
  readonly compiled: ReadonlyMap<string, Compiled>
}

export async function runProject(
  loaded: Loaded,
  request: BuildRequest,
  which: 'build' | 'test',
  engine: SqlEngine,
  effects: RunEffects,
): Promise<Run> {
  const { manifest } = loaded
  const chosen = selectNodes(manifest, request)
  const nodes = manifest.order.filter((node) => chosen.has(node.id) && (which === 'build' || node.kind === 'test'))
  const shelf = await readShelf(engine)
  const goesOn = (node: ModelNode): boolean =>
    node.materialized === 'incremental' &&
    ['table', 'view'].includes(shelf.kindOf(node) ?? 'none') &&
    (node.config.get('full_refresh') ?? request.fullRefresh) !== true
  const going = new Set(manifest.order.filter((node) => node.kind === 'model' && goesOn(node)).map((node) => node.id))
  const compiled = compileAll(loaded, nodes, { goesOn: (node) => going.has(node.id) })

  const stored = which === 'build' ? storedViews(nodes, manifest) : new Set<string>()
  if (which === 'build') {
    const beside = viewsBeside(nodes, manifest, shelf)
    await makeSchemas([...beside, ...nodes], engine)
    for (const { node, sql } of compileAll(loaded, beside, { goesOn: () => false }).values())
      if (node.kind === 'model') await materialize({ node, sql, goesOn: false, stored: true }, engine, shelf)
  }
  const runs = new Map<Node, NodeRun>()
  const tables = new Map<Node, BuiltTable>()
  const failed = new Set<Node>()
  const blockedBy = (node: Node): Node | undefined =>
    which === 'build' ? blockerOf(node, failed, manifest) : undefined

  async function runStep({ nodes: together }: Step, session: SqlEngine): Promise<void> {
    const known = await askTogether(
      together.filter((node) => blockedBy(node) === undefined),
      compiled,
      session,
      effects,
    )
    for (const node of together) {
      const sql = compiled.get(node.id)?.sql ?? null
      const early = known.get(node.id)
      const startedMs = early?.startedMs ?? effects.nowMs()
      const blocker = blockedBy(node)
      const outcome =
        early !== undefined
          ? early.verdict
          : blocker === undefined
            ? await runNode(
                node,
                { sql: sql ?? '', goesOn: going.has(node.id), stored: stored.has(node.id) },
                loaded,
                session,
                shelf,
              )
            : { status: 'skipped' as const, failures: null, message: `Skipped, because ${blocker.name} did not pass.` }
      const endedMs = early?.endedMs ?? effects.nowMs()
      const result: NodeResult = {
        id: node.id,
        kind: node.kind,
        name: node.name,
        ...outcome,
        tookMs: endedMs - startedMs,
      }
      if (result.status === 'error' || result.status === 'fail' || result.status === 'skipped') failed.add(node)
      else if (node.kind !== 'test' && node.materialized !== 'view') tables.set(node, await builtTable(node, session))
      runs.set(node, { node, result, startedMs, compiledMs: startedMs, endedMs, sql })
      effects.report({
        kind: 'model/node',
        id: node.id,
        status: result.status,
        message: result.message,
        tookMs: result.tookMs,
      })
    }
  }
  const run = nodes.filter((node) => node.kind === 'test' || node.materialized !== 'ephemeral')
  await withSessions(engine, effects.threads - 1, (others) =>
    onThreads(stepsOf(run, manifest.nodes), [engine, ...others], runStep),
  )
  const inOrder = run.flatMap((node) => runs.get(node) ?? [])
  return {
    result: summary(
      inOrder.map((each) => each.result),
      run.flatMap((node) => tables.get(node) ?? []),
    ),
    runs: inOrder,
    compiled,
  }
}

/** A verdict that was found with others. The time is its share of theirs. */
interface Early {
  readonly verdict: Verdict
  readonly startedMs: number
  readonly endedMs: number
}

async function askTogether(
  nodes: readonly Node[],
  compiled: ReadonlyMap<string, Compiled>,
  engine: SqlEngine,
  { nowMs }: RunEffects,
): Promise<ReadonlyMap<string, Early>> {
  if (nodes.length < 2) return new Map()
  const started = nowMs()
  const tests = nodes.flatMap((node) => (node.kind === 'test' ? { node, sql: compiled.get(node.id)?.sql ?? '' } : []))
  const verdicts = [...(await runTests(tests, engine))]
  const shareMs = (nowMs() - started) / verdicts.length
  const time = (place: number): number => Math.round(started + place * shareMs)
  return new Map(
    verdicts.map(([id, verdict], place) => [id, { verdict, startedMs: time(place), endedMs: time(place + 1) }]),
  )
}

async function runNode(
  node: Node,
  work: Omit<Work, 'node'>,
  loaded: Loaded,
  engine: SqlEngine,
  shelf: Shelf,
): Promise<Verdict> {
  try {
    if (isUnit(node)) return await runUnitTest(node, loaded, engine)
    if (node.kind === 'test') return await runTest({ node, sql: work.sql }, engine)
    await materialize({ node, ...work }, engine, shelf)
    return { status: 'success', failures: null, message: null }
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'engine/cancelled') throw error
    return {
      status: 'error',
      failures: null,
      message: `${error.message} (${node.file}, as ${compiledPath(loaded.project.name, node)})`,
    }
  }
}

/** Views whose rows an earlier build kept and that this one's nodes read without building them: made anew, for what they read may have changed. */
function viewsBeside(nodes: readonly Node[], { nodes: all, order }: Manifest, shelf: Shelf): readonly ModelNode[] {
  const own = new Set(nodes.map(({ id }) => id))
  const read = new Set<string>()
  const walk = (id: string): void => {
    const node = all.get(id)
    if (node?.kind !== 'model' || read.has(id) || own.has(id)) return
    if (node.materialized !== 'view' && node.materialized !== 'ephemeral') return
    read.add(id)
    for (const need of node.needs.nodes) walk(need)
  }
  for (const node of nodes) for (const id of node.needs.nodes) walk(id)
  return order.filter(
    (node): node is ModelNode => node.kind === 'model' && read.has(node.id) && shelf.kindOf(node) === 'stored',
  )
}

async function builtTable(node: ModelNode, engine: SqlEngine): Promise<BuiltTable> {
  return {
    id: node.id,
    relation: `${node.schema}.${node.alias}`,
    name: node.alias,
    schema: node.schema,
    kind: node.kind,
    columns: await engine.describe(`select * from ${node.relation.sql}`),
  }
}

export function summary(nodes: readonly NodeResult[], tables: readonly BuiltTable[]): BuildResult {
  const tests = nodes.filter((node) => node.kind === 'test')
  const count = (...statuses: string[]): number => tests.filter((test) => statuses.includes(test.status)).length
  return {
    nodes,
    tables,
    tests: { passed: count('pass'), failed: count('fail', 'error'), warned: count('warn') },
    ok: nodes.every((node) => node.status === 'success' || node.status === 'pass' || node.status === 'warn'),
  }
}
