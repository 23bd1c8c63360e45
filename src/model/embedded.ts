import type { ModelRunner, Report } from '#port'
import { writeArtifacts } from './artifact.ts'
import { runProject } from './build.ts'
import { compileAll } from './compile.ts'
import { loadProject } from './load.ts'

export interface RunnerEffects {
  readonly report: Report
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** A fresh UUID, which names one run in its artifacts. */
  readonly newId: () => string
}

/** Runs a dbt project in process, within the bounds of `embeddedFeatures`; what is beyond them is refused by name before anything is built. */
export function embeddedRunner({ report, nowMs, newId }: RunnerEffects): ModelRunner {
  const run = async (...[request, engine, which]: [...Parameters<ModelRunner['build']>, 'build' | 'test']) => {
    const startedMs = nowMs()
    const loaded = loadProject(request)
    const done = await runProject(loaded, request, which, engine, { report, nowMs })
    writeArtifacts(loaded, done, request, { which, id: newId(), startedMs, endedMs: nowMs() })
    return done.result
  }
  return {
    async plan(project) {
      const { manifest } = loadProject(project)
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
      }))
    },
    async compile(project) {
      const loaded = loadProject(project)
      const compiled = compileAll(loaded, loaded.manifest.order, { goesOn: () => false })
      return new Map([...compiled.values()].map(({ node, sql }) => [node.id, sql]))
    },
    build: (request, engine) => run(request, engine, 'build'),
    test: (request, engine) => run(request, engine, 'test'),
  }
}
