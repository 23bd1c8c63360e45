import type { NodeContext } from './context.ts'
import { configThing, quoted, relationThing } from './context.ts'
import { databaseName } from './environment.ts'
import type { Macro, Needs, SourceTable } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest } from './place.ts'
import type { Project } from './project.ts'
import type { Patch, Properties } from './properties.ts'
import type { Settings } from './settings.ts'
import { mergeSettings, settingsInTree, tagList } from './settings.ts'
import type { Value } from './value.ts'
import { placeIn } from './yaml.ts'

/** What reading the parts of a project shares. */
export interface Reading {
  readonly project: Project
  readonly properties: Properties
  readonly macros: ReadonlyMap<string, Macro>
  readonly sources: ReadonlyMap<string, SourceTable>
}

export interface Identity {
  readonly name: string
  readonly file: string
  readonly path: string
  readonly fqn: readonly string[]
}

export interface Who extends Identity {
  readonly id: string
  readonly kind: 'model' | 'seed' | 'test'
}

export const noNeeds = (): Needs => ({ nodes: new Set(), macros: new Set(), refs: [], sources: [] })

export function baseSettings(
  project: Project,
  fqn: readonly string[],
  resource: 'models' | 'seeds' | 'tests',
  patch: Patch | undefined,
): Settings {
  const config = settingsInTree(project.configTrees[resource], fqn, resource, 'dbt_project.yml')
  if (patch !== undefined) {
    const pairs = [...patch.config].map(([key, value]): [string, Value] => [String(key), value])
    mergeSettings(config, pairs, resource, (key) => ({
      ...patch.at,
      line: placeIn(patch.at.file, patch.config, key).line,
    }))
  }
  return config
}

/** What macros see as `node` or `model`. */
export function nodeValue(who: Who, projectName: string, config: ReadonlyMap<string, Value>): Value {
  return new Map<Value, Value>([
    ['name', who.name],
    ['resource_type', who.kind],
    ['unique_id', who.id],
    ['fqn', [...who.fqn]],
    ['path', who.path],
    ['original_file_path', who.file],
    ['package_name', projectName],
    ['database', databaseName],
    ['tags', tagList(config.get('tags'))],
    ['config', new Map<Value, Value>(config)],
  ])
}

/** The half of a context in which SQL is made that is the same whatever references answer with. */
export function makingContext(
  who: Who & { readonly config: ReadonlyMap<string, Value> },
  projectName: string,
): Pick<NodeContext, 'execute' | 'config' | 'model' | 'usesMacro'> {
  return {
    execute: true,
    config: configThing(
      () => {},
      (name) => who.config.get(name),
    ),
    model: nodeValue(who, projectName, who.config),
    usesMacro: () => {},
  }
}

/** The context in which a node is read: it notes what the node asks for. */
export function readingContext(
  reading: Reading,
  who: Who,
  config: Settings,
  needs: Needs,
  resource: 'models' | 'seeds' | 'tests',
): NodeContext {
  const { project, sources } = reading
  const placeholder = (identifier: string): Value =>
    relationThing({ schema: project.target.schema, identifier, sql: quoted(identifier) })
  return {
    execute: false,
    config: configThing(
      (named, at) => mergeSettings(config, named, resource, () => at),
      () => undefined,
    ),
    model: nodeValue(who, project.name, config),
    self: () => placeholder(who.name),
    isIncremental: () => false,
    usesMacro: (id) => void needs.macros.add(id),
    ref(names, at) {
      needs.refs.push({ names, at })
      return placeholder(names.at(-1) ?? '')
    },
    source(source, table, at) {
      const found = findSource(sources, source, table, at)
      needs.sources.push([source, table])
      needs.nodes.add(found.id)
      return relationThing(found.relation)
    },
  }
}

export function findSource(
  sources: ReadonlyMap<string, SourceTable>,
  source: string,
  table: string,
  at: Place,
): SourceTable {
  const found = sources.get(`${source}.${table}`)
  if (found !== undefined) return found
  throw mistaken(`There is no source ${source}.${table}.`, at, suggest(`${source}.${table}`, sources.keys(), 'source'))
}
