import type { OffsetRange, Topic } from '#port'
import { Fault } from '#port'

export function noTopic(log: string, name: string): Fault {
  return new Fault('log/no-topic', `${log} has no topic ${name}.`, {
    mend: 'Start what produces it; it makes the topic.',
    facts: { topic: name },
  })
}

export function topicAnew(log: string, asked: Topic, standing: string): Fault {
  return new Fault('log/topic-anew', `Topic ${asked.name} in ${log} was made anew: its offsets began again.`, {
    mend: 'Ask for the topic again, and begin at its start.',
    facts: { topic: asked.name, asked: asked.id, standing },
  })
}

export function noPartition(log: string, { name, partitions }: Topic, partition: number): Fault {
  return new Fault(
    'log/no-partition',
    `Topic ${name} in ${log} has ${partitions} partitions, numbered from 0; ${partition} is none of them.`,
    {
      mend: 'Ask for the topic again and use the partitions that it has.',
      facts: { topic: name, partition, partitions },
    },
  )
}

export function outOfRange(log: string, topic: Topic, offset: number, { partition, start, end }: OffsetRange): Fault {
  const lost = offset < start
  return new Fault(
    'log/out-of-range',
    lost
      ? `Topic ${topic.name}, partition ${partition} in ${log} begins at ${start}: what stood at ${offset} was removed for its age or for size.`
      : `Topic ${topic.name}, partition ${partition} in ${log} ends at ${end}: ${offset} was never written.`,
    {
      mend: lost
        ? 'Send those records again, or go on from the start and know that they are missing; keep more with topics.maxMb and topics.keepHours.'
        : 'See whether the log was put back from an older copy; make the topic anew to land it from its start.',
      facts: { topic: topic.name, partition, offset, start, end },
    },
  )
}
