import type { Topic } from '#port'
import { Fault } from '#port'
import { newAsking } from './asking.ts'
import { landPartitions } from './land-partitions.ts'
import type { LandTopicEffects, LandTopicOptions } from './options.ts'
import { patience, restMs } from './rest.ts'

/** How often a topic that is not there yet is looked for. */
const lookAgainMs = 500
const looksUntilSaid = 12

/**
 * Lands a topic in Bronze, every record once: a commit carries the rows and, of each partition, the next offset, and is made only where the lake stood at
 * the first. Answers the rows landed. Where another consumer was faster, what was read is dropped (event `stream/fenced`) and reading goes on from where
 * the lake stands. Faults: `stream/*` (see `positionsOf`), the log's and the lake's own; weather is waited out.
 */
export async function landTopic(options: LandTopicOptions, effects: LandTopicEffects): Promise<number> {
  const { signal, report, sleep, random } = effects
  let landed = 0
  let failures = 0
  const count = (rows: number) => {
    landed += rows
    failures = 0
  }
  for (;;) {
    try {
      await landFrom(options, effects, count)
      return landed
    } catch (error) {
      failures += 1
      const wait = error instanceof Fault && error.retry && !signal.aborted
      if (!wait || (options.once && failures >= patience)) throw error
      const waitMs = restMs(failures, random)
      report({ kind: 'retry', what: `landing ${options.topic}`, attempt: failures, waitMs, fault: error })
      await sleep(waitMs)
    }
  }
}

async function landFrom(
  options: LandTopicOptions,
  effects: LandTopicEffects,
  count: (rows: number) => void,
): Promise<void> {
  const topic = await topicOf(options, effects)
  if (topic === undefined) return
  const change = newAsking()
  // To drain a topic takes all of it, whoever else reads.
  const membership = options.once ? undefined : await effects.log.join(topic, options.consumer, change.ask)
  try {
    await landPartitions({ topic, membership, change }, options, effects, count)
  } finally {
    await membership?.leave()
  }
}

/** The topic, waited for where it is followed; undefined where it is not there and is not waited for. Either is said. */
async function topicOf(
  { dataset, topic: name, once }: LandTopicOptions,
  { log, signal, sleep, report }: LandTopicEffects,
): Promise<Topic | undefined> {
  for (let looks = 1; ; looks += 1) {
    const topic = await log.topic(name)
    if (topic !== undefined || signal.aborted) return topic
    // Who sends to it may make it in a moment.
    if (once || looks === looksUntilSaid) report({ kind: 'fault', fault: missing(dataset, name, log.name) })
    if (once) return undefined
    await sleep(lookAgainMs)
  }
}

function missing(dataset: string, topic: string, log: string): Fault {
  return new Fault('stream/no-topic', `${log} has no topic ${topic}, from which ${dataset} is landed.`, {
    mend: 'Start what sends to it, which makes it; or see whether this is the right log. Who follows it goes on by itself once it is there.',
    ...{ retry: true, facts: { dataset, topic } },
  })
}
