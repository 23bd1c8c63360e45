import type { Snapshot } from '#lake'
import type { OffsetRange, Topic } from '#port'
import { Fault } from '#port'
import { bronzeTxn } from '../land/index.ts'

/** What a person may allow, each once and by name, because records are lost to the lake by it. */
export type Allowance = 'topic-anew' | 'gap'

/** Where landing goes on in one partition. */
export interface Position {
  /** Next offset to read. */
  readonly next: number
  /** What the lake says of the partition; undefined where it says nothing yet. A commit is made only where it still says so. */
  readonly standing: number | undefined
  /** Epoch of the record before `next`; undefined where the log knows none, or nothing was landed. */
  readonly epoch: number | undefined
}

/** The transaction that says under which leadership of a partition the last landed record was taken. */
export function epochTxn(dataset: string, source: string, partition: number): string {
  return `epoch:${dataset}:${source}:${partition}`
}

/** Sources of files are hashes, those of topics are ids. */
const fileSource = /^[0-9a-f]{64}$/

/** How far the lake has landed a topic's partitions: the next offset of each that it knows. */
export function landedOffsets(snapshot: Snapshot | undefined, dataset: string, topic: Topic): Map<number, number> {
  const landed = new Map<number, number>()
  for (let partition = 0; partition < topic.partitions; partition += 1) {
    const next = snapshot?.txns.get(bronzeTxn(dataset, topic.id, partition))
    if (next !== undefined) landed.set(partition, next)
  }
  return landed
}

/** Ids of other topics that the dataset was landed from. */
function otherTopics(snapshot: Snapshot | undefined, dataset: string, topic: Topic): readonly string[] {
  const prefix = `land:${dataset}:`
  const ids = [...(snapshot?.txns.keys() ?? [])].flatMap((appId) =>
    appId.startsWith(prefix) ? [appId.slice(prefix.length, appId.lastIndexOf(':'))] : [],
  )
  return [...new Set(ids)].filter((id) => id !== topic.id && !fileSource.test(id))
}

/**
 * Where landing goes on, by partition. Faults, because records would be passed over in silence otherwise: `stream/topic-anew` (the lake landed another topic
 * of this name), `stream/log-behind` (the log ends before the lake's position), `stream/truncated` (the log begins after it).
 */
export function positionsOf(
  dataset: string,
  topic: Topic,
  snapshot: Snapshot | undefined,
  ranges: readonly OffsetRange[],
  allowed: ReadonlySet<Allowance>,
): Map<number, Position> {
  const landed = landedOffsets(snapshot, dataset, topic)
  const [other] = landed.size === 0 ? otherTopics(snapshot, dataset, topic) : []
  if (other !== undefined && !allowed.has('topic-anew')) {
    throw new Fault(
      'stream/topic-anew',
      `The topic ${topic.name} is not the one that ${dataset} was landed from: it has the id ${topic.id}, the lake knows ${other}.`,
      {
        mend: 'Give the consumer the log that the lake was fed from; or land the new topic beside the old one with --allow topic-anew.',
        facts: { dataset, topic: topic.name, id: topic.id, landed: other },
      },
    )
  }
  const positions = new Map<number, Position>()
  for (const range of ranges) {
    const standing = landed.get(range.partition)
    const next = nextOffset(dataset, topic, standing, range, allowed)
    const epoch = next === standing ? snapshot?.txns.get(epochTxn(dataset, topic.id, range.partition)) : undefined
    positions.set(range.partition, { next, standing, epoch })
  }
  return positions
}

function nextOffset(
  dataset: string,
  topic: Topic,
  standing: number | undefined,
  { partition, start, end }: OffsetRange,
  allowed: ReadonlySet<Allowance>,
): number {
  if (standing === undefined) return start
  const facts = { dataset, topic: topic.name, partition, standing, start, end }
  if (standing > end) {
    throw new Fault(
      'stream/log-behind',
      `The log ends at offset ${end} of ${topic.name}, partition ${partition}; the lake has landed up to ${standing}.`,
      {
        mend: 'The log lost its end, or is an older copy of the one that fed this lake. Restore it; or make the topic anew, so that it has another id.',
        facts,
      },
    )
  }
  if (standing >= start) return standing
  if (allowed.has('gap')) return start
  throw new Fault(
    'stream/truncated',
    `${start - standing} records of ${topic.name}, partition ${partition}, are gone from the log before they were landed: it begins at ${start}, the lake stands at ${standing}.`,
    {
      mend: 'Restore the log from a copy; or go on without them with --allow gap.',
      facts,
    },
  )
}
