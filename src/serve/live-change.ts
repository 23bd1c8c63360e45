import type { LiveChange, LivePoint, LiveState } from '#api'

/** What makes `after` of `before`. Where one does not follow from the other, all of it. */
export function changeOf(before: LiveState | undefined, after: LiveState): LiveChange {
  const whole = { ...after, base: null }
  if (before === undefined || !follows(before, after)) return whole
  const points = new Map(before.curve.map((point) => [keyOf(point), point]))
  const curve: LivePoint[] = []
  for (const point of after.curve) {
    const key = keyOf(point)
    const known = points.get(key)
    if (known === undefined || !same(known, point)) curve.push(point)
    points.delete(key)
  }
  // A point that is gone cannot be said by points that are there.
  return points.size > 0 ? whole : { ...after, curve, base: before.version }
}

/** A lake that was emptied and filled again counts its versions anew. */
function follows(before: LiveState, after: LiveState): boolean {
  return (
    before.dataset === after.dataset &&
    before.topic === after.topic &&
    before.intervalSeconds === after.intervalSeconds &&
    (after.version > before.version || (after.version === before.version && after.publishedAt === before.publishedAt))
  )
}

function keyOf({ at, borough, respondent }: LivePoint): string {
  return `${at} ${borough} ${respondent}`
}

function same(a: LivePoint, b: LivePoint): boolean {
  return a.events === b.events && a.invited === b.invited && a.responded === b.responded
}
