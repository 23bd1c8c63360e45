import type { Failpoint, RetryEffects } from '#port'

/** What a table does to the world besides its store. */
export interface TableEffects extends RetryEffects {
  readonly nowMs: () => number
  /** A new UUID. */
  readonly newId: () => string
  readonly failpoint: Failpoint
  /** Who writes, for `commitInfo`: `fairlead/1.2.3`. */
  readonly engineInfo: string
}
