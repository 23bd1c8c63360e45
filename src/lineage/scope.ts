import type { Tree } from './tree.ts'
import { isTree, listUnder, mapTree, nameUnder, under } from './tree.ts'

/**
 * One query of a statement that reads only tables: a common table expression, a query in a `from`, or the statement itself, with every query it reads
 * replaced by that query's name. Lineage through one of these is plain, where the library's through all of them at once says only what is outermost.
 */
export interface Scope {
  readonly name: string
  /** Selects whose rows together are its rows; one, unless it is a union. */
  readonly selects: readonly Tree[]
  /** Names that it is given from outside, `as t(a, b)`. */
  readonly columns: readonly string[]
}

/** Names by which a query is known where another is written, to the name of its scope. */
type Names = ReadonlyMap<string, string>

/** Thrown for a statement that cannot be taken apart; the message says what is in it. */
export class Indivisible extends Error {}

/** Takes a statement apart: each scope after those it reads, the statement itself last. */
export function scopesOf(statement: Tree): readonly Scope[] {
  const scopes: Scope[] = []
  addScope(statement, [], new Map(), scopes)
  return scopes
}

function addScope(query: Tree, columns: readonly string[], names: Names, scopes: Scope[]): string {
  const selects = selectsOf(query, names, scopes)
  // With a space, as no table of a compiled project is called without its schema.
  const name = `scope ${scopes.length + 1}`
  scopes.push({ name, selects, columns })
  return name
}

const setOperations = ['union', 'intersect', 'except']

/** The selects of a query, its own `with` taken apart first. */
function selectsOf(query: Tree, outer: Names, scopes: Scope[]): readonly Tree[] {
  const inner = under(under(query, 'subquery'), 'this')
  if (inner !== undefined) return selectsOf(inner, outer, scopes)
  const operation = setOperations.find((key) => isTree(query[key]))
  const body = under(query, operation ?? 'select')
  if (body === undefined) throw new Indivisible(`a query that begins with ${Object.keys(query)[0] ?? 'nothing'}`)
  if (isTree(body.by_name) || body.by_name === true) throw new Indivisible('a union by name')
  const names = withNames(under(body, 'with'), outer, scopes)
  if (operation === undefined) return [{ select: readingScopes({ ...body, with: null }, names, scopes) }]
  const sides = [under(body, 'left'), under(body, 'right')]
  return sides.flatMap((side) => (side === undefined ? [] : selectsOf(side, names, scopes)))
}

function withNames(clause: Tree | undefined, outer: Names, scopes: Scope[]): Names {
  if (clause === undefined) return outer
  if (clause.recursive === true) throw new Indivisible('a recursive query')
  const names = new Map(outer)
  for (const cte of listUnder(clause, 'ctes')) {
    const [name, query] = [nameUnder(cte, 'alias'), under(cte, 'this')]
    if (name === undefined || query === undefined) throw new Indivisible('a common table expression without a name')
    const columns = listUnder(cte, 'columns').flatMap(({ name: column }) =>
      typeof column === 'string' ? [column] : [],
    )
    names.set(name.toLowerCase(), addScope(query, columns, names, scopes))
  }
  return names
}

/** A select whose queries in `from` and `join` are scopes of their own, and which calls all scopes by their names. */
function readingScopes(select: Tree, names: Names, scopes: Scope[]): Tree {
  const lift = (relation: unknown): unknown => (isTree(relation) ? lifted(relation, names, scopes) : relation)
  const from = under(select, 'from')
  const relations = from && { ...from, expressions: listUnder(from, 'expressions').map(lift) }
  const joins = listUnder(select, 'joins').map((join) => ({ ...join, this: lift(join.this) }))
  const whole = { ...select, from: relations ?? null, joins }
  return mapTree(whole, (tree) => renamed(tree, names)) as Tree
}

function lifted(relation: Tree, names: Names, scopes: Scope[]): Tree {
  const joined = under(relation, 'joined_table')
  if (joined !== undefined) {
    const lift = (side: unknown): unknown => (isTree(side) ? lifted(side, names, scopes) : side)
    const joins = listUnder(joined, 'joins').map((join) => ({ ...join, this: lift(join.this) }))
    return { joined_table: { ...joined, left: lift(joined.left), joins } }
  }
  const subquery = under(relation, 'subquery')
  const query = under(subquery, 'this')
  if (subquery === undefined || query === undefined || isTree(query.values) || subquery.lateral === true)
    return relation
  const columns = listUnder(subquery, 'column_aliases').flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
  return tableOf(addScope(query, columns, names, scopes), subquery.alias)
}

/** A reference to a query by the name it has where it is written, as one to its scope under that name. */
function renamed(tree: Tree, names: Names): Tree | undefined {
  const table = under(tree, 'table')
  const name = nameUnder(table, 'name')
  if (table === undefined || name === undefined || isTree(table.schema)) return undefined
  const scope = names.get(name.toLowerCase())
  return scope === undefined
    ? undefined
    : { table: { ...table, name: identifier(scope), alias: table.alias ?? table.name } }
}

const identifier = (name: string): Tree => ({ name, quoted: true, trailing_comments: [] })

function tableOf(name: string, alias: unknown): Tree {
  const nothing = { schema: null, catalog: null, column_aliases: [], trailing_comments: [], when: null, hints: [] }
  const plain = { alias_explicit_as: true, only: false, final_: false }
  return { table: { name: identifier(name), alias: alias ?? null, ...nothing, ...plain } }
}
