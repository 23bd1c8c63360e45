import type { ObjectStore } from '#port'

interface ManifestTest {
  readonly resource_type: string
  readonly attached_node?: string | null
  readonly test_metadata?: { readonly name: string; readonly kwargs: Readonly<Record<string, unknown>> } | null
}

/** What makes a row of each model unique, as the tests of the newest build say it; where they say it twice, the shorter. */
export async function grainsOf(store: ObjectStore): Promise<ReadonlyMap<string, readonly string[]>> {
  const bytes = await store.read('target/manifest.json')
  const grains = new Map<string, readonly string[]>()
  if (bytes === undefined) return grains
  const { nodes }: { nodes: Readonly<Record<string, ManifestTest>> } = JSON.parse(new TextDecoder().decode(bytes))
  for (const { resource_type: kind, attached_node: node, test_metadata: test } of Object.values(nodes)) {
    const columns = kind === 'test' && node && test ? uniqueBy(test) : undefined
    const model = node?.slice(node.lastIndexOf('.') + 1)
    if (columns === undefined || model === undefined) continue
    const known = grains.get(model)
    if (known === undefined || columns.length < known.length) grains.set(model, columns)
  }
  return grains
}

function uniqueBy({ name, kwargs }: NonNullable<ManifestTest['test_metadata']>): readonly string[] | undefined {
  if (name === 'unique' && typeof kwargs.column_name === 'string') return [kwargs.column_name]
  if (name === 'unique_combination' && Array.isArray(kwargs.columns)) return kwargs.columns.map(String)
  return undefined
}
