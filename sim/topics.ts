import { memoryLog } from '#log'
import type { LogRecord, RecordLog, Topic } from '#port'
import { recordsOf } from '#port'
import type { HeldTopic } from './audit-bronze.ts'
import { topicName } from './dataset.ts'
import type { Group } from './group.ts'
import { newGroup } from './group.ts'
import { endOf, leaderAt, newLeaderships } from './leadership.ts'
import type { SharedLog } from './log.ts'
import { ledBy, startKey } from './log.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

/** The log of one seed, and what nature does to it. */
export interface SimulatedTopics extends SharedLog {
  /** Removes the topic and makes another of its name. */
  makeAnew(): Promise<void>
  /** Forgets the beginning of a partition. */
  forget(): Promise<void>
  /** A partition gets another leader, which may lack its newest records. */
  elect(): Promise<void>
  /** Somebody was told that the log is no longer what was landed: they look again, and when it is so still, the topic is made anew. */
  parted(): Promise<void>
  shuffle(): void
  lose(process: Process): void
  /** Records sent so far, to all topics. */
  sent(): Promise<number>
  /** All that was ever there. */
  held(): Promise<readonly HeldTopic[]>
}

/** Records that a new leader lacks, at most. */
const mostLost = 6
const whole = { maxBytes: Number.MAX_SAFE_INTEGER, maxRecords: Number.MAX_SAFE_INTEGER }

export async function simulatedTopics(world: World): Promise<SimulatedTopics> {
  const dice = world.diceOf('topics')
  const base: RecordLog = memoryLog({ nowMs: world.nowMs, newId: world.newId })
  const partitions = dice.whole(1, 4)
  const starts = new Map<string, number>()
  const groups = new Map<string, Group>()
  const leaderships = newLeaderships()
  /** By partition, what it held before each election that lost some of it. */
  const lost = new Map<string, readonly (readonly LogRecord[])[]>()
  const gone: HeldTopic[] = []
  const sentBefore: number[] = []
  let toldParted = 0
  let topic = await base.createTopic(topicName, partitions)

  /** All records of a partition as its leader has them. */
  async function recordsIn(of: Topic, partition: number): Promise<readonly LogRecord[]> {
    const led = leaderships.of(startKey(of, partition))
    const appended = await appendedTo(of, partition)
    const records: LogRecord[] = []
    for (const { start } of led) {
      const leader = leaderAt(led, start, appended)
      const limits = { ...whole, maxRecords: leader.end - start }
      if (leader.end === start) continue
      records.push(...recordsOf(ledBy(leader, await base.read(of, partition, start + leader.shift, limits))))
    }
    return records
  }

  async function appendedTo(of: Topic, partition: number): Promise<number> {
    return (await base.ranges(of)).find((each) => each.partition === partition)?.end ?? 0
  }

  async function holding(of: Topic, stands: boolean): Promise<HeldTopic> {
    const held: HeldTopic['partitions'][number][] = []
    for (const { partition } of await base.ranges(of)) {
      const key = startKey(of, partition)
      const histories = [...(lost.get(key) ?? []), await recordsIn(of, partition)]
      held.push({ partition, start: starts.get(key) ?? 0, histories })
    }
    return { id: of.id, stands, partitions: held }
  }

  async function makeAnew(): Promise<void> {
    gone.push(await holding(topic, false))
    sentBefore.push(...(await base.ranges(topic)).map(({ end }) => end))
    await base.removeTopic(topicName)
    topic = await base.createTopic(topicName, partitions)
    world.tell('topic anew')
    world.tally.add('topics anew')
  }

  return {
    ...{ base, starts, leaderships },
    groupOf(of) {
      const group = groups.get(of.id) ?? newGroup(world, world.diceOf(`group ${groups.size}`))
      groups.set(of.id, group)
      return group
    },
    makeAnew,
    async forget() {
      const ranges = await base.ranges(topic)
      const { partition, end: appended } = ranges[dice.whole(0, ranges.length - 1)] ?? { partition: 0, end: 0 }
      const key = startKey(topic, partition)
      const end = endOf(leaderships.of(key), appended)
      starts.set(key, Math.max(starts.get(key) ?? 0, dice.whole(0, end)))
      world.tell(`partition ${partition} begins at ${starts.get(key)}`)
      world.tally.add('beginnings forgotten')
    },
    async elect() {
      const partition = dice.whole(0, partitions - 1)
      const key = startKey(topic, partition)
      const before = await recordsIn(topic, partition)
      const appended = await appendedTo(topic, partition)
      const end = endOf(leaderships.of(key), appended)
      const stands = Math.max(starts.get(key) ?? 0, end - dice.whole(0, mostLost))
      leaderships.elect(key, stands, appended)
      world.tell(`partition ${partition} has another leader, which ends at ${stands} of ${end}`)
      world.tally.add('elections')
      if (stands === end) return
      lost.set(key, [...(lost.get(key) ?? []), before])
      world.tally.add('unclean elections')
    },
    async parted() {
      world.tally.add('told that the log parted')
      if (lost.size === 0) world.fail('no surprise', 'a log of which nothing was lost is said to have parted')
      toldParted += 1
      if (toldParted % 2 === 1 || ![...lost.keys()].some((key) => key.startsWith(`${topic.id}/`))) return
      await makeAnew()
    },
    shuffle() {
      for (const group of groups.values()) group.shuffle()
    },
    lose(process) {
      for (const group of groups.values()) group.lose(process)
    },
    async sent() {
      const now = (await base.ranges(topic)).map(({ end }) => end)
      return [...sentBefore, ...now].reduce((sum, count) => sum + count, 0)
    },
    held: async () => [...gone, await holding(topic, true)],
  }
}
