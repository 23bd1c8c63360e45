import type { Place } from './place.ts'
import { unsupported } from './place.ts'
import type { Value } from './value.ts'
import { isDict, isList, numeric, repr, text, typeName } from './value.ts'

/** Text as Python's `json.dumps` writes it: `", "` and `": "` between, and nothing but ASCII. */
export function jsonText(of: Value, at: Place, sortKeys: boolean): string {
  const write = (value: Value): string => {
    if (value === null) return 'null'
    if (typeof value === 'boolean') return String(value)
    if (typeof value === 'string') return asciiString(value)
    if (numeric(value) !== undefined) return repr(value, at)
    if (isList(value)) return `[${value.map(write).join(', ')}]`
    if (isDict(value)) {
      const entries = [...value].map(([key, item]) => [text(key, at), item] as const)
      if (sortKeys) entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      return `{${entries.map(([key, item]) => `${asciiString(key)}: ${write(item)}`).join(', ')}}`
    }
    throw unsupported(`${typeName(value)} as JSON`, at)
  }
  return write(of)
}

function asciiString(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
