import type { Field, Spec } from '#config'
import { fairleadSpec, fieldsOf } from '#config'
import type { Command } from './command.ts'

/** What every command takes, besides the lake's folder. */
export const outputSpec = {
  quiet: { kind: 'boolean', about: 'Print nothing but the answer and faults', default: false },
  json: { kind: 'boolean', about: 'Print one JSON document on stdout, all else on stderr', default: false },
} as const satisfies Spec

const fairleadFields = fieldsOf(fairleadSpec)

function fairleadFlags(keys: readonly string[]): [string, Field][] {
  return [...fairleadFields].filter(([key]) => keys.includes(key))
}

export const commonFlags: ReadonlyMap<string, Field> = new Map([...fairleadFlags(['lake']), ...fieldsOf(outputSpec)])

/** Every flag of a command by its option's key, its own first. */
export function flagsOf(command: Command): ReadonlyMap<string, Field> {
  return new Map([...fieldsOf(command.flags), ...fairleadFlags(command.options), ...commonFlags])
}

/** `query.maxRows` → `max-rows`. */
export function flagName(key: string): string {
  const name = key.slice(key.lastIndexOf('.') + 1)
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
