import type { Lineage, LineageTable } from '#api'
import { layers, layerTitles } from './layers.ts'

/** A flowchart from left to right, a box for each layer; a slice shows the columns that are in it. */
export function mermaidOf({ tables }: Lineage, { columns }: { readonly columns: boolean }): string {
  const ids = new Map(tables.map(({ name }, at) => [name, `t${at + 1}`]))
  const boxes = layers.flatMap((layer) => {
    const inside = tables.filter((table) => table.layer === layer)
    if (inside.length === 0) return []
    const nodes = inside.map((table) => `    ${ids.get(table.name)}["${labelOf(table, columns)}"]`)
    return [`  subgraph ${layer}["${layerTitles[layer]}"]`, ...nodes, '  end']
  })
  const arrows = tables.flatMap(({ name, reads }) => reads.map((read) => `  ${ids.get(read)} --> ${ids.get(name)}`))
  return ['flowchart LR', ...boxes, ...arrows, ''].join('\n')
}

function labelOf({ name, columns }: LineageTable, withColumns: boolean): string {
  const lines = withColumns ? [name, ...columns.map((column) => `· ${column.name}`)] : [name]
  return lines.map(escaped).join('<br/>')
}

/** Mermaid reads `#quot;` where a quote would end the label. */
function escaped(text: string): string {
  return text.replace(/[#"<>&\\`]/g, (character) => `#${character.codePointAt(0)};`)
}
