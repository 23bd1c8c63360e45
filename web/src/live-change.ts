import type { LiveChange, LiveEventRow, LivePoint, LiveState } from '#api'

/** The state that a change makes of the one it builds on; undefined where it builds on another, so that the whole must be asked for. */
export function applied(before: LiveState | undefined, change: LiveChange): LiveState | undefined {
  const { base, ...after } = change
  if (base === null) return after
  if (before === undefined) return undefined
  // Told already: the answer to a question overtook the message.
  if (after.version < before.version) return before
  if (before.version !== base && before.version !== after.version) return undefined
  if (change.curve.length === 0) return { ...after, curve: before.curve }
  const points = new Map(before.curve.map((point) => [keyOf(point), point]))
  for (const point of change.curve) points.set(keyOf(point), point)
  return { ...after, curve: [...points.values()] }
}

function keyOf({ at, borough, respondent }: LivePoint): string {
  return `${at} ${borough} ${respondent}`
}

/** Newest first, each event once, at most so many. */
export function withNewest(
  shown: readonly LiveEventRow[],
  added: readonly LiveEventRow[],
  most: number,
): readonly LiveEventRow[] {
  const known = new Set(shown.map(({ eventId }) => eventId))
  const fresh = added.filter(({ eventId }) => {
    if (known.has(eventId)) return false
    known.add(eventId)
    return true
  })
  return fresh.length === 0 ? shown : [...fresh, ...shown].slice(0, most)
}
