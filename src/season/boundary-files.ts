import { gzipSync } from 'node:zlib'
import type { City, Tract } from './city.ts'
import { boroughs, extent, geoid } from './city.ts'
import type { Corner } from './outline.ts'
import { outlines } from './outline.ts'
import { rounded } from './text.ts'

/** Census tracts of 2020, GeoJSON, packed. */
export function tracts2020(city: City): { readonly rows: number; readonly bytes: Uint8Array } {
  const features = city.tracts.flatMap((tract) =>
    tract.codes2020.map((code, at) => {
      const share = 1 / tract.codes2020.length
      const west = city.longitude(tract.column + at * share)
      const east = city.longitude(tract.column + (at + 1) * share)
      const [south, north] = [city.latitude(tract.row), city.latitude(tract.row + 1)]
      const people = Math.round(tract.dice().whole(900, 7_000) * share)
      const name = `Census Tract ${tractName(code)}`
      return {
        type: 'Feature',
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [west, south],
              [east, south],
              [east, north],
              [west, north],
              [west, south],
            ],
          ],
        },
        properties: {
          GEOID: geoid(tract, code),
          NAME: name,
          INTPTLAT: `+${((south + north) / 2).toFixed(7)}`,
          INTPTLON: ((west + east) / 2).toFixed(7),
          NAMELSAD: `${name}, ${tract.borough.countyName} County, New York`,
          DP05_0001E: people,
          DP05_0077E: Math.round(people * 0.3),
          DP05_0024E: Math.round(people * 0.14),
        },
      }
    }),
  )
  return packed(features)
}

/** School districts, GeoJSON, packed; every property is text. District 10 is two features. */
export function schoolDistricts(city: City): { readonly rows: number; readonly bytes: Uint8Array } {
  const parts = new Map<string, Tract[]>()
  for (const tract of city.tracts) {
    const part = `${tract.district}${tract.marbleHill ? ' beyond' : ''}`
    parts.set(part, [...(parts.get(part) ?? []), tract])
  }
  const features = [...parts].map(([, cells]) => ({
    type: 'Feature',
    properties: {
      shape_area: String(rounded(cells.length * 9_000_000.123 + (cells[0]?.column ?? 0), 3)),
      shape_leng: String(rounded(cells.length * 7_000.07, 3)),
      school_dist: String(cells[0]?.district),
    },
    geometry: {
      type: 'MultiPolygon',
      coordinates: outlines(cells).map((ring) => [
        ring.map(([column, row]) => [city.longitude(column), city.latitude(row)]),
      ]),
    },
  }))
  return packed(features)
}

function packed(features: readonly object[]): { readonly rows: number; readonly bytes: Uint8Array } {
  const text = JSON.stringify({ type: 'FeatureCollection', features })
  return { rows: features.length, bytes: gzipSync(text) }
}

/** Census tracts of 2010, TopoJSON: every border is one arc that both neighbours name. */
export function tracts2010(city: City): { readonly rows: number; readonly text: string } {
  const arcs = lattice()
  const geometries = city.tracts.map((tract, at) => ({
    arcs: [arcs.ring(outlines([tract])[0] ?? [])],
    type: 'Polygon',
    properties: {
      OBJECTID: at + 1,
      STATEFP: '36',
      COUNTYFP: tract.borough.county,
      TRACTCE: tract.code2010,
      GEOID: geoid(tract, tract.code2010),
      NAME: tractName(tract.code2010),
      ALAND: tract.dice().whole(100_000, 400_000),
    },
  }))
  return { rows: geometries.length, text: topology(city, arcs.all, 'sample_tracts', geometries) }
}

export function boroughOutlines(city: City): { readonly rows: number; readonly text: string } {
  const arcs = lattice()
  const geometries = [...boroughs]
    .sort((a, b) => a.geocode - b.geocode)
    .map(({ letter, geocode, name }) => ({
      arcs: outlines(city.tracts.filter(({ borough }) => borough.letter === letter)).map((ring) => [arcs.ring(ring)]),
      type: 'MultiPolygon',
      properties: { id: String(geocode), GEOCODE: geocode, name },
    }))
  return { rows: geometries.length, text: topology(city, arcs.all, 'collection', geometries) }
}

/** Arcs of one lattice edge each; the second to walk an edge walks it backwards, which TopoJSON writes as the ones' complement. */
function lattice() {
  const all: (readonly [Corner, Corner])[] = []
  const known = new Map<string, number>()
  function arc(from: Corner, to: Corner): number {
    const backwards = known.get(`${to}>${from}`)
    if (backwards !== undefined) return ~backwards
    known.set(`${from}>${to}`, all.length)
    all.push([from, [to[0] - from[0], to[1] - from[1]]])
    return all.length - 1
  }
  return {
    all,
    ring: (corners: readonly Corner[]) => corners.slice(1).map((corner, at) => arc(corners[at] ?? corner, corner)),
  }
}

function topology(city: City, arcs: readonly unknown[], name: string, geometries: readonly object[]): string {
  return JSON.stringify({
    type: 'Topology',
    arcs,
    transform: {
      scale: [extent.width / city.columns, extent.height / city.rows],
      translate: [extent.west, extent.south],
    },
    objects: { [name]: { type: 'GeometryCollection', geometries } },
  })
}

/** `002601` is tract 26.01. */
function tractName(code: string): string {
  const suffix = code.slice(4)
  return `${Number(code.slice(0, 4))}${suffix === '00' ? '' : `.${suffix}`}`
}
