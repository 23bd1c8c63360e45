import { Graph, layout } from '@dagrejs/dagre'
import type { Lineage, LineageLayout, LineageTable } from '#api'

const nodeHeight = 40
export const rowHeight = 18
/** Of the font that pictures are drawn in, at its size: no font is measured here, so the widest letters decide. */
const characterWidth = 8.4
const padding = 28

/** Where a box's first column stands, from its top. */
export const firstRow = nodeHeight

/** Places for tables and for the ways between them, each table to the right of what it reads. A slice's boxes are as high as its columns need. */
export function layoutOf({ tables }: Lineage, { columns }: { readonly columns: boolean }): LineageLayout {
  const graph = new Graph()
  graph.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 70, edgesep: 8, marginx: 12, marginy: 12 })
  graph.setDefaultEdgeLabel(() => ({}))
  for (const table of tables) graph.setNode(table.name, sizeOf(table, columns))
  for (const { name, reads } of tables) for (const read of reads) if (graph.hasNode(read)) graph.setEdge(read, name)
  layout(graph)
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number }
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: tables.map(({ name, layer }) => {
      const { x, y, width, height } = graph.node(name) as Box
      return {
        table: name,
        layer,
        x: round(x - width / 2),
        y: round(y - height / 2),
        width: round(width),
        height: round(height),
      }
    }),
    ways: graph.edges().map(({ v, w }: { v: string; w: string }) => {
      const [from, to] = [graph.node(v) as Box, graph.node(w) as Box]
      // A way leaves a box at the middle of its right side and comes in at the middle of the left, however steep it is.
      const between = (graph.edge(v, w) as { points: { x: number; y: number }[] }).points.slice(1, -1)
      const points = [{ x: from.x + from.width / 2, y: from.y }, ...between, { x: to.x - to.width / 2, y: to.y }]
      return { from: v, to: w, path: curve(points.map(({ x, y }) => [round(x), round(y)])) }
    }),
  }
}

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function sizeOf({ name, columns }: LineageTable, withColumns: boolean): { width: number; height: number } {
  const texts = withColumns ? [name, ...columns.map((column) => column.name)] : [name]
  const longest = Math.max(...texts.map(({ length }) => length))
  return {
    width: Math.ceil(longest * characterWidth) + padding,
    height: nodeHeight + (withColumns && columns.length > 0 ? columns.length * rowHeight + 6 : 0),
  }
}

/** Through the points, level at each. */
function curve(points: readonly (readonly [x: number, y: number])[]): string {
  const [first, ...others] = points
  if (first === undefined) return ''
  let [x, y] = first
  let path = `M${x} ${y}`
  for (const [nextX, nextY] of others) {
    const middle = round((x + nextX) / 2)
    path += `C${middle} ${y} ${middle} ${nextY} ${nextX} ${nextY}`
    ;[x, y] = [nextX, nextY]
  }
  return path
}

const round = (value: number): number => Math.round(value * 10) / 10
