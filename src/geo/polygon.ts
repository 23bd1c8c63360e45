import type { MultiPolygon, Polygon, Position } from 'geojson'

/** An area on the globe in longitude and latitude, degrees. */
export type Area = Polygon | MultiPolygon

/** `[west, south, east, north]`, degrees. */
export type Box = readonly [number, number, number, number]

/** Each polygon as its rings: the outline first, then holes. Rings with fewer than three corners enclose nothing and are left out. */
export function polygonsOf(area: Area): Position[][][] {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates
  return polygons
    .filter((rings) => encloses(rings[0]))
    .map((rings) => rings.filter((ring) => encloses(ring)).map(closed))
}

export function boxOf(rings: Position[][]): Box {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x = 0, y = 0] of rings[0] ?? []) {
    if (x < west) west = x
    if (x > east) east = x
    if (y < south) south = y
    if (y > north) north = y
  }
  return [west, south, east, north]
}

/** Without holes, in square degrees; only good for comparing neighbours. */
export function outlineArea(rings: Position[][]): number {
  const ring = rings[0] ?? []
  let twice = 0
  for (let at = 1; at < ring.length; at += 1) {
    const [x0 = 0, y0 = 0] = ring[at - 1] ?? []
    const [x1 = 0, y1 = 0] = ring[at] ?? []
    twice += x0 * y1 - x1 * y0
  }
  return Math.abs(twice) / 2
}

export function isArea(geometry: unknown): geometry is Area {
  if (typeof geometry !== 'object' || geometry === null || !('type' in geometry) || !('coordinates' in geometry)) {
    return false
  }
  return (geometry.type === 'Polygon' || geometry.type === 'MultiPolygon') && Array.isArray(geometry.coordinates)
}

function encloses(ring: readonly Position[] | undefined): boolean {
  return ring !== undefined && ring.length >= 3
}

/** RFC 7946 §3.1.6 closes every ring; files do not always, and the point-in-polygon test faults on an open one. */
function closed(ring: Position[]): Position[] {
  const [first, last] = [ring[0], ring[ring.length - 1]]
  if (first === undefined || last === undefined || (first[0] === last[0] && first[1] === last[1])) return ring
  return [...ring, first]
}
