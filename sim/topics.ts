import { memoryLog } from '#log'
import type { LogRecord, RecordLog, Topic } from '#port'
import { recordsOf } from '#port'
import type { HeldTopic } from './audit.ts'
import { topicName } from './dataset.ts'
import type { Group } from './group.ts'
import { newGroup } from './group.ts'
import type { SharedLog } from './log.ts'
import { isMarker, startKey } from './log.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

/** The log of one seed, and what nature does to it. */
export interface SimulatedTopics extends SharedLog {
  /** Removes the topic and makes another of its name. */
  makeAnew(): Promise<void>
  /** Forgets the beginning of a partition. */
  forget(): Promise<void>
  shuffle(): void
  lose(process: Process): void
  /** Records sent so far, to all topics. */
  sent(): Promise<number>
  /** All that was ever there. */
  held(): Promise<readonly HeldTopic[]>
}

const whole = { maxBytes: Number.MAX_SAFE_INTEGER, maxRecords: Number.MAX_SAFE_INTEGER }

export async function simulatedTopics(world: World): Promise<SimulatedTopics> {
  const dice = world.diceOf('topics')
  const base: RecordLog = memoryLog({ nowMs: world.nowMs, newId: world.newId })
  const partitions = dice.whole(1, 4)
  const starts = new Map<string, number>()
  const groups = new Map<string, Group>()
  const gone: HeldTopic[] = []
  let topic = await base.createTopic(topicName, partitions)

  async function holding(of: Topic, stands: boolean): Promise<HeldTopic> {
    const held: { start: number; records: readonly LogRecord[] }[] = []
    for (const { partition } of await base.ranges(of)) {
      const records = recordsOf(await base.read(of, partition, 0, whole)).filter((record) => !isMarker(record.key))
      held.push({ start: starts.get(startKey(of, partition)) ?? 0, records })
    }
    return { id: of.id, stands, partitions: held }
  }

  return {
    ...{ base, starts },
    groupOf(of) {
      const group = groups.get(of.id) ?? newGroup(world, world.diceOf(`group ${groups.size}`))
      groups.set(of.id, group)
      return group
    },
    async makeAnew() {
      gone.push(await holding(topic, false))
      await base.removeTopic(topicName)
      topic = await base.createTopic(topicName, partitions)
      world.tell('topic anew')
      world.tally.add('topics anew')
    },
    async forget() {
      const ranges = await base.ranges(topic)
      const { partition, end } = ranges[dice.whole(0, ranges.length - 1)] ?? { partition: 0, end: 0 }
      const key = startKey(topic, partition)
      starts.set(key, Math.max(starts.get(key) ?? 0, dice.whole(0, end)))
      world.tell(`partition ${partition} begins at ${starts.get(key)}`)
      world.tally.add('beginnings forgotten')
    },
    shuffle() {
      for (const group of groups.values()) group.shuffle()
    },
    lose(process) {
      for (const group of groups.values()) group.lose(process)
    },
    async sent() {
      const before = gone.flatMap((each) => each.partitions.map(({ records }) => records.length))
      const now = (await base.ranges(topic)).map(({ end }) => end)
      return [...before, ...now].reduce((sum, count) => sum + count, 0)
    },
    held: async () => [...gone, await holding(topic, true)],
  }
}
