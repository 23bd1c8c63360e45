import type { Failpoint, NewRecord, ProducerPosition, RecordLog, RetryEffects, Topic } from '#port'
import { Fault, retry } from '#port'

/** Records that are made as they are asked for, each the same whenever it is asked for, but for the instants in it. */
export interface Season {
  /** Names the producer: a season that differs in anything has another. */
  readonly id: string
  readonly records: number
  /** `sentMs`: when an earlier record was sent, milliseconds since 1970; undefined where this process did not send it, or long ago. */
  recordAt(
    sequence: number,
    nowMs: number,
    sentMs: (sequence: number) => number | undefined,
  ): Pick<NewRecord, 'key' | 'value'>
}

export interface SeasonOptions {
  readonly topic: string
  /** Where the topic is not there yet. */
  readonly partitions: number
  readonly season: Season
  readonly perSecond: number
}

export interface ProduceEffects extends RetryEffects {
  readonly log: RecordLog
  readonly nowMs: () => number
  readonly failpoint: Failpoint
  /** Aborted: what was sent is sent, and the next call goes on from there. */
  readonly signal: AbortSignal
}

export interface Produced {
  readonly topic: Topic
  /** Records that this call sent. */
  readonly sent: number
  /** Records that were ever sent, by this process and others. */
  readonly total: number
  /** True where nothing is left to send. */
  readonly complete: boolean
}

/** Waited at least between two batches, so that each is worth its commit. */
const betweenMs = 25
/** What one batch takes at most, in time of its making: after a stall, ten times the pace. */
const atOnceMs = 250
/** A longer stall is not made up for: the season ends later by it. */
const longestBacklogMs = 2_000
const longestSleepMs = 200

/**
 * Plays a season into its topic at a pace, every record once: the log keeps how far the producer of this name is, and a batch is taken only there.
 * So a process that is started again goes on, and two at once send each record once between them. Weather is waited out. Faults: the log's own.
 */
export async function produceSeason(
  { topic: name, partitions, season, perSecond }: SeasonOptions,
  effects: ProduceEffects,
): Promise<Produced> {
  const { nowMs, sleep, signal } = effects
  const sender = await openSender(name, partitions, effects)
  const { topic } = sender
  const sentTimes = timesOfSending(perSecond)
  const inMs = (ms: number): number => Math.max(1, Math.floor((ms * perSecond) / 1_000))
  let sequence = await sender.placeOf(season.id)
  // By the pace, record number `line.sequence` was due at `line.atMs`.
  let line = { atMs: nowMs(), sequence }

  while (sequence < season.records && !signal.aborted) {
    const now = nowMs()
    const first = sequence
    if (now < line.atMs) line = { atMs: now, sequence: first }
    let due = line.sequence + Math.floor(((now - line.atMs) * perSecond) / 1_000) - first
    if (due > inMs(longestBacklogMs)) {
      due = inMs(longestBacklogMs)
      line = { atMs: now - longestBacklogMs, sequence: first }
    }
    const size = Math.min(due, inMs(atOnceMs), season.records - first)
    if (size > 0) {
      const sentMs = (other: number) => (other >= first ? now : sentTimes.of(other))
      const records = Array.from({ length: size }, (_, at) => {
        const { key, value } = season.recordAt(first + at, now, sentMs)
        return { partition: partitionOf(key, topic.partitions), key, value, headers: [] }
      })
      const outcome = await sender.append({ id: season.id, sequence }, records)
      sequence = outcome.sequence
      if (outcome.appended) sentTimes.note(first, size, now)
      else line = { atMs: nowMs(), sequence }
    }
    const nextMs = line.atMs + ((sequence + 1 - line.sequence) * 1_000) / perSecond
    const waitMs = Math.max(nextMs, now + betweenMs) - nowMs()
    if (waitMs > 0 && sequence < season.records) await sleep(Math.min(waitMs, longestSleepMs))
  }
  sender.tell()
  return { topic, sent: sender.sent, total: sequence, complete: sequence >= season.records }
}

/** How long a batch's time is remembered: what the latest record needs, in records and with room for stalls. */
const rememberedMs = 90_000

/** When batches were sent, by the numbers of their records; long ago is forgotten. */
function timesOfSending(perSecond: number) {
  const batches: { readonly first: number; readonly end: number; readonly atMs: number }[] = []
  const remembered = Math.ceil((rememberedMs * perSecond) / 1_000)
  return {
    note(first: number, size: number, atMs: number): void {
      batches.push({ first, end: first + size, atMs })
      while ((batches[0]?.end ?? 0) < first - remembered) batches.shift()
    },
    of(sequence: number): number | undefined {
      let [low, high] = [0, batches.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if ((batches[middle]?.end ?? 0) > sequence) high = middle
        else low = middle + 1
      }
      const batch = batches[low]
      return batch !== undefined && batch.first <= sequence ? batch.atMs : undefined
    },
  }
}

/** A topic that is sent to. */
export interface Sender {
  readonly topic: Topic
  /** Records that it has sent. */
  readonly sent: number
  /** Number of the record that the producer of this name sends next. */
  placeOf(producer: string): Promise<number>
  /**
   * False where nothing was sent: the producer stands elsewhere, because an earlier call came through after all or another process of its name was here, or
   * the signal ended the wait for better weather. `sequence` says where it stands.
   */
  append(
    producer: ProducerPosition,
    records: readonly NewRecord[],
  ): Promise<{ readonly appended: boolean; readonly sequence: number }>
  /** Reports what was sent since the last time. */
  tell(): void
}

const reportEveryMs = 1_000

/** Opens the topic, which is made where it is not there. */
export async function openSender(name: string, partitions: number, effects: ProduceEffects): Promise<Sender> {
  const { log, nowMs, failpoint, signal, report } = effects
  const patiently = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    retry(work, { what, attempts: 12, firstWaitMs: 100, maxWaitMs: 10_000 }, effects)
  const topic = await patiently(
    `looking for ${name}`,
    async () => (await log.topic(name)) ?? (await log.createTopic(name, partitions)),
  )
  let sent = 0
  let told = { sent: 0, atMs: nowMs() }
  const tell = (): void => {
    const atMs = nowMs()
    const records = sent - told.sent
    if (records > 0) report({ kind: 'stream/produced', topic: name, records, tookMs: atMs - told.atMs })
    told = { sent, atMs }
  }
  return {
    topic,
    get sent() {
      return sent
    },
    placeOf: (producer) => patiently(`looking where ${producer} stands`, () => log.sequenceOf(topic, producer)),
    async append(producer, records) {
      failpoint('produce/before-append')
      const outcome = await patiently(`sending to ${name}`, () => log.append(topic, records, producer)).catch(
        (error: unknown) => {
          if (signal.aborted && error instanceof Fault && error.retry)
            return { outcome: 'moved', sequence: producer.sequence } as const
          throw error
        },
      )
      failpoint('produce/after-append')
      if (outcome.outcome === 'moved') return { appended: false, sequence: outcome.sequence }
      sent += records.length
      if (nowMs() - told.atMs >= reportEveryMs) tell()
      return { appended: true, sequence: producer.sequence + records.length }
    },
    tell,
  }
}

/** The partition of all records with this key: FNV-1a over its bytes. */
export function partitionOf(key: Uint8Array | null, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of key ?? []) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitions
}
