import type { Fault } from './fault.ts'
import type { NodeStatus } from './model.ts'

export type Stage = 'land' | 'clean' | 'place' | 'build' | 'publish'

/** What the parts say while they work. The terminal prints them, the server streams them, tests assert on them. */
export type PlatformEvent =
  | {
      readonly kind: 'stage/started'
      readonly stage: Stage
      readonly total?: number
      readonly unit?: 'files' | 'rows' | 'models'
    }
  | {
      readonly kind: 'stage/progress'
      readonly stage: Stage
      readonly what: string
      readonly done: number
      readonly total?: number
      readonly unit: 'files' | 'rows' | 'models'
    }
  | { readonly kind: 'stage/ended'; readonly stage: Stage; readonly what: string; readonly tookMs: number }
  /** Whose a file is; all files before it are landed. */
  | { readonly kind: 'land/recognised'; readonly dataset: string; readonly file: string }
  | {
      readonly kind: 'land/file'
      readonly dataset: string
      readonly file: string
      readonly outcome: 'landed' | 'known' | 'quarantined'
      readonly rows: number
      readonly tookMs: number
    }
  | { readonly kind: 'land/unmatched'; readonly file: string }
  | {
      readonly kind: 'clean/dataset'
      readonly dataset: string
      readonly landed: number
      readonly silver: number
      readonly quarantined: number
      readonly duplicates: number
      readonly superseded: number
      readonly tookMs: number
    }
  | {
      readonly kind: 'model/node'
      readonly id: string
      readonly status: NodeStatus
      readonly message: string | null
      readonly tookMs: number
    }
  /** What dbt says while it runs, besides how each node ended. */
  | { readonly kind: 'model/log'; readonly level: 'warn' | 'error'; readonly message: string }
  | { readonly kind: 'publish/published'; readonly version: number; readonly tables: number; readonly tookMs: number }
  | { readonly kind: 'publish/held'; readonly failed: readonly string[] }
  | { readonly kind: 'stream/produced'; readonly topic: string; readonly records: number; readonly tookMs: number }
  | {
      readonly kind: 'stream/landed'
      readonly dataset: string
      readonly topic: string
      readonly rows: number
      readonly sizeBytes: number
      /** Next offset to land, and how many records the log has beyond it. */
      readonly partitions: readonly { readonly partition: number; readonly next: number; readonly lag: number }[]
      /** Timestamp of the newest record in it, milliseconds since 1970; null where no record has one. */
      readonly newestMs: number | null
      /** When it was in, by the same calendar. */
      readonly atMs: number
      readonly tookMs: number
    }
  /** Another consumer landed this partition first; what was read is dropped, and reading goes on from where the lake stands. */
  | {
      readonly kind: 'stream/fenced'
      readonly dataset: string
      readonly topic: string
      readonly partition: number
      readonly from: number
      readonly standing: number
    }
  | {
      readonly kind: 'live/published'
      readonly version: number
      readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
      /** Models and their tests, before anything is published. */
      readonly buildMs: number
      readonly tookMs: number
    }
  | {
      readonly kind: 'live/held'
      readonly failed: readonly string[]
      readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
      readonly buildMs: number
    }
  /** A commit that stands. */
  | {
      readonly kind: 'lake/committed'
      /** Folder of the table in the lake, `bronze/survey_live`. */
      readonly table: string
      readonly operation: string
      readonly version: number
      /** Data files that it added and removed, and what the added ones hold. Rows as far as their statistics say. */
      readonly files: number
      readonly removed: number
      readonly sizeBytes: number
      readonly rows: number
      /** How often another writer came first. */
      readonly lostRaces: number
      /** From the request to the commit, what was decided against newer versions included. */
      readonly tookMs: number
    }
  | {
      readonly kind: 'lake/maintained'
      readonly table: string
      readonly deed: 'checkpoint' | 'compact' | 'compact-log' | 'clean-log' | 'vacuum'
      /** Files written, and files that went. */
      readonly written: number
      readonly removed: number
      readonly tookMs: number
    }
  | {
      readonly kind: 'retry'
      readonly what: string
      readonly attempt: number
      readonly waitMs: number
      readonly fault: Fault
    }
  | { readonly kind: 'fault'; readonly fault: Fault }

export type Report = (event: PlatformEvent) => void
