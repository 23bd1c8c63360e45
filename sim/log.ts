import type { ReadAnswer, RecordBlock, RecordLog, Topic } from '#port'
import { Fault } from '#port'
import { blockBuilder } from '../src/log/block.ts'
import { outOfRange } from '../src/log/fault.ts'
import type { Dice } from './dice.ts'
import type { Group } from './group.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

/** Keys of what a broker keeps between records for itself: readers pass over it. */
export const marker = 'marker'

const decoder = new TextDecoder()

/** A topic's log, with what the base does not do: it forgets its beginning, keeps markers, shares partitions out. */
export interface SharedLog {
  readonly base: RecordLog
  /** First offset that is still there, by topic id and partition. */
  readonly starts: Map<string, number>
  groupOf(topic: Topic): Group
}

export function isMarker(key: Uint8Array | null): boolean {
  return key !== null && decoder.decode(key) === marker
}

export function startKey(topic: Topic, partition: number): string {
  return `${topic.id}/${partition}`
}

/** The log as one process sees it; each call takes a turn before and after. */
export function roughLog(shared: SharedLog, world: World, process: Process, role: string, dice: Dice): RecordLog {
  const { base, starts } = shared
  const startOf = (topic: Topic, partition: number): number => starts.get(startKey(topic, partition)) ?? 0

  async function call<T>(deed: string, work: () => Promise<T>): Promise<T> {
    const site = `${role}: log ${deed}`
    await world.turn(process, `${site}, before`)
    if (world.isRough && dice.chance(world.weather.refused)) throw unreachable(deed)
    const answer = await work()
    await world.turn(process, `${site}, after`)
    if (world.isRough && dice.chance(world.weather.lostAnswer)) {
      world.tally.add('lost answers')
      throw unreachable(deed)
    }
    return answer
  }

  async function read(topic: Topic, partition: number, offset: number, limits: Parameters<RecordLog['read']>[3]) {
    const start = startOf(topic, partition)
    if (offset < start) {
      const end = (await base.ranges(topic)).find((each) => each.partition === partition)?.end ?? 0
      throw outOfRange(base.name, topic, offset, { partition, start, end })
    }
    shared.groupOf(topic).noteRead(process, partition)
    // A broker that answers whole batches may begin before what was asked for.
    const early = world.isRough && offset > start && dice.chance(world.weather.lostAnswer)
    if (early) world.tally.add('answers from before')
    const maxRecords = Math.min(limits.maxRecords, dice.whole(1, 12))
    return withoutMarkers(await base.read(topic, partition, early ? offset - 1 : offset, { ...limits, maxRecords }))
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
        (await base.ranges(topic)).map((each) => ({ ...each, start: startOf(topic, each.partition) })),
      ),
    async waitBeyond(topic, ends, signal) {
      await base.waitBeyond(topic, ends, signal)
      await world.turn(process, `${role}: log wait, after`)
    },
    join: (topic, _consumer, changing) =>
      call('join', () => shared.groupOf(topic).join(process, topic.partitions, changing)),
    noteConsumed: (topic, consumer, next) => call('note', () => base.noteConsumed(topic, consumer, next)),
    async close() {},
  }
}

function withoutMarkers({ blocks, next }: ReadAnswer): ReadAnswer {
  return { blocks: blocks.map(kept), next }
}

function kept(block: RecordBlock): RecordBlock {
  const { partition, bytes, timestampType, epoch, spans, offsets, timestampsMs } = block
  const part = (at: number): number => spans[at] ?? -1
  const builder = blockBuilder({ partition, bytes, timestampType, epoch }, block.count)
  for (let i = 0; i < block.count; i += 1) {
    const [keyStart, keyLength, valueStart, valueLength] = [0, 1, 2, 3].map((each) => part(i * 4 + each)) as [
      number,
      number,
      number,
      number,
    ]
    if (keyLength >= 0 && isMarker(bytes.subarray(keyStart, keyStart + keyLength))) continue
    builder.add(offsets[i] ?? 0, timestampsMs[i] ?? 0, keyStart, keyLength, valueStart, valueLength)
  }
  return builder.build()
}

function unreachable(deed: string): Fault {
  return new Fault('log/unreachable', `The log did not answer: ${deed}.`, { mend: 'It is tried again.', retry: true })
}
