import type { LineageKind, LineageOrigin, LineageUse } from '#api'
import { choicesOf } from './choice.ts'
import type { ColumnReferenceFact, ProjectionFact, QueryAnalysis, SqlReader, TableSchema } from './library.ts'
import { columnsBefore, distinctUses, originSet, through } from './origin.ts'
import type { Scope } from './scope.ts'
import { Indivisible, scopesOf } from './scope.ts'
import type { Tree } from './tree.ts'
import { listUnder, nameUnder, under } from './tree.ts'

/** A table as a query sees it, by its whole name. */
export interface KnownTable {
  readonly name: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface QueryLineage {
  readonly columns: readonly QueryColumn[]
  readonly uses: readonly LineageUse[]
}

export interface QueryColumn {
  readonly name: string
  readonly from: readonly LineageOrigin[]
  readonly chosenBy: readonly LineageUse[]
}

/** What a scope is to those that read it. */
interface TracedScope extends QueryLineage {
  /** Tables of the lake whose rows become its rows. */
  readonly rowsOf: readonly string[]
  readonly types: readonly string[]
}

/** Where each column of a query comes from, through all its common table expressions and subqueries, or why that cannot be said. */
export function queryLineage(
  sql: string,
  tables: readonly KnownTable[],
  reader: SqlReader,
): QueryLineage | { readonly untraced: string } {
  const parsed = reader.parse(sql)
  if ('error' in parsed) return { untraced: parsed.error }
  try {
    const traced = new Map<string, TracedScope>()
    const scopes = scopesOf(parsed.tree)
    for (const scope of scopes) traced.set(scope.name, traceScope(scope, tables, traced, reader))
    const { columns, uses } = traced.get(scopes.at(-1)?.name ?? '') ?? { columns: [], uses: [] }
    return { columns, uses }
  } catch (error) {
    if (error instanceof Indivisible) return { untraced: error.message }
    throw error
  }
}

type Traced = ReadonlyMap<string, TracedScope>

function traceScope(scope: Scope, tables: readonly KnownTable[], traced: Traced, reader: SqlReader): TracedScope {
  const [first, ...others] = scope.selects.map((select) => traceSelect(select, tables, traced, reader))
  if (first === undefined) throw new Indivisible('a query without a select')
  if (others.some(({ columns }) => columns.length !== first.columns.length)) {
    throw new Indivisible('a union of selects with different columns')
  }
  const columns = first.columns.map((column, at) => {
    const sides = [column, ...others.flatMap((other) => other.columns[at] ?? [])]
    return {
      name: scope.columns[at] ?? column.name,
      from: originSet(sides.flatMap(({ from }) => from)),
      chosenBy: distinctUses(sides.flatMap(({ chosenBy }) => chosenBy)),
    }
  })
  const all = [first, ...others]
  return {
    columns,
    types: first.types,
    uses: distinctUses(all.flatMap(({ uses }) => uses)),
    rowsOf: [...new Set(all.flatMap(({ rowsOf }) => rowsOf))],
  }
}

function traceSelect(select: Tree, tables: readonly KnownTable[], traced: Traced, reader: SqlReader): TracedScope {
  const analysed = reader.analyse(reader.write(select), { tables: [...schemaOf(tables), ...schemaOfScopes(traced)] })
  if ('error' in analysed) throw new Indivisible(analysed.error)
  const { analysis } = analysed
  const lookup: Lookup = { tables: new Set(tables.map(({ name }) => name)), traced }
  const rowsOf = rowsUnder(analysis, lookup)
  const written = expressionsOf(select, analysis)
  const chosenBy = choicesOf(select, analysis, {
    uses: (reference) => usedAs('JOIN', reference, lookup),
    chosenBy: (reference) => scopeColumn(reference, traced)?.chosenBy ?? [],
  })
  const columns = analysis.projections.map((fact, at) => ({
    name: fact.name ?? '',
    from: originsOf(fact, written[at], { ...lookup, rowsOf, reader }),
    chosenBy: distinctUses(fact.upstream.flatMap((reference) => chosenBy(reference))),
  }))
  const read = analysis.relations.flatMap(({ name }) => traced.get(name)?.uses ?? [])
  return {
    columns,
    types: analysis.projections.map(({ typeHint }) => typeHint ?? 'unknown'),
    uses: distinctUses([...read, ...usesOf(analysis, lookup)]),
    rowsOf,
  }
}

interface Lookup {
  readonly tables: ReadonlySet<string>
  readonly traced: Traced
}

/** The tables that a select reads, through the scopes among them. */
function rowsUnder({ relations }: QueryAnalysis, { tables, traced }: Lookup): readonly string[] {
  const names = relations.flatMap(({ name }) => (tables.has(name) ? [name] : (traced.get(name)?.rowsOf ?? [])))
  return [...new Set(names)]
}

function originsOf(
  fact: ProjectionFact,
  written: Tree | undefined,
  { rowsOf, reader, ...lookup }: Lookup & { readonly rowsOf: readonly string[]; readonly reader: SqlReader },
): readonly LineageOrigin[] {
  const aggregated = fact.transformKind === 'aggregation' || (written !== undefined && reader.aggregates(written))
  const kind: LineageKind = aggregated ? 'aggregated' : fact.transformKind === 'direct' ? 'copied' : 'transformed'
  const from = originSet(fact.upstream.flatMap((reference) => through(kind, referred(reference, lookup))))
  // A count of rows takes no column; of a column that is the same in every row it takes nothing but their number.
  if (aggregated && from.every(({ kind }) => kind === 'constant'))
    return rowsOf.map((table) => ({ kind: 'rows', table }))
  if (from.length > 0 || fact.upstream.length > 0) return kind === 'copied' ? from : columnsBefore(from)
  if (fact.transformKind === 'constant' && written !== undefined) {
    return [{ kind: 'constant', value: reader.write(written) }]
  }
  return written === undefined ? [] : rowsOf.map((table) => ({ kind: 'rows', table }))
}

function referred(reference: ColumnReferenceFact, { tables, traced }: Lookup): readonly LineageOrigin[] {
  const { sourceName = '', column } = reference
  if (tables.has(sourceName)) return [{ kind: 'copied', table: sourceName, column }]
  return scopeColumn(reference, traced)?.from ?? []
}

const scopeColumn = ({ sourceName = '', column }: ColumnReferenceFact, traced: Traced): QueryColumn | undefined =>
  traced.get(sourceName)?.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())

/** The expression that a select's list has for each of its columns, by place; where a star stands among them, by name. */
function expressionsOf(select: Tree, { projections, starProjections }: QueryAnalysis): readonly (Tree | undefined)[] {
  const written = listUnder(under(select, 'select'), 'expressions')
  const values = written.map((expression) => under(under(expression, 'alias'), 'this') ?? expression)
  if (starProjections.length === 0) return values
  const names = written.map((expression) => nameUnder(under(expression, 'alias'), 'alias'))
  return projections.map(({ name }) => (name === undefined ? undefined : values[names.indexOf(name)]))
}

const hows: Readonly<Record<string, LineageUse['how']>> = {
  join: 'JOIN',
  filter: 'FILTER',
  having: 'FILTER',
  qualify: 'FILTER',
  group: 'GROUP_BY',
}

function usesOf({ columnUses = [] }: QueryAnalysis, lookup: Lookup): readonly LineageUse[] {
  return columnUses.flatMap(({ context, expressionPath, references }) => {
    const how = expressionPath.startsWith('qualify') ? 'FILTER' : hows[context]
    // A condition inside an expression decides a value, not which rows there are.
    if (how === undefined || (context === 'filter' && expressionPath.startsWith('expressions'))) return []
    return references.flatMap((reference) => usedAs(how, reference, lookup))
  })
}

function usedAs(how: LineageUse['how'], reference: ColumnReferenceFact, lookup: Lookup): readonly LineageUse[] {
  return referred(reference, lookup).flatMap((origin) =>
    'column' in origin ? [{ how, table: origin.table, column: origin.column }] : [],
  )
}

function schemaOf(tables: readonly KnownTable[]): TableSchema[] {
  return tables.map(({ name, columns }) => {
    const dot = name.indexOf('.')
    return { schema: name.slice(0, dot), name: name.slice(dot + 1), columns: [...columns] }
  })
}

function schemaOfScopes(traced: Traced): TableSchema[] {
  return [...traced].map(([name, { columns, types }]) => ({
    name,
    columns: columns.map((column, at) => ({ name: column.name, type: types[at] ?? 'unknown' })),
  }))
}
