import type {
  Lineage,
  LineageColumn,
  LineageImpact,
  LineageImpactOnPage,
  LineageInfluence,
  LineageKind,
  LineageOrigin,
  LineagePage,
  LineageTable,
  LineageUse,
} from '#api'
import { findName } from './find.ts'
import { mostDone } from './origin.ts'
import { sliceOf } from './trace.ts'

const influences: readonly LineageInfluence[] = ['JOIN', 'FILTER', 'GROUP_BY']
type Influences = ReadonlySet<LineageInfluence>

/** What is known so far of how far a change reaches. */
interface Reached {
  /** Columns by table, with the most that is done to the value on the way. */
  readonly values: Map<string, ReadonlyMap<string, LineageKind>>
  /** Columns by table that have nothing of the value. */
  readonly influenced: Map<string, ReadonlyMap<string, Influences>>
  /** Tables whose rows are those of a table that changes as a whole. */
  readonly rows: Set<string>
  /** Tables of which the change decides what rows there are. */
  readonly decided: Map<string, Influences>
}

/** All that a table, or a column of it, has a say in. Fault: `usage/bad-value`. */
export function impactOf(lineage: Lineage, name: string): LineageImpact {
  const { table, column } = findName(lineage, name)
  const own = column === undefined ? table.columns.map((each) => each.name) : [column]
  const reached: Reached = {
    values: new Map([[table.name, new Map(own.map((each) => [each, 'copied' as const]))]]),
    influenced: new Map(),
    rows: new Set(column === undefined ? [table.name] : []),
    decided: new Map(),
  }
  const uses = lineage.tables.flatMap((each) =>
    each.name === table.name ? [] : reach(each, reached).map((use) => ({ table: each.name, use })),
  )
  const { rows, decided } = reached
  const slice = new Map(
    lineage.tables.flatMap(({ name: of }) => (isTableReached(of, reached) ? [[of, columnsOf(of, reached)]] : [])),
  )
  return {
    of: { table: table.name, column: column ?? null },
    ...columnsReached(table.name, reached),
    rows: uses.map(({ table: of, use }) => ({ table: of, how: use.how, by: `${use.table}.${use.column}` })),
    tables: [...slice.keys()].filter((of) => of !== table.name),
    tests: lineage.tests.filter(({ reads }) =>
      reads.some(
        ({ table: of, columns }) =>
          rows.has(of) || decided.has(of) || columns.some((each) => slice.get(of)?.has(each) === true),
      ),
    ),
    pages: lineage.pages.flatMap((page) => impactOnPage(page, reached)),
    lineage: { tables: sliceOf(lineage, slice), tests: [], pages: [] },
  }
}

const isTableReached = (of: string, { values, influenced, rows, decided }: Reached): boolean =>
  [values, influenced, rows, decided].some((kind) => kind.has(of))

const columnsOf = (of: string, { values, influenced }: Reached): ReadonlySet<string> =>
  new Set([...(values.get(of)?.keys() ?? []), ...(influenced.get(of)?.keys() ?? [])])

/** Columns of all tables but the one that was asked for. */
function columnsReached(asked: string, { values, influenced }: Reached): Pick<LineageImpact, 'columns' | 'influenced'> {
  return {
    columns: [...values].flatMap(([table, columns]) =>
      table === asked ? [] : [...columns].map(([column, kind]) => ({ table, column, kind })),
    ),
    influenced: [...influenced].flatMap(([table, columns]) =>
      [...columns].map(([column, how]) => ({ table, column, how: influences.filter((one) => how.has(one)) })),
    ),
  }
}

function impactOnPage({ name, path, reads }: LineagePage, reached: Reached): readonly LineageImpactOnPage[] {
  const { values, influenced, rows, decided } = reached
  const inOf = (found: ReadonlyMap<string, { has(column: string): boolean }>): readonly string[] =>
    reads.flatMap(({ table, columns }) =>
      columns.flatMap((column) => (found.get(table)?.has(column) ? [`${table}.${column}`] : [])),
    )
  const [direct, indirect] = [inOf(values), inOf(influenced)]
  const byRows = reads.some(({ table }) => rows.has(table) || decided.has(table))
  if (direct.length === 0 && indirect.length === 0 && !byRows) return []
  return [{ name, path, how: direct.length > 0 ? 'DIRECT' : 'INDIRECT', reads: [...direct, ...indirect] }]
}

/** Adds what of a table is reached, given all that it reads; its own uses of what is reached. */
function reach(table: LineageTable, reached: Reached): readonly LineageUse[] {
  const { values, influenced, rows, decided } = reached
  const uses = table.uses.filter((use) => isReached(use, reached))
  const own = uses.map(({ how }) => how)
  const direct = new Map<string, LineageKind>()
  const indirect = new Map<string, Influences>()
  for (const column of table.columns) {
    const kind = valueKind(column, reached)
    const how = kind === undefined ? influencesOn(column, own, reached) : []
    if (kind !== undefined) direct.set(column.name, kind)
    else if (how.length > 0) indirect.set(column.name, new Set(how))
  }
  const deciding = new Set([...own, ...table.reads.flatMap((read) => [...(decided.get(read) ?? [])])])
  if (direct.size > 0) values.set(table.name, direct)
  if (indirect.size > 0) influenced.set(table.name, indirect)
  if (table.reads.some((read) => rows.has(read))) rows.add(table.name)
  if (deciding.size > 0) decided.set(table.name, deciding)
  return uses
}

const isReached = (use: LineageUse, { values, influenced }: Reached): boolean =>
  (values.get(use.table)?.has(use.column) || influenced.get(use.table)?.has(use.column)) === true

/** The most that is done on the way to a column that takes a value that is reached, or that counts rows of what changes as a whole. */
function valueKind({ from }: LineageColumn, { values, rows }: Reached): LineageKind | undefined {
  const kinds = from.flatMap((origin): readonly LineageKind[] => {
    if (origin.kind === 'constant') return []
    if (origin.kind === 'rows') return rows.has(origin.table) ? ['aggregated'] : []
    const before = values.get(origin.table)?.get(origin.column)
    return before === undefined ? [] : [mostDone(before, origin.kind)]
  })
  const [first, ...others] = kinds
  return first === undefined ? undefined : others.reduce(mostDone, first)
}

/** How a column is influenced: by what chose its value, through what it is made from, and by which rows there are, where it is made of several. */
function influencesOn(
  { from, chosenBy }: LineageColumn,
  own: readonly LineageInfluence[],
  reached: Reached,
): readonly LineageInfluence[] {
  const through = (origin: LineageOrigin): readonly LineageInfluence[] => {
    if (origin.kind === 'constant') return []
    const inherited = 'column' in origin ? reached.influenced.get(origin.table)?.get(origin.column) : undefined
    const ofRows = origin.kind === 'aggregated' || origin.kind === 'rows'
    return [...(inherited ?? []), ...(ofRows ? [...own, ...(reached.decided.get(origin.table) ?? [])] : [])]
  }
  const chosen = chosenBy.filter((use) => isReached(use, reached)).map(({ how }) => how)
  return [...chosen, ...from.flatMap(through)]
}
