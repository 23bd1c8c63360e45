import type { DataFile } from '#lake'
import { recordsOf } from '#lake'

export interface CompactOptions {
  /** What a file is to hold at most, in bytes and in rows. */
  readonly targetBytes: number
  readonly targetRows: number
  /** A run of small files is worth rewriting from so many on. */
  readonly leastFiles: number
  /** Files rewritten at once, so that a step is short and its memory bounded. */
  readonly mostFiles: number
  /**
   * Only files whose sizes differ by less than this factor are put together, so that a row is rewritten a few times on its way to a full file, and not
   * at every step. Infinity: all small files together.
   */
  readonly tierFactor: number
}

/** Files of at least this share of the target are left as they are. */
const full = 0.5

/** Runs of small files to put together, each one step. Files of different partition values never meet; within them the order of the table is kept. */
export function planCompaction(
  files: readonly DataFile[],
  { targetBytes, targetRows, leastFiles, mostFiles, tierFactor }: CompactOptions,
): readonly (readonly DataFile[])[] {
  const groups = new Map<string, { file: DataFile; share: number }[]>()
  for (const file of files) {
    const share = Math.max(file.sizeBytes / targetBytes, (recordsOf(file) ?? 0) / targetRows)
    if (share >= full) continue
    const tier = tierFactor === Number.POSITIVE_INFINITY ? 0 : Math.floor(Math.log(share) / Math.log(tierFactor))
    const key = JSON.stringify([tier, Object.entries(file.partitionValues).sort()])
    const group = groups.get(key) ?? []
    group.push({ file, share })
    groups.set(key, group)
  }
  const runs: DataFile[][] = []
  for (const group of groups.values()) {
    if (group.length < leastFiles) continue
    let run: DataFile[] = []
    let filled = 0
    for (const { file, share } of group) {
      if (run.length === mostFiles || filled + share > 1) {
        runs.push(run)
        run = []
        filled = 0
      }
      run.push(file)
      filled += share
    }
    runs.push(run)
  }
  return runs.filter((run) => run.length >= 2)
}
