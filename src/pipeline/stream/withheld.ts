import type { Report, Topic } from '#port'
import { Fault } from '#port'
import type { LandTopicOptions } from './options.ts'
import type { Position } from './position.ts'

/**
 * How long `once` waits for transactions that were open when it began, counted from the last record that it could read: a producer in Java has 60 s to end
 * one by default, and brokers look for those that ran out every 10 s.
 */
export const withheldPatienceMs = 75_000

/** Says of each partition in `left` that `once` ends before its goal, because a transaction stays open; nothing is lost by it. */
export function reportWithheld(
  left: readonly (readonly [number, Position])[],
  goal: ReadonlyMap<number, number>,
  about: { readonly topic: Topic; readonly options: LandTopicOptions; readonly report: Report },
): void {
  const { topic, options, report } = about
  for (const [partition, { next }] of left) {
    const end = goal.get(partition) ?? next
    const fault = new Fault(
      'stream/withheld',
      `A transaction of ${topic.name}, partition ${partition}, stays open: offsets ${next} to ${end - 1} cannot be read yet, and were not landed.`,
      {
        mend: 'Land the topic again when the producer has ended its transaction, or the brokers have (its transaction.timeout.ms); nothing is lost until then.',
        ...{ retry: true, facts: { dataset: options.dataset, topic: topic.name, partition, from: next, to: end } },
      },
    )
    report({ kind: 'fault', fault })
  }
}
