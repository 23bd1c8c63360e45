import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadAnswer, ReadLimits, Topic } from '#port'
import { Fault } from '#port'
import { outOfRange } from './fault.ts'
import type { Batches } from './kafka-answer.ts'
import { batchesOf, EpochError } from './kafka-answer.ts'
import { BatchError, ownBytes } from './kafka-batch.ts'
import type { Broker, KafkaClient } from './kafka-client.ts'
import { throughWeather } from './kafka-client.ts'
import type { Asked } from './kafka-fault.ts'
import { damaged, diverged, errorName, protocolFault } from './kafka-fault.ts'
import type { PartitionAnswer } from './kafka-fetch.ts'
import { parseFetch } from './kafka-fetch.ts'
import type { KafkaTopics } from './kafka-topics.ts'

export interface KafkaReader {
  read(topic: Topic, partition: number, offset: number, limits: ReadLimits): Promise<ReadAnswer>
  waitBeyond(topic: Topic, ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void>
}

/** Where a partition is read, and under which leadership the record before was taken (-1: not known). */
interface Spot {
  readonly partition: number
  readonly offset: number
  readonly epoch: number
}

/** What a partition's next read may find here already. */
interface Held extends Spot {
  /** Undefined: nothing was read ahead, it only stands for a place. */
  readonly batches: Promise<Fetched | undefined>
}

interface Fetched {
  readonly batches: Batches
  /** Where the partition ended for readers of committed records. */
  readonly end: number
}

/** What fits the processor's cache is read fastest: 1 MB was measured best, 8 MB took twice as long. */
const fetchBytes = 1 << 20
const mostFetchBytes = 16 << 20
/** A wait is asked again after so long, and so sees a topic that is gone. */
const longestWaitMs = 1_000
const readCommitted = 1
const nothingYet = Promise.resolve(undefined)

export function kafkaReader(client: KafkaClient, topics: KafkaTopics): KafkaReader {
  const { library, api, asked } = client
  /** By topic id and partition. */
  const held = new Map<string, Held>()
  /** Waits that brokers have not answered yet, by topic and broker: who waits for the same again waits with them. */
  const waits = new Map<string, { readonly spots: string; readonly answer: Promise<boolean> }>()
  const busy = new Map<Broker['host'], Set<number>>()
  const keyOf = (topic: Topic, partition: number) => `${topic.id} ${partition}`

  const about = ({ name }: Topic, partition?: number): Asked =>
    partition === undefined
      ? asked(`waiting for records of ${name}`, { topic: name })
      : asked(`reading ${name}, partition ${partition}`, { topic: name, partition })

  async function request(
    [broker, purpose]: readonly [Broker, string],
    topic: Topic,
    spots: readonly Spot[],
    limits: { readonly bytes: number; readonly waitMs: number },
    as: Asked,
  ): Promise<{ readonly bytes: Buffer; readonly partitions: readonly PartitionAnswer[] }> {
    const { waitMs, bytes: partitionMaxBytes } = limits
    const partitions = spots.map(({ partition, offset, epoch }) => ({
      ...{ partition, fetchOffset: BigInt(offset), lastFetchedEpoch: epoch, currentLeaderEpoch: -1, partitionMaxBytes },
    }))
    const wanted = [{ topicId: topic.id, partitions }]
    const connection = await client.connect(broker, purpose, as)
    const session = [readCommitted, 0, -1] as const
    const bytes = await client.ask(connection, api.fetch, as, waitMs, 1, mostFetchBytes, ...session, wanted, [], '')
    const answer = parseFetch(bytes, as)
    const error = errorName(library.module.protocolErrorsCodesById, answer.errorCode)
    if (error !== 'NONE') throw protocolFault(error, as)
    return { bytes, partitions: answer.partitions }
  }

  /** Faults where the answer is none: an error, or a log that parted from what was read. */
  async function checkPartition(topic: Topic, spot: Spot, answer: PartitionAnswer): Promise<void> {
    const { partition, offset, epoch } = spot
    const error = errorName(library.module.protocolErrorsCodesById, answer.errorCode)
    if (answer.divergingEpoch !== undefined) {
      const { epoch: standing, endOffset } = answer.divergingEpoch
      throw diverged(client.name, topic, partition, offset, { epoch, standing, standingEnd: endOffset })
    }
    if (error === 'NONE') return
    if (error === 'OFFSET_OUT_OF_RANGE') {
      const range = (await topics.ranges(topic)).find((each) => each.partition === partition)
      if (range !== undefined && (offset < range.start || offset > range.end)) {
        throw outOfRange(client.name, topic, offset, range)
      }
      // It is within: what the broker does not find is the epoch.
      if (epoch >= 0) throw diverged(client.name, topic, partition, offset, { epoch })
    }
    if (/^UNKNOWN_TOPIC|^INCONSISTENT_TOPIC/.test(error)) await topics.standing(topic)
    throw protocolFault(error === 'OFFSET_OUT_OF_RANGE' ? 'OFFSET_NOT_AVAILABLE' : error, about(topic, partition))
  }

  async function fetch(topic: Topic, spot: Spot, maxBytes: number): Promise<Fetched> {
    const { partition, offset: from, epoch } = spot
    const as = about(topic, partition)
    const leader = await topics.leaderOf(topic, partition, as)
    const bytes = Math.max(1, Math.min(fetchBytes, maxBytes))
    const answer = await request([leader, 'fetch'], topic, [spot], { bytes, waitMs: 0 }, as)
    const found = answer.partitions.find((each) => each.partition === partition)
    if (found === undefined) throw damaged('the partition is not in the answer', as)
    await checkPartition(topic, spot, found)
    // A short answer may lie in memory that the socket goes on to use.
    const own = ownBytes(answer.bytes)
    const memory = Buffer.from(own.buffer as ArrayBuffer, own.byteOffset, own.byteLength)
    const { start, end, aborted } = found
    const batches = batchesOf({ partition, bytes: memory, start, end, from, epoch, aborted }, library.tools)
    return { batches, end: found.lastStableOffset }
  }

  function hold(topic: Topic, spot: Spot, batches: Promise<Fetched>): void {
    batches.catch(() => {}) // whoever reads there asks again, and is told
    held.set(keyOf(topic, spot.partition), { ...spot, batches })
  }

  async function fetched(topic: Topic, spot: Spot, maxBytes: number): Promise<Fetched> {
    const key = keyOf(topic, spot.partition)
    const found = held.get(key)
    held.delete(key)
    if (found !== undefined && found.offset === spot.offset && found.epoch === spot.epoch) {
      const ready = await found.batches.catch(() => undefined)
      if (ready !== undefined && !ready.batches.isEmpty) return ready
    }
    return fetch(topic, spot, maxBytes)
  }

  async function readOnce(topic: Topic, spot: Spot, limits: ReadLimits): Promise<ReadAnswer> {
    const { batches, end } = await fetched(topic, spot, limits.maxBytes)
    try {
      const answer = batches.take(limits)
      const next = { partition: spot.partition, offset: answer.next, epoch: batches.epoch }
      if (!batches.isEmpty) hold(topic, next, Promise.resolve({ batches, end }))
      // There is more: it comes while these records are worked on.
      else if (answer.next < end && answer.next > spot.offset) hold(topic, next, fetch(topic, next, limits.maxBytes))
      else remember(topic, next)
      return answer
    } catch (error) {
      const { partition, offset } = spot
      if (error instanceof EpochError) throw diverged(client.name, topic, partition, offset)
      if (error instanceof BatchError) throw damaged(error.message, about(topic, partition))
      throw error
    }
  }

  /** Where reading goes on, so that a wait asks for what the next read will. */
  function remember(topic: Topic, spot: Spot): void {
    const key = keyOf(topic, spot.partition)
    held.set(key, { ...spot, batches: nothingYet })
  }

  /** True where a partition of the broker's has more, or a read of it would fail: it ends the wait, and the read tells. */
  async function waitAt(leader: Broker, topic: Topic, spots: readonly Spot[]): Promise<boolean> {
    const taken = busy.get(leader.host) ?? new Set()
    busy.set(leader.host, taken)
    let line = 0
    while (taken.has(line)) line += 1
    taken.add(line)
    try {
      const limits = { bytes: fetchBytes, waitMs: longestWaitMs }
      const { bytes, partitions } = await request([leader, `wait ${line}`], topic, spots, limits, about(topic))
      let isBeyond = false
      for (const answer of partitions) {
        const { partition, start, end, aborted, lastStableOffset } = answer
        const spot = spots.find((each) => each.partition === partition)
        if (spot === undefined || (await wouldFail(topic, spot, answer))) isBeyond = true
        else if (end > start) {
          isBeyond = true
          const memory = Buffer.from(new Uint8Array(bytes.subarray(start, end)).buffer)
          const source = { partition, bytes: memory, start: 0, end: end - start, aborted }
          const batches = batchesOf({ ...source, from: spot.offset, epoch: spot.epoch }, library.tools)
          hold(topic, spot, Promise.resolve({ batches, end: lastStableOffset }))
        }
      }
      return isBeyond
    } finally {
      taken.delete(line)
    }
  }

  async function wouldFail(topic: Topic, spot: Spot, answer: PartitionAnswer): Promise<boolean> {
    try {
      await checkPartition(topic, spot, answer)
      return false
    } catch (error) {
      if (error instanceof Fault && /out-of-range|diverged/.test(error.code)) return true
      throw error
    }
  }

  function waitedAt(leader: Broker, topic: Topic, spots: readonly Spot[]): Promise<boolean> {
    const key = `${topic.id} ${leader.host}:${leader.port}`
    const wanted = JSON.stringify(spots)
    const standing = waits.get(key)
    if (standing?.spots === wanted) return standing.answer
    const answer = waitAt(leader, topic, spots).finally(() => {
      if (waits.get(key)?.answer === answer) waits.delete(key)
    })
    answer.catch(() => {}) // nobody may be waiting any more
    waits.set(key, { spots: wanted, answer })
    return answer
  }

  async function isStanding(topic: Topic): Promise<boolean> {
    try {
      await topics.standing(topic)
      return true
    } catch (error) {
      if (error instanceof Fault && /no-topic|topic-anew/.test(error.code)) return false
      throw error
    }
  }

  /** True where a partition has more, or the topic is no longer this one. */
  async function look(topic: Topic, ends: ReadonlyMap<number, number>): Promise<boolean> {
    if (ends.size === 0) {
      await sleep(longestWaitMs / 2)
      return !(await isStanding(topic))
    }
    const byLeader = new Map<Broker, Spot[]>()
    for (const [partition, offset] of ends) {
      const leader = await topics.leaderOf(topic, partition, about(topic))
      const known = held.get(keyOf(topic, partition))
      const spot = { partition, offset, epoch: known?.offset === offset ? known.epoch : -1 }
      byLeader.set(leader, [...(byLeader.get(leader) ?? []), spot])
    }
    return anyOf([...byLeader].map(([leader, spots]) => waitedAt(leader, topic, spots)))
  }

  return {
    read(topic, partition, offset, limits) {
      const spot = { partition, offset, epoch: limits.afterEpoch ?? -1 }
      let garbled = 0
      return throughWeather(
        async () => {
          try {
            return await readOnce(topic, spot, limits)
          } catch (error) {
            // What is damaged on its way is whole the second time.
            if (!(error instanceof Fault) || error.code !== 'log/damaged' || garbled++ > 0) throw error
            return readOnce(topic, spot, limits)
          }
        },
        { again: () => topics.forgetLeaders(topic) },
      )
    },
    async waitBeyond(topic, ends, signal) {
      if (signal.aborted) return
      const stopped = Promise.withResolvers<true>()
      const stop = () => stopped.resolve(true)
      signal.addEventListener('abort', stop, { once: true })
      const patiently = () => throughWeather(() => look(topic, ends), { again: () => topics.forgetLeaders(topic) })
      try {
        for (let isOver = false; !isOver; ) isOver = await Promise.race([stopped.promise, patiently()])
      } catch (error) {
        if (!(error instanceof Fault) || !/no-topic|topic-anew|no-partition/.test(error.code)) throw error
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

/** True with the first that is, false once none was. */
function anyOf(answers: readonly Promise<boolean>[]): Promise<boolean> {
  return new Promise((resolve, reject) => {
    Promise.all(answers.map((answer) => answer.then((is) => is && resolve(true)))).then(() => resolve(false), reject)
  })
}
