import type { LineageUse } from '#api'
import type { ColumnReferenceFact, QueryAnalysis } from './library.ts'
import { distinctUses } from './origin.ts'
import type { Tree } from './tree.ts'
import { listUnder, nameUnder, under } from './tree.ts'

type UsesOf = (reference: ColumnReferenceFact) => readonly LineageUse[]

/** What is known of a column that a select refers to. */
interface Known {
  /** The columns of tables that it is, where a join compares it. */
  readonly uses: UsesOf
  /** Columns by which its value was looked up before this select. */
  readonly chosenBy: UsesOf
}

/**
 * Columns by which joins looked up what a select refers to: for a column of the relation that is joined, those that the join compares; for one before it too,
 * where the join keeps rows of the relation's own. What a looked-up row is compared with then looks up further.
 */
export function choicesOf(select: Tree, { columnUses = [] }: QueryAnalysis, known: Known): UsesOf {
  const body = under(select, 'select')
  const found = new Map<string, readonly LineageUse[]>()
  const chosenBy: UsesOf = (reference) => [
    ...known.chosenBy(reference),
    ...(found.get(reference.sourceAlias ?? reference.sourceName ?? '') ?? []),
  ]
  const before = listUnder(under(body, 'from'), 'expressions').flatMap(nameOf)
  for (const [at, join] of listUnder(body, 'joins').entries()) {
    const compared = columnUses
      .filter(({ context, expressionPath }) => context === 'join' && expressionPath.startsWith(`joins[${at}].`))
      .flatMap(({ references }) => references)
    const uses = compared.flatMap((reference) => [...known.uses(reference), ...chosenBy(reference)])
    const joined = nameOf(under(join, 'this'))
    const keepsOwnRows = join.kind === 'Right' || join.kind === 'Full'
    for (const name of keepsOwnRows ? [...before, ...joined] : joined) {
      found.set(name, distinctUses([...(found.get(name) ?? []), ...uses]))
    }
    before.push(...joined)
  }
  return chosenBy
}

/** As the library refers to a relation: by its alias, else by its whole name. */
function nameOf(relation: Tree | undefined): readonly string[] {
  const table = under(relation, 'table')
  const [alias, schema, name] = ['alias', 'schema', 'name'].map((key) => nameUnder(table, key))
  if (alias !== undefined) return [alias]
  return name === undefined ? [] : [schema === undefined ? name : `${schema}.${name}`]
}
