import type { NewRecord, Topic } from '#port'
import type { Broker, KafkaClient } from './kafka-client.ts'
import type { BatchProducer } from './kafka-record.ts'
import { encodeBatch, inBatches } from './kafka-record.ts'
import type { KafkaTopics } from './kafka-topics.ts'

/** Who writes: an id that a broker gave, and how many records it wrote to each partition since then. */
export interface ProducerSession {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** Undefined: each batch is taken once, and no more is promised. */
  readonly transactionalId: string | undefined
  /** By topic and partition. */
  readonly sequences: Map<string, number>
}

/** Records that go to one topic. */
export interface Parcel {
  readonly topic: Topic
  readonly records: readonly NewRecord[]
}

/** Offset of the last record that was written, by topic and partition. */
export type Written = readonly { readonly topic: Topic; readonly partition: number; readonly last: number }[]

/** Writes records, in order within each partition. Where it faults, some may be written: who asks knows what that means. */
export async function produce(
  parcels: readonly Parcel[],
  session: ProducerSession,
  client: KafkaClient,
  topics: KafkaTopics,
): Promise<Written> {
  const nowMs = Date.now()
  const queues = parcels.flatMap(({ topic, records }) =>
    [...Map.groupBy(records, ({ partition }) => partition)].map(([partition, own]) => ({
      ...{ topic, partition, batches: inBatches(own) },
    })),
  )
  const written = await Promise.all(
    queues.map(async ({ topic, partition, batches }) => {
      const asked = client.asked(`sending to ${topic.name}, partition ${partition}`, { topic: topic.name, partition })
      let last = -1
      for (const batch of batches) {
        const leader = await topics.leaderOf(topic, partition, asked)
        const key = `${topic.id} ${partition}`
        const sequence = session.sequences.get(key) ?? 0
        const from = { ...session, sequence, isTransactional: session.transactionalId !== undefined }
        const base = await send({ topic, partition, records: batch }, from, nowMs, leader)
        session.sequences.set(key, sequence + batch.length)
        last = base + batch.length - 1
      }
      return { topic, partition, last }
    }),
  )
  return written

  /** Answers the first one's offset. */
  async function send(
    part: { readonly topic: Topic; readonly partition: number; readonly records: readonly NewRecord[] },
    from: BatchProducer,
    timestampMs: number,
    leader: Broker,
  ): Promise<number> {
    const { topic, partition, records } = part
    const asked = client.asked(`sending to ${topic.name}, partition ${partition}`, { topic: topic.name, partition })
    const batch = encodeBatch(records, timestampMs, from, client.library.tools.crc32c)
    const request = { transactionalId: session.transactionalId, topic: topic.name, partition, batch }
    try {
      const connection = await client.connect(leader, 'produce', asked)
      const answer = await client.ask(connection, client.api.produce, asked, request)
      return Number(answer.responses[0]?.partitionResponses[0]?.baseOffset ?? -1)
    } catch (error) {
      // Who was the leader may be it no more, or be gone.
      topics.forgetLeaders(topic)
      throw error
    }
  }
}
