import type { Table } from '#lake'
import type { Failpoint, ObjectStore, RecordLog, RetryEffects } from '#port'
import type { Asking } from './asking.ts'
import type { Allowance } from './position.ts'

/** When what was read is committed: whichever comes first. */
export interface FlushLimits {
  readonly maxBytes: number
  /** Since the first record of the batch was there to be read, as far as the log was looked at. */
  readonly maxAgeMs: number
}

export interface LandTopicOptions {
  readonly dataset: string
  readonly topic: string
  readonly flush: FlushLimits
  /** Land what the log has at the start, what transactions then open have written included, and end. Otherwise follow it until the signal. */
  readonly once: boolean
  readonly allowed: ReadonlySet<Allowance>
  /** Name under which the log is told how far its records are safe: the lake's. */
  readonly consumer: string
}

export interface LandTopicEffects extends RetryEffects {
  readonly log: RecordLog
  readonly store: ObjectStore
  readonly table: (root: string) => Table
  readonly nowMs: () => number
  /** Rings once, after so many milliseconds; what it answers calls it off. */
  readonly after: (ms: number, ring: () => void) => () => void
  readonly failpoint: Failpoint
  /** Aborted: what was read is committed, and landing ends. */
  readonly signal: AbortSignal
  /** Asked: what was read is committed now, whatever its age. */
  readonly flushing: Asking
  /** True where the process holds about as much memory as it may: what was read is committed at once. */
  readonly memoryIsTight: () => boolean
}
