import { jsonText } from './json.ts'
import { methodOf } from './method.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Value } from './value.ts'
import {
  compare,
  equal,
  isDict,
  isFloat,
  isFloating,
  isList,
  isMissing,
  isThing,
  items,
  nothing,
  numeric,
  orNothing,
  text,
  toFloat,
  truthy,
  tuple,
  typeName,
} from './value.ts'

type Named = ReadonlyMap<string, Value>
type Filter = (of: Value, args: readonly Value[], named: Named, at: Place) => Value

export function applyFilter(name: string, of: Value, args: readonly Value[], named: Named, at: Place): Value {
  const filter = filters[name]
  if (filter === undefined) throw unsupported(`the filter ${name}`, at)
  if (isMissing(of) && of.missing !== null && name !== 'default' && name !== 'd') text(of, at)
  return filter(of, args, named, at)
}

/** An argument by its place or its name. */
function given(args: readonly Value[], named: Named, index: number, name: string): Value | undefined {
  return args[index] ?? named.get(name)
}

function asString(of: Value, method: string, args: readonly Value[], at: Place): Value {
  return orNothing(methodOf(text(of, at), method, at)?.(args, new Map(), at))
}

/** Text compares without regard to case, as Jinja's sort, unique, min and max do. */
const folded = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value)

function attributeOf(of: Value, path: Value, at: Place): Value {
  let found = of
  for (const part of typeof path === 'number' ? [path] : text(path, at).split('.')) {
    const index = typeof part === 'number' ? part : /^\d+$/.test(part) ? Number(part) : undefined
    if (isDict(found)) found = orNothing(found.get(part))
    else if (isList(found) && index !== undefined) found = orNothing(found[index])
    else if (isThing(found) && typeof part === 'string') found = orNothing(found.attribute(part, at))
    else found = nothing
  }
  return found
}

const operators: Readonly<Record<string, (a: Value, b: Value, at: Place) => boolean>> = {
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: (a, b) => !equal(a, b),
  '!=': (a, b) => !equal(a, b),
  lt: (a, b, at) => compare(a, b, at) < 0,
  le: (a, b, at) => compare(a, b, at) <= 0,
  gt: (a, b, at) => compare(a, b, at) > 0,
  ge: (a, b, at) => compare(a, b, at) >= 0,
  in: (a, b, at) => items(b, at).some((each) => equal(each, a)),
}

function picks(name: Value | undefined, argument: Value | undefined, at: Place): (value: Value) => boolean {
  if (name === undefined) return truthy
  const test = text(name, at)
  const operator = operators[test]
  return operator === undefined
    ? (value) => passesTest(test, value, at)
    : (value) => operator(value, argument ?? nothing, at)
}

function sorted(of: Value, args: readonly Value[], named: Named, at: Place): Value {
  const by = given(args, named, 2, 'attribute')
  const key = (value: Value): Value => {
    const part = by === undefined || by === null ? value : attributeOf(value, by, at)
    return truthy(given(args, named, 1, 'case_sensitive') ?? false) ? part : folded(part)
  }
  const result = [...items(of, at)].sort((a, b) => compare(key(a), key(b), at))
  return truthy(given(args, named, 0, 'reverse') ?? false) ? result.reverse() : result
}

function extreme(of: Value, named: Named, at: Place, sign: 1 | -1): Value {
  const by = named.get('attribute')
  const key = (value: Value): Value => folded(by === undefined ? value : attributeOf(value, by, at))
  let best: Value | undefined
  for (const each of items(of, at)) {
    if (best === undefined || compare(key(each), key(best), at) * sign > 0) best = each
  }
  return orNothing(best)
}

function mapped(of: Value, args: readonly Value[], named: Named, at: Place): Value {
  const by = named.get('attribute')
  if (by !== undefined) {
    return items(of, at).map((each) => {
      const part = attributeOf(each, by, at)
      return isMissing(part) ? (named.get('default') ?? part) : part
    })
  }
  const name = text(args[0] ?? '', at)
  if (filters[name] === undefined)
    throw mistaken(`There is no filter ${name}.`, at, suggest(name, Object.keys(filters), 'filter'))
  return items(of, at).map((each) => applyFilter(name, each, args.slice(1), named, at))
}

function toInteger(of: Value, args: readonly Value[], named: Named, at: Place): Value {
  if (given(args, named, 1, 'base') !== undefined) throw unsupported('the filter int with a base', at)
  const number = typeof of === 'string' ? parseNumber(of) : numeric(of)
  return number === undefined || !Number.isFinite(number) ? (given(args, named, 0, 'default') ?? 0) : Math.trunc(number)
}

function parseNumber(of: string): number | undefined {
  const body = of.trim()
  return /^[-+]?(\d+(_\d+)*\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(body) ? Number(body.replaceAll('_', '')) : undefined
}

/** Python's round to a whole number: half to even, and still a float. */
function rounded(of: Value, args: readonly Value[], named: Named, at: Place): Value {
  const number = numeric(of)
  if (number === undefined) throw mistaken(`round wants a number, not ${typeName(of)}.`, at, 'Give a number.')
  const method = given(args, named, 1, 'method') ?? 'common'
  if ((numeric(given(args, named, 0, 'precision') ?? 0) ?? 0) !== 0)
    throw unsupported('the filter round with a precision', at)
  if (method === 'ceil') return toFloat(Math.ceil(number))
  if (method === 'floor') return toFloat(Math.floor(number))
  const below = Math.floor(number)
  const up = number - below > 0.5 || (number - below === 0.5 && below % 2 !== 0)
  const result = up ? below + 1 : below
  return isFloating(of) ? toFloat(result) : result
}

function indented(of: Value, args: readonly Value[], named: Named, at: Place): Value {
  const width = given(args, named, 0, 'width') ?? 4
  const pad = typeof width === 'string' ? width : ' '.repeat(numeric(width) ?? 4)
  const first = truthy(given(args, named, 1, 'first') ?? false)
  const blank = truthy(given(args, named, 2, 'blank') ?? false)
  const lines = text(of, at).split('\n')
  return lines
    .map((line, i) => ((i === 0 && !first) || (i > 0 && line === '' && !blank) ? line : pad + line))
    .join('\n')
}

function unique(of: Value, at: Place): Value {
  const seen: Value[] = []
  return items(of, at).filter((each) => {
    const key = folded(each)
    if (seen.some((other) => equal(other, key))) return false
    seen.push(key)
    return true
  })
}

function filtered(of: Value, at: Place, keep: (value: Value) => boolean): Value {
  return items(of, at).filter(keep)
}

const length: Filter = (of, _args, _named, at) => (isDict(of) ? of.size : items(of, at).length)

const orDefault: Filter = (of, args, named) =>
  isMissing(of) || (truthy(given(args, named, 1, 'boolean') ?? false) && !truthy(of))
    ? (given(args, named, 0, 'default_value') ?? '')
    : of

const filters: Readonly<Record<string, Filter>> = {
  abs: (of, _a, _n, at) => {
    const number = numeric(of)
    if (number === undefined) throw mistaken(`abs wants a number, not ${typeName(of)}.`, at, 'Give a number.')
    return isFloat(of) ? { float: Math.abs(number) } : Math.abs(number)
  },
  as_bool: (of) => (typeof of === 'string' ? /^(true|yes|1)$/i.test(of) : truthy(of)),
  as_native: (of) => of,
  as_number: (of) => (typeof of === 'string' ? (parseNumber(of) ?? of) : of),
  as_text: (of, _a, _n, at) => text(of, at),
  batch: (of, args, _n, at) => {
    const size = numeric(args[0] ?? 1) ?? 1
    const all = items(of, at)
    if (args[1] !== undefined) throw unsupported('the filter batch with a filler', at)
    return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
  },
  capitalize: (of, _a, _n, at) => asString(of, 'capitalize', [], at),
  count: length,
  d: orDefault,
  default: orDefault,
  dictsort: (of, args, named, at) => {
    if (!isDict(of)) throw mistaken(`dictsort wants a dictionary, not ${typeName(of)}.`, at, 'Give a dictionary.')
    if (args.length + named.size > 0) throw unsupported('the filter dictsort with arguments', at)
    return [...of].sort(([a], [b]) => compare(folded(a), folded(b), at)).map(([key, value]) => tuple([key, value]))
  },
  first: (of, _a, _n, at) => orNothing(items(of, at)[0]),
  float: (of, args, named) => {
    const number = typeof of === 'string' ? parseNumber(of) : numeric(of)
    return number === undefined ? (given(args, named, 0, 'default') ?? { float: 0 }) : toFloat(number)
  },
  indent: indented,
  int: toInteger,
  items: (of, _a, _n, at) => {
    if (isDict(of)) return [...of].map(([key, value]) => tuple([key, value]))
    throw mistaken(`items wants a dictionary, not ${typeName(of)}.`, at, 'Give a dictionary.')
  },
  join: (of, args, named, at) => {
    const by = given(args, named, 1, 'attribute')
    return items(of, at)
      .map((each) => text(by === undefined ? each : attributeOf(each, by, at), at))
      .join(text(given(args, named, 0, 'd') ?? '', at))
  },
  last: (of, _a, _n, at) => orNothing(items(of, at).at(-1)),
  length,
  list: (of, _a, _n, at) => [...items(of, at)],
  lower: (of, _a, _n, at) => text(of, at).toLowerCase(),
  map: mapped,
  max: (of, _a, named, at) => extreme(of, named, at, 1),
  min: (of, _a, named, at) => extreme(of, named, at, -1),
  reject: (of, args, _n, at) => filtered(of, at, (each) => !picks(args[0], args[1], at)(each)),
  rejectattr: (of, args, _n, at) =>
    filtered(of, at, (each) => !picks(args[1], args[2], at)(attributeOf(each, args[0] ?? '', at))),
  replace: (of, args, _n, at) =>
    asString(
      of,
      'replace',
      args.map((a) => (typeof a === 'number' ? a : text(a, at))),
      at,
    ),
  reverse: (of, _a, _n, at) => (typeof of === 'string' ? [...of].reverse().join('') : [...items(of, at)].reverse()),
  round: rounded,
  select: (of, args, _n, at) => filtered(of, at, picks(args[0], args[1], at)),
  selectattr: (of, args, _n, at) =>
    filtered(of, at, (each) => picks(args[1], args[2], at)(attributeOf(each, args[0] ?? '', at))),
  sort: sorted,
  string: (of, _a, _n, at) => text(of, at),
  sum: (of, args, named, at) => {
    const by = given(args, named, 0, 'attribute')
    const parts = items(of, at).map((each) => (by === undefined ? each : attributeOf(each, by, at)))
    const total = parts.reduce<number>(
      (sum, each) => sum + (numeric(each) ?? Number.NaN),
      numeric(given(args, named, 1, 'start') ?? 0) ?? 0,
    )
    if (Number.isNaN(total)) throw mistaken('sum wants numbers.', at, 'Give a list of numbers.')
    return parts.some(isFloating) ? toFloat(total) : total
  },
  title: (of, _a, _n, at) => asString(of, 'title', [], at),
  tojson: (of, args, named, at) => {
    if (args.length + named.size > 0) throw unsupported('the filter tojson with arguments', at)
    const escapes: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', "'": '\\u0027' }
    return jsonText(of, at, true).replace(/[<>&']/g, (c) => escapes[c] ?? c)
  },
  trim: (of, args, named, at) => asString(of, 'strip', [given(args, named, 0, 'chars') ?? null], at),
  unique: (of, args, named, at) => {
    if (args.length + named.size > 0) throw unsupported('the filter unique with arguments', at)
    return unique(of, at)
  },
  upper: (of, _a, _n, at) => text(of, at).toUpperCase(),
}

export function passesTest(name: string, of: Value, at: Place): boolean {
  if (name === 'defined') return !isMissing(of)
  if (name === 'undefined') return isMissing(of)
  switch (name) {
    case 'none':
      return of === null
    case 'true':
      return of === true
    case 'false':
      return of === false
    case 'boolean':
      return typeof of === 'boolean'
    case 'string':
      return typeof of === 'string'
    case 'number':
      return numeric(of) !== undefined
    case 'integer':
      return typeof of === 'number' && Number.isInteger(of)
    case 'float':
      return isFloating(of)
    case 'mapping':
      // dbt's relations are mappings to Python, by which packages know one.
      return isDict(of) || (isThing(of) && of.kind === 'a relation')
    case 'iterable':
    case 'sequence':
      return isList(of) || isDict(of) || typeof of === 'string'
    case 'callable':
      return typeof of === 'function'
    case 'odd':
    case 'even': {
      const number = numeric(of)
      if (number === undefined) throw mistaken(`${name} wants a number, not ${typeName(of)}.`, at, 'Give a number.')
      return (Math.abs(number) % 2 === 1) === (name === 'odd')
    }
    default:
      throw unsupported(`the test ${name}`, at)
  }
}
