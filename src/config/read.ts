import { Fault } from '#port'
import { didYouMean, nearest } from './nearest.ts'
import type { Field, Options, Spec } from './spec.ts'
import { environmentName, fieldsOf, isField } from './spec.ts'
import { readYaml } from './yaml.ts'

/** Where options may come from. A flag beats the environment, which beats the file, which beats the default. */
export interface OptionSources {
  /** By the option's key; `flag` is how the person wrote it. */
  readonly flags: Readonly<Record<string, { readonly flag: string; readonly value: string }>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Undefined: there is no such file. */
  readonly file: { readonly name: string; readonly text: string | undefined }
  /** Makes a path absolute, as the command's folder sees it. */
  readonly resolve: (path: string) => string
}

/** One option as it was settled. */
export interface Setting {
  readonly key: string
  readonly value: string | number | boolean | readonly string[] | undefined
  /** `--port`, `FAIRLEAD_PORT`, `fairlead.yaml:3`, `default`. */
  readonly from: string
}

interface Found {
  readonly value: unknown
  readonly from: string
  readonly asked: 'flag' | 'environment' | 'file'
}

/**
 * Faults: `usage/bad-value` (a flag), `config/bad-value`, `config/unknown-option`, `config/missing-option`, `config/unreadable`, `config/secret-in-file`.
 * Settings are for showing: of a secret they say that it is set.
 */
export function readOptions<S extends Spec>(
  spec: S,
  sources: OptionSources,
): { readonly options: Options<S>; readonly settings: readonly Setting[] } {
  const fields = fieldsOf(spec)
  const found = new Map<string, Found>()
  readFile(fields, sources, found)
  readEnvironment(fields, sources, found)
  for (const [key, { flag, value }] of Object.entries(sources.flags)) {
    found.set(key, { value, from: flag, asked: 'flag' })
  }
  const settings = new Map<string, Setting>()
  for (const [key, field] of fields) settings.set(key, settle(key, field, found.get(key), sources))
  const shown = [...settings.values()].map((setting) =>
    fields.get(setting.key)?.kind === 'secret' && setting.value !== undefined ? { ...setting, value: 'set' } : setting,
  )
  return { options: shape(spec, settings), settings: shown }
}

function readFile(fields: ReadonlyMap<string, Field>, { file }: OptionSources, found: Map<string, Found>): void {
  if (file.text === undefined) return
  for (const { key, line, value } of readYaml(file.name, file.text)) {
    const from = `${file.name}:${line}`
    if (!fields.has(key)) {
      const inside = [...fields.keys()].filter((name) => name.startsWith(`${key}.`))
      if (inside.length > 0 && value === null) continue
      throw new Fault('config/unknown-option', `${from}: ${key} is not an option.${didYouMean(key, fields.keys())}`, {
        mend:
          inside.length > 0
            ? `${key} is a group: write its options below it, indented (${inside.join(', ')}).`
            : `Options are ${[...fields.keys()].join(', ')}.`,
        facts: { key, file: file.name, line },
      })
    }
    if (fields.get(key)?.kind === 'secret') {
      throw new Fault('config/secret-in-file', `${from}: ${key} is a secret, and no file is the place for it.`, {
        mend: `Take it out of the file, and set ${environmentName(key)} in the environment. Where others could read the file, change the secret too.`,
        facts: { key, file: file.name, line },
      })
    }
    if (value !== null) found.set(key, { value, from, asked: 'file' })
  }
}

function readEnvironment(
  fields: ReadonlyMap<string, Field>,
  { environment }: OptionSources,
  found: Map<string, Found>,
): void {
  const keyByName = new Map([...fields.keys()].map((key) => [environmentName(key), key]))
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('FAIRLEAD_') || value === undefined) continue
    const key = keyByName.get(name)
    if (key !== undefined) {
      if (value !== '') found.set(key, { value, from: name, asked: 'environment' })
      continue
    }
    // Other tools share the environment, so only what looks like a slip is refused.
    const meant = nearest(
      name.slice('FAIRLEAD_'.length),
      [...keyByName.keys()].map((known) => known.slice(9)),
    )
    if (meant !== undefined) {
      throw new Fault('config/unknown-option', `${name} is not an option. Did you mean FAIRLEAD_${meant}?`, {
        mend: `Set FAIRLEAD_${meant}, or take ${name} out of the environment.`,
        facts: { name },
      })
    }
  }
}

function settle(key: string, field: Field, found: Found | undefined, sources: OptionSources): Setting {
  if (found === undefined) {
    if (field.default === undefined) {
      if (field.optional) return { key, value: undefined, from: 'default' }
      const looked = `${sources.file.name}${sources.file.text === undefined ? ' (not there)' : ''}`
      throw new Fault('config/missing-option', `${key} (${field.about}) is not set.`, {
        mend: `Set it as ${key} in ${sources.file.name} or as ${environmentName(key)}. Looked in: the command line, the environment, ${looked}.`,
        facts: { key },
      })
    }
    return { key, value: resolved(field, field.default, sources), from: 'default' }
  }
  const value = parsed(field, found.value)
  if (value === undefined) {
    const what = `${found.from} is ${JSON.stringify(found.value)}, but ${key} is ${wanted(field)}.`
    throw new Fault(found.asked === 'flag' ? 'usage/bad-value' : 'config/bad-value', what, {
      mend: `${key}: ${field.about}.`,
      facts: { key, from: found.from },
    })
  }
  return { key, value: resolved(field, value, sources), from: found.from }
}

type Value = NonNullable<Setting['value']>

function parsed(field: Field, given: unknown): Value | undefined {
  switch (field.kind) {
    case 'integer': {
      const value = typeof given === 'string' && /^-?[0-9]+$/.test(given.trim()) ? Number(given) : given
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= field.min && value <= field.max
        ? value
        : undefined
    }
    case 'boolean':
      if (typeof given === 'boolean') return given
      return given === 'true' ? true : given === 'false' ? false : undefined
    case 'folders':
    case 'texts': {
      const items = Array.isArray(given) ? given : typeof given === 'string' ? given.split(',') : undefined
      return items?.map((item) => String(item).trim()).filter((item) => item !== '')
    }
    case 'folder':
    case 'text':
    case 'secret':
      return typeof given === 'string' && given !== '' ? given : undefined
  }
}

function wanted(field: Field): string {
  switch (field.kind) {
    case 'integer':
      return `a whole number from ${field.min} to ${field.max}`
    case 'boolean':
      return 'true or false'
    case 'folders':
      return 'a list of folders'
    case 'folder':
      return 'a folder'
    case 'texts':
      return 'a list of texts'
    case 'text':
    case 'secret':
      return 'a text'
  }
}

function resolved(field: Field, value: Value, { resolve }: OptionSources): Value {
  if (field.kind === 'folder' && typeof value === 'string') return isAddress(value) ? value : resolve(value)
  if (field.kind === 'folders' && typeof value === 'object') return value.map(resolve)
  return value
}

function shape<S extends Spec>(spec: S, settings: ReadonlyMap<string, Setting>, prefix = ''): Options<S> {
  const entries = Object.entries(spec).map(([name, entry]) => [
    name,
    isField(entry) ? settings.get(prefix + name)?.value : shape(entry, settings, `${prefix}${name}.`),
  ])
  return Object.fromEntries(entries)
}

/** `gs://bucket/prefix`: not a path, and the same from wherever the command runs. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//.test(text)
}
