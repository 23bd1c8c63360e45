import type { RecordLog, Report } from '#port'
import { kafkaClient } from './kafka-client.ts'
import { kafkaGroups } from './kafka-group.ts'
import { loadKafka } from './kafka-library.ts'
import type { KafkaOptions } from './kafka-options.ts'
import { kafkaProducer } from './kafka-producer.ts'
import { kafkaReader } from './kafka-reader.ts'
import { kafkaSequences } from './kafka-sequence.ts'
import { kafkaTopics } from './kafka-topics.ts'

export interface KafkaLogEffects {
  /** Hears what stops nothing: positions that the brokers did not take down. */
  readonly report: Report
}

/**
 * A log in Kafka, brokers of version 3.5 or newer. Only committed records are read. Asks nothing of a broker before the first call. A topic's id is Kafka's own;
 * where producers stand is kept in the topic `fairlead-producers`.
 */
export async function kafkaLog(options: KafkaOptions, { report }: KafkaLogEffects): Promise<RecordLog> {
  const client = kafkaClient(options, await loadKafka())
  const topics = kafkaTopics(client)
  const reader = kafkaReader(client, topics)
  const sequences = kafkaSequences(client, topics, reader)
  const producer = kafkaProducer(client, topics, sequences)
  const groups = kafkaGroups(client, topics, report)
  return {
    name: client.name,
    topic: async (name) => (await topics.describe(name))?.topic,
    createTopic: (name, partitions) => topics.create(name, partitions),
    removeTopic: topics.remove,
    append: producer.append,
    async sequenceOf(topic, id) {
      await topics.standing(topic)
      return (await sequences.standingOf(topic, id)).sequence
    },
    read: reader.read,
    ranges: topics.ranges,
    waitBeyond: reader.waitBeyond,
    join: groups.join,
    noteConsumed: groups.noteConsumed,
    close: client.close,
  }
}
