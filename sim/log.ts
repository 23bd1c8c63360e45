import type { ReadAnswer, ReadLimits, RecordBlock, RecordLog, Topic } from '#port'
import { Fault } from '#port'
import { blockBuilder } from '../src/log/block.ts'
import { outOfRange } from '../src/log/fault.ts'
import { diverged } from '../src/log/kafka-fault.ts'
import type { Dice } from './dice.ts'
import type { Group } from './group.ts'
import type { Leadership, Leaderships } from './leadership.ts'
import { endOf, isParted, leaderAt } from './leadership.ts'
import type { Process } from './scheduler.ts'
import { siteNames } from './site.ts'
import type { World } from './world.ts'

/** Keys of what a broker keeps between records for itself: readers pass over it. */
export const marker = 'marker'

const decoder = new TextDecoder()

/** A topic's log, with what the base does not do: it forgets its beginning, elects leaders that lack its end, keeps markers, shares partitions out. */
export interface SharedLog {
  readonly base: RecordLog
  readonly leaderships: Leaderships
  /** First offset that is still there, by topic id and partition. */
  readonly starts: Map<string, number>
  groupOf(topic: Topic): Group
}

function isMarker(key: Uint8Array | null): boolean {
  return key !== null && decoder.decode(key) === marker
}

export function startKey(topic: Topic, partition: number): string {
  return `${topic.id}/${partition}`
}

/** The log as one process sees it; each call takes a turn before and after. */
export function roughLog(shared: SharedLog, world: World, process: Process, role: string, dice: Dice): RecordLog {
  const { base, starts } = shared
  const siteOf = siteNames(`${role}: log`)
  const startOf = (topic: Topic, partition: number): number => starts.get(startKey(topic, partition)) ?? 0

  async function call<T>(deed: string, work: () => Promise<T>): Promise<T> {
    const site = siteOf(deed, '')
    await world.turn(process, site.before)
    if (world.isRough && dice.chance(world.weather.refused)) throw unreachable(deed)
    const answer = await work()
    await world.turn(process, site.after)
    if (world.isRough && dice.chance(world.weather.lostAnswer)) {
      world.tally.add('lost answers')
      throw unreachable(deed)
    }
    return answer
  }

  async function read(topic: Topic, partition: number, offset: number, limits: ReadLimits) {
    const start = startOf(topic, partition)
    const led = shared.leaderships.of(startKey(topic, partition))
    const appended = (await base.ranges(topic)).find((each) => each.partition === partition)?.end ?? 0
    const { afterEpoch: epoch } = limits
    if (epoch !== undefined && isParted(led, { epoch, offset }, appended))
      throw diverged(base.name, topic, partition, offset, { epoch })
    const end = endOf(led, appended)
    if (offset < start || offset > end) throw outOfRange(base.name, topic, offset, { partition, start, end })
    shared.groupOf(topic).noteRead(process, partition)
    // A broker that answers whole batches may begin before what was asked for.
    const early = world.isRough && offset > start && dice.chance(world.weather.lostAnswer)
    if (early) world.tally.add('answers from before')
    const from = early ? offset - 1 : offset
    const leader = leaderAt(led, from, appended)
    const maxRecords = Math.min(limits.maxRecords, dice.whole(1, 12), Math.max(1, leader.end - from))
    return ledBy(leader, await base.read(topic, partition, from + leader.shift, { ...limits, maxRecords }))
  }

  return {
    name: base.name,
    topic: (name) => call('topic', () => base.topic(name)),
    createTopic: (name, partitions) => call('create', () => base.createTopic(name, partitions)),
    removeTopic: (name) => call('remove', () => base.removeTopic(name)),
    append: (topic, records, producer) => call('append', () => base.append(topic, records, producer)),
    sequenceOf: (topic, producer) => call('sequence', () => base.sequenceOf(topic, producer)),
    read: (topic, partition, offset, limits) => call('read', () => read(topic, partition, offset, limits)),
    ranges: (topic) =>
      call('ranges', async () =>
        (await base.ranges(topic)).map(({ partition, end }) => {
          const led = shared.leaderships.of(startKey(topic, partition))
          return { partition, start: startOf(topic, partition), end: endOf(led, end) }
        }),
      ),
    async waitBeyond(topic, ends, signal) {
      const shift = (partition: number): number => shared.leaderships.of(startKey(topic, partition)).at(-1)?.shift ?? 0
      const appended = new Map([...ends].map(([partition, end]) => [partition, end + shift(partition)]))
      await base.waitBeyond(topic, appended, signal)
      await world.turn(process, siteOf('wait', '').after)
    },
    join: (topic, _consumer, changing) =>
      call('join', () => shared.groupOf(topic).join(process, topic.partitions, changing)),
    noteConsumed: (topic, consumer, next) => call('note', () => base.noteConsumed(topic, consumer, next)),
    async close() {},
  }
}

/** The base's answer as the leader gives it: by its offsets, under its epoch, without markers. */
export function ledBy(leader: Leadership, answer: ReadAnswer): ReadAnswer {
  const blocks = answer.blocks.map((block) => kept(block, leader))
  const next = answer.next - leader.shift
  return { blocks, next, ...(next > leader.start ? { epoch: leader.epoch } : {}) }
}

function kept(block: RecordBlock, { epoch, shift }: Leadership): RecordBlock {
  const { partition, bytes, timestampType, spans, offsets, timestampsMs } = block
  const part = (at: number): number => spans[at] ?? -1
  const builder = blockBuilder({ partition, bytes, timestampType, epoch }, block.count)
  for (let at = 0; at < block.count; at += 1) {
    const [keyStart, keyLength] = [part(at * 4), part(at * 4 + 1)]
    if (keyLength >= 0 && isMarker(bytes.subarray(keyStart, keyStart + keyLength))) continue
    const offset = (offsets[at] ?? 0) - shift
    builder.add(offset, timestampsMs[at] ?? 0, keyStart, keyLength, part(at * 4 + 2), part(at * 4 + 3))
  }
  return builder.build()
}

function unreachable(deed: string): Fault {
  return new Fault('log/unreachable', `The log did not answer: ${deed}.`, { mend: 'It is tried again.', retry: true })
}
