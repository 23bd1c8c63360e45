import { setTimeout as sleep } from 'node:timers/promises'
import type { OffsetRange, Topic } from '#port'
import { Fault } from '#port'
import { noPartition, noTopic, topicAnew } from './fault.ts'
import type { Broker, KafkaClient } from './kafka-client.ts'
import { throughWeather } from './kafka-client.ts'
import type { Asked } from './kafka-fault.ts'
import { errorName, errorOf, faultOf, protocolFault, unreachable } from './kafka-fault.ts'
import type { Connection } from './kafka-library.ts'

/** A topic, and who leads its partitions. */
export interface TopicDescription {
  readonly topic: Topic
  /** By partition; undefined where nobody leads at the moment. */
  readonly leaders: readonly (Broker | undefined)[]
}

export interface KafkaTopics {
  /** As the cluster says; undefined where it has no such topic. */
  describe(name: string): Promise<TopicDescription | undefined>
  /** Faults: `log/no-topic`, `log/topic-anew`. */
  standing(topic: Topic): Promise<TopicDescription>
  /** As last described; asked for anew where it was never, was forgotten, or lacks the partition. Faults: also `log/no-partition`. */
  leaderOf(topic: Topic, partition: number, asked: Asked): Promise<Broker>
  forgetLeaders(topic: Topic): void
  create(name: string, partitions: number, configs?: Readonly<Record<string, string>>): Promise<Topic>
  remove(name: string): Promise<void>
  ranges(topic: Topic): Promise<readonly OffsetRange[]>
  /** End of every partition; with `uncommitted`, of what transactions that are still open have written too. */
  ends(description: TopicDescription, uncommitted: boolean): Promise<readonly number[]>
}

const earliest = -2n
const latest = -1n
/** What transactions that are still open have written counts, or does not. */
const [uncommitted, committed] = [0, 1] as const
const settleMs = 15_000
const requestMs = 15_000

export function kafkaTopics(client: KafkaClient): KafkaTopics {
  const { api, asked, library } = client
  const known = new Map<string, TopicDescription>()
  const error = (code: number) => errorName(library.module.protocolErrorsCodesById, code)

  /** The library throws on any error in an answer, and hands over the answer with it. */
  async function metadata(names: readonly string[], about: Asked) {
    const connection = await client.connectAny(about)
    try {
      return await api.metadata.async(connection, [...names], false, false)
    } catch (thrown) {
      const response = thrown instanceof library.module.ResponseError ? Reflect.get(thrown, 'response') : undefined
      if (response === undefined) throw faultOf(thrown, about)
      return response as Awaited<ReturnType<typeof api.metadata.async>>
    }
  }

  async function describeOnce(name: string): Promise<TopicDescription | undefined> {
    const about = asked(`describing topic ${name}`, { topic: name })
    const { brokers, topics } = await metadata([name], about)
    client.learnBrokers(brokers)
    const found = topics.find((each) => each.name === name)
    const code = error(found?.errorCode ?? 0)
    if (found === undefined || code === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined
    if (code !== 'NONE') throw protocolFault(code, about)
    const byId = new Map(brokers.map((broker) => [broker.nodeId, { host: broker.host, port: broker.port }]))
    const leaders: (Broker | undefined)[] = []
    for (const { partitionIndex, leaderId } of found.partitions) leaders[partitionIndex] = byId.get(leaderId)
    const id = found.topicId.toString()
    return { topic: { name, id, partitions: found.partitions.length }, leaders }
  }

  const describe = (name: string) => throughWeather(() => describeOnce(name))

  async function standing(topic: Topic): Promise<TopicDescription> {
    const found = await describe(topic.name)
    if (found === undefined) throw noTopic(client.name, topic.name)
    if (found.topic.id !== topic.id) throw topicAnew(client.name, topic, found.topic.id)
    known.set(topic.id, found)
    return found
  }

  /** Until the cluster tells it so, because it does what it is asked in its own time. */
  async function settled<T>(look: () => Promise<T | undefined>, about: Asked): Promise<T> {
    for (const startedMs = Date.now(); Date.now() - startedMs < settleMs; ) {
      const answer = await look()
      if (answer !== undefined) return answer
      await sleep(10)
    }
    throw unreachable('REQUEST_TIMED_OUT', about)
  }

  function byLeader({ topic, leaders }: TopicDescription, about: Asked): Map<Broker, number[]> {
    const grouped = new Map<Broker, number[]>()
    for (let partition = 0; partition < topic.partitions; partition += 1) {
      const leader = leaders[partition]
      if (leader === undefined) throw protocolFault('LEADER_NOT_AVAILABLE', about)
      const others = grouped.get(leader)
      if (others === undefined) grouped.set(leader, [partition])
      else others.push(partition)
    }
    return grouped
  }

  /** By partition. */
  async function offsets(
    description: TopicDescription,
    timestamp: bigint,
    isolation: typeof committed | typeof uncommitted,
  ): Promise<number[]> {
    const { name } = description.topic
    const about = asked(`asking where ${name} begins and ends`, { topic: name })
    const found: number[] = []
    const ask = async (connection: Connection, partitions: readonly number[]): Promise<void> => {
      const wanted = partitions.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp }))
      const answer = await client.ask(connection, api.listOffsets, about, -1, isolation, [{ name, partitions: wanted }])
      for (const each of answer.topics[0]?.partitions ?? []) found[each.partitionIndex] = Number(each.offset)
    }
    await Promise.all(
      [...byLeader(description, about)].map(async ([leader, partitions]) =>
        ask(await client.connect(leader, 'offsets', about), partitions),
      ),
    )
    return found
  }

  return {
    describe,
    standing,
    async leaderOf(topic, partition, about) {
      let description = known.get(topic.id)
      if (description?.leaders[partition] === undefined) description = await standing(topic)
      if (!(partition >= 0 && partition < description.topic.partitions)) {
        throw noPartition(client.name, description.topic, partition)
      }
      const leader = description.leaders[partition]
      if (leader === undefined) {
        known.delete(topic.id)
        throw protocolFault('LEADER_NOT_AVAILABLE', about)
      }
      return leader
    },
    forgetLeaders: (topic) => void known.delete(topic.id),
    async create(name, partitions, configs = {}) {
      const about = asked(`making topic ${name}`, { topic: name })
      return throughWeather(async () => {
        const standing = await describeOnce(name)
        if (standing === undefined) {
          const numPartitions = partitions
          const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
          const request = { name, numPartitions, replicationFactor: client.options.replication, assignments: [] }
          const connection = await client.connectAny(about)
          try {
            await client.ask(connection, api.createTopics, about, [{ ...request, configs: entries }], requestMs, false)
          } catch (fault) {
            // Another one made it first.
            if (!(fault instanceof Fault) || errorOf(fault) !== 'TOPIC_ALREADY_EXISTS') throw fault
          }
        }
        const isLed = async () => {
          const found = await describeOnce(name)
          return found?.leaders.every((leader) => leader !== undefined) ? found.topic : undefined
        }
        return settled(isLed, about)
      })
    },
    async remove(name) {
      const about = asked(`removing topic ${name}`, { topic: name })
      const before = await describe(name)
      if (before === undefined) return
      await throughWeather(async () => {
        const connection = await client.connectAny(about)
        try {
          await client.ask(connection, api.deleteTopics, about, [{ name }], requestMs)
        } catch (fault) {
          if (!(fault instanceof Fault) || errorOf(fault) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw fault
        }
      })
      const isGone = async () => ((await describeOnce(name))?.topic.id === before.topic.id ? undefined : true)
      await settled(isGone, about)
    },
    ranges: (topic) =>
      throughWeather(async () => {
        const description = await standing(topic)
        const [starts, ends, all] = await Promise.all([
          offsets(description, earliest, committed),
          offsets(description, latest, committed),
          offsets(description, latest, uncommitted),
        ])
        return starts.map((start, partition) => {
          const end = ends[partition] ?? start
          const written = all[partition] ?? end
          return { partition, start, end, ...(written > end ? { written } : {}) }
        })
      }),
    ends: (description, isOpen) => offsets(description, latest, isOpen ? uncommitted : committed),
  }
}
