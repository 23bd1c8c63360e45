import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BuildRequest } from '#port'
import type { Run } from './build.ts'
import { compiledPath } from './compile.ts'
import type { Loaded } from './load.ts'
import { manifestJson } from './manifest-json.ts'

/** The version of dbt whose artifacts these have the shape of. */
const artifactVersion = '1.12.0'

export interface Invocation {
  readonly which: 'build' | 'test'
  readonly id: string
  readonly startedMs: number
  readonly endedMs: number
  /** False where the folder has the manifest of this very project already. */
  readonly withManifest: boolean
}

/**
 * `manifest.json` (v12) and `run_results.json` (v6), as dbt leaves them; both hold each node's compiled SQL, and `compiled/` that of nodes that went wrong.
 */
export function writeArtifacts(loaded: Loaded, run: Run, request: BuildRequest, invocation: Invocation): void {
  const { targetFolder } = request
  mkdirSync(targetFolder, { recursive: true })
  const compiledPaths = new Map<string, string>()
  const wrong = new Set(
    run.runs.filter(({ result }) => result.status === 'error' || result.status === 'fail').map(({ node }) => node.id),
  )
  for (const { node, sql } of run.compiled.values()) {
    const path = compiledPath(loaded.manifest.project, node)
    if (!wrong.has(node.id)) continue
    const file = join(targetFolder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, sql)
    compiledPaths.set(node.id, path)
  }
  const metadata = {
    dbt_version: artifactVersion,
    generated_at: iso(invocation.endedMs),
    invocation_id: invocation.id,
    invocation_started_at: iso(invocation.startedMs),
    env: {},
  }
  if (invocation.withManifest)
    write(join(targetFolder, 'manifest.json'), manifestJson(loaded, run, compiledPaths, metadata))
  write(join(targetFolder, 'run_results.json'), runResults(run, request, invocation, metadata))
}

function runResults(run: Run, request: BuildRequest, invocation: Invocation, metadata: object): object {
  return {
    metadata: { dbt_schema_version: 'https://schemas.getdbt.com/dbt/run-results/v6.json', ...metadata },
    results: run.runs.map(({ node, result, sql, startedMs, endedMs }) => ({
      status: result.status,
      timing: ['compile', 'execute'].map((name) => ({
        name,
        started_at: iso(startedMs),
        completed_at: iso(name === 'compile' ? startedMs : endedMs),
      })),
      thread_id: 'main',
      execution_time: result.tookMs / 1000,
      adapter_response: {},
      message: result.message,
      failures: result.failures,
      unique_id: node.id,
      compiled: sql !== null,
      compiled_code: sql,
      relation_name: node.kind === 'test' ? null : node.relation.sql,
      batch_results: null,
    })),
    elapsed_time: (invocation.endedMs - invocation.startedMs) / 1000,
    args: {
      which: invocation.which,
      select: request.select ?? [],
      exclude: request.exclude ?? [],
      full_refresh: request.fullRefresh,
      vars: request.vars,
    },
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

const write = (file: string, content: object): void => writeFileSync(file, JSON.stringify(content))
