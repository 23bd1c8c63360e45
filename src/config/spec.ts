interface FieldBase {
  /** What it sets, with its unit; shown wherever the option is asked for. */
  readonly about: string
  /** May stay unset. A field that has no default and is not optional must be given by someone. */
  readonly optional?: true
}

/** One option: what it may be, and what it is when nobody says. */
export type Field =
  | (FieldBase & { readonly kind: 'text'; readonly default?: string })
  /** A whole number between `min` and `max`, both inclusive. */
  | (FieldBase & { readonly kind: 'integer'; readonly default?: number; readonly min: number; readonly max: number })
  | (FieldBase & { readonly kind: 'boolean'; readonly default?: boolean })
  /** A path; becomes absolute, seen from where the command runs. */
  | (FieldBase & { readonly kind: 'folder'; readonly default?: string })
  /** Several paths: a YAML list, or one text with commas. */
  | (FieldBase & { readonly kind: 'folders'; readonly default?: readonly string[] })
  /** Several texts, written like several paths. */
  | (FieldBase & { readonly kind: 'texts'; readonly default?: readonly string[] })
  /** Comes from the environment alone, and is never shown. */
  | (FieldBase & { readonly kind: 'secret'; readonly optional: true; readonly default?: never })

/** The options of one part, declared beside it. A group holds options that belong together. */
export interface Spec {
  readonly [name: string]: Field | Spec
}

type ValueOf<F extends Field> = F extends { kind: 'integer' }
  ? number
  : F extends { kind: 'boolean' }
    ? boolean
    : F extends { kind: 'folders' | 'texts' }
      ? readonly string[]
      : string

/** What a spec's reader gets: every option with its type. */
export type Options<S extends Spec> = {
  readonly [K in keyof S]: S[K] extends Field
    ? S[K] extends { optional: true }
      ? ValueOf<S[K]> | undefined
      : ValueOf<S[K]>
    : S[K] extends Spec
      ? Options<S[K]>
      : never
}

export function isField(entry: Field | Spec): entry is Field {
  return typeof entry.kind === 'string' && typeof entry.about === 'string'
}

/** Every field by its full key, `query.maxRows`. */
export function fieldsOf(spec: Spec, prefix = ''): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const [name, entry] of Object.entries(spec)) {
    if (isField(entry)) fields.set(prefix + name, entry)
    else for (const [key, field] of fieldsOf(entry, `${prefix}${name}.`)) fields.set(key, field)
  }
  return fields
}

/** `query.maxRows` → `FAIRLEAD_QUERY_MAX_ROWS`. */
export function environmentName(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_')
  return `FAIRLEAD_${words.toUpperCase()}`
}
