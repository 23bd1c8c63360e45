import type { PrimitiveType } from '#port'
import { isTextBefore } from '#port'
import type { FileMetaData, SchemaElement, SchemaTree, Statistics } from './library.ts'
import { parquetSchema } from './library.ts'
import { decimalOf, fieldOf } from './schema.ts'
import { unscaled } from './unscaled.ts'

/** Longer texts stand in the footer as bounds, not whole. In code points. */
const footerPrefix = 64

/** Bounds of one column chunk as the footer has them: NaN among the values means none, as readers differ on where it sorts. */
export function boundsOf(type: PrimitiveType, values: ArrayLike<unknown>): Statistics {
  if (values.length === 0 || type === 'binary') return {}
  if (type === 'string') return textBounds(values)
  const scale = decimalOf(type)?.scale
  let min: number | bigint | boolean | undefined
  let max: number | bigint | boolean | undefined
  for (let i = 0; i < values.length; i += 1) {
    const value = scale === undefined ? values[i] : unscaled(values[i], scale)
    if (typeof value !== 'number' && typeof value !== 'bigint' && typeof value !== 'boolean') return {}
    if (Number.isNaN(value)) return {}
    if (min === undefined || value < min) min = value
    if (max === undefined || value > max) max = value
  }
  if (min === undefined || max === undefined) return {}
  if (type === 'long' || type === 'timestamp') return { min_value: BigInt(min), max_value: BigInt(max) }
  // Parquet: a bound of zero is -0 below and +0 above.
  return { min_value: min === 0 ? -0 : min, max_value: max === 0 ? 0 : max }
}

function textBounds(values: ArrayLike<unknown>): Statistics {
  let min: string | undefined
  let max: string | undefined
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]
    if (typeof value !== 'string') return {}
    if (min === undefined || isTextBefore(value, min)) min = value
    if (max === undefined || isTextBefore(max, value)) max = value
  }
  if (min === undefined || max === undefined || !min.isWellFormed() || !max.isWellFormed()) return {}
  const lower = prefixBelow(min, footerPrefix)
  const upper = prefixAbove(max, footerPrefix)
  return {
    min_value: lower,
    is_min_value_exact: lower === min,
    ...(upper === undefined ? {} : { max_value: upper, is_max_value_exact: upper === max }),
  }
}

/** A text of at most `length` code points that is not greater. */
export function prefixBelow(text: string, length: number): string {
  if (text.length <= length) return text
  return Array.from(text).slice(0, length).join('')
}

/** A text of at most `length` code points that is not less: the prefix with its last code point raised. Undefined where none is. */
export function prefixAbove(text: string, length: number): string | undefined {
  if (text.length <= length) return text
  const points = Array.from(text)
  if (points.length <= length) return text
  const kept = points.slice(0, length)
  while (kept.length > 0) {
    const last = kept.pop()?.codePointAt(0) ?? 0x10ffff
    if (last < 0x10ffff) return kept.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1)
  }
  return undefined
}

/** What a footer says of one leaf over the whole file; undefined bounds where any row group with values has none. */
export interface LeafStatistics {
  /** Names from the column down; lists and maps have their inner names. */
  readonly path: readonly string[]
  readonly type: PrimitiveType
  readonly repeated: boolean
  /** As `Value`: µs, days, digits. */
  readonly min: boolean | number | bigint | string | undefined
  readonly max: boolean | number | bigint | string | undefined
  readonly nullCount: number | undefined
}

export function leafStatistics(metadata: FileMetaData): readonly LeafStatistics[] {
  const leaves: LeafStatistics[] = []
  const visit = (tree: SchemaTree, path: readonly string[], repeated: boolean): void => {
    const here = [...path, tree.element.name]
    const repeats = repeated || tree.element.repetition_type === 'REPEATED'
    if (tree.children.length > 0) {
      for (const child of tree.children) visit(child, here, repeats)
      return
    }
    const type = fieldOf(tree).type
    if (typeof type === 'string')
      leaves.push({ path: here, type, repeated: repeats, ...summed(metadata, here, tree.element, type) })
  }
  for (const column of parquetSchema(metadata).children) visit(column, [], false)
  return leaves
}

function summed(
  metadata: FileMetaData,
  path: readonly string[],
  element: SchemaElement,
  type: PrimitiveType,
): Pick<LeafStatistics, 'min' | 'max' | 'nullCount'> {
  const key = path.join('\0')
  let min: LeafStatistics['min']
  let max: LeafStatistics['max']
  let bounded = { min: true, max: true }
  let nullCount: number | undefined = 0
  for (const group of metadata.row_groups) {
    const meta = group.columns.find((chunk) => chunk.meta_data?.path_in_schema.join('\0') === key)?.meta_data
    const statistics = meta?.statistics
    const nulls: bigint | undefined = statistics?.null_count
    nullCount = nulls === undefined || nullCount === undefined ? undefined : nullCount + Number(nulls)
    if (nulls !== undefined && meta?.num_values === nulls) continue // no values, so no bounds are missing
    const low = boundValue(statistics?.min_value, element, type)
    const high = boundValue(statistics?.max_value, element, type)
    bounded = { min: bounded.min && low !== undefined, max: bounded.max && high !== undefined }
    if (low !== undefined && (min === undefined || isLess(low, min))) min = low
    if (high !== undefined && (max === undefined || isLess(max, high))) max = high
  }
  return { min: bounded.min ? min : undefined, max: bounded.max ? max : undefined, nullCount }
}

type Bound = boolean | number | bigint | string

function isLess(a: Bound, b: Bound): boolean {
  return typeof a === 'string' && typeof b === 'string' ? isTextBefore(a, b) : a < b
}

const strictText = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function boundValue(value: unknown, element: SchemaElement, type: PrimitiveType): Bound | undefined {
  if (type === 'binary' || element.type === 'INT96') return undefined
  if (type === 'string') {
    if (!(value instanceof Uint8Array)) return undefined
    try {
      return strictText.decode(value)
    } catch {
      return undefined // another writer cut it in the middle of a character
    }
  }
  if (decimalOf(type)) {
    // The library gives decimals as floating point: exact only while the digits fit.
    const digits = typeof value === 'number' ? Math.round(value * 10 ** (element.scale ?? 0)) : Number.NaN
    return Number.isSafeInteger(digits) && Math.abs(digits) < 1e15 ? digits : undefined
  }
  if (typeof value === 'number') return Number.isNaN(value) ? undefined : value
  return typeof value === 'bigint' || typeof value === 'boolean' ? value : undefined
}
