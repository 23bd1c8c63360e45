export type Corner = readonly [column: number, row: number]

interface Cell {
  readonly column: number
  readonly row: number
}

/** Outlines of a set of lattice cells, each a closed ring counter-clockwise around its part; what two cells share is no outline. */
export function outlines(cells: readonly Cell[]): readonly (readonly Corner[])[] {
  const edges = new Map<string, Corner[]>()
  const key = ([column, row]: Corner) => `${column},${row}`
  const taken = new Set(cells.map(({ column, row }) => key([column, row])))
  const add = (from: Corner, to: Corner) => edges.set(key(from), [...(edges.get(key(from)) ?? []), to])
  const starts: Corner[] = []
  for (const { column: c, row: r } of cells) {
    const sides = [
      [
        [c, r],
        [c + 1, r],
        [c, r - 1],
      ],
      [
        [c + 1, r],
        [c + 1, r + 1],
        [c + 1, r],
      ],
      [
        [c + 1, r + 1],
        [c, r + 1],
        [c, r + 1],
      ],
      [
        [c, r + 1],
        [c, r],
        [c - 1, r],
      ],
    ] as const
    for (const [from, to, beyond] of sides) {
      if (taken.has(key(beyond))) continue
      add(from, to)
      starts.push(from)
    }
  }
  const rings: Corner[][] = []
  for (const start of starts) {
    const ring = follow(start, edges, key)
    if (ring.length > 1) rings.push(ring)
  }
  return rings
}

/** Where two parts touch at a corner, turns left, so that each part is a ring of its own. */
function follow(start: Corner, edges: Map<string, Corner[]>, key: (corner: Corner) => string): Corner[] {
  const ring: Corner[] = [start]
  let [at, before] = [start, start]
  for (;;) {
    const next = edges.get(key(at)) ?? []
    if (next.length === 0) return ring
    const turn = (to: Corner) => (at[0] - before[0]) * (to[1] - at[1]) - (at[1] - before[1]) * (to[0] - at[0])
    const to = next.reduce((best, each) => (turn(each) > turn(best) ? each : best))
    edges.set(
      key(at),
      next.filter((each) => each !== to),
    )
    ;[before, at] = [at, to]
    ring.push(at)
    if (key(at) === key(start)) return ring
  }
}
