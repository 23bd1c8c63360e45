import type { Table } from '#lake'
import { withColumns } from '#lake'
import type { OffsetRange, Topic } from '#port'
import { bronzeColumns, bronzeTxn } from '../land/index.ts'
import { streamProperties } from '../stream-properties.ts'
import { landedOffsets } from './position.ts'

/** Has landing go on after what a topic holds, as if it were landed; where the lake stands further, it stays so. `bronze` is the dataset's table. */
export async function passOver(
  dataset: string,
  topic: Topic,
  ranges: readonly OffsetRange[],
  bronze: Table,
): Promise<void> {
  await bronze.commit({
    operation: 'STREAMING UPDATE',
    parameters: { outputMode: 'Append', topic: topic.name, passedOver: 'true' },
    blindAppend: true,
    stage(newest) {
      const landed = landedOffsets(newest, dataset, topic)
      const txns = ranges
        .filter(({ partition, end }) => end > (landed.get(partition) ?? -1))
        .map(({ partition, end }) => ({ appId: bronzeTxn(dataset, topic.id, partition), version: end }))
      if (txns.length === 0) return undefined
      const made = newest === undefined ? { configuration: streamProperties } : {}
      return { ...made, ...withColumns(newest, bronzeColumns), add: [], remove: [], txns }
    },
  })
}
