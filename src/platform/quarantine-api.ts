import type { DatasetReplay, QuarantineFilter, QuarantineGroup } from '#pipeline'
import type { LakeOptions } from './api.ts'

/** Which records are meant; those that fit all that is said. */
export interface QuarantineAsk extends Omit<QuarantineFilter, 'record'> {
  /** `dataset/source/partition/offset`. */
  readonly record?: string | undefined
}

export interface QuarantineOptions extends LakeOptions {
  readonly filter: QuarantineAsk
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

export interface QuarantineShowOptions extends QuarantineOptions {
  /** Records at most, and the id of the one to go on after. */
  readonly page: { readonly limit: number; readonly after?: string | undefined }
}

export interface QuarantineReplayOptions extends LakeOptions {
  /** Which records are judged again as they are, or the file of mended ones, absolute. */
  readonly what: { readonly filter: QuarantineAsk } | { readonly from: string }
  /** Judge, and change nothing. */
  readonly dryRun: boolean
}

/** Printed as it is by `quarantine replay --json`. */
export interface QuarantineReplay {
  readonly dryRun: boolean
  readonly datasets: readonly DatasetReplay[]
  readonly tookMs: number
}
