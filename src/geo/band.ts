import type { Position } from 'geojson'

/** A band of so few corners is narrow enough: another cut would not spare a test as much as it costs. */
const cornersInABand = 32

/** A cut that leaves both halves nearly all corners is of lines that run across all bands; so many cuts are enough for any outline. */
const mostCuts = 16

/**
 * A polygon's rings as a point of a given latitude sees them: of corners in a row that lie all above its band, or all below, the first and the last
 * stand for all. The line between those two does not enter the band, so that a point in it is inside, outside or on the outline as before.
 * Bands are halves of halves, each seen from the one it is a half of; only those that are asked for are made.
 */
export function ringsByBand(
  rings: Position[][],
  [south, north]: readonly [south: number, north: number],
  cuts = mostCuts,
): (latitude: number) => Position[][] {
  const corners = rings.reduce((sum, ring) => sum + ring.length, 0)
  const middle = (south + north) / 2
  if (corners <= cornersInABand || cuts === 0 || !(north > south)) return () => rings
  const half = (low: number, high: number) =>
    ringsByBand(
      rings.map((ring) => seenFrom(ring, low, high)),
      [low, high],
      cuts - 1,
    )
  let below: ReturnType<typeof ringsByBand> | undefined
  let above: ReturnType<typeof ringsByBand> | undefined
  return (latitude) => {
    if (latitude <= middle) {
      below ??= half(south, middle)
      return below(latitude)
    }
    above ??= half(middle, north)
    return above(latitude)
  }
}

function seenFrom(ring: Position[], low: number, high: number): Position[] {
  const seen: Position[] = []
  // What has no neighbour on one side is kept: as if that neighbour lay in the band.
  let [before, own] = [0, sideOf(ring[0], low, high)]
  for (const [at, corner] of ring.entries()) {
    const after = sideOf(ring[at + 1], low, high)
    if (own === 0 || before !== own || after !== own) seen.push(corner)
    before = own
    own = after
  }
  return seen
}

/** 1 above the band, -1 below it, 0 in it. */
function sideOf(corner: Position | undefined, low: number, high: number): number {
  const latitude = corner?.[1] ?? low
  return latitude > high ? 1 : latitude < low ? -1 : 0
}
