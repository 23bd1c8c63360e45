import type { Contract } from '#contract'
import { passOver, replayProducer } from '#pipeline'
import type { OffsetRange, RecordLog, Report, Topic } from '#port'
import { Fault } from '#port'
import type { RunOptions } from './api.ts'
import type { Lake, LakeEffects } from './lake.ts'
import { emptyLake, openLake } from './lake.ts'
import { existingLog, isShared } from './log.ts'

/** A topic that holds what was generated, and how far. */
interface Generated {
  readonly dataset: string
  readonly topic: Topic
  readonly ranges: readonly OffsetRange[]
}

/**
 * Generated data makes room for real data; it can be made again from its seed at any time. With it goes what was sent of it to topics: from a log of the
 * lake's own they are removed; a cluster's are others' too, so they stay, and are passed over. Answers the lake, empty.
 */
export async function makeRoom(
  lake: Lake,
  contracts: readonly Contract[],
  options: RunOptions,
  effects: LakeEffects,
): Promise<Lake> {
  const log = await existingLog(options, effects.report)
  try {
    const generated = log === undefined ? [] : await generatedTopics(contracts, lake, log)
    // First the topics: were this process to die in between, the lake would still be known for a sample's.
    if (!isShared(options)) for (const { topic } of generated) await log?.removeTopic(topic.name)
    let emptied: Lake | undefined
    await emptyLake(lake.store, async () => {
      emptied = await openLake(options.lake, effects)
      if (log === undefined || !isShared(options)) return
      for (const { dataset, topic, ranges } of generated) {
        await passOver(dataset, topic, ranges, emptied.table(`bronze/${dataset}`))
        reportKept(topic, log, effects.report)
      }
    })
    return emptied ?? openLake(options.lake, effects)
  } finally {
    await log?.close()
  }
}

/** Topics of simulated datasets, and those that the sample's records were replayed into. */
async function generatedTopics(
  contracts: readonly Contract[],
  lake: Lake,
  log: RecordLog,
): Promise<readonly Generated[]> {
  const generated: Generated[] = []
  for (const { name: dataset, stream, simulated } of contracts) {
    if (stream !== undefined && simulated !== true) continue
    const topic = await log.topic(stream?.topic ?? dataset)
    if (topic === undefined || (stream === undefined && !(await wasReplayed(dataset, topic, lake, log)))) continue
    generated.push({ dataset, topic, ranges: await log.ranges(topic) })
  }
  return generated
}

async function wasReplayed(dataset: string, topic: Topic, lake: Lake, log: RecordLog): Promise<boolean> {
  const landed = (await lake.table(`bronze/${dataset}`).snapshot())?.txns.keys() ?? []
  for (const appId of landed) {
    const [what, , source, partition] = appId.split(':')
    if (what !== 'land' || source === undefined) continue
    if ((await log.sequenceOf(topic, replayProducer(dataset, source, Number(partition)))) > 0) return true
  }
  return false
}

function reportKept({ name }: Topic, log: RecordLog, report: Report): void {
  const fault = new Fault(
    'stream/topic-kept',
    `The topic ${name} in ${log.name} keeps the sample’s records; landing goes on after them.`,
    {
      mend: 'A topic of a cluster is not removed here. Remove it with Kafka’s own tools where nobody else needs it, and stop whoever still sends to it for the sample.',
      facts: { topic: name },
    },
  )
  report({ kind: 'fault', fault })
}
