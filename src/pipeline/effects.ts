import type { Table } from '#lake'
import type { Failpoint, ObjectStore, Report, SqlEngine } from '#port'

/** A local folder where an engine, which knows paths, and a store, which knows objects, hand each other files. */
export interface Scratch {
  /** Absolute; exists as long as the stage runs. */
  readonly folder: string
  /** Bytes of a file in the folder, by absolute path. */
  read(path: string): Promise<Uint8Array>
  remove(path: string): Promise<void>
  /** An absolute path for each object of the store: the object itself where the store has local files, else a copy in the folder. */
  localPaths(objects: readonly string[]): Promise<readonly string[]>
}

/** What a stage does to the world. */
export interface StageEffects {
  readonly store: ObjectStore
  /** The Delta table whose folder in the store this is. */
  readonly table: (root: string) => Table
  readonly engine: SqlEngine
  readonly scratch: Scratch
  readonly nowMs: () => number
  readonly report: Report
  readonly failpoint: Failpoint
  /** Aborted when the person wants to stop: a stage ends between two commits. */
  readonly signal: AbortSignal
}
