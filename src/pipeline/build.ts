import type { Snapshot } from '#lake'
import type { BuildResult, Column, ModelProject, ModelRunner } from '#port'
import type { StageEffects } from './effects.ts'
import { attachSnapshot } from './exchange.ts'
import type { Publication } from './publication.ts'

/** A table that models read, `silver.svi`, and the columns it has before anything was ever written to it. */
export interface SourceTable {
  readonly name: string
  readonly columns: readonly Column[]
}

export interface BuildOptions {
  readonly project: ModelProject
  readonly targetFolder: string
  /** Hash of the project's files, its vars and the contracts' fingerprints. */
  readonly projectHash: string
  readonly sources: readonly SourceTable[]
  /** The publication that stands; incremental models go on from its Gold. */
  readonly standing: Publication | undefined
  /** Incremental models are built anew. So they are where the project is not the one that stands. */
  readonly full: boolean
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

/** True where the publication rests on exactly these versions and this project. */
export function isCurrent(
  standing: Publication | undefined,
  projectHash: string,
  snapshots: ReadonlyMap<string, Snapshot | undefined>,
): boolean {
  if (standing === undefined || standing.projectHash !== projectHash) return false
  const built = new Map(standing.silver.map(({ table, version }) => [table, version]))
  return [...snapshots].every(([name, snapshot]) => built.get(name) === (snapshot?.version ?? -1))
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
  if (!full && options.standing !== undefined) await carryOver(options, options.standing, runner, effects)
  const result = await runner.build(
    { ...options.project, fullRefresh: full, targetFolder: options.targetFolder },
    effects.engine,
  )
  effects.failpoint('build/after-build')
  return result
}

/** Incremental models find their published rows standing in the engine, as tables of its own that they may change. */
async function carryOver(
  { project }: BuildOptions,
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
      `CREATE SCHEMA IF NOT EXISTS gold; CREATE TABLE gold."${node.name}" AS SELECT * FROM published."${node.name}"`,
    )
  }
}
