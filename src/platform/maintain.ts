import type { WorkEffects } from './api.ts'
import { inThread } from './thread.ts'

export interface MaintainRequest {
  /** Absolute folder of the lake. */
  readonly lake: string
  readonly tables: readonly MaintainedTable[]
  /** Between two rounds over all tables, in milliseconds. */
  readonly everyMs: number
  readonly engine: { readonly memoryMb: number }
}

export interface MaintainedTable {
  /** Folder in the lake, `bronze/survey_live`. */
  readonly root: string
  /** True where its small files are to be put together. Not for a table whose newest commit says something, as `publication` does. */
  readonly compact: boolean
}

/**
 * Keeps tables in order until the signal is aborted, on a thread of its own, one small step after the other: what is measured in seconds there must not
 * be waited for by who appends. The two meet in the lake alone. Tables that are not there yet are looked for again in each round.
 */
export function maintainInThread(request: MaintainRequest, effects: WorkEffects): Promise<void> {
  return inThread(new URL('./maintain-worker.ts', import.meta.url), request, effects)
}
