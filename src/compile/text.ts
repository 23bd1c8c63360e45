import type { Binding, Contract } from '#contract'
import type { Dialect } from './dialect.ts'
import type { Reading } from './expression.ts'

export interface RegisteredReading extends Reading {
  /** What means "missing" here; a blank first. */
  readonly markers: readonly string[]
  trimmed(headers: readonly string[]): string | undefined
}

/** Each header's text is trimmed once and each marker list is taken out of it once, whatever reads it. */
export function textRegistry(contract: Contract, binding: Binding | undefined, dialect: Dialect) {
  const { identifier: id } = dialect
  const keys = new Map<string, number>()
  const trimmed = new Set<number>()
  const marked = new Map<string, { name: string; sql: string }>()
  const indexOf = (key: string): number => {
    const index = keys.get(key) ?? keys.size
    keys.set(key, index)
    return index
  }
  const trim = (index: number): string => {
    trimmed.add(index)
    return id(`_t${index}`)
  }
  const keyFor = (headers: readonly string[]): string | undefined => binding?.keyOf(headers)
  return {
    keys: (): string[] => [...keys.keys()],
    trimmedColumns: (): (readonly [string, string])[] =>
      [...keys]
        .filter(([, index]) => trimmed.has(index))
        .map(
          ([key, index]) =>
            [`_t${index}`, dialect.trimMember(dialect.member(id('_parsed'), key), id('_may_end_blank'))] as const,
        ),
    markedColumns: (): (readonly [string, string])[] =>
      [...marked.values()].map(({ name, sql }) => [name, sql] as const),
    reading(own: readonly string[]): RegisteredReading {
      const markers = ['', ...new Set([...contract.missing, ...own].filter((marker) => marker !== ''))]
      return {
        markers,
        source(headers) {
          const key = keyFor(headers)
          if (key === undefined) return undefined
          const index = indexOf(key)
          const known = JSON.stringify([index, markers])
          const entry = marked.get(known) ?? {
            name: `_s${marked.size}`,
            sql: dialect.without(trim(index), markers),
          }
          marked.set(known, entry)
          return id(entry.name)
        },
        raw(headers) {
          const key = keyFor(headers)
          if (key === undefined) return undefined
          indexOf(key)
          return dialect.member(id('_parsed'), key)
        },
        trimmed(headers) {
          const key = keyFor(headers)
          return key === undefined ? undefined : trim(indexOf(key))
        },
      }
    },
  }
}
