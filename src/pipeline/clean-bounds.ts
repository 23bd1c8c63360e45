import { dialects } from '#compile'
import type { DataFile } from '#lake'
import { recordsOf } from '#lake'
import type { Column, ColumnType, SqlEngine } from '#port'

/** From a least to a greatest value, both among those that are looked for. */
interface Interval {
  readonly low: Ordered
  readonly high: Ordered
}

/** Numbers, or texts as `byteText` has them. */
type Ordered = number | string

/** Values of one column that are looked for: intervals in order that hold all of them. */
export interface Sought {
  readonly column: string
  readonly intervals: readonly Interval[]
  readonly hasNull: boolean
}

/** Up to so many values each is an interval of its own; above, neighbours share one, so that what is held here stays small. */
const mostIntervals = 10_000

/** Files of this many rows for each that is looked for are read sooner than the values are put in order. */
const readRatherThanSort = 4

/** The files that may hold a row with the values that a relation of `rows` rows has in these columns. */
export async function filesMeeting(
  files: readonly DataFile[],
  relation: string,
  columns: readonly Pick<Column, 'name' | 'type'>[],
  rows: number,
  effects: { readonly engine: SqlEngine },
): Promise<readonly DataFile[]> {
  if (files.length === 0) return files
  if (rows <= mostIntervals) return filesThatMayHold(files, await soughtIn(relation, columns, rows, effects))
  const between = filesThatMayHold(files, await soughtIn(relation, columns, rows, effects, 1))
  const read = between.reduce((sum, file) => sum + (recordsOf(file) ?? Number.POSITIVE_INFINITY), 0)
  if (read <= readRatherThanSort * rows) return between
  return filesThatMayHold(between, await soughtIn(relation, columns, rows, effects))
}

/** The values that a relation of `rows` rows has in these columns, in `most` intervals. Columns of types whose bounds are not compared are passed over. */
export async function soughtIn(
  relation: string,
  columns: readonly Pick<Column, 'name' | 'type'>[],
  rows: number,
  { engine }: { readonly engine: SqlEngine },
  most: number = mostIntervals,
): Promise<readonly Sought[]> {
  const { identifier } = dialects[engine.dialect]
  const compared = columns.filter(({ type }) => isCompared(type))
  if (compared.length === 0) return []
  const selects = compared.map(({ name }, at) => {
    const distinct = `SELECT DISTINCT ${identifier(name)} AS k FROM ${relation}`
    if (rows <= most) return `SELECT ${at}, CAST(k AS VARCHAR), CAST(k AS VARCHAR) FROM (${distinct})`
    const bounds = `SELECT ${at}, CAST(min(k) AS VARCHAR), CAST(max(k) AS VARCHAR)`
    return most === 1
      ? `${bounds} FROM (SELECT ${identifier(name)} AS k FROM ${relation}) GROUP BY k IS NULL`
      : `${bounds} FROM (SELECT k, ntile(${most}) OVER (ORDER BY k) AS bucket FROM (${distinct})) GROUP BY bucket, k IS NULL`
  })
  const found = await engine.query(selects.join(' UNION ALL '))
  return compared.map(({ name, type }, at) => {
    const own = found.rows.filter(([of]) => of === at)
    const order = (value: unknown): Ordered => (type === 'string' ? byteText(String(value)) : Number(value))
    return {
      column: name,
      intervals: own
        .filter(([, low]) => low !== null)
        .map(([, low, high]) => ({ low: order(low), high: order(high) }))
        .sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0)),
      hasNull: own.some(([, low]) => low === null),
    }
  })
}

/** Texts that are looked for. */
export function soughtTexts(column: string, values: Iterable<string>): Sought {
  const texts = [...new Set(values)].map(byteText).sort()
  return { column, intervals: texts.map((text) => ({ low: text, high: text })), hasNull: false }
}

/** The files that may hold a row with one of the values in every column; without statistics any file may. */
export function filesThatMayHold(files: readonly DataFile[], sought: readonly Sought[]): readonly DataFile[] {
  return files.filter((file) => {
    const bounds = boundsOf(file)
    return sought.every((each) => mayHold(bounds, each))
  })
}

interface Bounds {
  readonly rows: number | undefined
  readonly min: ReadonlyMap<string, Ordered>
  readonly max: ReadonlyMap<string, Ordered>
  readonly nulls: ReadonlyMap<string, Ordered>
}

function mayHold({ rows, min, max, nulls }: Bounds, { column, intervals, hasNull }: Sought): boolean {
  const nullCount = nulls.get(column)
  if (hasNull && nullCount !== 0) return true
  if (nullCount !== undefined && nullCount === rows) return false
  const low = min.get(column)
  const high = max.get(column)
  // The first interval that does not end before the file begins is the only one that has to be asked.
  let from = 0
  let to = intervals.length
  while (low !== undefined && from < to) {
    const middle = (from + to) >>> 1
    const interval = intervals[middle]
    if (interval !== undefined && interval.high < low) from = middle + 1
    else to = middle
  }
  const first = intervals[from]
  return first !== undefined && (high === undefined || first.low <= high)
}

/** A file's statistics never change, and a stream's table has thousands of them. */
const read = new WeakMap<DataFile, Bounds>()

function boundsOf(file: DataFile): Bounds {
  const known = read.get(file)
  if (known !== undefined) return known
  const stats = objectOf(file.stats)
  const bounds = {
    rows: typeof stats.numRecords === 'number' ? stats.numRecords : undefined,
    min: orderedIn(stats.minValues),
    max: orderedIn(stats.maxValues),
    nulls: orderedIn(stats.nullCount),
  }
  read.set(file, bounds)
  return bounds
}

function objectOf(stats: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(stats ?? '{}')
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {} // another writer's: no statistics are worse than none
  }
}

function orderedIn(values: unknown): ReadonlyMap<string, Ordered> {
  const ordered = new Map<string, Ordered>()
  for (const [column, value] of typeof values === 'object' && values !== null ? Object.entries(values) : []) {
    if (typeof value === 'string' && value.isWellFormed()) ordered.set(column, byteText(value))
    else if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value)))
      ordered.set(column, value)
  }
  return ordered
}

function isCompared(type: ColumnType): boolean {
  return type === 'string' || type === 'integer' || type === 'long'
}

/** A text that compares in JavaScript as its UTF-8 bytes do, which is how bounds are ordered. */
function byteText(text: string): string {
  return Buffer.from(text).toString('latin1')
}
