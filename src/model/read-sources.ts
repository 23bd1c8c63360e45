import { quoted } from './context.ts'
import type { Relation, SourceTable } from './node.ts'
import { mistaken } from './place.ts'
import type { Project } from './project.ts'
import type { SourceEntry } from './properties.ts'
import type { Settings } from './settings.ts'
import { mergeSettings, settingsInTree, tagList } from './settings.ts'
import type { Value } from './value.ts'
import { isDict, text } from './value.ts'
import { placeIn } from './yaml.ts'

/** Sources by `source.table`. What is not enabled is not there. */
export function readSources(project: Project, entries: readonly SourceEntry[]): ReadonlyMap<string, SourceTable> {
  const tables = new Map<string, SourceTable>()
  for (const entry of entries) {
    const key = `${entry.source}.${entry.name}`
    const before = tables.get(key)
    if (before !== undefined) {
      throw mistaken(`The source ${key} is also at ${before.at.file}:${before.at.line}.`, entry.at, 'Write it once.')
    }
    const folders = entry.at.file.split('/').slice(1, -1)
    const fqn = [project.name, ...folders, entry.source, entry.name]
    const settings: Settings = settingsInTree(project.configTrees.sources, fqn, 'sources', 'dbt_project.yml')
    for (const config of entry.config) {
      const pairs = [...config].map(([name, value]): [string, Value] => [String(name), value])
      mergeSettings(settings, pairs, 'sources', (name) => placeIn(entry.at.file, config, name))
    }
    if (settings.get('enabled') === false) continue
    const meta = settings.get('meta') ?? new Map()
    tables.set(key, {
      id: `source.${project.name}.${key}`,
      source: entry.source,
      name: entry.name,
      sourceDescription: entry.sourceDescription,
      description: entry.description,
      fqn,
      relation: relationOf(entry, meta),
      columns: entry.columns,
      meta,
      tags: tagList(settings.get('tags')),
      at: entry.at,
    })
  }
  return tables
}

/** A table of the engine, or with dbt-duckdb's `external_location` whatever that says, with {schema}, {name} and {identifier} filled in. */
function relationOf(entry: SourceEntry, meta: Value): Relation {
  const { schema, identifier } = entry
  const external = isDict(meta) ? meta.get('external_location') : undefined
  if (external === undefined || external === null) {
    return { schema, identifier, sql: `${quoted(schema)}.${quoted(identifier)}` }
  }
  const parts: Readonly<Record<string, string>> = { schema, identifier, name: entry.name }
  const location = text(external, entry.at).replace(/\{(\w*)\}/g, (whole, name: string) => {
    const part = parts[name]
    if (part !== undefined) return part
    throw mistaken(
      `external_location has ${whole}, which is not known.`,
      entry.at,
      'Use {schema}, {name} or {identifier}.',
    )
  })
  const sql = location.includes('(') || location.startsWith("'") ? location : `'${location}'`
  return { schema, identifier, sql }
}
