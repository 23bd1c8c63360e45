import type { Contract } from '#contract'
import type { Snapshot } from '#lake'
import { landedOffsets } from '#pipeline'
import type { Lake } from './lake.ts'
import type { LogGlance } from './log-glance.ts'
import type { TopicStanding } from './reader.ts'

/** How far a dataset's topic is landed; undefined where neither its contract names one nor the log has one of its name. */
export async function topicStanding(
  lake: Lake,
  log: LogGlance,
  { name, stream }: Contract,
): Promise<TopicStanding | undefined> {
  const topicName = stream?.topic ?? name
  const heard = await log.topic(topicName)
  const topic = heard?.topic
  if (topic === undefined && stream === undefined) return undefined
  const names = { topic: topicName, table: `bronze.${name}` }
  const bronze = await lake.table(`bronze/${name}`).snapshot()
  if (heard === undefined || topic === undefined) {
    return { ...names, partitions: offsetsIn(bronze, name).map((each) => ({ ...each, end: null })) }
  }
  const landed = landedOffsets(bronze, name, topic)
  const partitions = heard.ranges.map(({ partition, start, end: heardEnd }) => {
    const next = landed.get(partition) ?? start
    // What has landed since the log was last heard of was in it.
    return { partition, landed: next, end: Math.max(heardEnd, next) }
  })
  return { ...names, partitions }
}

/** Partitions as the lake alone knows them: of the topic landed last. */
function offsetsIn(bronze: Snapshot | undefined, dataset: string): { partition: number; landed: number }[] {
  const found = new Map<string, { partition: number; landed: number }[]>()
  for (const [appId, landed] of bronze?.txns ?? []) {
    const [, , source, partition] = appId.split(':')
    if (!appId.startsWith(`land:${dataset}:`) || source === undefined || isHash(source)) continue
    found.set(source, [...(found.get(source) ?? []), { partition: Number(partition), landed }])
  }
  return [...([...found.values()].at(-1) ?? [])].sort((a, b) => a.partition - b.partition)
}

/** Sources of files and of replays are hashes, those of topics are ids. */
function isHash(source: string): boolean {
  return /^[0-9a-f]{64}$/.test(source)
}
