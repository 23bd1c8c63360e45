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
  | {
      readonly kind: 'retry'
      readonly what: string
      readonly attempt: number
      readonly waitMs: number
      readonly fault: Fault
    }
  | { readonly kind: 'fault'; readonly fault: Fault }

export type Report = (event: PlatformEvent) => void
