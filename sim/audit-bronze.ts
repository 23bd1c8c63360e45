import type { Allowance } from '#pipeline'
import type { LogRecord } from '#port'
import { Broken } from './checks.ts'
import type { Sighting } from './dataset.ts'
import { placeOf, sightingOf } from './dataset.ts'

interface HeldPartition {
  readonly partition: number
  readonly start: number
  /** What it held before each unclean election, and what it holds. */
  readonly histories: readonly (readonly LogRecord[])[]
}

/** One topic as the log held it, whole, and what it had forgotten by the end. */
export interface HeldTopic {
  readonly id: string
  /** True where it is still there, and all of it was to be landed. */
  readonly stands: boolean
  readonly partitions: readonly HeldPartition[]
}

/** Every offset that the log held is in Bronze once, as it was; but for those that it forgot before they were landed, and the end of a topic that was removed. */
export function checkBronze(
  bronze: readonly Sighting[],
  topics: readonly HeldTopic[],
  allowed: ReadonlySet<Allowance>,
): void {
  const found = new Map<string, Sighting>()
  for (const each of bronze) {
    if (found.has(placeOf(each))) throw new Broken('once', `${placeOf(each)} stands in Bronze twice`)
    found.set(placeOf(each), each)
  }
  for (const { id, stands, partitions } of topics) {
    for (const held of partitions) {
      const records = historyOf(id, held, found, stands)
      let [isOver, hasBegun] = [false, false]
      for (const record of records) {
        const sent = sightingOf(id, record)
        const place = placeOf(sent)
        const landed = found.get(place)
        found.delete(place)
        hasBegun ||= landed !== undefined
        if (landed === undefined) {
          if (record.offset < held.start) {
            // What a partition forgot before any of it was landed, nobody has to allow.
            isOver ||= hasBegun && !allowed.has('gap')
            continue
          }
          if (stands) throw new Broken('once', `${place} is not in Bronze`)
          isOver = true
        } else if (isOver) {
          throw new Broken('order', `${place} is in Bronze, and one before it was passed over`)
        } else if (!isSame(landed, sent))
          throw new Broken('order', `${place} is ${JSON.stringify(landed)} in Bronze and was ${JSON.stringify(sent)}`)
      }
    }
  }
  const [stray] = found.keys()
  if (stray !== undefined) throw new Broken('once', `${stray} is in Bronze and was never in the log`)
}

/** The history that Bronze took a partition from; of a topic that stands it must be the last. Never one and then another: what the second has in place of the first would be passed over. */
function historyOf(
  id: string,
  { partition, histories }: HeldPartition,
  found: ReadonlyMap<string, Sighting>,
  stands: boolean,
): readonly LogRecord[] {
  const last = histories.at(-1) ?? []
  if (histories.length === 1) return last
  const isTaken = (records: readonly LogRecord[]): boolean => {
    const own = new Map(records.map((record) => [placeOf(sightingOf(id, record)), record]))
    for (const [place, landed] of found) {
      if (landed.source !== id || landed.partition !== partition) continue
      const record = own.get(place)
      if (record === undefined || !isSame(landed, sightingOf(id, record))) return false
    }
    return true
  }
  const taken = stands ? (isTaken(last) ? last : undefined) : histories.findLast(isTaken)
  if (taken === undefined)
    throw new Broken('history', `${id}/${partition}, of which a leader lost the end, stands in Bronze as it never was`)
  return taken
}

function isSame(a: Sighting, b: Sighting): boolean {
  return a.timestampMs === b.timestampMs && a.said?.id === b.said?.id && a.said?.value === b.said?.value
}
