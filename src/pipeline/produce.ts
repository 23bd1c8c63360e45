import type { Failpoint, NewRecord, RecordLog, RetryEffects, Topic } from '#port'
import { retry } from '#port'

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
  readonly sequence: number
  /** True where nothing is left to send. */
  readonly ended: boolean
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
  const producer = await startProducing(name, partitions, season.id, effects)
  const { topic } = producer
  const sentTimes = timesOfSending(perSecond)
  const inMs = (ms: number): number => Math.max(1, Math.floor((ms * perSecond) / 1_000))
  // By the pace, `line.sequence` records were due at `line.atMs`.
  let line = { atMs: nowMs(), sequence: producer.sequence }

  while (producer.sequence < season.records && !signal.aborted) {
    const now = nowMs()
    const first = producer.sequence
    if (now < line.atMs) line = { atMs: now, sequence: first }
    let due = line.sequence + Math.floor(((now - line.atMs) * perSecond) / 1_000) - first
    if (due > inMs(longestBacklogMs)) {
      due = inMs(longestBacklogMs)
      line = { atMs: now - longestBacklogMs, sequence: first }
    }
    const size = Math.min(due, inMs(atOnceMs), season.records - first)
    if (size > 0) {
      const sentMs = (sequence: number) => (sequence >= first ? now : sentTimes.of(sequence))
      const records = Array.from({ length: size }, (_, at) => {
        const { key, value } = season.recordAt(first + at, now, sentMs)
        return { partition: partitionOf(key, topic.partitions), key, value, headers: [] }
      })
      if (await producer.append(records)) sentTimes.note(first, size, now)
      else line = { atMs: nowMs(), sequence: producer.sequence }
    }
    const nextMs = line.atMs + ((producer.sequence + 1 - line.sequence) * 1_000) / perSecond
    const waitMs = Math.max(nextMs, now + betweenMs) - nowMs()
    if (waitMs > 0 && producer.sequence < season.records) await sleep(Math.min(waitMs, longestSleepMs))
  }
  return producer.end(producer.sequence >= season.records)
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

/** A producer at its place in a topic. */
export interface Producer {
  readonly topic: Topic
  /** Number of the record to be sent next. */
  readonly sequence: number
  /** False where the producer stood elsewhere, because another process of its name was here: nothing was sent, and `sequence` says where it stands. */
  append(records: readonly NewRecord[]): Promise<boolean>
  end(ended: boolean): Produced
}

const reportEveryMs = 1_000

/** The topic, made where it is not there, and where the producer of this name goes on in it. */
export async function startProducing(
  name: string,
  partitions: number,
  id: string,
  { log, nowMs, failpoint, ...weather }: ProduceEffects,
): Promise<Producer> {
  const patiently = <T>(what: string, work: () => Promise<T>): Promise<T> =>
    retry(work, { what, attempts: 12, firstWaitMs: 100, maxWaitMs: 10_000 }, weather)
  const topic = await patiently(
    `looking for ${name}`,
    async () => (await log.topic(name)) ?? (await log.createTopic(name, partitions)),
  )
  let sequence = await patiently(`looking where ${id} stands`, () => log.sequenceOf(topic, id))
  let sent = 0
  let told = { sent: 0, atMs: nowMs() }
  const tell = (atMs: number): void => {
    const records = sent - told.sent
    if (records > 0) weather.report({ kind: 'stream/produced', topic: name, records, tookMs: atMs - told.atMs })
    told = { sent, atMs }
  }
  return {
    topic,
    get sequence() {
      return sequence
    },
    async append(records) {
      failpoint('produce/before-append')
      const outcome = await patiently(`sending to ${name}`, () => log.append(topic, records, { id, sequence }))
      failpoint('produce/after-append')
      const appended = outcome.outcome === 'appended'
      sequence = appended ? sequence + records.length : outcome.sequence
      if (appended) sent += records.length
      const now = nowMs()
      if (now - told.atMs >= reportEveryMs) tell(now)
      return appended
    },
    end(ended) {
      tell(nowMs())
      return { topic, sent, sequence, ended }
    },
  }
}

/** The partition of all records with this key: FNV-1a over its bytes. */
export function partitionOf(key: Uint8Array | null, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of key ?? []) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitions
}
