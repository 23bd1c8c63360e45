import type { Position } from 'geojson'
import polylabel from 'polylabel'
import type { Area } from './polygon.ts'
import { boxOf, outlineArea, polygonsOf } from './polygon.ts'

/** Cells of the search grow no finer than this share of the area's longer side: far inside is enough, farthest is not needed. */
const precisionShare = 1 / 100

/**
 * `[longitude, latitude]` of a point well inside the area: of its largest polygon (without counting holes) the point farthest from any outline, nearly.
 * Undefined where the area encloses nothing.
 */
export function interiorPoint(area: Area): readonly [number, number] | undefined {
  let largest: Position[][] | undefined
  let largestSize = 0
  for (const rings of polygonsOf(area)) {
    const size = outlineArea(rings)
    if (size > largestSize) [largest, largestSize] = [rings, size]
  }
  if (largest === undefined) return undefined
  const [west, south, east, north] = boxOf(largest)
  const [x, y] = polylabel(largest, Math.max(east - west, north - south) * precisionShare)
  return [x, y]
}
