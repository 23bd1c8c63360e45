import type { Lineage, LineageLayout, LineageTable } from '#api'
import { layers, layerTitles } from './layers.ts'
import { firstRow, layoutOf, rowHeight } from './layout.ts'

/** A picture that stands by itself: fonts of the reader's machine, and the colours that they ask for. */
export function svgOf(
  lineage: Lineage,
  { columns, title }: { readonly columns: boolean; readonly title: string },
): string {
  const layout = layoutOf(lineage, { columns })
  const tables = new Map(lineage.tables.map((table) => [table.name, table]))
  const height = layout.height + legendHeight
  const ways = columns ? columnWays(layout, tables) : layout.ways.map(({ path }) => path)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${layout.width} ${height}" width="${layout.width}" height="${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${layout.width}" height="${height}"/>`,
    ...legend(lineage),
    `<g transform="translate(0 ${legendHeight})">`,
    ...ways.map((path) => `<path class="way" d="${path}"/>`),
    ...layout.boxes.flatMap((box) => boxOf(box, tables.get(box.table), columns)),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

const legendHeight = 40

function legend({ tables }: Lineage): readonly string[] {
  let x = 14
  return layers
    .filter((layer) => tables.some((table) => table.layer === layer))
    .map((layer) => {
      const at = x
      x += layerTitles[layer].length * 7.5 + 40
      return `<rect class="mark ${layer}" x="${at}" y="14" width="12" height="12" rx="3"/><text class="legend" x="${at + 18}" y="24">${layerTitles[layer]}</text>`
    })
}

function boxOf(
  box: LineageLayout['boxes'][number],
  table: LineageTable | undefined,
  withColumns: boolean,
): readonly string[] {
  if (table === undefined) return []
  const { x, y, width, height, layer } = box
  const rows = withColumns ? table.columns.map(({ name }) => name) : []
  return [
    `<g transform="translate(${x} ${y})"><title>${escaped(`${table.name}: ${table.columns.length} columns, ${table.madeBy}`)}</title>`,
    `<rect class="box" width="${width}" height="${height}" rx="5"/><rect class="mark ${layer}" width="5" height="${height}" rx="2"/>`,
    `<text class="name" x="14" y="25">${escaped(table.name)}</text>`,
    ...rows.map((name, at) => `<text class="column" x="14" y="${rowMiddle(at) + 4}">${escaped(name)}</text>`),
    '</g>',
  ]
}

const rowMiddle = (at: number): number => firstRow + at * rowHeight + rowHeight / 2 - 2

/** From a column to each that is made from it; where a table has no column in the slice, from its name. */
function columnWays({ boxes }: LineageLayout, tables: ReadonlyMap<string, LineageTable>): readonly string[] {
  const places = new Map(boxes.map((box) => [box.table, box]))
  const paths = new Set<string>()
  for (const table of tables.values()) {
    const to = places.get(table.name)
    if (to === undefined) continue
    for (const [at, { from }] of table.columns.entries()) {
      for (const origin of from) {
        const box = 'table' in origin ? places.get(origin.table) : undefined
        if (box === undefined || !('table' in origin)) continue
        const row =
          'column' in origin
            ? (tables.get(origin.table)?.columns.findIndex(({ name }) => name === origin.column) ?? -1)
            : -1
        const start = [box.x + box.width, box.y + (row < 0 ? firstRow / 2 : rowMiddle(row))] as const
        const end = [to.x, to.y + rowMiddle(at)] as const
        paths.add(bend(start, end))
      }
    }
    if (table.columns.length === 0) for (const read of table.reads) paths.add(between(places.get(read), to))
  }
  paths.delete('')
  return [...paths]
}

type Place = LineageLayout['boxes'][number]

function between(from: Place | undefined, to: Place): string {
  if (from === undefined) return ''
  return bend([from.x + from.width, from.y + firstRow / 2], [to.x, to.y + firstRow / 2])
}

type Point = readonly [x: number, y: number]

function bend([x1, y1]: Point, [x2, y2]: Point): string {
  const reach = Math.max(30, (x2 - x1) / 2)
  return `M${x1} ${y1}C${x1 + reach} ${y1} ${x2 - reach} ${y2} ${x2} ${y2}`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`)
}

const style = `
text{font-family:ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:#1c2430}
.name{font-size:13px;font-weight:600}.column{font-size:12px}.legend{font-size:13px}
.page{fill:#fff}.box{fill:#f6f7f9;stroke:#c9cfd8}.way{fill:none;stroke:#8a94a3;stroke-width:1.2;opacity:.75}
.bronze{fill:#a8672d}.silver{fill:#7f8a99}.seed{fill:#3f8f5f}.prepared{fill:#3f76b5}.gold{fill:#c79a12}
@media (prefers-color-scheme:dark){text{fill:#e6eaf0}.page{fill:#10151c}.box{fill:#1b222c;stroke:#3a4555}.way{stroke:#7b8798}
.bronze{fill:#d08a4c}.silver{fill:#a9b4c3}.seed{fill:#5fb583}.prepared{fill:#6aa5e6}.gold{fill:#e4bb3b}}
`
