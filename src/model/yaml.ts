import type { Document } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Place } from './place.ts'
import { mistaken } from './place.ts'
import type { Value } from './value.ts'
import { isDict, isList } from './value.ts'

const lines = new WeakMap<object, { readonly self: number; readonly keys: ReadonlyMap<string, number> }>()

/** YAML as dbt reads it: version 1.1 with PyYAML's ideas of numbers and dates. Maps and lists know their lines. */
export function readYaml(source: string, file: string): Value {
  const counter = new LineCounter()
  const document = parseDocument(source, { lineCounter: counter, prettyErrors: false, version: '1.1' })
  const error = document.errors[0]
  if (error !== undefined) {
    const at = { file, line: counter.linePos(error.pos[0]).line }
    throw mistaken(
      `This is no YAML: ${error.message}`,
      at,
      'Correct it: check the indentation and the quotes around {{ }}.',
      error,
    )
  }
  const line = (node: unknown): number =>
    typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
      ? counter.linePos(Number(node.range[0])).line
      : 1
  return convert(document.contents, document, line)
}

function convert(node: unknown, document: Document.Parsed, line: (node: unknown) => number): Value {
  if (isAlias(node)) return convert(node.resolve(document), document, line)
  if (isSeq(node)) {
    const list = node.items.map((item) => convert(item, document, line))
    lines.set(list, { self: line(node), keys: new Map() })
    return list
  }
  if (isMap(node)) {
    const map = new Map<Value, Value>()
    const keys = new Map<string, number>()
    for (const { key, value } of node.items) {
      const name = convert(key, document, line)
      const item = convert(value, document, line)
      if (name === '<<' && isDict(item)) {
        for (const [inherited, part] of item) if (!map.has(inherited)) map.set(inherited, part)
      } else {
        map.set(name, item)
        keys.set(String(name), line(key))
      }
    }
    lines.set(map, { self: line(node), keys })
    return map
  }
  return isScalar(node) ? scalar(node.value, node.source, node.type === 'PLAIN') : null
}

function scalar(value: unknown, source: string | undefined, plain: boolean): Value {
  const read = source ?? String(value)
  if (!plain || typeof value === 'string') return String(value)
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return /^[yn]$/i.test(read) ? read : value
  if (typeof value === 'number') {
    // PyYAML calls `1e3` text: a float has a point, and its exponent a sign.
    if (/e/i.test(read) && !/^[-+]?0x/i.test(read) && !/\.[\d_]*e[-+]/i.test(read)) return read
    return read.includes('.') && Number.isInteger(value) ? { float: value } : value
  }
  return read
}

/** Where a key of a map stands, or the map or list itself. */
export function placeIn(file: string, of: Value, key?: string): Place {
  const known = typeof of === 'object' && of !== null ? lines.get(of) : undefined
  return { file, line: (key === undefined ? undefined : known?.keys.get(key)) ?? known?.self ?? 1 }
}

/** A copy of a map or list of another content that stands where the first one stood. */
export function standingAt<T extends Value>(copy: T, original: Value): T {
  const known = typeof original === 'object' && original !== null ? lines.get(original) : undefined
  if (known !== undefined && typeof copy === 'object' && copy !== null) lines.set(copy, known)
  return copy
}

export function asMap(value: Value | undefined, what: string, at: Place): Map<Value, Value> {
  if (value === undefined || value === null) return new Map()
  if (isDict(value)) return value
  throw mistaken(`${what} must be a group of \`key: value\`.`, at, 'Write it as keys and values.')
}

export function asList(value: Value | undefined, what: string, at: Place): readonly Value[] {
  if (value === undefined || value === null) return []
  if (isList(value)) return value
  throw mistaken(`${what} must be a list.`, at, 'Write each item on its own line, after a dash.')
}

export function asText(value: Value | undefined, what: string, at: Place): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw mistaken(`${what} must be text.`, at, 'Write it as text.')
}
