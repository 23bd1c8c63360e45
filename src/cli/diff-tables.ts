import type { GoldDiff, TableDiff } from '#platform'
import { count, figure } from './words.ts'

interface TextTable {
  readonly columns: readonly { readonly name: string }[]
  readonly rows: readonly (readonly unknown[])[]
}

const named = (...names: readonly string[]) => names.map((name) => ({ name }))

/** A line for each table that differs. */
export function changedTables({ tables }: GoldDiff): TextTable {
  return {
    columns: named('table', 'rows before', 'rows after', 'added', 'removed', 'changed', 'columns'),
    rows: tables
      .filter(({ status }) => status !== 'same')
      .map(({ table, rows, added, removed, changed, columns }) => [
        ...[table, rows.before, rows.after, added, removed, changed],
        columnsText(columns),
      ]),
  }
}

function columnsText({ added, removed, retyped }: TableDiff['columns']): string {
  return [
    ...added.map((name) => `+${name}`),
    ...removed.map((name) => `-${name}`),
    ...retyped.map(({ name, before, after }) => `${name}: ${before} → ${after}`),
  ].join(', ')
}

/** A line for each column whose values changed, and for each of its biggest movers. */
export function changedColumns({ tables }: GoldDiff): TextTable {
  return {
    columns: named('table', 'column', 'rows', 'moved most', 'before', 'after', 'change'),
    rows: tables.flatMap(({ table, grain, changes }) =>
      changes.flatMap(({ column, rows, movers: [first, ...others] }) => [
        [table, column, rows, ...moved(grain, first)],
        ...others.map((mover) => ['', '', null, ...moved(grain, mover)]),
      ]),
    ),
  }
}

function moved(
  grain: TableDiff['grain'],
  mover: TableDiff['changes'][number]['movers'][number] | undefined,
): readonly unknown[] {
  if (mover === undefined) return ['', null, null, null]
  const key = (grain ?? []).map((name, index) => `${name} ${mover.key[index] ?? 'null'}`).join(', ')
  return [key, ...[mover.before, mover.after, mover.change].map(sixDigits)]
}

/** Enough for a person; --json has them all. */
const sixDigits = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)

/** What was compared, and how much of it differs. */
export function diffLine({ before, after, tables }: GoldDiff): string {
  const differing = tables.filter(({ status }) => status !== 'same').length
  const where = before.lake === after.lake ? '' : ` of ${before.lake}`
  const which = `publication ${figure(before.version)}${where} (${before.publishedAt}) and ${figure(after.version)} (${after.publishedAt})`
  const mixed = before.sample === after.sample ? '' : '; one of them is generated sample data'
  return `${figure(differing)} of ${count(tables.length, 'Gold table')} ${differing === 1 ? 'differs' : 'differ'} between ${which}${mixed}.`
}

/** For a pull request. */
export function* markdownTable({ columns, rows }: TextTable): Iterable<string> {
  const line = (cells: readonly unknown[]) => `| ${cells.map(markdownCell).join(' | ')} |\n`
  yield line(columns.map(({ name }) => name))
  yield line(columns.map(() => '---'))
  for (const row of rows) yield line(row)
}

function markdownCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replace(/\s+/g, ' ')
}
