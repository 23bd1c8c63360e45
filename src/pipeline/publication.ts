/** What one commit in the `publication` table says: these versions belong together, and passed their tests. */
export interface Publication {
  /** The publication table's own version. */
  readonly version: number
  readonly runId: string
  /** ISO 8601, UTC. */
  readonly publishedAt: string
  /** Hash of the dbt project and of the vars it was built with. */
  readonly projectHash: string
  readonly gold: readonly { readonly table: string; readonly version: number; readonly rows: number }[]
  readonly silver: readonly { readonly table: string; readonly version: number }[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  /** True where any source it rests on is generated sample data. */
  readonly sample: boolean
}

/** One run that did something, whether or not it published. */
export interface RunRecord {
  readonly runId: string
  readonly startedAt: string
  readonly tookMs: number
  readonly outcome: 'published' | 'unchanged' | 'held' | 'failed'
  /** Unique ids of tests and models that failed. */
  readonly failed: readonly { readonly id: string; readonly message: string | null; readonly failures: number | null }[]
  readonly fault: { readonly code: string; readonly what: string; readonly mend: string } | null
}
