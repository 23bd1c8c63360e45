import type { Manifest, ModelNode, Node } from './node.ts'

/** What takes longer to read than to keep: text that is parsed anew at each reading. */
const parsed =
  /\b(read_csv|read_csv_auto|sniff_csv|read_json\w*|read_ndjson\w*|read_text|read_xlsx|st_read)\s*\(|\.(csv|json|ndjson|tsv)(\.gz|\.zst)?'/i

/**
 * Views over files of text that models or tests of a build read. Each file is parsed once, where a view has it looked at when it is made and parsed by every reader: the view's
 * rows are kept until the build ends, and then it is made the view that it is.
 */
export function storedViews(nodes: readonly Node[], manifest: Manifest): ReadonlySet<string> {
  const readers = new Map<string, number>()
  for (const node of nodes) for (const id of node.needs.nodes) readers.set(id, (readers.get(id) ?? 0) + 1)
  const stored = new Set<string>()
  for (const node of nodes) {
    if (isView(node) && (readers.get(node.id) ?? 0) > 0 && readsText(node, manifest, stored)) stored.add(node.id)
  }
  return stored
}

const isView = (node: Node): node is ModelNode => node.kind === 'model' && node.materialized === 'view'

/** By itself, or by views that are not kept. In build order, so that those are known. */
function readsText(node: ModelNode, manifest: Manifest, stored: ReadonlySet<string>): boolean {
  return [...node.needs.nodes].some((id) => {
    const source = manifest.sources.get(id)
    if (source !== undefined) return parsed.test(source.relation.sql)
    const need = manifest.nodes.get(id)
    return need !== undefined && isView(need) && !stored.has(id) && readsText(need, manifest, stored)
  })
}
