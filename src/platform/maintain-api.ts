import type { Snapshot, TableProblem } from '#lake'
import type { Column } from '#port'

/** What stands in a table's log. Instants are ISO 8601 in UTC. */
export interface TableReport {
  readonly folder: string
  readonly version: number
  readonly id: string
  readonly committedAt: string | null
  readonly protocol: Snapshot['protocol']
  readonly columns: readonly Column[]
  readonly partitionColumns: readonly string[]
  readonly properties: Readonly<Record<string, string>>
  readonly files: number
  readonly sizeBytes: number
  /** Null where a file's statistics do not say. */
  readonly rows: number | null
  /** Newest version by appId. */
  readonly txns: Readonly<Record<string, number>>
  /** Versions of whole checkpoints, oldest first. */
  readonly checkpoints: readonly number[]
  /** First and last commit that the log still has; null where it has none. */
  readonly log: { readonly from: number; readonly to: number } | null
}

export interface TableCheck {
  readonly ok: boolean
  /** Null where the table could not be opened. */
  readonly version: number | null
  readonly files: number
  readonly problems: readonly (Omit<TableProblem, 'kind'> & { readonly kind: TableProblem['kind'] | 'table' })[]
}

export interface CompactRequest {
  readonly folder: string
  /** What a file is to hold at most. */
  readonly targetBytes: number
  readonly engine: { readonly memoryMb: number }
}

export interface TableCompaction {
  readonly version: number
  readonly written: number
  readonly removed: number
}

export interface VacuumRequest {
  readonly folder: string
  readonly retainHours: number | undefined
  readonly evenIfReadersAndUploadsBreak: boolean
  /** False: only shows. */
  readonly remove: boolean
}

export interface TableVacuum {
  readonly removed: boolean
  readonly retainHours: number
  readonly sizeBytes: number
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
}

export interface ReadTableRequest {
  readonly folder: string
  /** The newest where absent. */
  readonly version: number | undefined
  /** All where absent. */
  readonly maxRows: number | undefined
}
