import type { Lineage, LineageLayer } from '#api'

/** Layers as pictures name them, in the order of the data's way. */
export const layerTitles: Readonly<Record<LineageLayer, string>> = {
  bronze: 'Bronze',
  silver: 'Silver',
  seed: 'Seeds',
  prepared: 'Prepared by dbt',
  gold: 'Gold',
}

export const layers = Object.keys(layerTitles) as readonly LineageLayer[]

/** What a picture of everything leaves out: tables of which nothing is made, and that are not Gold. */
export function withoutLoose({ tables, ...more }: Lineage): Lineage {
  const read = new Set(tables.flatMap(({ reads }) => reads))
  const shown = tables.filter(({ name, layer }) => layer === 'gold' || layer === 'seed' || read.has(name))
  return { ...more, tables: shown }
}
