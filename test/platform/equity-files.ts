import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The published files as they are, read without any code of the product's. */

export function readText(path: string): string {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

export function csvLines(text: string): readonly (readonly string[])[] {
  const lines: string[][] = []
  let [line, cell, quoted]: [string[], string, boolean] = [[], '', false]
  const endLine = () => {
    lines.push([...line, cell])
    line = []
    cell = ''
  }
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (quoted) {
      if (char === '"' && text[at + 1] === '"') at += 1
      else if (char === '"') quoted = false
      if (quoted) cell += char
    } else if (char === '"') quoted = true
    else if (char === ',') {
      line.push(cell)
      cell = ''
    } else if (char === '\n') endLine()
    else if (char !== '\r') cell += char
  }
  if (cell !== '' || line.length > 0) endLine()
  return lines
}

export type Row = Readonly<Record<string, string>>

export function csvRecords(text: string): readonly Row[] {
  const [header = [], ...lines] = csvLines(text)
  return lines.map((cells) => Object.fromEntries(header.map((name, at) => [name, (cells[at] ?? '').trim()])))
}

export function filesIn(folder: string, name: string): readonly string[] {
  return readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })
    .sort()
    .map((file) => join(folder, name, file))
}

type Ring = readonly (readonly [number, number])[]

export interface Area {
  readonly code: string
  /** Of all its polygons: a point is inside where it crosses an odd number of their sides. */
  readonly rings: readonly Ring[]
  readonly box: readonly [number, number, number, number]
}

export function areaAt(areas: readonly Area[], x: number, y: number): string | undefined {
  return areas.find(({ rings, box }) => {
    if (x < box[0] || y < box[1] || x > box[2] || y > box[3]) return false
    let inside = false
    for (const ring of rings) {
      for (let at = 0, before = ring.length - 1; at < ring.length; before = at, at += 1) {
        const [x1, y1] = ring[at] ?? [0, 0]
        const [x2, y2] = ring[before] ?? [0, 0]
        if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
      }
    }
    return inside
  })?.code
}

function area(code: string, rings: readonly Ring[]): Area {
  const points = rings.flat()
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b))
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b))
  return { code, rings, box: [least(xs), least(ys), most(xs), most(ys)] }
}

interface Shapes {
  readonly type: string
  readonly features?: readonly {
    readonly properties: Readonly<Record<string, string>>
    readonly geometry: { readonly type: string; readonly coordinates: never }
  }[]
  readonly arcs?: readonly (readonly (readonly [number, number])[])[]
  readonly transform?: { readonly scale: readonly [number, number]; readonly translate: readonly [number, number] }
  readonly objects?: Readonly<Record<string, { readonly geometries: readonly TopoGeometry[] }>>
}

interface TopoGeometry {
  readonly type: string
  readonly arcs: never
  readonly properties: Readonly<Record<string, string>>
}

/** Areas of GeoJSON or TopoJSON whose features have the property, by its value. */
export function areasOf(text: string, property: string): readonly Area[] {
  const shapes = JSON.parse(text) as Shapes
  if (shapes.features !== undefined) {
    return shapes.features.flatMap(({ properties, geometry }) => {
      const code = properties[property]
      if (code === undefined) return []
      const polygons: readonly (readonly Ring[])[] =
        geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
      return [area(code, polygons.flat())]
    })
  }
  const { scale, translate } = shapes.transform ?? { scale: [1, 1], translate: [0, 0] }
  const arcs = (shapes.arcs ?? []).map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]): readonly [number, number] => {
      if (shapes.transform === undefined) return [dx, dy]
      x += dx
      y += dy
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]]
    })
  })
  const ringOf = (indices: readonly number[]): Ring =>
    indices.flatMap((index) => (index >= 0 ? (arcs[index] ?? []) : [...(arcs[~index] ?? [])].reverse()))
  return Object.values(shapes.objects ?? {}).flatMap(({ geometries }) =>
    geometries.flatMap(({ type, arcs: indices, properties }) => {
      const code = properties[property]
      if (code === undefined) return []
      const polygons: readonly (readonly (readonly number[])[])[] = type === 'Polygon' ? [indices] : indices
      return [area(code, polygons.flat().map(ringOf))]
    }),
  )
}
