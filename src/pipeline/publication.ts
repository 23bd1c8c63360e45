import type { FailpointName } from '#port'

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
  /** Source tables with the version that was read; of a table that many datasets share, `mark` tells more. */
  readonly silver: readonly { readonly table: string; readonly version: number; readonly mark?: string }[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  /** True where any source it rests on is generated sample data. */
  readonly sample: boolean
}

/**
 * A line of publications, in a table of its own. The batch half of Gold and the live half share no table, so each is published without the other.
 */
export interface PublicationLine {
  /** Folder of the table that names them. */
  readonly root: string
  /** True: a publication takes the place of the one before, which time travel still reaches for as long as removed files are kept. */
  readonly replaces: boolean
  /** Properties of its tables, given when they are made. */
  readonly configuration: Readonly<Record<string, string>>
  readonly points: {
    readonly betweenGold: FailpointName
    readonly beforePublication: FailpointName
    readonly afterPublication: FailpointName
  }
}

/** What a run publishes: every publication there ever was. */
export const runLine: PublicationLine = {
  root: 'publication',
  replaces: false,
  configuration: {},
  points: {
    betweenGold: 'publish/between-gold',
    beforePublication: 'publish/before-publication',
    afterPublication: 'publish/after-publication',
  },
}

/** What a stream publishes, as often as every second. */
export const liveLine: PublicationLine = {
  root: 'live_publication',
  replaces: true,
  // A version a second, each of the whole table: an hour is longer than anyone reads one, and shorter than a disk.
  configuration: {
    'delta.deletedFileRetentionDuration': 'interval 1 hours',
    'delta.logRetentionDuration': 'interval 1 hours',
    'delta.checkpointInterval': '100',
  },
  points: {
    betweenGold: 'live/between-gold',
    beforePublication: 'live/before-publication',
    afterPublication: 'live/after-publication',
  },
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

/** Folder of the table that says when the live line was held or failed, one row each time. */
export const liveRunRoot = 'live_run'
