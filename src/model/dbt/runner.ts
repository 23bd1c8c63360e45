import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  BuildRequest,
  BuildResult,
  BuiltTable,
  ModelProject,
  ModelRunner,
  NodeResult,
  Report,
  SqlEngine,
} from '#port'
import { summary } from '../build.ts'
import { quoted } from '../context.ts'
import type { DbtManifest } from './artifact.ts'
import { kindOf, planOf, readManifest, readResults } from './artifact.ts'
import type { Made } from './exchange.ts'
import { databaseFile, readDatabase, writeDatabase } from './exchange.ts'
import { dbtFault } from './fault.ts'
import type { DbtProgram } from './find.ts'
import { layOut } from './folder.ts'
import { callDbt } from './process.ts'
import { dbtSelection } from './select.ts'

export interface DbtEffects {
  readonly report: Report
  readonly signal: AbortSignal
  /** Asked for once, when dbt is first needed. */
  readonly program: () => Promise<DbtProgram>
}

/**
 * Runs a dbt project with dbt itself, in a process and a database file of its own: what stands in the engine is copied there before, and what was built is
 * copied back after. Slower than the embedded runner by dbt's own start, and without its bounds.
 */
export function dbtRunner({ report, signal, program }: DbtEffects): ModelRunner {
  let found: Promise<DbtProgram> | undefined

  /** dbt over a fresh database file in a scratch folder, which goes afterwards. */
  async function withDbt<T>(request: ModelProject, work: (dbt: Dbt) => Promise<T>): Promise<T> {
    found ??= program()
    const { program: path } = await found
    const scratch = mkdtempSync(join(tmpdir(), 'fairlead-dbt-'))
    const database = join(scratch, databaseFile)
    try {
      const { project, profiles } = layOut(request, scratch, database)
      const shared = ['--project-dir', project, '--profiles-dir', profiles, '--target', request.target]
      const vars = ['--vars', JSON.stringify(request.vars)]
      return await work({
        database,
        targetFolder: join(scratch, 'target'),
        call: (command, targetFolder) => {
          const args = [...command, ...shared, ...vars, '--target-path', targetFolder, '--log-path', scratch]
          return callDbt({ program: path, args, env: request.env, report, signal })
        },
      })
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  }

  const manifestAfter = (project: ModelProject, command: string): Promise<DbtManifest> =>
    withDbt(project, async ({ call, targetFolder }) => {
      const { code, errors } = await call([command], targetFolder)
      if (code !== 0) throw dbtFault(errors)
      return readManifest(targetFolder)
    })

  const run = (request: BuildRequest, engine: SqlEngine, which: 'build' | 'test'): Promise<BuildResult> =>
    withDbt(request, async ({ call, database }) => {
      const { targetFolder } = request
      mkdirSync(targetFolder, { recursive: true })
      rmSync(join(targetFolder, 'run_results.json'), { force: true })
      await writeDatabase(engine, database)
      const full = which === 'build' && request.fullRefresh ? ['--full-refresh'] : []
      const { code, errors } = await call([which, ...full, ...dbtSelection(request)], targetFolder)
      if (code > 1 || !existsSync(join(targetFolder, 'run_results.json'))) throw dbtFault(errors)
      const manifest = readManifest(targetFolder)
      const nodes = readResults(targetFolder, manifest)
      const made = which === 'build' ? madeBy(nodes, manifest) : []
      await readDatabase(engine, database, made)
      const tables: BuiltTable[] = []
      for (const { id, schema, alias, view } of made) {
        if (view !== null) continue
        const columns = await engine.describe(`select * from ${quoted(schema)}.${quoted(alias)}`)
        const kind = kindOf(id) === 'seed' ? 'seed' : 'model'
        tables.push({ id, relation: `${schema}.${alias}`, name: alias, schema, kind, columns })
      }
      return summary(nodes, tables)
    })

  return {
    plan: async (project) => planOf(await manifestAfter(project, 'parse')),
    async compile(project) {
      const { nodes } = await manifestAfter(project, 'compile')
      return new Map(
        Object.values(nodes).flatMap(({ unique_id: id, compiled_code: sql }) => (sql ? [[id, sql] as const] : [])),
      )
    },
    build: (request, engine) => run(request, engine, 'build'),
    test: (request, engine) => run(request, engine, 'test'),
  }
}

interface Dbt {
  readonly database: string
  readonly targetFolder: string
  call(command: readonly string[], targetFolder: string): ReturnType<typeof callDbt>
}

/** What stands now that did not before: tables, seeds, views; of what failed, nothing. */
function madeBy(results: readonly NodeResult[], manifest: DbtManifest): readonly (Made & { readonly id: string })[] {
  return results.flatMap(({ id, status }) => {
    const node = manifest.nodes[id]
    if (node?.alias === undefined || kindOf(id) === 'test' || status !== 'success') return []
    const { schema, alias, config, compiled_code: sql } = node
    if (config.materialized === 'ephemeral') return []
    return [{ id, schema, alias, view: config.materialized === 'view' ? (sql ?? null) : null }]
  })
}
