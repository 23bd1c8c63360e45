import type { Snapshot, Table } from '#lake'
import type { BuildResult, Column, ModelProject, ModelRunner } from '#port'
import { Fault } from '#port'
import { carryOver, failedNodes, rootOf } from './build.ts'
import type { StageEffects } from './effects.ts'
import { attachFiles } from './exchange.ts'
import { newestPublication } from './history.ts'
import type { Publication, RunRecord } from './publication.ts'
import { liveLine } from './publication.ts'
import { publish } from './publish.ts'

export interface LiveOptions {
  readonly project: ModelProject
  readonly targetFolder: string
  /** Hash of the project's files, its vars and the contract's fingerprint. */
  readonly projectHash: string
  /** The Silver table that the models read, `silver.survey_live`, and its columns. */
  readonly source: { readonly name: string; readonly columns: readonly Column[] }
  /** Which models are the live ones, in dbt's words. */
  readonly select: readonly string[]
  readonly runId: string
  readonly simulated: boolean
  /** Version of the publication whose Gold already stands in the engine, because this process built it there; undefined where none does. */
  readonly engineHolds: number | undefined
}

export type LiveOutcome =
  | { readonly outcome: 'published'; readonly publication: Publication; readonly tests: BuildResult['tests'] }
  /** Another process published at least as much meanwhile. */
  | { readonly outcome: 'overtaken'; readonly publication: Publication }
  | { readonly outcome: 'unchanged'; readonly publication: Publication | undefined }
  /** Tests or models failed: what was published stands. */
  | { readonly outcome: 'held'; readonly failed: RunRecord['failed'] }

/**
 * Counts what Silver gained since the last live publication, tests it and publishes it. Where Silver took rows away, or the project is another, all of it is
 * counted anew. Nothing gained: nothing is built.
 */
export async function publishLive(
  options: LiveOptions,
  runner: ModelRunner,
  effects: StageEffects,
): Promise<LiveOutcome> {
  const { source, project, projectHash, select } = options
  const standing = await newestPublication(liveLine, effects)
  const silver = effects.table(rootOf(source.name))
  const snapshot = await silver.snapshot()
  if (snapshot === undefined) return { outcome: 'unchanged', publication: standing }
  const counted = countedUpTo(standing, source.name)
  if (standing?.projectHash === projectHash && counted === snapshot.version)
    return { outcome: 'unchanged', publication: standing }

  const gain = standing?.projectHash === projectHash ? await gained(silver, snapshot, counted) : undefined
  // Only put together: the same rows in other files.
  if (gain !== undefined && gain.length === 0) return { outcome: 'unchanged', publication: standing }
  const files = gain ?? snapshot.files
  const buildStartedMs = effects.nowMs()
  await attachFiles(
    source.name,
    { root: silver.root, columns: snapshot.columns, partitionColumns: snapshot.partitionColumns, files },
    effects,
  )
  const isThere = standing?.version === options.engineHolds
  if (gain !== undefined && standing !== undefined && !isThere) await carryOver(project, standing, runner, effects)
  const request = { ...project, select, fullRefresh: gain === undefined, targetFolder: options.targetFolder }
  const built = await runner.build(request, effects.engine)
  effects.failpoint('live/after-build')
  const startedMs = effects.nowMs()
  const buildMs = startedMs - buildStartedMs
  if (!built.ok) return held(built, buildMs, effects)

  const sources = [{ table: source.name, version: snapshot.version }]
  const { runId, simulated: sample } = options
  const published = await publish(built, { line: liveLine, runId, projectHash, sample, sources, standing }, effects)
  if (published.outcome === 'overtaken') return published
  const { version } = published.publication
  const { tests } = built
  effects.report({ kind: 'live/published', version, tests, buildMs, tookMs: effects.nowMs() - startedMs })
  return { ...published, tests }
}

function countedUpTo(standing: Publication | undefined, source: string): number {
  return standing?.silver.find(({ table }) => table === source)?.version ?? -1
}

/** The files that Silver gained; undefined where gains are not all that happened, or the log no longer tells. */
async function gained(silver: Table, { version }: Snapshot, counted: number) {
  if (counted < 0 || counted > version) return undefined
  try {
    const { added, removes } = await silver.dataChangesBetween(counted, version)
    return removes ? undefined : added
  } catch (error) {
    if (error instanceof Fault && error.code === 'lake/no-version') return undefined
    throw error
  }
}

function held(built: BuildResult, buildMs: number, { report }: StageEffects): LiveOutcome {
  const failed = failedNodes(built)
  report({ kind: 'live/held', failed: failed.map(({ id }) => id), tests: built.tests, buildMs })
  return { outcome: 'held', failed }
}
