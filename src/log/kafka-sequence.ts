import { setTimeout as sleep } from 'node:timers/promises'
import type { NewRecord, Topic } from '#port'
import { recordsOf } from '#port'
import type { KafkaClient } from './kafka-client.ts'
import { unreachable } from './kafka-fault.ts'
import type { KafkaReader } from './kafka-reader.ts'
import type { KafkaTopics } from './kafka-topics.ts'

/** Where a producer stands in a topic, and by which of its appends. */
export interface Standing {
  readonly sequence: number
  /** Like no other append's. */
  readonly append: string
}

/** Where producers stand: a topic of its own, in which the last word of each is kept for good. Each append writes its own in the transaction of its records. */
export interface KafkaSequences {
  /** Where all transactions that have ended put it. Faults: `log/unreachable` where another producer's transaction stays open too long. */
  standingOf(topic: Topic, producer: string): Promise<Standing>
  /** The topic, made where it is not there. */
  topic(): Promise<Topic>
  recordOf(topic: Topic, producer: string, standing: Standing): NewRecord
}

const name = 'fairlead-producers'
/** The segment that is written to is not compacted, so it is kept small: it is read whole by whoever starts to append. */
const configs = {
  'cleanup.policy': 'compact',
  'segment.bytes': String(4 << 20),
  'segment.ms': '3600000',
  'min.cleanable.dirty.ratio': '0.1',
}
/** A transaction of ours that nobody ends is ended by the broker after this time. */
export const transactionTimeoutMs = 10_000
const patienceMs = transactionTimeoutMs * 2
const limits = { maxBytes: 1 << 20, maxRecords: 100_000 }
const start: Standing = { sequence: 0, append: '' }
const decoder = new TextDecoder()

export function kafkaSequences(client: KafkaClient, topics: KafkaTopics, reader: KafkaReader): KafkaSequences {
  const keyOf = (topic: Topic, producer: string) => `${topic.id}/${producer}`
  const standings = new Map<string, Standing>()
  let read: { readonly id: string; next: number } | undefined
  /** One reading at a time: they share the map. */
  let reading: Promise<void> = Promise.resolve()

  /** Up to what stands at the call. */
  async function catchUp(): Promise<void> {
    const description = await topics.describe(name)
    if (description === undefined) {
      standings.clear()
      read = undefined
      return
    }
    const { topic } = description
    if (read?.id !== topic.id) {
      standings.clear()
      const [range] = await topics.ranges(topic)
      read = { id: topic.id, next: range?.start ?? 0 }
    }
    const [end = 0] = await topics.ends(description, true)
    for (const startedMs = Date.now(); read.next < end; ) {
      const answer = await reader.read(topic, 0, read.next, limits)
      for (const { key, value } of recordsOf(answer)) {
        const standing = value === null ? undefined : standingFrom(value)
        if (key !== null && standing !== undefined) standings.set(decoder.decode(key), standing)
      }
      if (answer.next === read.next) await sleep(5)
      read.next = answer.next
      if (Date.now() - startedMs > patienceMs) {
        throw unreachable('TRANSACTION_STAYS_OPEN', client.asked(`reading ${name}`, { topic: name }))
      }
    }
  }

  return {
    async standingOf(topic, producer) {
      const caughtUp = reading.then(catchUp)
      reading = caughtUp.catch(() => {}) // told to who asked
      await caughtUp
      return standings.get(keyOf(topic, producer)) ?? start
    },
    async topic() {
      return (await topics.describe(name))?.topic ?? topics.create(name, 1, configs)
    },
    recordOf: (topic, producer, standing) => ({
      ...{ partition: 0, headers: [] },
      key: Buffer.from(keyOf(topic, producer)),
      value: Buffer.from(JSON.stringify(standing)),
    }),
  }
}

function standingFrom(value: Uint8Array): Standing | undefined {
  const { sequence, append }: Record<string, unknown> = JSON.parse(decoder.decode(value))
  return typeof sequence === 'number' && typeof append === 'string' ? { sequence, append } : undefined
}
