import type { Position } from 'geojson'
import type { Box } from './polygon.ts'

/** A band spares the test corners; one that holds about so many of them is narrow enough. */
const cornersInABand = 32

/**
 * A polygon's rings as a point of a given latitude sees them: of corners in a row that lie all above its band, or all below, the first and the last
 * stand for all. The line between those two does not enter the band, so that a point in it is inside, outside or on the outline as before.
 * Only bands that are asked for are made.
 */
export function ringsByBand(rings: Position[][], [, south, , north]: Box): (latitude: number) => Position[][] {
  const corners = rings.reduce((sum, ring) => sum + ring.length, 0)
  const count = Math.floor(corners / cornersInABand)
  if (count < 2 || !(north > south)) return () => rings
  const height = (north - south) / count
  const bands: (Position[][] | undefined)[] = []
  return (latitude) => {
    const at = Math.min(Math.max(Math.floor((latitude - south) / height), 0), count - 1)
    // Widened, so that what rounding does to an edge of the band cannot matter.
    const [low, high] = [south + (at - 0.5) * height, south + (at + 1.5) * height]
    bands[at] ??= rings.map((ring) => seenFrom(ring, low, high))
    return bands[at]
  }
}

function seenFrom(ring: Position[], low: number, high: number): Position[] {
  const sideOf = ([, latitude = 0]: Position) => (latitude > high ? 1 : latitude < low ? -1 : 0)
  return ring.filter((corner, at) => {
    const [before, after] = [ring[at - 1], ring[at + 1]]
    if (before === undefined || after === undefined) return true
    const side = sideOf(corner)
    return side === 0 || sideOf(before) !== side || sideOf(after) !== side
  })
}
