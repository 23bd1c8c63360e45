/** A node of a syntax tree: one key that names its kind, and under it what belongs to that kind. */
export interface Tree {
  readonly [key: string]: unknown
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What stands under a key, where that is a node or a record of fields. */
export function under(tree: Tree | undefined, key: string): Tree | undefined {
  const value = tree?.[key]
  return isTree(value) ? value : undefined
}

export function listUnder(tree: Tree | undefined, key: string): readonly Tree[] {
  const value = tree?.[key]
  return Array.isArray(value) ? value.filter(isTree) : []
}

/** An identifier's text. */
export function nameUnder(tree: Tree | undefined, key: string): string | undefined {
  const name = under(tree, key)?.name
  return typeof name === 'string' && name !== '' ? name : undefined
}

/** The same tree with every node replaced by what `change` makes of it; where that is undefined, its parts are looked at. */
export function mapTree(value: unknown, change: (tree: Tree) => Tree | undefined): unknown {
  if (Array.isArray(value)) return value.map((each) => mapTree(each, change))
  if (!isTree(value)) return value
  return change(value) ?? mapParts(value, change)
}

function mapParts(tree: Tree, change: (tree: Tree) => Tree | undefined): Tree {
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, mapTree(value, change)]))
}
