import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildResult, Cell, Column, Row, SqlEngine } from '#port'

/** What one runner made of a project: its result, its artifacts, and every table it left. */
export interface Made {
  readonly result: BuildResult
  readonly manifest: Artifact
  readonly runResults: readonly Artifact[]
  readonly tables: ReadonlyMap<string, { readonly columns: readonly Column[]; readonly rows: readonly Row[] }>
}

type Artifact = Readonly<Record<string, unknown>>

/** Floats may differ by this share of the larger one: sums are taken in another order. */
const floatTolerance = 1e-9

export async function takeDown(result: BuildResult, targetFolder: string, engine: SqlEngine): Promise<Made> {
  const read = (file: string) => JSON.parse(readFileSync(join(targetFolder, file), 'utf8'))
  const tables: [string, { columns: readonly Column[]; rows: readonly Row[] }][] = []
  for (const { relation, schema, name } of result.tables) {
    tables.push([relation, await engine.query(`select * from "${schema}"."${name}" order by all`)])
  }
  return {
    result,
    manifest: read('manifest.json'),
    runResults: read('run_results.json').results,
    tables: new Map(tables),
  }
}

/** Fails with what differs: rows of every table, verdicts, and the fields that both write into their artifacts. */
export function sameMade(ours: Made, dbts: Made): void {
  assert.deepEqual(verdicts(ours.result), verdicts(dbts.result), 'how each node ended')
  assert.deepEqual([...ours.tables.keys()].sort(), [...dbts.tables.keys()].sort(), 'which tables stand')
  for (const [name, { columns, rows }] of ours.tables) {
    const other = dbts.tables.get(name)
    assert.deepEqual(columns, other?.columns, `columns of ${name}`)
    assert.equal(rows.length, other?.rows.length, `rows of ${name}`)
    assert.deepEqual(differingRows(rows, other?.rows ?? []), [], `rows of ${name}`)
  }
  assert.deepEqual(sourcesOf(ours.manifest), sourcesOf(dbts.manifest), 'sources in the manifest')
  const [own, other] = [nodesOf(ours.manifest), nodesOf(dbts.manifest)]
  assert.deepEqual(Object.keys(own), Object.keys(other), 'nodes in the manifest')
  for (const [id, node] of Object.entries(own)) assert.deepEqual(node, other[id], `${id} in the manifest`)
  assert.deepEqual(resultsOf(ours.runResults), resultsOf(dbts.runResults), 'run_results.json')
}

function differingRows(rows: readonly Row[], others: readonly Row[]): readonly unknown[] {
  return rows
    .flatMap((row, at) => (sameRow(row, others[at] ?? []) ? [] : [{ at, ours: row, dbts: others[at] }]))
    .slice(0, 3)
}

const sameRow = (a: Row, b: Row): boolean => a.length === b.length && a.every((cell, i) => sameCell(cell, b[i] ?? null))

function sameCell(a: Cell, b: Cell): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= floatTolerance * Math.max(1, Math.abs(a), Math.abs(b))
  }
  return JSON.stringify(a) === JSON.stringify(b)
}

const byKey = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

const verdicts = ({ nodes }: BuildResult): object =>
  byKey(nodes.map(({ id, status, failures }) => [id, { status, failures }]))

/** Relations print with the database in front, which says nothing; blanks and line ends are each side's own. */
export function normalSql(sql: unknown): string | null {
  if (typeof sql !== 'string') return null
  const words = sql
    .replaceAll('"memory".', '')
    .replace(/--[^\n]*/g, ' ')
    .replace(/\{#[\s\S]*?#\}/g, ' ')
  return words
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),=[\]]) ?/g, '$1')
    .trim()
}

const sameFields = [
  'name',
  'alias',
  'schema',
  'fqn',
  'path',
  'original_file_path',
  'resource_type',
  'description',
] as const

function nodesOf(manifest: Artifact): Record<string, object> {
  const nodes = {
    ...(manifest.nodes as Record<string, Artifact>),
    ...(manifest.unit_tests as Record<string, Artifact>),
  }
  return byKey(
    Object.entries(nodes).map(([id, node]) => {
      const needs = node.depends_on as { nodes?: readonly string[] }
      return [
        id,
        {
          ...Object.fromEntries(sameFields.map((field) => [field, node[field]])),
          // Of a unit test dbt has them in its config alone.
          tags: [...((node.tags ?? (node.config as Artifact).tags ?? []) as string[])].sort(),
          depends_on: [...(needs.nodes ?? [])].sort(),
          materialized: (node.config as Artifact).materialized,
          relation_name: normalSql(node.relation_name),
          compiled: normalSql(node.compiled_code),
        },
      ]
    }),
  )
}

function sourcesOf(manifest: Artifact): object {
  const sources = Object.entries(manifest.sources as Record<string, Artifact>)
  return byKey(
    sources.map(([id, { name, source_name, schema, identifier, description, fqn }]) => [
      id,
      { name, source_name, schema, identifier, description, fqn },
    ]),
  )
}

/** Verdicts in `run_results.json`, without what dbt lists there and builds nothing for. */
export function resultsOf(results: readonly Artifact[]): object {
  const ran = results.filter(({ unique_id: id }) => !/^(exposure|saved_query)\./.test(String(id)))
  return byKey(
    ran.map(({ unique_id: id, status, failures }) => [
      String(id),
      { status, failures: status === 'success' || status === 'skipped' || status === 'error' ? null : failures },
    ]),
  )
}

/** Each node's SQL in the manifest of a folder, of unit tests none: dbt writes its own around theirs. */
export function compiledIn(targetFolder: string): Readonly<Record<string, string | null>> {
  const { nodes } = JSON.parse(readFileSync(join(targetFolder, 'manifest.json'), 'utf8'))
  return byKey(Object.entries<Artifact>(nodes).map(([id, { compiled_code: sql }]) => [id, normalSql(sql)]))
}
