import type { Place } from './place.ts'
import { mistaken } from './place.ts'

/**
 * A value as Jinja's templates see it, that is, as Python does. Where JavaScript has no twin:
 * a whole float is `{ float }` (1.0 prints as `1.0`), a tuple is a frozen array, a dict is a Map,
 * and what has a text and attributes of its own (a relation, the target) is a Thing.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | Float
  | Missing
  | Thing
  | Callable
  | Value[]
  | readonly Value[]
  | Map<Value, Value>

export interface Float {
  readonly float: number
}

/** Jinja's undefined. With a name it came from a name that nobody defined, and printing it is a mistake; without one it prints as nothing. */
export interface Missing {
  readonly missing: string | null
}

export interface Thing {
  readonly kind: string
  /** What it prints as; undefined for what cannot be printed. */
  readonly text?: string
  /** Undefined where it has no such attribute. */
  attribute(name: string, at: Place): Value | undefined
  /** Assignable, as `namespace()` is. */
  readonly assign?: (name: string, value: Value) => void
}

export type Callable = (positional: readonly Value[], named: ReadonlyMap<string, Value>, at: Place) => Value

export const nothing: Missing = { missing: null }

/** What was found, None too; undefined is what was not. */
export const orNothing = (found: Value | undefined): Value => (found === undefined ? nothing : found)

export const isFloat = (value: Value): value is Float => isObject(value) && 'float' in value
export const isMissing = (value: Value): value is Missing => isObject(value) && 'missing' in value
export const isThing = (value: Value): value is Thing => isObject(value) && 'kind' in value
export const isList = (value: Value): value is Value[] => Array.isArray(value)
export const isDict = (value: Value): value is Map<Value, Value> => value instanceof Map

function isObject(value: Value): value is Float | Missing | Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map)
}

export const tuple = (values: readonly Value[]): Value => Object.freeze([...values])
export const isTuple = (value: Value): boolean => Array.isArray(value) && Object.isFrozen(value)

/** A number that Python would call a float, whole or not. */
export const toFloat = (value: number): Value => (Number.isInteger(value) ? { float: value } : value)

/** The number behind an int, a float or a bool; undefined for anything else. */
export function numeric(value: Value): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return isFloat(value) ? value.float : undefined
}

export const isFloating = (value: Value): boolean =>
  isFloat(value) || (typeof value === 'number' && !Number.isInteger(value))

export function truthy(value: Value): boolean {
  if (value === null || value === false || value === '' || isMissing(value)) return false
  if (isList(value)) return value.length > 0
  if (isDict(value)) return value.size > 0
  return numeric(value) !== 0
}

export function typeName(value: Value): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return 'a boolean'
  if (typeof value === 'string') return 'a string'
  if (typeof value === 'function') return 'a macro'
  if (numeric(value) !== undefined) return 'a number'
  if (isList(value)) return isTuple(value) ? 'a tuple' : 'a list'
  if (isDict(value)) return 'a dictionary'
  if (isMissing(value)) return value.missing === null ? 'undefined' : `${value.missing}, which is not defined`
  return isThing(value) ? value.kind : 'a value'
}

/** What `{{ value }}` prints. */
export function text(value: Value, at: Place): string {
  if (typeof value === 'string') return value
  if (isMissing(value)) {
    if (value.missing === null) return ''
    throw mistaken(`${value.missing} is not defined.`, at, `Define ${value.missing}, or give it a default.`)
  }
  if (isThing(value) && value.text !== undefined) return value.text
  return repr(value, at)
}

/** Python's `repr`: what a value looks like inside a printed list. */
export function repr(value: Value, at: Place): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return quote(value)
  const number = numeric(value)
  if (number !== undefined) return isFloating(value) ? floatText(number) : String(number)
  if (isList(value)) {
    const items = value.map((item) => repr(item, at)).join(', ')
    if (!isTuple(value)) return `[${items}]`
    return value.length === 1 ? `(${items},)` : `(${items})`
  }
  if (isDict(value)) return `{${[...value].map(([k, v]) => `${repr(k, at)}: ${repr(v, at)}`).join(', ')}}`
  throw mistaken(`${typeName(value)} cannot be printed.`, at, 'Print one of its attributes, or call it.')
}

function quote(value: string): string {
  const mark = value.includes("'") && !value.includes('"') ? '"' : "'"
  const body = value.replace(/[\\\n\r\t]/g, (c) => ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[c] ?? '\\\\')
  return mark + (mark === "'" ? body.replaceAll("'", "\\'") : body) + mark
}

/** Python writes an exponent from 1e16 up and below 1e-4, with two digits at least. */
function floatText(value: number): string {
  const size = Math.abs(value)
  if (Number.isNaN(value)) return 'nan'
  if (size === Number.POSITIVE_INFINITY) return value > 0 ? 'inf' : '-inf'
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) {
    const [mantissa = '', exponent = ''] = value.toExponential().split('e')
    return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value.toFixed(0)}.0` : String(value)
}

export function equal(a: Value, b: Value): boolean {
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) return x === y
  if (isList(a) && isList(b)) {
    return isTuple(a) === isTuple(b) && a.length === b.length && a.every((item, i) => equal(item, b[i] ?? null))
  }
  if (isDict(a) && isDict(b)) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && equal(item, b.get(key) ?? null))
  }
  if (isMissing(a) && isMissing(b)) return true
  return a === b
}

/** Negative, zero or positive, as `a` stands before, with or after `b`. */
export function compare(a: Value, b: Value, at: Place): number {
  const x = numeric(a)
  const y = numeric(b)
  if (x !== undefined && y !== undefined) return x - y
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw mistaken(
    `${typeName(a)} cannot be compared with ${typeName(b)}.`,
    at,
    'Compare numbers with numbers and strings with strings.',
  )
}

/** The items of what a `for` may walk: a list, the keys of a dictionary, the letters of a string. */
export function items(value: Value, at: Place): readonly Value[] {
  if (isList(value)) return value
  if (isDict(value)) return [...value.keys()]
  if (typeof value === 'string') return [...value]
  throw mistaken(`${typeName(value)} cannot be walked through.`, at, 'Give a list or a dictionary.')
}

/** Plain data for JSON and for parameters; a relation becomes its text. */
export function plain(value: Value): unknown {
  const number = numeric(value)
  if (typeof value !== 'boolean' && number !== undefined) return number
  if (isList(value)) return value.map(plain)
  if (isDict(value)) return Object.fromEntries([...value].map(([key, item]) => [String(plain(key)), plain(item)]))
  if (isMissing(value) || typeof value === 'function') return null
  return isThing(value) ? (value.text ?? null) : value
}

/** Any plain data as a value. Whole floats are already `{ float }` where they come from YAML. */
export function toValue(data: unknown): Value {
  if (data === null || data === undefined) return null
  if (typeof data === 'boolean' || typeof data === 'number' || typeof data === 'string') return data
  if (Array.isArray(data)) return data.map(toValue)
  if (data instanceof Map) return new Map([...data].map(([key, item]) => [toValue(key), toValue(item)]))
  if (typeof data === 'object') {
    if ('float' in data && typeof data.float === 'number') return { float: data.float }
    return new Map(Object.entries(data).map(([key, item]): [Value, Value] => [key, toValue(item)]))
  }
  return String(data)
}
