import type { Assignment, Membership, Topic } from '#port'
import { Fault } from '#port'
import type { Asking } from './asking.ts'
import { checkAnswer, newBatch } from './batch.ts'
import { commitBatch } from './commit-batch.ts'
import type { LandTopicEffects, LandTopicOptions } from './options.ts'
import type { Position } from './position.ts'
import { positionsOf } from './position.ts'
import type { Arrival } from './reads.ts'
import { newReads } from './reads.ts'
import { patience, restMs } from './rest.ts'
import { reportWithheld, withheldPatienceMs } from './withheld.ts'

/** Committing less than this gives a process no memory back that it would notice. */
const worthFlushingBytes = 1 << 20
/** What one read takes from a partition: more no longer fits a processor's cache, and is slower. */
const readBytes = 1 << 20
const readRecords = 50_000
/** Partitions that are read at once: what memory holds of what was not taken in yet. */
const maxReads = 8
/** How long the others' end is waited for before those that had no more are watched: most reads end together, and one watch serves them all. */
const watchAfterMs = 20
/**
 * While a batch waits for its age, partitions that had no more are looked at so often, and once more just before it is due: to be told of every few records
 * costs more than they do.
 */
const lookEveryMs = 40
const lastLookMs = 10

export interface Joined {
  readonly topic: Topic
  /** Undefined where all partitions are landed, whoever else reads them. */
  readonly membership: Membership | undefined
  /** Partitions are about to change hands, or have. */
  readonly change: Asking
}

/** Lands from where the lake stands, until the end, the signal, or a failure: whatever was read and not committed is read again. `count` hears of rows that are in. */
export async function landPartitions(
  { topic: joined, membership, change }: Joined,
  options: LandTopicOptions,
  effects: LandTopicEffects,
  count: (rows: number) => void,
): Promise<void> {
  const { log, signal, nowMs, after, report, flushing } = effects
  let topic = joined
  let assignment = membership?.assigned()
  let positions = await seek(topic, assignment, options, effects)
  const goal = options.once
    ? new Map((await log.ranges(topic)).map(({ partition, end, written = end }) => [partition, written]))
    : undefined
  let batch = newBatch(topic)
  let committing: { readonly isIn: Promise<boolean>; readonly rows: number; isOver: boolean } | undefined
  const reads = newReads()
  /** Failures in a row, by partition. */
  const failures = new Map<number, number>()
  /** Partitions left alone for a while after a failure. */
  const resting = new Set<number>()
  /** Partitions that had no more when they were last read. */
  const idle = new Set<number>()
  let watch: AbortController | undefined
  let idleSinceMs = 0
  /** When a position last moved. */
  let movedMs = nowMs()
  /** Until when a partition is known to have had no more: what is read of it next waits since then. */
  const emptyMs = new Map<number, number>()
  let alarm = Promise.withResolvers<void>()
  const ring = () => alarm.resolve()

  /** Partitions of which something was answered: what was landed of them is what the log still has. */
  const compared = new Set<number>()

  const isLeft = (partition: number, { next, epoch }: Position) =>
    goal === undefined || next < (goal.get(partition) ?? 0) || (epoch !== undefined && !compared.has(partition))

  function take({ partition, from, answer }: Arrival): void {
    const position = positions.get(partition)
    if (position?.next !== from) return // read for an assignment, or a place, that no longer holds
    if (answer.status === 'rejected') {
      rest(partition, answer.reason)
      return
    }
    failures.delete(partition)
    compared.add(partition)
    const { next, epoch = position.epoch } = checkAnswer(answer.value, topic, partition, from)
    if (next === from) {
      if (idle.size === 0) idleSinceMs = nowMs()
      idle.add(partition)
      emptyMs.set(partition, nowMs())
      watch?.abort()
      return
    }
    movedMs = nowMs()
    batch.take(answer.value, movedMs, emptyMs.get(partition) ?? movedMs)
    emptyMs.delete(partition)
    positions.delete(partition) // and after all others: each has its turn
    positions.set(partition, { ...position, next, epoch })
  }

  /** Weather over one partition keeps no other waiting. */
  function rest(partition: number, reason: unknown): void {
    const failed = (failures.get(partition) ?? 0) + 1
    failures.set(partition, failed)
    if (!(reason instanceof Fault && reason.retry) || (options.once && failed >= patience)) throw reason
    const waitMs = restMs(failed, effects.random)
    report({
      kind: 'retry',
      what: `reading ${topic.name}, partition ${partition}`,
      attempt: failed,
      waitMs,
      fault: reason,
    })
    resting.add(partition)
    after(waitMs, () => {
      resting.delete(partition)
      ring()
    })
  }

  function beginReads(): void {
    for (const [partition, position] of positions) {
      if (reads.size >= maxReads) return
      if (reads.has(partition) || resting.has(partition) || idle.has(partition) || !isLeft(partition, position))
        continue
      const { next, epoch } = position
      const limits = {
        maxBytes: readBytes,
        maxRecords: readRecords,
        ...(epoch === undefined ? {} : { afterEpoch: epoch }),
      }
      reads.begin(partition, next, () => log.read(topic, partition, next, limits))
    }
  }

  /** When partitions that had no more are looked at again for the batch that waits. */
  function nextLookMs(sinceMs: number): number {
    const lastMs = sinceMs + options.flush.maxAgeMs - lastLookMs
    const nextMs = idleSinceMs + lookEveryMs
    return idleSinceMs < lastMs ? Math.min(nextMs, lastMs) : nextMs
  }

  /** Hears when a partition that had no more has some. */
  function watchIdle(): void {
    if (idle.size === 0 || (watch !== undefined && !watch.signal.aborted)) return
    const soonMs = reads.size === 0 ? 0 : watchAfterMs - (nowMs() - idleSinceMs)
    if (soonMs > 0) {
      after(soonMs, ring)
      return
    }
    const watching = new AbortController()
    watch = watching
    const ends = new Map([...idle].map((partition) => [partition, positions.get(partition)?.next ?? 0]))
    const heard = (failure?: unknown) => {
      if (watching.signal.aborted) return
      watching.abort()
      if (failure !== undefined) {
        // As if reading had failed, so that it rests like any other weather.
        for (const [partition, end] of ends) reads.begin(partition, end, () => Promise.reject(failure))
      }
      for (const partition of idle) emptyMs.set(partition, nowMs())
      idle.clear()
      ring()
    }
    log.waitBeyond(topic, ends, watching.signal).then(() => heard(), heard)
  }

  /** Begins to commit what was read, once the commit before is in: reading goes on meanwhile, by one batch. False where that one was not the first. */
  async function flush(): Promise<boolean> {
    if (!(await settle())) return false
    if (batch.rows === 0) return true
    idle.clear() // what comes meanwhile is not waited for
    const landed = batch
    const from = positions
    batch = newBatch(topic)
    positions = new Map([...from].map(([partition, at]) => [partition, { ...at, standing: at.next }]))
    const isIn = commitBatch(topic, landed, from, options, effects)
    const commit = { isIn, rows: landed.rows, isOver: false }
    const over = () => {
      commit.isOver = true
      ring()
    }
    isIn.then(over, over)
    committing = commit
    return true
  }

  /** Waits for the commit under way. False where another consumer was first: what was read since goes with it, and what is left is another thing now. */
  async function settle(): Promise<boolean> {
    if (committing === undefined) return true
    const { isIn, rows } = committing
    committing = undefined
    if (await isIn) {
      count(rows)
      return true
    }
    batch = newBatch(topic)
    await seekAgain()
    return false
  }

  async function seekAgain(): Promise<void> {
    idle.clear()
    emptyMs.clear()
    watch?.abort()
    positions = await seek(topic, assignment, options, effects)
  }

  /** Partitions that changed hands: what was read of them is committed, where the lake still stands as it did, or dropped. */
  async function reassign(): Promise<void> {
    await flush()
    await settle()
    change.answer()
    assignment = membership?.assigned()
    const standing = await log.topic(topic.name)
    if (standing?.id === topic.id) topic = standing // it may have more partitions
    await seekAgain()
  }

  const unlisten = [change, flushing].map((asked) => asked.listen(ring))
  signal.addEventListener('abort', ring, { once: true })
  reads.ring = ring
  try {
    for (;;) {
      alarm = Promise.withResolvers()
      if (committing?.isOver) await settle()
      if (change.isDue() || membership?.assigned().generation !== assignment?.generation) await reassign()
      for (const arrival of reads.arrived()) take(arrival)
      if (batch.sinceMs !== undefined && nowMs() >= nextLookMs(batch.sinceMs)) idle.clear()
      if (!signal.aborted) beginReads()
      const left = goal === undefined ? [] : [...positions].filter(([partition, at]) => isLeft(partition, at))
      const isWithheld = left.length > 0 && left.every(([partition]) => idle.has(partition))
      const patienceMs = isWithheld ? withheldPatienceMs - (nowMs() - movedMs) : Number.POSITIVE_INFINITY
      const isDone = goal !== undefined && (left.length === 0 || patienceMs <= 0)
      const leftMs =
        batch.sinceMs === undefined ? Number.POSITIVE_INFINITY : options.flush.maxAgeMs - (nowMs() - batch.sinceMs)
      const full = batch.heldBytes >= options.flush.maxBytes || leftMs <= 0
      const tight = batch.heldBytes >= worthFlushingBytes && effects.memoryIsTight()
      if (full || tight || isDone || flushing.isDue() || signal.aborted) {
        let stands = await flush()
        if (isDone || flushing.isDue() || signal.aborted) stands = (await settle()) && stands
        flushing.answer()
        if (signal.aborted) return
        if (!isDone || !stands) continue
        reportWithheld(left, goal, { topic, options, report })
        return
      }
      if (batch.sinceMs === undefined) watchIdle()
      const lookMs = batch.sinceMs === undefined || idle.size === 0 ? leftMs : nextLookMs(batch.sinceMs) - nowMs()
      const soonMs = Math.min(leftMs, lookMs, patienceMs)
      const callOff = soonMs === Number.POSITIVE_INFINITY ? undefined : after(soonMs, ring)
      await alarm.promise
      callOff?.()
    }
  } finally {
    await committing?.isIn.catch(() => {}) // whoever begins again finds it in the lake, or not at all
    reads.ring = () => {}
    for (const each of unlisten) each()
    signal.removeEventListener('abort', ring)
    watch?.abort()
  }
}

/** Where landing goes on in the partitions that are its own; in all of them where none are shared out. */
async function seek(
  topic: Topic,
  assignment: Assignment | undefined,
  { dataset, allowed, consumer }: LandTopicOptions,
  { log, table }: LandTopicEffects,
): Promise<Map<number, Position>> {
  const bronze = table(`bronze/${dataset}`)
  const snapshot = await bronze.snapshot()
  const own = (await log.ranges(topic)).filter(({ partition }) => assignment?.partitions.includes(partition) ?? true)
  const positions = positionsOf(dataset, topic, snapshot, own, allowed)
  // So that retention keeps what this lake still lacks, from the first look on; and lacks again, if a commit of another process goes with the machine's power.
  await bronze.sync()
  await log.noteConsumed(topic, consumer, new Map([...positions].map(([partition, { next }]) => [partition, next])))
  return positions
}
