import type { NewRecord, RecordLog, Topic } from '#port'
import { Fault } from '#port'
import { topicName } from './dataset.ts'
import type { Dice } from './dice.ts'
import { marker } from './log.ts'
import type { Process } from './scheduler.ts'
import type { World } from './world.ts'

const encoder = new TextEncoder()
const id = 'producer'

/** Sends until `isEnough`, each batch once, whatever becomes of the answers; whoever starts after a death goes on where the log says. */
export async function produce(
  world: World,
  process: Process,
  log: RecordLog,
  dice: Dice,
  isEnough: () => boolean,
): Promise<void> {
  let unsent: readonly NewRecord[] | undefined
  while (!isEnough()) {
    try {
      const topic = await log.topic(topicName)
      if (topic !== undefined) {
        const sequence = await log.sequenceOf(topic, id)
        unsent ??= batchOf(topic, dice)
        const { outcome } = await log.append(topic, unsent, { id, sequence })
        if (outcome === 'moved') world.tally.add('sent again')
        unsent = undefined
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // A lost answer: what was sent may be in. Sent again under another number it would be another record, which is no harm here.
      if (error.code === 'log/unreachable') unsent = undefined
    }
    await world.sleep(process, dice.whole(5, 900))
  }
}

/** Of a few keys, so that records meet; some break a rule, some are what a broker keeps for itself. */
function batchOf({ partitions }: Topic, dice: Dice): readonly NewRecord[] {
  const text = (): string => `k${dice.whole(0, 12)}=${dice.whole(0, 2)}`
  return Array.from({ length: dice.whole(1, 6) }, () => {
    const isMarker = dice.chance(0.06)
    const value = isMarker || dice.chance(0.04) ? null : dice.chance(0.1) ? 'no sighting' : text()
    return {
      ...{ partition: dice.whole(0, partitions - 1), headers: [] },
      key: isMarker ? encoder.encode(marker) : null,
      value: value === null ? null : encoder.encode(value),
    }
  })
}
