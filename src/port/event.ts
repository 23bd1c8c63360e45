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
      readonly tookMs: number
    }
  | { readonly kind: 'live/held'; readonly failed: readonly string[] }
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
