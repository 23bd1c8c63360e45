import type { DataFile } from '#lake'
import { recordsOf } from '#lake'
import { Fault } from '#port'
import type { DatasetStanding } from './clean-standing.ts'
import type { StageEffects } from './effects.ts'

/** What one batch of a dataset may be: it is held in memory, typed. */
export interface BatchLimits {
  readonly records: number
  /** Of its Bronze files, compressed. */
  readonly sizeBytes: number
}

export const batchLimits: BatchLimits = { records: 250_000, sizeBytes: 32 * 1024 * 1024 }

/**
 * The version up to which a batch goes: as far as the limits allow, one commit at least. Where Silver has rows of another contract, all of Bronze is one batch,
 * for what stands is replaced in one commit; so it is where Bronze's files are no longer those that its commits brought, and the older versions may not be readable.
 */
export async function portionOf(
  dataset: string,
  { from, to }: { readonly from: number; readonly to: number },
  { silver, bronze }: DatasetStanding,
  limits: BatchLimits,
  { table: open }: Pick<StageEffects, 'table'>,
): Promise<number> {
  // Where another table is ahead, the very batch that was interrupted is done again.
  if (to - from <= 1 || to !== bronze?.version) return to
  const table = open(`bronze/${dataset}`)
  if (from === -1) {
    if ((silver.snapshot?.files.length ?? 0) > 0) return to
    const live = new Set(bronze.files.map(({ path }) => path))
    const all = await broughtBetween(-1, to)
    if (all === undefined || !all.every(({ path }) => live.has(path))) return to
  }
  let records = 0
  let sizeBytes = 0
  for (let version = from + 1; version <= to; version += 1) {
    const files = await broughtBetween(version - 1, version)
    if (files === undefined) return to
    for (const file of files) {
      records += recordsOf(file) ?? 0
      sizeBytes += file.sizeBytes
    }
    const isOver = records > limits.records || sizeBytes > limits.sizeBytes
    if (isOver && version > from + 1) return version - 1
  }
  return to

  async function broughtBetween(after: number, upTo: number): Promise<readonly DataFile[] | undefined> {
    try {
      return (await table.dataChangesBetween(after, upTo)).added
    } catch (error) {
      if (error instanceof Fault && error.code === 'lake/no-version') return undefined
      throw error
    }
  }
}
