import { createHash } from 'node:crypto'
import type { Snapshot } from '#lake'
import type { BuildResult, Column, ModelProject, ModelRunner } from '#port'
import type { StageEffects } from './effects.ts'
import { attachSnapshot } from './exchange.ts'
import type { Publication, RunRecord } from './publication.ts'

/** A table that models read, `silver.svi`, and the columns it has before anything was ever written to it. */
export interface SourceTable {
  readonly name: string
  readonly columns: readonly Column[]
  /**
   * Of a table that holds rows of many datasets: those that Gold is built for. Absent: all its rows count. So a stream, which moves these tables every
   * second, does not make stale what is built from files.
   */
  readonly of?: readonly string[]
}

export interface BuildOptions {
  readonly project: ModelProject
  /** Models that are built elsewhere, in dbt's words. */
  readonly exclude: readonly string[]
  readonly targetFolder: string
  /** Hash of the project's files, its vars and the contracts' fingerprints. */
  readonly projectHash: string
  readonly sources: readonly SourceTable[]
  /** The publication that stands; incremental models go on from its Gold. */
  readonly standing: Publication | undefined
  /** Incremental models are built anew. So they are where the project is not the one that stands. */
  readonly full: boolean
}

/** Models and tests that failed. */
export function failedNodes({ nodes }: BuildResult): RunRecord['failed'] {
  return nodes
    .filter(({ status }) => status === 'error' || status === 'fail')
    .map(({ id, message, failures }) => ({ id, message, failures }))
}

/** Path of a table's folder in the lake. */
export function rootOf(name: string): string {
  return name.replace('.', '/')
}

/** Reads the newest version of every source. One moment for each table, not one for all: replace-by-key makes each whole by itself. */
export async function sourceSnapshots(
  sources: readonly SourceTable[],
  effects: Pick<StageEffects, 'table'>,
): Promise<ReadonlyMap<string, Snapshot | undefined>> {
  const snapshots = new Map<string, Snapshot | undefined>()
  for (const { name } of sources) snapshots.set(name, await effects.table(rootOf(name)).snapshot())
  return snapshots
}

/** What a publication says of the sources it was built from. */
export function sourceVersions(
  sources: readonly SourceTable[],
  snapshots: ReadonlyMap<string, Snapshot | undefined>,
): Publication['silver'] {
  return sources.map(({ name, of }) => {
    const snapshot = snapshots.get(name)
    const version = snapshot?.version ?? -1
    return of === undefined ? { table: name, version } : { table: name, version, mark: markOf(snapshot, of) }
  })
}

/** Changes whenever the table's rows of these datasets do: each commit that brings some says so in a transaction with the dataset's name. */
function markOf(snapshot: Snapshot | undefined, datasets: readonly string[]): string {
  const said = [...(snapshot?.txns ?? [])].filter(([appId]) => datasets.includes(appId.split(':')[1] ?? ''))
  return createHash('sha256').update(JSON.stringify(said.sort())).digest('hex').slice(0, 16)
}

/** True where the publication rests on exactly these versions and this project. */
export function isCurrent(
  standing: Publication | undefined,
  projectHash: string,
  sources: Publication['silver'],
): boolean {
  if (standing === undefined || standing.projectHash !== projectHash) return false
  const built = new Map(standing.silver.map((source) => [source.table, source]))
  return sources.every(({ table, version, mark }) => {
    const source = built.get(table)
    return source !== undefined && (mark === undefined ? source.version === version : source.mark === mark)
  })
}

/** Builds and audits Gold in the engine. Nothing of it is in the lake yet. */
export async function buildGold(
  options: BuildOptions,
  snapshots: ReadonlyMap<string, Snapshot | undefined>,
  runner: ModelRunner,
  effects: StageEffects,
): Promise<BuildResult> {
  const full = options.full || options.standing?.projectHash !== options.projectHash
  for (const { name, columns } of options.sources) {
    await attachSnapshot(name, effects.table(rootOf(name)), snapshots.get(name), columns, effects)
  }
  if (!full && options.standing !== undefined) await carryOver(options.project, options.standing, runner, effects)
  const result = await runner.build(
    { ...options.project, exclude: options.exclude, fullRefresh: full, targetFolder: options.targetFolder },
    effects.engine,
  )
  effects.failpoint('build/after-build')
  return result
}

/** Incremental models find their published rows standing in the engine, as tables of its own that they may change. */
export async function carryOver(
  project: ModelProject,
  standing: Publication,
  runner: ModelRunner,
  effects: StageEffects,
): Promise<void> {
  const incremental = (await runner.plan(project)).filter((node) => node.materialized === 'incremental')
  for (const node of incremental) {
    const published = standing.gold.find((one) => one.table === node.name)
    if (published === undefined) continue
    const table = effects.table(`gold/${node.name}`)
    const snapshot = await table.snapshotAt(published.version)
    await attachSnapshot(`published.${node.name}`, table, snapshot, snapshot.columns, effects)
    await effects.engine.run(
      `CREATE SCHEMA IF NOT EXISTS gold; CREATE OR REPLACE TABLE gold."${node.name}" AS SELECT * FROM published."${node.name}"`,
    )
  }
}
