import type { Spread } from '#api'
import type { Cell, SqlEngine } from '#port'

/** Collects a statement's parameters: what people send is bound, never spliced into SQL. */
export interface Binder {
  readonly values: readonly Cell[]
  /** The placeholder that stands for the value. */
  bind(value: Cell): string
}

export function binder(): Binder {
  const values: Cell[] = []
  return {
    values,
    bind(value) {
      values.push(value)
      return `$${values.length}`
    },
  }
}

export type Fields = Readonly<Record<string, Cell>>

/** Rows as objects by column name. */
export async function select(engine: SqlEngine, sql: string, parameters: readonly Cell[] = []): Promise<Fields[]> {
  const { columns, rows } = await engine.query(sql, parameters)
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
}

export function numberOf(cell: Cell | undefined): number | null {
  if (typeof cell === 'number') return cell
  return typeof cell === 'string' && cell !== '' ? Number(cell) : null
}

export function countOf(cell: Cell | undefined): number {
  return numberOf(cell) ?? 0
}

export function textOf(cell: Cell | undefined): string | null {
  return cell === null || cell === undefined ? null : String(cell)
}

/** Columns of a group's spread over `value`, an expression. */
export function spreadColumns(value: string): string {
  return `count(${value}) AS n, count(*) - count(${value}) AS missing, avg(${value}) AS mean,
    quantile_cont(${value}, 0.25) AS p25, quantile_cont(${value}, 0.5) AS median, quantile_cont(${value}, 0.75) AS p75`
}

/** Groups formed from fewer schools are suppressed (gold.md §3). */
export const fewestSchools = 5

export function spreadOf(fields: Fields): Spread {
  const n = countOf(fields.n)
  const missing = countOf(fields.missing)
  if (n === 0) return { n, missing, mean: null, median: null, p25: null, p75: null, state: 'missing' }
  if (n < fewestSchools) return suppressed
  return {
    n,
    missing,
    mean: numberOf(fields.mean),
    median: numberOf(fields.median),
    p25: numberOf(fields.p25),
    p75: numberOf(fields.p75),
    state: 'value',
  }
}

interface Group {
  readonly n: number | null
  readonly state: 'value' | 'suppressed' | 'missing'
}

/**
 * Groups that together make a whole which is shown too. A single hidden one could be worked out from the whole and its neighbours,
 * so the smallest neighbour is hidden with it.
 */
export function withComplement<T extends Group>(groups: readonly T[], hide: (group: T) => T): readonly T[] {
  if (groups.filter(({ state }) => state === 'suppressed').length !== 1) return groups
  let smallest: T | undefined
  for (const group of groups) {
    if (group.state === 'value' && (group.n ?? 0) < (smallest?.n ?? Number.POSITIVE_INFINITY)) smallest = group
  }
  return groups.map((group) => (group === smallest ? hide(group) : group))
}

export const suppressed: Spread = {
  n: null,
  missing: null,
  mean: null,
  median: null,
  p25: null,
  p75: null,
  state: 'suppressed',
}
