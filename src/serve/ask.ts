import { Fault } from '#port'

/** The parameters of one request, read strictly: what a figure does not know is refused, not ignored. */
export interface Ask {
  /** Values of a comma-separated list, each one of `known`. Absent or empty: no filter. */
  list(name: string, known: readonly string[]): readonly string[]
  oneOf<T extends string>(name: string, known: readonly T[]): T | undefined
  /** Whole, from `min` to `max`. */
  integer(name: string, bounds: { min: number; max: number }): number | undefined
  /** Free text, only ever bound. */
  text(name: string): string | undefined
}

const longestText = 200

export function askOf(parameters: URLSearchParams, known: readonly string[]): Ask {
  const seen = new Set<string>()
  for (const name of parameters.keys()) {
    if (!known.includes(name)) {
      throw refused(`${shown(name)} is not a parameter of this address.`, `Use ${known.join(', ') || 'none'}.`)
    }
    if (seen.has(name))
      throw refused(`${name} is given twice.`, 'Give several values as one list, separated by commas.')
    seen.add(name)
  }
  const given = (name: string) => parameters.get(name) || undefined

  return {
    list(name, values) {
      const wanted = [...new Set(given(name)?.split(',') ?? [])]
      for (const value of wanted) {
        if (!values.includes(value)) throw unknownValue(name, value, values)
      }
      return wanted
    },

    oneOf(name, values) {
      const value = given(name)
      const found = values.find((candidate) => candidate === value)
      if (value !== undefined && found === undefined) throw unknownValue(name, value, values)
      return found
    },

    integer(name, { min, max }) {
      const value = given(name)
      if (value === undefined) return undefined
      const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN
      if (!(number >= min && number <= max)) {
        throw refused(`${name}=${shown(value)} is out of bounds.`, `Give a whole number from ${min} to ${max}.`)
      }
      return number
    },

    text(name) {
      const value = given(name)
      if (value !== undefined && value.length > longestText) {
        throw refused(`${name} is longer than ${longestText} characters.`, 'Shorten it.')
      }
      return value
    },
  }
}

export function refused(what: string, mend: string): Fault {
  return new Fault('serve/bad-request', what, { mend })
}

function unknownValue(name: string, value: string, values: readonly string[]): Fault {
  const some = values.slice(0, 40).join(', ')
  const mend =
    values.length === 0 ? 'This publication has none.' : `Use one of ${some}${values.length > 40 ? ', …' : ''}.`
  return refused(`${name}=${shown(value)} is not known.`, mend)
}

/** What a stranger sent is cut before it is repeated to them. */
function shown(value: string): string {
  return value.length > 60 ? `${value.slice(0, 60)}…` : value
}
