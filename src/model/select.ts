import { ancestors } from './graph.ts'
import type { Manifest } from './node.ts'
import { mistaken, suggest } from './place.ts'

/** The named nodes with all they stand on, and the tests of what is there; everything where nothing is named. */
export function selectNodes(manifest: Manifest, names: readonly string[] | undefined): ReadonlySet<string> {
  if (names === undefined) return new Set(manifest.nodes.keys())
  const chosen = new Set<string>()
  const reached = new Set<string>()
  for (const name of names) {
    const found = [...manifest.nodes.values()].filter((node) => node.name === name || node.id === name)
    if (found.length === 0) {
      const known = [...manifest.nodes.values()].filter((node) => node.kind !== 'test').map((node) => node.name)
      throw mistaken(
        `There is no model, seed or test ${name} to select.`,
        { file: 'dbt_project.yml', line: 1 },
        suggest(name, known, 'model or seed'),
      )
    }
    for (const node of found) {
      chosen.add(node.id)
      for (const id of ancestors(node.id, manifest.nodes)) reached.add(id)
    }
  }
  for (const id of reached) if (manifest.nodes.has(id)) chosen.add(id)
  for (const node of manifest.nodes.values()) {
    if (node.kind !== 'test' || node.needs.nodes.size === 0) continue
    if ([...node.needs.nodes].every((id) => chosen.has(id) || reached.has(id))) chosen.add(node.id)
  }
  return chosen
}
