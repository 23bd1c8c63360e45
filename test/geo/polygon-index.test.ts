import assert from 'node:assert/strict'
import { test } from 'node:test'
import pointInPolygon from 'point-in-polygon-hao'
import type { Area } from '#geo'
import { interiorPoint, polygonIndex, topologyFeatures } from '#geo'

function square(west: number, south: number, size = 1): number[][] {
  const [east, north] = [west + size, south + size]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

const polygon = (...rings: number[][][]): Area => ({ type: 'Polygon', coordinates: rings })

test('a point is found in the polygon that holds it, and nowhere where none does', () => {
  const index = polygonIndex([polygon(square(0, 0)), polygon(square(1, 0))])
  assert.equal(index.find(0.5, 0.5), 0)
  assert.equal(index.find(1.5, 0.5), 1)
  assert.equal(index.find(3, 3), undefined)
  assert.equal(index.find(Number.NaN, 0.5), undefined)
  assert.equal(polygonIndex([]).find(0, 0), undefined)
})

test('a point on a shared border belongs to the earlier area, however the index is built', () => {
  const many = Array.from({ length: 400 }, (_, at) => polygon(square(at % 20, Math.floor(at / 20))))
  const index = polygonIndex(many)
  assert.equal(index.find(1, 0.5), 0)
  assert.equal(index.find(7, 7), 6 * 20 + 6)
})

test('a point inside a later area wins over one on the outline of an earlier', () => {
  const index = polygonIndex([polygon(square(0, 0)), polygon(square(0.5, 0))])
  assert.equal(index.find(1, 0.5), 1)
})

test('a hole is outside, and what fills the hole is found', () => {
  const ring = polygon(square(0, 0, 3), square(1, 1))
  assert.equal(polygonIndex([ring]).find(1.5, 1.5), undefined)
  assert.equal(polygonIndex([ring, polygon(square(1, 1))]).find(1.5, 1.5), 1)
  assert.equal(polygonIndex([ring]).find(0.5, 0.5), 0)
})

test('any part of a multipolygon counts, and open or empty rings do no harm', () => {
  const open = square(5, 5).slice(0, 4)
  const area: Area = { type: 'MultiPolygon', coordinates: [[square(0, 0)], [open], [[]]] }
  const index = polygonIndex([area])
  assert.equal(index.find(0.5, 0.5), 0)
  assert.equal(index.find(5.5, 5.5), 0)
})

test('a coast of thousands of corners holds what it holds when each corner is asked', () => {
  // A star whose rays reach out and back, with a hole: every band of latitudes is crossed many times.
  const star = (corners: number, near: number, far: number) => {
    const ring = Array.from({ length: corners }, (_, at) => {
      const angle = (2 * Math.PI * at) / corners
      const reach = at % 2 === 0 ? far : near + (far - near) * Math.abs(Math.sin(7 * angle))
      return [Math.round(reach * Math.cos(angle) * 1e3) / 1e3, Math.round(reach * Math.sin(angle) * 1e3) / 1e3]
    })
    return [...ring, ...ring.slice(0, 1)]
  }
  const rings = [star(4_000, 5, 9), star(600, 1, 3)]
  const index = polygonIndex([polygon(...rings)])
  const corners = rings.flat()
  const points = [
    ...Array.from({ length: 20_000 }, (_, at) => [
      ((at * 7_919) % 20_011) / 1_000 - 10,
      ((at * 104_729) % 19_997) / 1_000 - 10,
    ]),
    ...corners,
    ...corners.map(([x = 0, y = 0]) => [x + 1, y]),
  ]
  let held = 0
  for (const [x = 0, y = 0] of points) {
    const expected = pointInPolygon([x, y], rings) === false ? undefined : 0
    assert.equal(index.find(x, y), expected, `${x} ${y}`)
    if (expected === 0) held += 1
  }
  assert.ok(held > 5_000 && held < points.length - 5_000)
})

test('the interior point of a crescent lies in the crescent, and that of many parts in the largest', () => {
  const crescent = polygon([
    [0, 0],
    [10, 0],
    [10, 10],
    [0, 10],
    [0, 9],
    [9, 9],
    [9, 1],
    [0, 1],
    [0, 0],
  ])
  const [x, y] = interiorPoint(crescent) ?? [Number.NaN, Number.NaN]
  assert.equal(polygonIndex([crescent]).find(x, y), 0)
  const two: Area = { type: 'MultiPolygon', coordinates: [[square(0, 0)], [square(10, 10, 3)]] }
  const [east] = interiorPoint(two) ?? [0]
  assert.ok(east > 10)
  assert.equal(interiorPoint({ type: 'MultiPolygon', coordinates: [] }), undefined)
})

test('arcs of a topology come together, quantization undone', () => {
  const features = topologyFeatures({
    type: 'Topology',
    transform: { scale: [0.5, 0.5], translate: [10, 20] },
    arcs: [
      [
        [0, 0],
        [2, 0],
      ],
      [
        [2, 0],
        [0, 2],
        [-2, 0],
        [0, -2],
      ],
    ],
    objects: {
      areas: {
        type: 'GeometryCollection',
        geometries: [{ type: 'Polygon', arcs: [[0, 1]], properties: { code: 'A' } }],
      },
    },
  })
  assert.deepEqual(
    features.map((feature) => feature.properties),
    [{ code: 'A' }],
  )
  assert.deepEqual(features[0]?.geometry, {
    type: 'Polygon',
    coordinates: [
      [
        [10, 20],
        [11, 20],
        [11, 21],
        [10, 21],
        [10, 20],
      ],
    ],
  })
})
