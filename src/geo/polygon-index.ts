import Flatbush from 'flatbush'
import type { Position } from 'geojson'
import pointInPolygon from 'point-in-polygon-hao'
import { ringsByBand } from './band.ts'
import type { Area, Box } from './polygon.ts'
import { boxOf, polygonsOf } from './polygon.ts'

export interface PolygonIndex {
  /**
   * Position in the given list of the area that holds the point; undefined where none does.
   * An area that has the point inside comes before one that has it on its outline, and the earlier in the list before the later:
   * so a point on a shared border always belongs to the same neighbour.
   */
  find(longitude: number, latitude: number): number | undefined
}

/** Areas made findable by point. Those without a polygon hold nothing. */
export function polygonIndex(areas: readonly Area[]): PolygonIndex {
  const parts: { readonly area: number; readonly box: Box; readonly ringsAt: (latitude: number) => Position[][] }[] = []
  for (const [area, shape] of areas.entries()) {
    for (const rings of polygonsOf(shape)) {
      const box = boxOf(rings)
      const [, south, , north] = box
      parts.push({ area, box, ringsAt: ringsByBand(rings, [south, north]) })
    }
  }
  if (parts.length === 0) return { find: () => undefined }
  const boxes = new Flatbush(parts.length)
  for (const { box } of parts) boxes.add(...box)
  boxes.finish()

  function find(longitude: number, latitude: number): number | undefined {
    if (!Number.isFinite(longitude) || !Number.isFinite(latitude)) return undefined
    let onOutline: number | undefined
    const near = boxes.search(longitude, latitude, longitude, latitude).sort((a, b) => a - b)
    for (const index of near) {
      const part = parts[index]
      if (part === undefined) continue
      const where = pointInPolygon([longitude, latitude], part.ringsAt(latitude))
      if (where === true) return part.area
      if (where === 0) onOutline ??= part.area
    }
    return onOutline
  }
  return { find }
}
