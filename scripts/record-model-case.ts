import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import { contents } from '../test/model/conformance.ts'
import { realDbt } from '../test/model/dbt.ts'
import { compiledIn } from '../test/model/parity.ts'

// Writes what dbt itself makes of a case under test/cases/model into its expected.json: `node scripts/record-model-case.ts [CASE …]`, all cases by default.

const cases = join(import.meta.dirname, '../test/cases/model')
const named = process.argv.slice(2)
const kept = ['name', 'alias', 'schema', 'fqn', 'tags', 'path', 'description']

const sorted = <T>(entries: readonly (readonly [string, T])[]) =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

async function record(name: string): Promise<void> {
  const folder = join(cases, name)
  const { env = {}, tables, builds } = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8'))
  const scratch = mkdtempSync(join(tmpdir(), 'fairlead-case-'))
  const engine = await duckdbEngine({ memoryMb: 256, threads: 1, spillFolder: join(scratch, 'spill') })
  const project = { folder: join(folder, 'project'), target: 'embedded', vars: {}, env }
  const made = []
  try {
    let compiled: object | undefined
    for (const { before = [], fullRefresh = false } of builds) {
      for (const sql of before) await engine.run(sql)
      const { nodes } = await realDbt().build(
        { ...project, fullRefresh, targetFolder: join(scratch, 'target') },
        engine,
      )
      const rows: [string, unknown][] = []
      for (const table of tables) rows.push([table, await contents(engine, table)])
      made.push({
        nodes: sorted(nodes.map(({ id, status, failures }) => [id, { status, failures }])),
        tables: sorted(rows),
      })
      compiled ??= compiledIn(join(scratch, 'target'))
    }
    const manifest = JSON.parse(readFileSync(join(scratch, 'target', 'manifest.json'), 'utf8'))
    const nodes = Object.entries<Record<string, { nodes?: string[] }>>({ ...manifest.nodes, ...manifest.unit_tests })
    const described = nodes.map(([id, node]): [string, object] => [
      id,
      {
        ...Object.fromEntries(kept.flatMap((key) => (node[key] === undefined ? [] : [[key, node[key]]]))),
        dependsOn: [...new Set(node.depends_on?.nodes)].sort(),
      },
    ])
    const expected = { builds: made, nodes: sorted(described), compiled }
    writeFileSync(join(folder, 'expected.json'), `${JSON.stringify(expected, null, 2)}\n`)
    console.log(`wrote ${name}`)
  } finally {
    await engine.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

for (const name of readdirSync(cases)) {
  if (existsSync(join(cases, name, 'case.json')) && (named.length === 0 || named.includes(name))) await record(name)
}
