import type { ApiCell, Figure } from './figure.ts'

/** Every error of the API, whatever its status. */
export interface ApiFault {
  readonly code: string
  readonly what: string
  readonly mend: string
}

export interface RunState {
  readonly runId: string
  readonly startedAt: string
  readonly tookMs: number
  readonly outcome: 'published' | 'unchanged' | 'held' | 'failed'
  readonly failed: readonly { readonly id: string; readonly message: string | null; readonly failures: number | null }[]
  readonly fault: ApiFault | null
}

export interface PublicationState {
  /** Null until something was published. */
  readonly publication: {
    readonly version: number
    readonly runId: string
    readonly publishedAt: string
    readonly sample: boolean
    readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
    readonly gold: readonly { readonly table: string; readonly rows: number }[]
  } | null
  readonly lastRun: RunState | null
  /** True where a newer run was held or failed, so that what is shown is the last good publication. */
  readonly held: boolean
  /** True where a stream is published: `/api/v1/live` has it. */
  readonly live: boolean
}

export interface Counts {
  readonly landed: number
  readonly silver: number
  readonly quarantined: number
  readonly duplicates: number
  readonly superseded: number
  readonly warned: number
}

export interface LedgerSource extends Counts {
  /** Hash of the decoded records. */
  readonly source: string
  readonly fileName: string
}

export interface LedgerDataset extends Counts {
  readonly dataset: string
  readonly title: string
  readonly sources: readonly LedgerSource[]
}

export interface BrokenRule {
  readonly dataset: string
  readonly rule: string
  readonly quarantined: number
  readonly warned: number
  /** The first few; the rest by `/rows?of=quarantine`. */
  readonly examples: readonly {
    readonly source: string
    readonly offset: number
    readonly column: string | null
    readonly received: string | null
    readonly message: string | null
  }[]
}

export interface Quality extends Figure {
  /** `landed = silver + quarantined + duplicates + superseded`, per dataset and source. */
  readonly datasets: readonly LedgerDataset[]
  readonly rules: readonly BrokenRule[]
  readonly gold: readonly { readonly table: string; readonly rows: number }[]
}

export interface SourceFile {
  readonly name: string
  readonly source: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly records: number | null
  readonly layout: string | null
  readonly format: string | null
  readonly encoding: string | null
  /** Where it was fetched from; null for a file found in a folder. */
  readonly fetchedFrom: string | null
  readonly modifiedAt: string | null
  readonly fetchedAt: string | null
  /** Seed of a generated file; null for a real one. */
  readonly sample: string | null
  readonly error: string | null
  /** The file that brought the same records first. */
  readonly sameAs: string | null
}

export interface DatasetSources {
  readonly dataset: string
  readonly title: string
  readonly about: string
  readonly publisher: string
  readonly licence: string
  readonly attribution: string
  readonly url: string
  readonly files: readonly SourceFile[]
}

export interface Sources extends Figure {
  readonly datasets: readonly DatasetSources[]
}

/** What can be drilled into. */
export type RowsOf = 'schools' | 'measures' | 'vulnerability' | 'quarantine' | 'displaced' | 'silver'

export interface Rows extends Figure {
  readonly of: RowsOf
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly ApiCell[])[]
  /** Rows that match, of which `rows` is a page. */
  readonly total: number
  readonly offset: number
  readonly limit: number
}

/** `data:` of the event `publication`. */
export interface PublicationEvent {
  readonly version: number
  readonly publishedAt: string
}

/** `data:` of the event `run`. */
export interface RunEvent {
  readonly runId: string
  readonly outcome: RunState['outcome']
}
