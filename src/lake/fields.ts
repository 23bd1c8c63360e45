import { Fault } from '#port'

/** A JSON object of the log, read field by field; what has the wrong shape is damage, named by file and field. */
export type Json = Readonly<Record<string, unknown>>

export function damaged(path: string, what: string, cause?: unknown, facts: Fault['facts'] = {}): Fault {
  return new Fault('lake/damaged', `${path}: ${what}.`, {
    mend: 'Restore the table from a copy, or remove its folder and load it again.',
    facts: { path, ...facts },
    cause,
  })
}

export function asObject(value: unknown, path: string, what: string): Json {
  if (!isObject(value)) throw damaged(path, `${what} is not an object`)
  return value
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function optionalObject(value: unknown, path: string, what: string): Json | undefined {
  return value === null || value === undefined ? undefined : asObject(value, path, what)
}

export function optionalText(json: Json, field: string, path: string): string | undefined {
  const value = json[field]
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'string') throw damaged(path, `${field} is not text`)
  return value
}

export function text(json: Json, field: string, path: string): string {
  const value = optionalText(json, field, path)
  if (value === undefined) throw damaged(path, `${field} is missing`)
  return value
}

export function optionalInteger(json: Json, field: string, path: string): number | undefined {
  const value = json[field]
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  if (typeof value === 'number' || typeof value === 'bigint') {
    throw new Fault(
      'lake/unsupported',
      `${path}: ${field} is ${value}, beyond the integers that are exact here (±2^53).`,
      {
        mend: 'Read the table with another engine.',
        facts: { path, field },
      },
    )
  }
  throw damaged(path, `${field} is not a number`)
}

export function integer(json: Json, field: string, path: string): number {
  const value = optionalInteger(json, field, path)
  if (value === undefined) throw damaged(path, `${field} is missing`)
  return value
}

export function optionalFlag(json: Json, field: string, path: string): boolean | undefined {
  const value = json[field]
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'boolean') throw damaged(path, `${field} is neither true nor false`)
  return value
}

export function textList(value: unknown, path: string, what: string): readonly string[] {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) throw damaged(path, `${what} is not a list`)
  return value.map((item) => {
    if (typeof item !== 'string') throw damaged(path, `${what} holds what is not text`)
    return item
  })
}

/** A map of texts; from JSON an object, from Parquet a list of keys and values. */
export function textMap(value: unknown, path: string, what: string): Readonly<Record<string, string | null>> {
  if (value === null || value === undefined) return {}
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item) => {
        const entry = asObject(item, path, what)
        return [String(entry.key), entry.value]
      })
    : Object.entries(asObject(value, path, what))
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (item !== null && item !== undefined && typeof item !== 'string')
        throw damaged(path, `${what} holds what is not text`)
      return [key, item ?? null]
    }),
  )
}
