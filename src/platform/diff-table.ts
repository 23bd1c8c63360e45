import { dialects } from '#compile'
import type { Column, Row, SqlEngine } from '#port'
import type { ColumnChange, TableDiff } from './diff-api.ts'

/** One table on both sides, readable in the engine as `before.<table>` and `after.<table>`. */
export interface Comparison {
  readonly table: string
  readonly grain: readonly string[] | null
  readonly before: readonly Column[]
  readonly after: readonly Column[]
  readonly movers: number
}

/** Doubles that differ by less than this part of them are equal: engines add up in different orders. */
const tolerance = 1e-9

/** Rows by their grain; without one, as a bag of whole rows. */
export async function diffTable(comparison: Comparison, engine: SqlEngine): Promise<TableDiff> {
  const { table, before, after } = comparison
  const columns = columnsOf(comparison)
  const isKnown = (name: string) => [before, after].every((side) => side.some((column) => column.name === name))
  const grain = comparison.grain?.every(isKnown) ? comparison.grain : null
  const rows = { before: await rowsIn('before', table, engine), after: await rowsIn('after', table, engine) }
  const compared = columns.kept.filter(({ name }) => !grain?.includes(name))
  const counts =
    grain === null
      ? { ...(await bagDiff(table, columns.kept, rows, engine)), changed: 0, changes: [] }
      : await keyedDiff({ table, grain, compared, movers: comparison.movers }, engine)
  const { added, removed, retyped } = columns
  const isSame = counts.added + counts.removed + counts.changed + added.length + removed.length + retyped.length === 0
  return { table, status: isSame ? 'same' : 'changed', grain, rows, ...counts, columns: { added, removed, retyped } }
}

function columnsOf({ before, after }: Comparison) {
  const old = new Map(before.map((column) => [column.name, column]))
  const now = new Set(after.map(({ name }) => name))
  const shared = after.flatMap((column) => {
    const was = old.get(column.name)
    return was === undefined ? [] : [{ ...column, was: typeText(was) }]
  })
  return {
    added: after.flatMap(({ name }) => (old.has(name) ? [] : [name])),
    removed: before.flatMap(({ name }) => (now.has(name) ? [] : [name])),
    retyped: shared
      .filter((column) => column.was !== typeText(column))
      .map((column) => ({ name: column.name, before: column.was, after: typeText(column) })),
    kept: shared.filter((column) => column.was === typeText(column)),
  }
}

const typeText = ({ type }: Column): string => (typeof type === 'string' ? type : JSON.stringify(type))

async function rowsIn(side: 'before' | 'after', table: string, engine: SqlEngine): Promise<number> {
  return firstCount(await engine.query(`SELECT count(*) FROM ${side}.${quoted(table, engine)}`))
}

const firstCount = ({ rows }: { readonly rows: readonly Row[] }): number => Number(rows[0]?.[0] ?? 0)

const quoted = (name: string, engine: SqlEngine): string => dialects[engine.dialect].identifier(name)

async function bagDiff(
  table: string,
  kept: readonly Column[],
  rows: { readonly before: number; readonly after: number },
  engine: SqlEngine,
): Promise<{ readonly added: number; readonly removed: number }> {
  // Nothing to compare them by: every row is another one.
  if (kept.length === 0) return { added: rows.after, removed: rows.before }
  const names = kept.map(({ name }) => quoted(name, engine)).join(', ')
  const only = async (side: string, other: string) => {
    const of = (each: string) => `SELECT ${names} FROM ${each}.${quoted(table, engine)}`
    return firstCount(await engine.query(`SELECT count(*) FROM (${of(side)} EXCEPT ALL ${of(other)})`))
  }
  return { added: await only('after', 'before'), removed: await only('before', 'after') }
}

interface Keyed {
  readonly table: string
  readonly grain: readonly string[]
  readonly compared: readonly Column[]
  readonly movers: number
}

async function keyedDiff(
  { table, grain, compared, movers }: Keyed,
  engine: SqlEngine,
): Promise<Pick<TableDiff, 'added' | 'removed' | 'changed' | 'changes'>> {
  const name = (column: string) => quoted(column, engine)
  const differing = compared.map((column) => differs(column, name(column.name)))
  const side = (each: string) => `(SELECT *, true AS here FROM ${each}.${name(table)})`
  const on = grain.map((column) => `b.${name(column)} IS NOT DISTINCT FROM a.${name(column)}`).join(' AND ')
  // Put together once, each side a struct: a row that is on one side only has no `here` on the other.
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE paired AS SELECT b, a FROM ${side('before')} b FULL JOIN ${side('after')} a ON ${on}`,
  )
  const inBoth = 'b.here AND a.here'
  const anyDiffers = differing.length === 0 ? 'false' : `(${differing.join(' OR ')})`
  const asked = ['b.here IS NULL', 'a.here IS NULL', `${inBoth} AND ${anyDiffers}`]
  const perColumn = differing.map((differ) => `${inBoth} AND ${differ}`)
  const counted = [...asked, ...perColumn].map((condition) => `count(*) FILTER (WHERE ${condition})`)
  const [row = []] = (await engine.query(`SELECT ${counted.join(', ')} FROM paired`)).rows
  const [added = 0, removed = 0, changed = 0, ...changedIn] = row.map(Number)
  const changes: ColumnChange[] = []
  for (const [index, column] of compared.entries()) {
    const rows = changedIn[index] ?? 0
    if (rows === 0) continue
    const [was, is] = [`b.${name(column.name)}`, `a.${name(column.name)}`]
    const key = grain.map((each) => `a.${name(each)}`)
    const found = isNumber(column)
      ? await engine.query(
          `SELECT ${[...key, was, is, `CAST(${is} AS DOUBLE) - CAST(${was} AS DOUBLE)`].join(', ')} FROM paired
           WHERE ${perColumn[index]} AND ${was} IS NOT NULL AND ${is} IS NOT NULL
           ORDER BY abs(CAST(${is} AS DOUBLE) - CAST(${was} AS DOUBLE)) DESC, ${key.join(', ')} LIMIT ${movers}`,
        )
      : { rows: [] }
    changes.push({ column: column.name, rows, movers: found.rows.map((cells) => moverOf(cells, grain.length)) })
  }
  return { added, removed, changed, changes: changes.sort((one, other) => other.rows - one.rows) }
}

function moverOf(cells: Row, keyed: number): ColumnChange['movers'][number] {
  const [before = null, after = null, change = null] = cells.slice(keyed)
  return { key: cells.slice(0, keyed), before, after, change: Number(change) }
}

function differs({ type }: Column, name: string): string {
  const distinct = `a.${name} IS DISTINCT FROM b.${name}`
  if (type !== 'double' && type !== 'float') return `(${distinct})`
  const near = `abs(a.${name} - b.${name}) <= ${tolerance} * greatest(1, abs(a.${name}), abs(b.${name}))`
  return `(${distinct} AND NOT coalesce(${near}, false))`
}

const isNumber = ({ type }: Column): boolean =>
  typeof type === 'string' && /^(byte|short|integer|long|float|double|decimal)/.test(type)
