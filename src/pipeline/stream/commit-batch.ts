import { withColumns } from '#lake'
import type { RecordLog, Report, Topic } from '#port'
import { Fault } from '#port'
import { bronzeColumns, bronzeTxn } from '../land/index.ts'
import { streamProperties } from '../stream-properties.ts'
import type { Batch } from './batch.ts'
import type { LandTopicEffects, LandTopicOptions } from './options.ts'
import type { Position } from './position.ts'
import { epochTxn, landedOffsets } from './position.ts'

/** True where the batch is in; false where another consumer landed some of it first. */
export async function commitBatch(
  topic: Topic,
  batch: Batch,
  positions: ReadonlyMap<number, Position>,
  { dataset, consumer }: LandTopicOptions,
  effects: LandTopicEffects,
): Promise<boolean> {
  const { log, store, table: open, nowMs, report, failpoint } = effects
  const startedMs = nowMs()
  const table = open(`bronze/${dataset}`)
  const moved = [...positions].filter(([, { next, standing }]) => next !== standing)
  const file = await table.writeFile(batch.finish())
  failpoint('stream/before-commit')
  let fenced: readonly { partition: number; from: number; standing: number }[] = []
  const { outcome } = await table.commit({
    operation: 'STREAMING UPDATE',
    parameters: { outputMode: 'Append', topic: topic.name },
    blindAppend: true,
    stage(newest) {
      const landed = landedOffsets(newest, dataset, topic)
      fenced = moved.flatMap(([partition, { standing }]) =>
        landed.get(partition) === standing
          ? []
          : [{ partition, from: standing ?? 0, standing: landed.get(partition) ?? 0 }],
      )
      if (fenced.length > 0) return undefined
      const txns = moved.flatMap(([partition, { next, epoch }]) => [
        { appId: bronzeTxn(dataset, topic.id, partition), version: next },
        ...(epoch === undefined ? [] : [{ appId: epochTxn(dataset, topic.id, partition), version: epoch }]),
      ])
      const made = newest === undefined ? { configuration: streamProperties } : {}
      return { ...made, ...withColumns(newest, bronzeColumns), add: [file], remove: [], txns }
    },
  })
  const atMs = nowMs()
  failpoint('stream/after-commit')
  if (outcome !== 'committed') {
    await store.remove(`${table.root}/${file.path}`)
    for (const each of fenced) report({ kind: 'stream/fenced', dataset, topic: topic.name, ...each })
    return false
  }
  try {
    await log.noteConsumed(topic, consumer, new Map(moved.map(([partition, { next }]) => [partition, next])))
    const about = { dataset, sizeBytes: file.sizeBytes, atMs, tookMs: nowMs() - startedMs }
    await tell(topic, batch, positions, about, { log, report })
  } catch (error) {
    // The batch is in, whatever the log says of it.
    if (!(error instanceof Fault)) throw error
    report({ kind: 'fault', fault: error })
  }
  return true
}

async function tell(
  topic: Topic,
  { rows, newestMs }: Batch,
  positions: ReadonlyMap<number, Position>,
  about: { readonly dataset: string; readonly sizeBytes: number; readonly atMs: number; readonly tookMs: number },
  { log, report }: { readonly log: RecordLog; readonly report: Report },
): Promise<void> {
  const ends = new Map((await log.ranges(topic)).map(({ partition, end }) => [partition, end]))
  const partitions = [...positions].map(([partition, { next }]) => ({
    partition,
    next,
    lag: Math.max(0, (ends.get(partition) ?? next) - next),
  }))
  report({ kind: 'stream/landed', topic: topic.name, rows, partitions, newestMs, ...about })
}
