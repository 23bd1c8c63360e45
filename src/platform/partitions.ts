import type { Contract } from '#contract'
import type { Snapshot } from '#lake'
import { landedOffsets } from '#pipeline'
import type { RecordLog } from '#port'
import { Fault } from '#port'
import type { Lake } from './lake.ts'
import type { TopicStanding } from './reader.ts'

/** How far a dataset's topic is landed; undefined where neither its contract names one nor the log has one of its name. */
export async function topicStanding(
  lake: Lake,
  log: RecordLog | undefined,
  { name, stream }: Contract,
): Promise<TopicStanding | undefined> {
  const topicName = stream?.topic ?? name
  const topic = await log?.topic(topicName).catch(ignoreFault)
  if (topic === undefined && stream === undefined) return undefined
  const names = { topic: topicName, table: `bronze.${name}` }
  const bronze = await lake.table(`bronze/${name}`).snapshot()
  if (log === undefined || topic === undefined) {
    return { ...names, partitions: offsetsIn(bronze, name).map((each) => ({ ...each, end: null })) }
  }
  const landed = landedOffsets(bronze, name, topic)
  const ranges = (await log.ranges(topic).catch(ignoreFault)) ?? []
  return {
    ...names,
    partitions: ranges.map(({ partition, start, end }) => ({ partition, landed: landed.get(partition) ?? start, end })),
  }
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

function ignoreFault(error: unknown): undefined {
  // Whoever shows it says "unknown" where the log cannot be asked.
  if (!(error instanceof Fault)) throw error
}
