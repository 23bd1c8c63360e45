import type { Lineage, LineageImpact, LineageOrigin, LineageTable, LineageTrace, LineageUse } from '#api'
import { alignedTable } from './text-table.ts'
import { count } from './words.ts'

/** Every table with what it is made from. */
export function* wholeText({ tables, tests }: Lineage, width: number | undefined): Iterable<string> {
  yield* alignedTable(
    {
      columns: [{ name: 'table' }, { name: 'layer' }, { name: 'made by' }, { name: 'columns' }, { name: 'from' }],
      rows: tables.map(({ name, layer, madeBy, columns, reads }) => [
        name,
        layer,
        madeBy,
        columns.length,
        reads.join(', '),
      ]),
    },
    width,
  )
  const untraced = tables.filter((table) => table.untraced !== null)
  for (const { name, untraced: why } of untraced) yield `\nColumns of ${name} could not be traced: ${why}\n`
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0)
  yield `\n${count(tables.length, 'table')}, ${count(columns, 'column')}, ${count(tests.length, 'test')}.\n`
}

/** A tree, the column on top; what was shown once is not shown again. */
export function* traceText({ of, lineage: { tables } }: LineageTrace): Iterable<string> {
  const byName = new Map(tables.map((table) => [table.name, table]))
  yield `${of.table}.${of.column}\n`
  yield* originLines(of, byName, 1, new Set())
  const chosen = tables.flatMap(({ name, columns }) => columns.map((column) => ({ table: name, ...column })))
  if (chosen.some(({ chosenBy }) => chosenBy.length > 0)) yield '\nIts value is looked up by (INDIRECT)\n'
  for (const { table, name, chosenBy } of chosen) yield* usesText(`${table}.${name}`, chosenBy)
  const decided = tables.filter(({ uses }) => uses.length > 0)
  if (decided.length > 0) yield '\nWhich rows there are is decided by (INDIRECT)\n'
  for (const { name, uses } of decided) yield* usesText(name, uses)
}

function* usesText(name: string, uses: readonly LineageUse[]): Iterable<string> {
  for (const how of ['JOIN', 'FILTER', 'GROUP_BY'] as const) {
    const columns = uses.filter((use) => use.how === how).map((use) => `${use.table}.${use.column}`)
    if (columns.length > 0) yield `  ${name}  ${how}  ${shortList(columns)}\n`
  }
}

function* originLines(
  { table, column }: { readonly table: string; readonly column: string },
  tables: ReadonlyMap<string, LineageTable>,
  depth: number,
  shown: Set<string>,
): Iterable<string> {
  const origins = tables.get(table)?.columns.find(({ name }) => name === column)?.from ?? []
  for (const origin of origins) {
    const indent = '  '.repeat(depth)
    if (!('column' in origin)) {
      yield `${indent}${said(origin)}\n`
      continue
    }
    const name = `${origin.table}.${origin.column}`
    const again = shown.has(name) && (tables.get(origin.table)?.reads.length ?? 0) > 0
    yield `${indent}${said(origin)}${again ? ' (as above)' : ''}\n`
    if (shown.has(name)) continue
    shown.add(name)
    yield* originLines(origin, tables, depth + 1, shown)
  }
}

/** A contract's rules may read every column of its file; --json has them all. */
function shortList(names: readonly string[]): string {
  const most = 8
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

function said(origin: LineageOrigin): string {
  if (origin.kind === 'rows') return `rows of ${origin.table}`
  return origin.kind === 'constant' ? `constant ${origin.value}` : `${origin.kind} ${origin.table}.${origin.column}`
}

export function* impactText(
  { of, columns, influenced, rows, tables, tests, pages }: LineageImpact,
  width: number | undefined,
): Iterable<string> {
  const name = of.column === null ? of.table : `${of.table}.${of.column}`
  const all = count(columns.length + influenced.length, 'column')
  const others = [count(tables.length, 'table'), count(tests.length, 'test'), count(pages.length, 'page')]
  yield `${name} reaches ${[all, ...others].join(', ')}.\n`
  if (columns.length > 0) {
    yield '\nIts value is in (DIRECT)\n'
    const shown = { columns: [{ name: 'table' }, { name: 'column' }, { name: 'value' }] }
    yield* alignedTable({ ...shown, rows: columns.map(({ table, column, kind }) => [table, column, kind]) }, width)
  }
  if (influenced.length > 0) {
    yield '\nIt influences, its value not being in them (INDIRECT)\n'
    const shown = { columns: [{ name: 'table' }, { name: 'by' }, { name: 'columns' }] }
    yield* alignedTable({ ...shown, rows: byTable(influenced) }, width)
  }
  if (rows.length > 0) {
    yield '\nIt decides which rows there are (INDIRECT)\n'
    const shown = { columns: [{ name: 'table' }, { name: 'how' }, { name: 'by' }] }
    yield* alignedTable({ ...shown, rows: rows.map(({ table, how, by }) => [table, how, by]) }, width)
  }
  const named = new Set([...columns, ...influenced].map(({ table }) => table))
  const rowsOnly = tables.filter((table) => !named.has(table))
  if (rowsOnly.length > 0) yield `\nThrough rows alone: ${rowsOnly.join(', ')}\n`
  if (pages.length > 0) {
    yield '\nPages of the dashboard that show it\n'
    const shown = { columns: [{ name: 'page' }, { name: 'address' }, { name: 'how' }, { name: 'by' }] }
    const by = (reads: readonly string[]): string => (reads.length === 0 ? 'its rows' : shortList(reads))
    const lines = pages.map((page) => [page.name, page.path ?? 'every page', page.how, by(page.reads)])
    yield* alignedTable({ ...shown, rows: lines }, width)
  }
  if (tests.length > 0) yield `\nTests that read it:\n${tests.map((test) => `  ${test.name}\n`).join('')}`
}

/** A row for all columns of a table that are influenced in the same ways. */
function byTable(influenced: LineageImpact['influenced']): readonly (readonly string[])[] {
  const found = new Map<string, { readonly table: string; readonly how: string; readonly columns: string[] }>()
  for (const { table, column, how } of influenced) {
    const row = { table, how: how.join(', '), columns: [] }
    const { columns } = found.get(`${table} ${row.how}`) ?? row
    found.set(`${table} ${row.how}`, { ...row, columns: [...columns, column] })
  }
  return [...found.values()].map(({ table, how, columns }) => [table, how, shortList(columns)])
}
