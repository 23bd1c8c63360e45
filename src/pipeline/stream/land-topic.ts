import type { Table } from '#lake'
import type { Failpoint, ObjectStore, RecordLog, RetryEffects, Topic } from '#port'
import { Fault } from '#port'
import type { Asking } from './asking.ts'
import { newAsking } from './asking.ts'
import { landPartitions } from './land-partitions.ts'
import type { Allowance } from './position.ts'

/** When what was read is committed: whichever comes first. */
export interface FlushLimits {
  readonly maxBytes: number
  /** Since the first record of the batch was read. */
  readonly maxAgeMs: number
}

export interface LandTopicOptions {
  readonly dataset: string
  readonly topic: string
  readonly flush: FlushLimits
  /** Land what the log has at the start, and end. Otherwise follow it until the signal. */
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

/** How often a topic that is not there yet is looked for. */
const lookAgainMs = 500
const firstWaitMs = 100
const longestWaitMs = 10_000
/** Failures in a row that `once` bears. */
export const patience = 8

/** How long to wait after so many failures in a row, in milliseconds. */
export function restMs(failures: number, random: () => number): number {
  return Math.round((0.5 + random() / 2) * Math.min(longestWaitMs, firstWaitMs * 2 ** failures))
}

/**
 * Lands a topic in Bronze, every record once: a commit carries the rows and, of each partition, the next offset, and is made only where the lake stood at
 * the first. Answers the rows landed. Where another consumer was faster, what was read is dropped (event `stream/fenced`) and reading goes on from where
 * the lake stands. Faults: `stream/*` (see `positionsOf`), the log's and the lake's own; weather is waited out.
 */
export async function landTopic(options: LandTopicOptions, effects: LandTopicEffects): Promise<number> {
  const { signal, report, sleep, random } = effects
  let landed = 0
  let failures = 0
  const count = (rows: number) => {
    landed += rows
    failures = 0
  }
  for (;;) {
    try {
      await landFrom(options, effects, count)
      return landed
    } catch (error) {
      failures += 1
      const wait = error instanceof Fault && error.retry && !signal.aborted
      if (!wait || (options.once && failures >= patience)) throw error
      const waitMs = restMs(failures, random)
      report({ kind: 'retry', what: `landing ${options.topic}`, attempt: failures, waitMs, fault: error })
      await sleep(waitMs)
    }
  }
}

async function landFrom(
  options: LandTopicOptions,
  effects: LandTopicEffects,
  count: (rows: number) => void,
): Promise<void> {
  const topic = await topicOf(options, effects)
  if (topic === undefined) return
  const change = newAsking()
  // To drain a topic takes all of it, whoever else reads.
  const membership = options.once ? undefined : await effects.log.join(topic, options.consumer, change.ask)
  try {
    await landPartitions({ topic, membership, change }, options, effects, count)
  } finally {
    await membership?.leave()
  }
}

/** The topic, waited for where it is followed; undefined where it is not there and is not waited for. */
async function topicOf(
  { topic: name, once }: LandTopicOptions,
  { log, signal, sleep }: LandTopicEffects,
): Promise<Topic | undefined> {
  for (;;) {
    const topic = await log.topic(name)
    if (topic !== undefined || once || signal.aborted) return topic
    await sleep(lookAgainMs)
  }
}
