import type { Position } from 'geojson'
import polylabel from 'polylabel'
import type { Area } from './polygon.ts'
import { boxOf, outlineArea, polygonsOf } from './polygon.ts'
import type { PolygonIndex } from './polygon-index.ts'
import { polygonIndex } from './polygon-index.ts'

export type LongitudeLatitude = readonly [longitude: number, latitude: number]

/** Cells of the search grow no finer than this share of the area's longer side: far inside is enough, farthest is not needed. */
const precisionShare = 1 / 100

/** Points along each side of the lattice on which a point in two areas is looked for. */
const latticeSide = 12

/**
 * A point well inside the area: of its largest polygon (without counting holes) the point farthest from any outline, nearly.
 * Undefined where the area encloses nothing.
 */
export function interiorPoint(area: Area): LongitudeLatitude | undefined {
  const largest = largestPolygon(area)
  if (largest === undefined) return undefined
  const [west, south, east, north] = boxOf(largest)
  const [x, y] = polylabel(largest, Math.max(east - west, north - south) * precisionShare)
  return [x, y]
}

/**
 * A point of the area that one of the indexed areas holds, and which: the interior point where one holds it, else the middle-most of the lattice points
 * that the area shares with the indexed area that holds most of them. So a tract that reaches far into the water is known by its land.
 * Undefined where the two have nothing in common, as far as the lattice can tell.
 */
export function sharedPoint(
  area: Area,
  within: PolygonIndex,
): { readonly point: LongitudeLatitude; readonly at: number } | undefined {
  const inside = interiorPoint(area)
  if (inside === undefined) return undefined
  const holder = within.find(...inside)
  return holder === undefined ? onLattice(area, within) : { point: inside, at: holder }
}

function onLattice(area: Area, within: PolygonIndex) {
  const own = polygonIndex([area])
  const found = new Map<number, LongitudeLatitude[]>()
  for (const rings of polygonsOf(area)) {
    const [west, south, east, north] = boxOf(rings)
    for (let step = 0; step < latticeSide ** 2; step += 1) {
      const longitude = west + ((Math.floor(step / latticeSide) + 0.5) / latticeSide) * (east - west)
      const latitude = south + (((step % latticeSide) + 0.5) / latticeSide) * (north - south)
      const at = own.find(longitude, latitude) === undefined ? undefined : within.find(longitude, latitude)
      if (at !== undefined) found.set(at, [...(found.get(at) ?? []), [longitude, latitude]])
    }
  }
  const [most] = [...found].sort(([a, points], [b, others]) => others.length - points.length || a - b)
  if (most === undefined) return undefined
  const point = middleMost(most[1])
  return point === undefined ? undefined : { point, at: most[0] }
}

/** The point nearest to the mean of all; the first of equals. */
function middleMost(points: readonly LongitudeLatitude[]): LongitudeLatitude | undefined {
  const mean = [0, 1].map((axis) => points.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / points.length)
  const distance = ([x, y]: LongitudeLatitude) => (x - (mean[0] ?? 0)) ** 2 + (y - (mean[1] ?? 0)) ** 2
  return points.reduce<LongitudeLatitude | undefined>(
    (best, point) => (best === undefined || distance(point) < distance(best) ? point : best),
    undefined,
  )
}

function largestPolygon(area: Area): Position[][] | undefined {
  let largest: Position[][] | undefined
  let largestSize = 0
  for (const rings of polygonsOf(area)) {
    const size = outlineArea(rings)
    if (size > largestSize) [largest, largestSize] = [rings, size]
  }
  return largest
}
