import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppendOutcome, NewRecord, ProducerPosition, Topic } from '#port'
import { Fault } from '#port'
import { noPartition } from './fault.ts'
import type { KafkaClient } from './kafka-client.ts'
import { throughWeather } from './kafka-client.ts'
import { kafkaCoordinators } from './kafka-coordinator.ts'
import { errorOf } from './kafka-fault.ts'
import type { Parcel, ProducerSession, Written } from './kafka-produce.ts'
import { produce } from './kafka-produce.ts'
import { inBatches } from './kafka-record.ts'
import type { KafkaSequences, Standing } from './kafka-sequence.ts'
import { transactionTimeoutMs } from './kafka-sequence.ts'
import type { KafkaTopics, TopicDescription } from './kafka-topics.ts'

export interface KafkaProducer {
  append(topic: Topic, records: readonly NewRecord[], producer?: ProducerPosition): Promise<AppendOutcome>
}

/** A producer of a name, as this process knows it. */
interface Named {
  readonly transactionalId: string
  /** Undefined: what stands is to be found out, and whatever another one of the name has begun is to be ended first. */
  session: ProducerSession | undefined
  standing: Standing
  /** Where standings are kept. */
  marks: Topic | undefined
  /** Its appends come one after the other. */
  last: Promise<unknown>
}

/** Undefined: wherever it stands. */
interface Place {
  readonly id: string
  readonly sequence: number | undefined
}

const nothing = async (): Promise<void> => {}

const attempts = 10
/** Brokers keep an ended transaction from readers until its markers are written: some milliseconds after it is said to be in, or more on a busy machine. */
const visibleMs = 5_000
const longestLookMs = 50

/**
 * Appends. A producer of a name writes its records and its new standing in one transaction, and an append without a name that takes more than one batch does
 * so under a name of its own; a single batch is taken whole or not by itself. Of two processes of one name the newer ends what the older has begun.
 */
export function kafkaProducer(client: KafkaClient, topics: KafkaTopics, sequences: KafkaSequences): KafkaProducer {
  const { api, asked } = client
  const { coordinator } = kafkaCoordinators(client)
  const named = new Map<string, Named>()
  const nameless = `nameless-${randomUUID()}`
  let single: ProducerSession | undefined
  let lastSingle: Promise<unknown> = Promise.resolve()
  /** What was last written did not become visible in time. */
  let waitedInVain = false

  async function checkPartitions(topic: Topic, records: readonly NewRecord[]): Promise<void> {
    const standing = (await topics.standing(topic)).topic
    for (const { partition } of records) {
      if (!(partition >= 0 && partition < standing.partitions)) throw noPartition(client.name, standing, partition)
    }
  }

  async function begin(transactionalId: string | undefined, about: string): Promise<ProducerSession> {
    const as = asked(about)
    return throughWeather(async () => {
      const connection =
        transactionalId === undefined
          ? await client.connectAny(as)
          : await coordinator('transaction', transactionalId, 'transaction', as)
      const id = transactionalId ?? null
      const { producerId, producerEpoch } = await client.ask(
        ...[connection, api.initProducerId, as, id, transactionTimeoutMs, -1n, -1],
      )
      return { producerId, producerEpoch, transactionalId, sequences: new Map() }
    })
  }

  /** All of the records or none: one batch, which the broker takes once however often it is sent. */
  async function appendBatch(topic: Topic, records: readonly NewRecord[]): Promise<void> {
    await throughWeather(
      async () => {
        single ??= await begin(undefined, `sending to ${topic.name}`)
        await produce([{ topic, records }], single, client, topics)
      },
      {
        again(fault) {
          topics.forgetLeaders(topic)
          // The broker no longer knows who this is; then it has not taken the batch either.
          if (/PRODUCER|SEQUENCE/.test(errorOf(fault) ?? '')) single = undefined
        },
      },
    ).catch((error: unknown) => {
      single = undefined // what became of its last batch is not known, so its numbers are of no use
      throw error
    })
  }

  async function transact(one: Named, topic: Topic, parcels: readonly Parcel[]): Promise<() => Promise<void>> {
    const { session, transactionalId } = one
    if (session === undefined) throw new TypeError('A transaction has a session.')
    const as = asked(`sending to ${topic.name}`, { topic: topic.name })
    const { producerId, producerEpoch } = session
    const connection = await coordinator('transaction', transactionalId, 'transaction', as)
    const wanted = parcels.map((parcel) => ({
      name: parcel.topic.name,
      partitions: [...new Set(parcel.records.map(({ partition }) => partition))],
    }))
    const added = { transactionalId, producerId, producerEpoch, verifyOnly: false, topics: wanted }
    const add = () => client.ask(connection, api.addPartitionsToTxn, as, [added])
    await whileConcurrent(add)
    const written = await produce(parcels, session, client, topics)
    // Only a topic that still stands when its records do has them.
    const description = await topics.standing(topic)
    await client.ask(connection, api.endTxn, as, transactionalId, producerId, producerEpoch, true)
    return () => untilVisible(description, written)
  }

  /** The transaction before this one may not have ended everywhere. */
  async function whileConcurrent(ask: () => Promise<unknown>): Promise<void> {
    for (const startedMs = Date.now(); ; ) {
      try {
        await ask()
        return
      } catch (error) {
        const isConcurrent = error instanceof Fault && errorOf(error) === 'CONCURRENT_TRANSACTIONS'
        if (!isConcurrent || Date.now() - startedMs > transactionTimeoutMs) throw error
        await sleep(3)
      }
    }
  }

  /** Until who reads committed records sees them. Where another's open transaction stands before them, they are in all the same, and are waited for once. */
  async function untilVisible(description: TopicDescription, written: Written): Promise<void> {
    const own = written.filter(({ topic }) => topic.id === description.topic.id)
    const startedMs = Date.now()
    for (let look = 0; ; look += 1) {
      const ends = await topics.ends(description, false)
      const isVisible = own.every(({ partition, last }) => (ends[partition] ?? 0) > last)
      if (isVisible || waitedInVain || Date.now() - startedMs > visibleMs) {
        waitedInVain = !isVisible
        return
      }
      await sleep(Math.min(longestLookMs, 3 * (look + 1)))
    }
  }

  async function appendNamed(
    one: Named,
    topic: Topic,
    records: readonly NewRecord[],
    { id, sequence }: Place,
  ): Promise<AppendOutcome> {
    const append = randomUUID()
    const isIn = () => one.standing.append === append
    const attempt = async (): Promise<() => Promise<void>> => {
      await checkPartitions(topic, records)
      if (one.session === undefined) {
        one.marks = await sequences.topic()
        one.session = await begin(one.transactionalId, `sending to ${topic.name}`)
        one.standing = await sequences.standingOf(topic, id)
      }
      const from = sequence ?? one.standing.sequence
      if (isIn() || one.standing.sequence !== from || records.length === 0 || one.marks === undefined) return nothing
      const next: Standing = { sequence: from + records.length, append }
      const mark = { topic: one.marks, records: [sequences.recordOf(topic, id, next)] }
      const untilSeen = await transact(one, topic, [{ topic, records }, mark])
      one.standing = next
      return untilSeen
    }
    const again = () => {
      one.session = undefined
      topics.forgetLeaders(topic)
    }
    try {
      const untilSeen = await throughWeather(attempt, { attempts, again })
      await untilSeen().catch(() => {}) // they are in, whatever the brokers say now
    } catch (error) {
      // What was begun is ended, so that it keeps nobody from reading on; where that fails too, its time runs out.
      if (one.session !== undefined) await begin(one.transactionalId, 'ending a transaction').catch(() => {})
      one.session = undefined
      throw error
    }
    const isNothing = records.length === 0 && one.standing.sequence === sequence
    return isIn() || isNothing ? { outcome: 'appended' } : { outcome: 'moved', sequence: one.standing.sequence }
  }

  function inTurn(topic: Topic, records: readonly NewRecord[], producer: Place): Promise<AppendOutcome> {
    const transactionalId = `fairlead/${topic.id}/${producer.id}`
    const fresh = { transactionalId, session: undefined, standing: { sequence: 0, append: '' }, marks: undefined }
    const one: Named = named.get(transactionalId) ?? { ...fresh, last: Promise.resolve() }
    named.set(transactionalId, one)
    const outcome = one.last.then(() => appendNamed(one, topic, records, producer))
    one.last = outcome.catch(() => {}) // told to who asked
    return outcome
  }

  return {
    async append(topic, records, producer) {
      if (producer !== undefined) return inTurn(topic, records, producer)
      await checkPartitions(topic, records)
      if (records.length === 0) return { outcome: 'appended' }
      const isOne = new Set(records.map(({ partition }) => partition)).size === 1 && inBatches(records).length === 1
      if (isOne) {
        const appended = lastSingle.then(() => appendBatch(topic, records))
        lastSingle = appended.catch(() => {}) // told to who asked
        await appended
        return { outcome: 'appended' }
      }
      const outcome = await inTurn(topic, records, { id: nameless, sequence: undefined })
      if (outcome.outcome === 'moved') throw new TypeError('Nobody else has this name.')
      return outcome
    },
  }
}
