import type { Table } from '#lake'
import { withColumns } from '#lake'
import type { Failpoint, ObjectStore, RecordLog, Report, RetryEffects, Topic } from '#port'
import { Fault } from '#port'
import { bronzeColumns, bronzeTxn } from '../land/index.ts'
import { streamProperties } from '../stream-properties.ts'
import type { Batch } from './batch.ts'
import { newBatch } from './batch.ts'
import type { Allowance, Position } from './position.ts'
import { landedOffsets, positionsOf } from './position.ts'

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
  readonly failpoint: Failpoint
  /** Aborted: what was read is committed, and landing ends. */
  readonly signal: AbortSignal
  /** True where the process holds about as much memory as it may: what was read is committed at once. */
  readonly memoryIsTight: () => boolean
}

/** Committing less than this gives a process no memory back that it would notice. */
const worthFlushingBytes = 1 << 20
/** How often a topic that is not there yet is looked for. */
const lookAgainMs = 500
/** Bytes taken from one partition before the next one's turn, so that a long one does not keep the others waiting. */
const turnBytes = 1 << 20
const turnRecords = 10_000
const firstWaitMs = 100
const longestWaitMs = 10_000
/** Failures in a row that `once` bears. */
const patience = 8

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
      const waitMs = Math.round((0.5 + random() / 2) * Math.min(longestWaitMs, firstWaitMs * 2 ** failures))
      report({ kind: 'retry', what: `landing ${options.topic}`, attempt: failures, waitMs, fault: error })
      await sleep(waitMs)
    }
  }
}

/** From where the lake stands, until the end, the signal, or a failure: whatever was read and not committed is read again. */
async function landFrom(
  options: LandTopicOptions,
  effects: LandTopicEffects,
  count: (rows: number) => void,
): Promise<void> {
  const { log, signal, nowMs } = effects
  const topic = await topicOf(options, effects)
  if (topic === undefined) return
  let positions = await seek(topic, options, effects)
  const goal = options.once
    ? new Map((await log.ranges(topic)).map(({ partition, end }) => [partition, end]))
    : undefined
  let batch = newBatch()

  const flush = async (): Promise<void> => {
    if (batch.rows === 0) return
    const landed = batch
    batch = newBatch()
    if (await commitBatch(topic, landed, positions, options, effects)) {
      count(landed.rows)
      positions = new Map([...positions].map(([partition, { next }]) => [partition, { next, standing: next }]))
    } else positions = await seek(topic, options, effects)
  }

  for (;;) {
    const before = batch.rows
    for (const [partition, { next, standing }] of positions) {
      if (goal !== undefined && next >= (goal.get(partition) ?? 0)) continue
      const records = await log.read(topic, partition, next, { maxBytes: turnBytes, maxRecords: turnRecords })
      const last = records.at(-1)
      if (last === undefined) continue
      batch.take(partition, records, nowMs())
      positions.set(partition, { next: last.offset + 1, standing })
      if (batch.sizeBytes >= options.flush.maxBytes) break
    }
    const idle = batch.rows === before
    const ageMs = batch.sinceMs === undefined ? 0 : nowMs() - batch.sinceMs
    const full = batch.sizeBytes >= options.flush.maxBytes || ageMs >= options.flush.maxAgeMs
    const tight = batch.sizeBytes >= worthFlushingBytes && effects.memoryIsTight()
    if (full || tight || signal.aborted || (idle && goal !== undefined)) await flush()
    if (signal.aborted || (idle && goal !== undefined && isReached(positions, goal))) return
    if (idle) await waitForMore(topic, positions, options.flush.maxAgeMs - ageMs, batch, effects)
  }
}

function isReached(positions: ReadonlyMap<number, Position>, goal: ReadonlyMap<number, number>): boolean {
  return [...positions].every(([partition, { next }]) => next >= (goal.get(partition) ?? 0))
}

/** Until the log has more, or the batch has come of age. */
async function waitForMore(
  topic: Topic,
  positions: ReadonlyMap<number, Position>,
  leftMs: number,
  batch: Batch,
  { log, signal }: LandTopicEffects,
): Promise<void> {
  const wake = new AbortController()
  const stop = () => wake.abort()
  signal.addEventListener('abort', stop, { once: true })
  const timer = batch.rows > 0 ? setTimeout(stop, Math.max(0, leftMs)) : undefined
  try {
    const ends = new Map([...positions].map(([partition, { next }]) => [partition, next]))
    await log.waitBeyond(topic, ends, wake.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
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

async function seek(
  topic: Topic,
  { dataset, allowed, consumer }: LandTopicOptions,
  { log, table }: LandTopicEffects,
): Promise<Map<number, Position>> {
  const snapshot = await table(`bronze/${dataset}`).snapshot()
  const positions = positionsOf(dataset, topic, snapshot, await log.ranges(topic), allowed)
  // So that retention keeps what this lake still lacks, from the first look on.
  await log.noteConsumed(topic, consumer, new Map([...positions].map(([partition, { next }]) => [partition, next])))
  return positions
}

/** True where the batch is in; false where another consumer landed some of it first. */
async function commitBatch(
  topic: Topic,
  batch: Batch,
  positions: ReadonlyMap<number, Position>,
  { dataset, consumer }: LandTopicOptions,
  effects: LandTopicEffects,
): Promise<boolean> {
  const { log, store, table: open, nowMs, report, failpoint } = effects
  const startedMs = nowMs()
  const table = open(`bronze/${dataset}`)
  const moved = [...positions].filter(([, { next, standing }]) => next !== standing)
  const file = await table.writeFile(batch.parquet(topic, startedMs))
  failpoint('stream/before-commit')
  let fenced: readonly { partition: number; from: number; standing: number }[] = []
  const { outcome } = await table.commit({
    operation: 'STREAMING UPDATE',
    parameters: { outputMode: 'Append', topic: topic.name },
    blindAppend: true,
    stage(newest) {
      const landed = landedOffsets(newest, dataset, topic)
      fenced = moved.flatMap(([partition, { standing }]) =>
        landed.get(partition) === standing
          ? []
          : [{ partition, from: standing ?? 0, standing: landed.get(partition) ?? 0 }],
      )
      if (fenced.length > 0) return undefined
      const txns = moved.map(([partition, { next }]) => ({
        appId: bronzeTxn(dataset, topic.id, partition),
        version: next,
      }))
      const made = newest === undefined ? { configuration: streamProperties } : {}
      return { ...made, ...withColumns(newest, bronzeColumns), add: [file], remove: [], txns }
    },
  })
  failpoint('stream/after-commit')
  if (outcome !== 'committed') {
    await store.remove(`${table.root}/${file.path}`)
    for (const each of fenced) report({ kind: 'stream/fenced', dataset, topic: topic.name, ...each })
    return false
  }
  try {
    await log.noteConsumed(topic, consumer, new Map(moved.map(([partition, { next }]) => [partition, next])))
    const about = { dataset, sizeBytes: file.sizeBytes, tookMs: nowMs() - startedMs }
    await tell(topic, batch, positions, about, { log, report })
  } catch (error) {
    // The batch is in, whatever the log says of it.
    if (!(error instanceof Fault)) throw error
    report({ kind: 'fault', fault: error })
  }
  return true
}

async function tell(
  topic: Topic,
  { rows }: Batch,
  positions: ReadonlyMap<number, Position>,
  about: { readonly dataset: string; readonly sizeBytes: number; readonly tookMs: number },
  { log, report }: { readonly log: RecordLog; readonly report: Report },
): Promise<void> {
  const ends = new Map((await log.ranges(topic)).map(({ partition, end }) => [partition, end]))
  const partitions = [...positions].map(([partition, { next }]) => ({
    partition,
    next,
    lag: Math.max(0, (ends.get(partition) ?? next) - next),
  }))
  report({ kind: 'stream/landed', topic: topic.name, rows, partitions, ...about })
}
