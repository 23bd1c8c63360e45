import type { BuildRequest } from '#port'
import { ancestors } from './graph.ts'
import type { Manifest, Node, SourceTable } from './node.ts'
import { mistaken, suggest } from './place.ts'

/**
 * The nodes that are named, or have a tag that is, with all they stand on unless alone, and the tests of what is there; everything where nothing is named. Without those
 * excluded, and without the tests that read one of them.
 */
export function selectNodes(
  manifest: Manifest,
  { select, alone = false, exclude = [] }: Pick<BuildRequest, 'select' | 'alone' | 'exclude'>,
): ReadonlySet<string> {
  const chosen = select === undefined ? new Set(manifest.nodes.keys()) : named(manifest, select, alone)
  const out = new Set(exclude.flatMap((word) => found(manifest, word)))
  for (const id of chosen) {
    const node = manifest.nodes.get(id)
    if (out.has(id) || (node?.kind === 'test' && [...node.needs.nodes].some((need) => out.has(need)))) chosen.delete(id)
  }
  return chosen
}

function named(manifest: Manifest, words: readonly string[], alone: boolean): Set<string> {
  const chosen = new Set<string>()
  for (const word of words) {
    const ids = found(manifest, word)
    if (ids.length === 0) throw unknown(manifest, word)
    for (const id of ids) {
      chosen.add(id)
      if (!alone) for (const above of ancestors(id, manifest.nodes)) chosen.add(above)
    }
  }
  for (const node of manifest.nodes.values()) {
    if (node.kind !== 'test' || node.needs.nodes.size === 0) continue
    if ([...node.needs.nodes].every((id) => chosen.has(id))) chosen.add(node.id)
  }
  return new Set([...chosen].filter((id) => manifest.nodes.has(id)))
}

/** Ids of the nodes and sources that a word means: `tag:live`, a name or an id. */
function found(manifest: Manifest, word: string): readonly string[] {
  const tag = /^tag:(.*)$/.exec(word)?.[1]
  const meant = ({ id, name, tags }: Node | SourceTable): boolean =>
    tag === undefined ? name === word || id === word : tags.includes(tag)
  const sources = tag === undefined ? [] : [...manifest.sources.values()]
  return [...manifest.nodes.values(), ...sources].filter(meant).map(({ id }) => id)
}

function unknown(manifest: Manifest, word: string): Error {
  const nodes = [...manifest.nodes.values()]
  const isTag = word.startsWith('tag:')
  const known = isTag
    ? nodes.flatMap(({ tags }) => tags.map((tag) => `tag:${tag}`))
    : nodes.filter(({ kind }) => kind !== 'test').map(({ name }) => name)
  return mistaken(
    isTag ? `Nothing has the ${word.replace(':', ' ')}.` : `There is no model, seed or test ${word} to select.`,
    { file: 'dbt_project.yml', line: 1 },
    suggest(word, new Set(known), isTag ? 'tag' : 'model or seed'),
  )
}
