import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Callable, Value } from './value.ts'
import { compare, equal, isDict, isList, isTuple, items, numeric, text, tuple } from './value.ts'

type Method<T> = (of: T, args: readonly Value[], at: Place, named: ReadonlyMap<string, Value>) => Value

const refusedMethods = new Set(['format', 'encode', 'expandtabs', 'translate', 'partition', 'rpartition', 'format_map'])

/** A method of Python's string, list or dict; undefined where the value has none of that name. */
export function methodOf(of: Value, name: string, _at: Place): Callable | undefined {
  if (typeof of === 'string') {
    if (refusedMethods.has(name)) throw unsupported(`the string method ${name}`, _at)
    const method = stringMethods[name]
    if (method === undefined)
      throw mistaken(`A string has no method ${name}.`, _at, suggest(name, Object.keys(stringMethods), 'method'))
    return (args, named, at) => method(of, args, at, named)
  }
  if (isList(of)) {
    const method = listMethods[name]
    if (method === undefined)
      throw mistaken(`A list has no method ${name}.`, _at, suggest(name, Object.keys(listMethods), 'method'))
    if (isTuple(of) && name !== 'index' && name !== 'count')
      throw mistaken(`A tuple has no method ${name}.`, _at, 'Use a list.')
    return (args, named, at) => method(of, args, at, named)
  }
  if (!isDict(of)) return undefined
  const method = dictMethods[name]
  return method === undefined ? undefined : (args, named, at) => method(of, args, at, named)
}

/** Names of the methods that each kind of value has. */
export const methodNames = () => ({
  string: Object.keys(stringMethods),
  list: Object.keys(listMethods),
  dict: Object.keys(dictMethods),
})

function string(args: readonly Value[], index: number, at: Place): string {
  const value = args[index]
  if (typeof value !== 'string') throw mistaken(`Argument ${index + 1} must be a string.`, at, 'Give a string.')
  return value
}

function integer(args: readonly Value[], index: number, missing: number): number {
  const value = args[index]
  return (value === undefined ? undefined : numeric(value)) ?? missing
}

function strip(of: string, args: readonly Value[], at: Place, start: boolean, end: boolean): string {
  const given = args[0] === undefined || args[0] === null ? undefined : new Set(string(args, 0, at))
  const drops = (char: string | undefined): boolean =>
    char !== undefined && (given === undefined ? /\s/.test(char) : given.has(char))
  let [from, to] = [0, of.length]
  while (start && from < to && drops(of[from])) from += 1
  while (end && to > from && drops(of[to - 1])) to -= 1
  return of.slice(from, to)
}

function split(of: string, args: readonly Value[], at: Place): Value {
  const limit = integer(args, 1, -1)
  if (args[0] === undefined || args[0] === null) {
    if (limit >= 0) throw unsupported('split() on blanks with a limit', at)
    return of.trim() === '' ? [] : of.trim().split(/\s+/)
  }
  const separator = string(args, 0, at)
  if (separator === '') throw mistaken('split() wants a separator.', at, 'Give one.')
  const parts = of.split(separator)
  if (limit < 0 || parts.length <= limit + 1) return parts
  return [...parts.slice(0, limit), parts.slice(limit).join(separator)]
}

function startsOrEnds(of: string, args: readonly Value[], at: Place, which: 'startsWith' | 'endsWith'): boolean {
  const given = args[0]
  const options = given !== undefined && isList(given) ? given : [string(args, 0, at)]
  return options.some((option) => of[which](text(option, at)))
}

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()

const stringMethods: Readonly<Record<string, Method<string>>> = {
  strip: (of, args, at) => strip(of, args, at, true, true),
  lstrip: (of, args, at) => strip(of, args, at, true, false),
  rstrip: (of, args, at) => strip(of, args, at, false, true),
  lower: (of) => of.toLowerCase(),
  upper: (of) => of.toUpperCase(),
  title: (of) => of.replace(/\p{L}+/gu, capitalized),
  capitalize: capitalized,
  swapcase: (of) => of.replace(/\p{L}/gu, (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase())),
  split,
  splitlines: (of) => (of === '' ? [] : of.replace(/\r?\n$/, '').split(/\r?\n/)),
  replace: (of, args, at, named) => {
    const limit = integer(args, 2, numeric(named.get('count') ?? null) ?? -1)
    const [from, to] = [string(args, 0, at), string(args, 1, at)]
    if (limit < 0) return of.replaceAll(from, () => to)
    const parts = of.split(from)
    return (
      parts.slice(0, limit + 1).join(to) + (parts.length > limit + 1 ? from + parts.slice(limit + 1).join(from) : '')
    )
  },
  startswith: (of, args, at) => startsOrEnds(of, args, at, 'startsWith'),
  endswith: (of, args, at) => startsOrEnds(of, args, at, 'endsWith'),
  join: (of, args, at) =>
    items(args[0] ?? null, at)
      .map((part) => {
        if (typeof part !== 'string')
          throw mistaken('join() wants strings.', at, 'Use the filter join, which prints what it joins.')
        return part
      })
      .join(of),
  zfill: (of, args) => {
    const sign = /^[+-]/.exec(of)?.[0] ?? ''
    return sign + of.slice(sign.length).padStart(integer(args, 0, 0) - sign.length, '0')
  },
  rjust: (of, args, at) => of.padStart(integer(args, 0, 0), args[1] === undefined ? ' ' : string(args, 1, at)),
  ljust: (of, args, at) => of.padEnd(integer(args, 0, 0), args[1] === undefined ? ' ' : string(args, 1, at)),
  isdigit: (of) => /^\d+$/.test(of),
  isalpha: (of) => /^\p{L}+$/u.test(of),
  isalnum: (of) => /^[\p{L}\d]+$/u.test(of),
  isupper: (of) => of !== of.toLowerCase() && of === of.toUpperCase(),
  islower: (of) => of !== of.toUpperCase() && of === of.toLowerCase(),
  count: (of, args, at) => of.split(string(args, 0, at)).length - 1,
  find: (of, args, at) => of.indexOf(string(args, 0, at)),
  removeprefix: (of, args, at) => (of.startsWith(string(args, 0, at)) ? of.slice(string(args, 0, at).length) : of),
  removesuffix: (of, args, at) => {
    const end = string(args, 0, at)
    return end !== '' && of.endsWith(end) ? of.slice(0, -end.length) : of
  },
}

function indexOf(of: readonly Value[], value: Value, at: Place): number {
  const index = of.findIndex((each) => equal(each, value))
  if (index < 0) throw mistaken('The value is not in the list.', at, 'Test with `in` first.')
  return index
}

const listMethods: Readonly<Record<string, Method<Value[]>>> = {
  append: (of, args) => {
    of.push(args[0] ?? null)
    return null
  },
  extend: (of, args, at) => {
    of.push(...items(args[0] ?? null, at))
    return null
  },
  insert: (of, args) => {
    of.splice(integer(args, 0, 0), 0, args[1] ?? null)
    return null
  },
  pop: (of, args, at) => {
    const index = integer(args, 0, -1)
    const [taken] = of.splice(index < 0 ? of.length + index : index, 1)
    if (taken === undefined) throw mistaken('pop() finds nothing there.', at, 'Test the length first.')
    return taken
  },
  remove: (of, args, at) => {
    of.splice(indexOf(of, args[0] ?? null, at), 1)
    return null
  },
  index: (of, args, at) => indexOf(of, args[0] ?? null, at),
  count: (of, args) => of.filter((each) => equal(each, args[0] ?? null)).length,
  reverse: (of) => {
    of.reverse()
    return null
  },
  sort: (of, _args, at, named) => {
    if (named.has('key')) throw unsupported('sort() with a key', at)
    of.sort((a, b) => compare(a, b, at))
    if (named.get('reverse') === true) of.reverse()
    return null
  },
  copy: (of) => [...of],
  clear: (of) => {
    of.length = 0
    return null
  },
}

function get(of: Map<Value, Value>, key: Value): Value | undefined {
  if (of.has(key)) return of.get(key)
  for (const [known, value] of of) if (equal(known, key)) return value
  return undefined
}

const dictMethods: Readonly<Record<string, Method<Map<Value, Value>>>> = {
  get: (of, args, _at, named) => get(of, args[0] ?? null) ?? args[1] ?? named.get('default') ?? null,
  keys: (of) => [...of.keys()],
  values: (of) => [...of.values()],
  items: (of) => [...of].map(([key, value]) => tuple([key, value])),
  update: (of, args, at, named) => {
    const more = args[0]
    if (more !== undefined && !isDict(more)) throw mistaken('update() wants a dictionary.', at, 'Give a dictionary.')
    for (const [key, value] of more ?? []) of.set(key, value)
    for (const [key, value] of named) of.set(key, value)
    return null
  },
  pop: (of, args, at) => {
    const key = args[0] ?? null
    const found = get(of, key) ?? args[1]
    if (found === undefined) throw mistaken('pop() finds no such key.', at, 'Give a default.')
    of.delete(key)
    return found
  },
  setdefault: (of, args) => {
    const key = args[0] ?? null
    if (!of.has(key)) of.set(key, args[1] ?? null)
    return of.get(key) ?? null
  },
  copy: (of) => new Map(of),
}
