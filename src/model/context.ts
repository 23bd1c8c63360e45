import { crossDatabaseMacros, refusedDbtMacros } from './cross-database.ts'
import { databaseName } from './environment.ts'
import type { Scope } from './evaluate.ts'
import { callable, callValue } from './evaluate.ts'
import type { relationAttributes } from './feature.ts'
import type { Macro, Relation } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { macroCallable } from './render.ts'
import type { Callable, Thing, Value } from './value.ts'
import { text, truthy } from './value.ts'

/** What a template of one node sees beside the project's own names. */
export interface NodeContext {
  /** False while the project is read, true when SQL is made. */
  readonly execute: boolean
  readonly config: Value
  readonly model: Value
  ref(names: readonly string[], at: Place): Value
  source(source: string, table: string, at: Place): Value
  self(at: Place): Value
  isIncremental(at: Place): boolean
  usesMacro(id: string): void
}

/** Names of a node's context, which a macro of the project cannot take over. */
export const contextNames: ReadonlySet<string> = new Set(
  'ref source config this execute is_incremental model adapter dbt var env_var target return should_full_refresh builtins database schema'.split(
    ' ',
  ),
)

export function nodeScope(
  { name: projectName, searchOrder }: Pick<Project, 'name' | 'searchOrder'>,
  macros: ReadonlyMap<string, Macro>,
  outer: Scope,
  context: NodeContext,
): Scope {
  const macro = (name: string): Callable | undefined => {
    const found = macros.get(name)
    if (found === undefined) return undefined
    context.usesMacro(found.id)
    return macroCallable(found.definition, () => scope)
  }
  /** In one package: the way of this engine, else the way of all. Null is the project itself, and dbt's own beneath it. */
  const implementation = (space: string | null, name: string): Callable | undefined => {
    if (space === 'dbt') return crossDatabaseMacros.get(name)
    const front = space === null || space === projectName ? '' : `${space}.`
    return macro(`${front}duckdb__${name}`) ?? macro(`${front}default__${name}`)
  }
  const dispatched = (name: string, space: string | null): Callable | undefined => {
    const order = searchOrder.get(space ?? '') ?? [projectName, space === null ? 'dbt' : space]
    for (const each of order) {
      const found = implementation(each, name)
      if (found !== undefined) return found
    }
    return undefined
  }
  const dbtMacro = (name: string): Callable | undefined => dispatched(name, 'dbt')

  const namespaces: Readonly<Record<string, Thing>> = {
    dbt: {
      kind: 'the namespace dbt',
      attribute(name, at) {
        const found = dbtMacro(name)
        if (found !== undefined) return found
        if (name === 'is_incremental') return () => context.isIncremental(at)
        if (refusedDbtMacros.has(name)) throw unsupported(`dbt.${name}`, at)
        throw unsupported(`dbt.${name}. ${suggest(name, crossDatabaseMacros.keys(), 'macro')} It`, at)
      },
    },
    [projectName]: {
      kind: `the namespace ${projectName}`,
      attribute(name, at) {
        const found = macro(name)
        if (found !== undefined) return found
        throw mistaken(`${projectName} has no macro ${name}.`, at, suggest(name, macros.keys(), 'macro'))
      },
    },
  }

  const packages = new Set([...macros.values()].map((each) => each.package))
  const packageNamed = (space: string): Thing | undefined => {
    if (space === projectName || !packages.has(space)) return undefined
    return {
      kind: `the package ${space}`,
      attribute(name, at) {
        const found = macro(`${space}.${name}`)
        if (found !== undefined) return found
        throw mistaken(
          `The package ${space} has no macro ${name}.`,
          at,
          suggest(`${space}.${name}`, macros.keys(), 'macro'),
        )
      },
    }
  }

  const dispatch = callable('adapter.dispatch', ['macro_name', 'macro_namespace'], (arg, at) => {
    const name = text(arg('macro_name') ?? null, at)
    const space = arg('macro_namespace') ?? null
    const found = dispatched(name, space === null ? null : text(space, at))
    if (found !== undefined) return found
    throw mistaken(
      `No macro duckdb__${name} or default__${name} for adapter.dispatch.`,
      at,
      suggest(`default__${name}`, macros.keys(), 'macro'),
    )
  })

  const adapter: Thing = {
    kind: 'the adapter',
    attribute(name, at) {
      if (name === 'dispatch') return dispatch
      if (name === 'quote') return (args, _named, place) => quoted(text(args[0] ?? null, place))
      if (name === 'type') return () => 'duckdb'
      throw unsupported(`adapter.${name}`, at)
    },
  }

  const own = new Map<string, (at: Place) => Value>([
    ['ref', () => (args, named, at) => refCall(context, args, named, at)],
    ['source', () => callable('source', ['source_name', 'table_name'], (arg, at) => sourceCall(context, arg, at))],
    ['config', () => context.config],
    ['model', () => context.model],
    ['execute', () => context.execute],
    ['this', (at) => context.self(at)],
    ['is_incremental', () => (_args, _named, at) => context.isIncremental(at)],
    ['adapter', () => adapter],
    ['dbt', () => namespaces.dbt ?? null],
    ['database', () => databaseName],
  ])

  const scope: Scope = {
    lookup(name, at) {
      const member = own.get(name)
      if (member !== undefined) return member(at)
      if (name === 'builtins' || name === 'should_full_refresh') throw unsupported(name, at)
      const written = macro(name) ?? packageNamed(name)
      if (written !== undefined) return written
      const known = outer.lookup(name, at)
      return known === undefined ? (dbtMacro(name) ?? namespaces[name]) : known
    },
  }
  return scope
}

function refCall(context: NodeContext, args: readonly Value[], named: ReadonlyMap<string, Value>, at: Place): Value {
  if (named.size > 0) throw unsupported(`ref(${[...named.keys()][0]}=…)`, at)
  const names = args.map((arg) => text(arg, at))
  if (names.length < 1 || names.length > 2) {
    throw mistaken('ref() takes a model, or a project and a model.', at, "Write ref('model').")
  }
  return context.ref(names, at)
}

function sourceCall(context: NodeContext, arg: (name: string) => Value | undefined, at: Place): Value {
  const [source, table] = [arg('source_name'), arg('table_name')]
  if (source === undefined || table === undefined) {
    throw mistaken('source() takes a source and a table.', at, "Write source('source', 'table').")
  }
  return context.source(text(source, at), text(table, at), at)
}

export const quoted = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`

/** What `ref`, `source` and `this` give: prints as SQL, and knows its parts. */
export function relationThing(relation: Relation): Thing {
  const include = (schema: boolean, identifier: boolean): Value =>
    [schema ? quoted(relation.schema) : '', identifier ? quoted(relation.identifier) : '']
      .filter((part) => part !== '')
      .join('.')
  /** By this a package asks whether it was given a relation. */
  const metadata: Value = new Map([['type', 'DuckDBRelation']])
  const get: Callable = (args, _named, at) => {
    const name = text(args[0] ?? null, at)
    return name === 'metadata' ? metadata : (named[name] ?? args[1] ?? null)
  }
  const attributes: Readonly<Record<(typeof relationAttributes)[number], Value>> = {
    database: databaseName,
    schema: relation.schema,
    identifier: relation.identifier,
    name: relation.identifier,
    table: relation.identifier,
    render: () => relation.sql,
    without_identifier: () => quoted(relation.schema),
    include: (_args, given) => include(truthy(given.get('schema') ?? true), truthy(given.get('identifier') ?? true)),
    get,
  }
  const named: Readonly<Record<string, Value>> = attributes
  return {
    kind: 'a relation',
    text: relation.sql,
    attribute(name, at) {
      const found = named[name]
      if (found === undefined) throw unsupported(`the attribute ${name} of a relation`, at)
      return found
    },
  }
}

/** `config`: called in a template it gives config, and `config.get` reads it. While a project is read it reads as nothing, as dbt has it. */
export function configThing(
  give: (named: ReadonlyMap<string, Value>, at: Place) => void,
  read: (name: string) => Value | undefined,
): Thing {
  const call: Callable = (args, named, at) => {
    const given = new Map(named)
    for (const arg of args) {
      if (!(arg instanceof Map)) throw mistaken('config() takes name=value.', at, "Write config(materialized='table').")
      for (const [key, value] of arg) given.set(text(key, at), value)
    }
    give(given, at)
    return ''
  }
  const get = callable('config.get', ['name', 'default', 'validator'], (arg, at) => {
    const found = read(text(arg('name') ?? null, at))
    return found === undefined || found === null ? (arg('default') ?? null) : found
  })
  const require = callable('config.require', ['name', 'validator'], (arg, at) => {
    const name = text(arg('name') ?? null, at)
    const found = read(name)
    if (found === undefined || found === null) throw mistaken(`The config ${name} is required.`, at, `Set ${name}.`)
    return found
  })
  return {
    kind: 'config',
    attribute(name, at) {
      if (name === '__call__') return call
      if (name === 'get') return get
      if (name === 'require') return require
      throw unsupported(`config.${name}`, at)
    },
  }
}

/** Calls a macro of the project by name, as dbt itself calls `generate_schema_name`; undefined where the project has none. */
export function callMacro(
  scope: Scope,
  macros: ReadonlyMap<string, Macro>,
  name: string,
  args: readonly Value[],
): Value | undefined {
  const macro = macros.get(name)
  if (macro === undefined) return undefined
  return callValue(
    macroCallable(macro.definition, () => scope),
    args,
    new Map(),
    macro.definition.at,
  )
}
