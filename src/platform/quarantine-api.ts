import type { DatasetReplay, QuarantineFilter, QuarantineGroup } from '#pipeline'

/** Which records are meant; those that fit all that is said. */
export interface QuarantineAsk extends Omit<QuarantineFilter, 'record'> {
  /** `dataset/source/partition/offset`. */
  readonly record?: string | undefined
}

/** Printed as it is by `quarantine list --json`. */
export interface QuarantineList {
  readonly records: number
  /** Of these, how many a replay has taken. */
  readonly replayed: number
  /** Of these, how many have no mended record in their place. */
  readonly open: number
  readonly groups: readonly QuarantineGroup[]
}

/** Printed as it is by `quarantine replay --json`. */
export interface QuarantineReplay {
  readonly dryRun: boolean
  readonly datasets: readonly DatasetReplay[]
  readonly tookMs: number
}
