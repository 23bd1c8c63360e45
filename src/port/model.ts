import type { Column } from './column.ts'
import type { SqlEngine } from './engine.ts'

export interface ModelProject {
  /** Absolute path of the folder that holds `dbt_project.yml`. */
  readonly folder: string
  /** Name of the target, as `target.name` sees it. */
  readonly target: string
  /** Values for `var()`, over those of the project. */
  readonly vars: Readonly<Record<string, unknown>>
  /** What `env_var()` may see. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folders of models besides the project's own, as a planted case in a test has them. Absolute. */
  readonly extraModelFolders?: readonly string[]
}

export interface BuildRequest extends ModelProject {
  /** What to build, with all it stands on: names, or `tag:x` for all that have a tag; everything where absent. */
  readonly select?: readonly string[]
  /** Only what is named and its tests, over what stands in the engine: what it stands on is not built again. */
  readonly alone?: boolean
  /** What of it not to build, in the same words. A tag also means sources that have it; tests that read something excluded are left out with it. */
  readonly exclude?: readonly string[]
  /** Incremental models are built anew, whatever stands. */
  readonly fullRefresh: boolean
  /** Folder for `manifest.json`, `run_results.json` and, of nodes that went wrong, `compiled/`. Absolute; made if absent. */
  readonly targetFolder: string
}

export type NodeStatus = 'success' | 'error' | 'skipped' | 'pass' | 'fail' | 'warn'

export interface NodeResult {
  /** dbt's unique id, `model.fairlead.climate_vulnerability`. */
  readonly id: string
  readonly kind: 'model' | 'seed' | 'test'
  readonly name: string
  readonly status: NodeStatus
  /** Rows a test found; null for what is no test. */
  readonly failures: number | null
  readonly message: string | null
  readonly tookMs: number
}

/** A table that the build left in the engine. */
export interface BuiltTable {
  readonly id: string
  /** Name in the engine, `gold.school_climate_snapshot`. */
  readonly relation: string
  readonly name: string
  readonly schema: string
  readonly kind: 'model' | 'seed'
  readonly columns: readonly Column[]
}

export interface BuildResult {
  readonly nodes: readonly NodeResult[]
  /** Tables and seeds that stand, in build order; views are not among them. */
  readonly tables: readonly BuiltTable[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  /** True where no model or seed failed and no test with severity `error` failed. */
  readonly ok: boolean
}

export interface PlannedNode {
  readonly id: string
  readonly kind: 'model' | 'seed' | 'test'
  readonly name: string
  readonly dependsOn: readonly string[]
  /** Names as `schema.table` of the sources it reads directly. */
  readonly sources: readonly string[]
  /** view, table, incremental, ephemeral, seed or test. */
  readonly materialized: string
  /** Name in the engine, `gold.school_climate_snapshot`; null for a test and for what is ephemeral. */
  readonly relation: string | null
}

/**
 * Builds a dbt project in an engine that already holds its sources (`silver.*`, `bronze.*`) and, for incremental models, their published rows.
 * Faults: `model/project` (the project cannot be read: file, line, what), `model/unsupported` (the feature's name, file, line, "run it with dbt itself"),
 * `model/cycle`. A model that fails or a test that fails is a result, not a fault.
 */
export interface ModelRunner {
  /** What would be built, in build order, without running anything. */
  plan(project: ModelProject): Promise<readonly PlannedNode[]>
  /** Models, seeds and tests, each test right after what it tests. */
  build(request: BuildRequest, engine: SqlEngine): Promise<BuildResult>
  /** Only the tests, against what stands in the engine. */
  test(request: BuildRequest, engine: SqlEngine): Promise<BuildResult>
  /** Each model's SQL as it would run, by unique id. */
  compile(project: ModelProject): Promise<ReadonlyMap<string, string>>
}
