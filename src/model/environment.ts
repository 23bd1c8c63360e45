import type { Scope } from './evaluate.ts'
import { callable } from './evaluate.ts'
import type { targetAttributes } from './feature.ts'
import { refusedNames } from './feature.ts'
import { hashText } from './hash.ts'
import { jsonText } from './json.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import { namespaceOf, returnFrom } from './render.ts'
import type { Callable, Thing, Value } from './value.ts'
import { isDict, items, numeric, text, toValue, tuple } from './value.ts'

export interface Surroundings {
  readonly vars: ReadonlyMap<string, Value>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly target: { readonly name: string; readonly profile: string; readonly schema: string }
  readonly project: string
}

/** In memory, as the runner's engine is. */
export const databaseName = 'memory'

/** Names that mean the same everywhere in a project: in its YAML, its macros and its models. */
export function environment({ vars, env, target, project }: Surroundings): Scope {
  const names = new Map<string, Value>([
    ...general,
    ['target', targetThing(target)],
    ['project_name', project],
    ['env_var', envVar(env)],
    ['var', varOf(vars)],
  ])
  return {
    lookup(name, at) {
      const refused = refusedNames.get(name)
      if (refused !== undefined) throw unsupported(refused, at)
      return names.get(name)
    },
  }
}

function varOf(vars: ReadonlyMap<string, Value>): Thing {
  const call = callable('var', ['name', 'default'], (arg, at) => {
    const name = text(arg('name') ?? null, at)
    const found = vars.has(name) ? (vars.get(name) ?? null) : arg('default')
    if (found !== undefined) return found
    const mend = `Set ${name} under vars in dbt_project.yml, or give var() a default. ${suggest(name, vars.keys(), 'var')}`
    throw mistaken(`The var ${name} has no value.`, at, mend)
  })
  const has: Callable = (args, _named, at) => vars.has(text(args[0] ?? null, at))
  return {
    kind: 'var',
    attribute: (name) => (name === '__call__' ? call : name === 'has_var' ? has : undefined),
  }
}

function envVar(env: Surroundings['env']): Callable {
  return callable('env_var', ['name', 'default'], (arg, at) => {
    const name = text(arg('name') ?? null, at)
    if (name.startsWith('DBT_ENV_SECRET')) throw unsupported('a secret environment variable', at)
    const found = env[name] ?? arg('default')
    if (found === undefined) {
      throw mistaken(`The environment variable ${name} is not set.`, at, `Set ${name}, or give env_var() a default.`)
    }
    return typeof found === 'string' ? found : text(found, at)
  })
}

function targetThing(target: Surroundings['target']): Thing {
  const get: Callable = (args, _named, at) => named[text(args[0] ?? null, at)] ?? args[1] ?? null
  const attributes: Readonly<Record<(typeof targetAttributes)[number], Value>> = {
    get,
    name: target.name,
    target_name: target.name,
    schema: target.schema,
    type: 'duckdb',
    database: databaseName,
    profile_name: target.profile,
    threads: 1,
  }
  const named: Readonly<Record<string, Value>> = attributes
  return { kind: 'the target', attribute: (name) => named[name] }
}

const range: Callable = (args, _named, at) => {
  const [first = 0, second, by = 1] = args.map((arg) => numeric(arg) ?? Number.NaN)
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  if (![start, stop, by].every(Number.isInteger) || by === 0) {
    throw mistaken('range() wants whole numbers, and a step that is not 0.', at, 'Give whole numbers.')
  }
  const size = Math.max(0, Math.ceil((stop - start) / by))
  if (size > 100_000) throw unsupported('a range of more than 100,000', at)
  return Array.from({ length: size }, (_, i) => start + i * by)
}

const zip: Callable = (args, _named, at) => {
  const lists = args.map((arg) => items(arg, at))
  const size = Math.min(...lists.map((list) => list.length))
  return lists.length === 0 ? [] : Array.from({ length: size }, (_, i) => tuple(lists.map((list) => list[i] ?? null)))
}

const dict: Callable = (args, named, at) => {
  const made = new Map<Value, Value>()
  for (const arg of args) {
    if (!isDict(arg)) throw unsupported('dict() of pairs', at)
    for (const [key, value] of arg) made.set(key, value)
  }
  for (const [key, value] of named) made.set(key, value)
  return made
}

function fromJson(args: readonly Value[], at: { file: string; line: number }): Value {
  try {
    return toValue(JSON.parse(text(args[0] ?? null, at)))
  } catch (error) {
    if (args[1] !== undefined) return args[1]
    throw mistaken('fromjson() cannot read that text.', at, 'Give JSON, or a default.', error)
  }
}

const raise: Callable = (args, _named, at) => {
  throw mistaken(
    text(args[0] ?? 'the project raised an error', at),
    at,
    'The project itself says so: follow its message.',
  )
}

const exceptions: Thing = {
  kind: 'exceptions',
  attribute(name, at) {
    if (name === 'raise_compiler_error') return raise
    if (name === 'warn') return () => ''
    throw unsupported(`exceptions.${name}`, at)
  },
}

const flags: Thing = {
  kind: 'flags',
  attribute(name, at) {
    throw unsupported(`flags.${name}`, at)
  },
}

const general = new Map<string, Value>([
  ['range', range],
  ['zip', zip],
  ['dict', dict],
  ['namespace', namespaceOf],
  ['return', returnFrom],
  ['exceptions', exceptions],
  ['flags', flags],
  ['log', () => ''],
  ['print', () => ''],
  ['tojson', (args, named, at) => jsonText(args[0] ?? null, at, named.get('sort_keys') === true)],
  ['fromjson', (args, _named, at) => fromJson(args, at)],
  ['local_md5', (args, _named, at) => hashText('md5', text(args[0] ?? null, at))],
  [
    'set',
    (_args, _named, at) => {
      throw unsupported('set() of Python', at)
    },
  ],
])
