import type { ModelRunner, Report } from '#port'
import { writeArtifacts } from './artifact.ts'
import { runProject } from './build.ts'
import { compileAll } from './compile.ts'
import type { Loaded } from './load.ts'
import { projectReader } from './load-once.ts'

export interface RunnerEffects {
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** A fresh UUID, which names one run in its artifacts. */
  readonly newId: () => string
  /** How many nodes are built at once, dbt's `threads`; 1 where absent. */
  readonly threads?: number
}

/**
 * Runs a dbt project in process, within the bounds of `embeddedFeatures`; what is beyond them is refused by name before anything is built.
 * One runner reads a project once for as long as its files stay as they are, so that building it again costs what the models and tests cost.
 */
export function embeddedRunner({ report, nowMs, newId, threads = 1 }: RunnerEffects): ModelRunner {
  const read = projectReader()
  /** Where each project's manifest was written last. */
  const manifests = new WeakMap<Loaded, string>()
  const run = async (...[request, engine, which]: [...Parameters<ModelRunner['build']>, 'build' | 'test']) => {
    const startedMs = nowMs()
    const loaded = read(request)
    const done = await runProject(loaded, request, which, engine, { report, nowMs, threads })
    // Of a project that is built in part, again and again, the manifest is by far the dearest to write, and the same each time but for compiled SQL.
    const withManifest = request.select === undefined || manifests.get(loaded) !== request.targetFolder
    writeArtifacts(loaded, done, request, { which, id: newId(), startedMs, endedMs: nowMs(), withManifest })
    manifests.set(loaded, request.targetFolder)
    return done.result
  }
  return {
    async plan(project) {
      const { manifest } = read(project)
      return manifest.order.map((node) => ({
        id: node.id,
        kind: node.kind,
        name: node.name,
        dependsOn: [...node.needs.nodes],
        sources: [...node.needs.nodes].flatMap((id) => {
          const source = manifest.sources.get(id)
          return source === undefined ? [] : [`${source.relation.schema}.${source.relation.identifier}`]
        }),
        materialized: node.kind === 'test' ? 'test' : node.materialized,
        relation:
          node.kind === 'test' || node.materialized === 'ephemeral'
            ? null
            : `${node.relation.schema}.${node.relation.identifier}`,
      }))
    },
    async compile(project) {
      const loaded = read(project)
      const compiled = compileAll(loaded, loaded.manifest.order, { goesOn: () => false })
      return new Map([...compiled.values()].map(({ node, sql }) => [node.id, sql]))
    },
    build: (request, engine) => run(request, engine, 'build'),
    test: (request, engine) => run(request, engine, 'test'),
  }
}
