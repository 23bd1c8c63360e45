import { existsSync, readFileSync } from 'node:fs'
import { propertyFileKeys } from './feature.ts'
import { filesUnder, projectPath } from './files.ts'
import type { ColumnNote, Docs } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { renderTree, renderValue } from './project.ts'
import { tagList } from './settings.ts'
import type { Value } from './value.ts'
import { isDict, text, truthy } from './value.ts'
import { asList, asMap, asText, placeIn, readYaml, standingAt } from './yaml.ts'

/** What a properties file says of a model, a seed or a singular test. */
export interface Patch {
  readonly kind: 'models' | 'seeds' | 'tests'
  readonly name: string
  readonly description: string
  readonly columns: readonly ColumnNote[]
  readonly config: Map<Value, Value>
  readonly at: Place
}

export interface SourceEntry {
  readonly source: string
  readonly name: string
  readonly schema: string
  readonly identifier: string
  readonly description: string
  readonly sourceDescription: string
  readonly columns: readonly ColumnNote[]
  readonly config: readonly Map<Value, Value>[]
  readonly at: Place
}

/** A generic test as it is written under a model, a seed, a source's table, or one of their columns. */
export interface TestEntry {
  readonly on: 'models' | 'seeds' | 'sources'
  /** The model's name, or the source's and the table's. */
  readonly target: readonly string[]
  readonly column: string | null
  readonly written: Value
  /** Tags of the column or of what it is on, which a test has too. */
  readonly tags: readonly string[]
  readonly at: Place
}

export interface Properties {
  readonly patches: readonly Patch[]
  readonly sources: readonly SourceEntry[]
  readonly tests: readonly TestEntry[]
  readonly macroDescriptions: ReadonlyMap<string, string>
  readonly unitTests: readonly UnitEntry[]
}

/** A unit test as it is written. */
export interface UnitEntry {
  readonly entry: Map<Value, Value>
  readonly file: string
}

const fileKeys: readonly string[] = [...propertyFileKeys, 'anchors']
const refusedFileKeys = ['snapshots', 'functions', 'catalogs']
const nodeKeys =
  'name description docs config columns data_tests tests meta tags access group constraints deprecation_date data_type quote granularity policy_tags time_spine'.split(
    ' ',
  )
const sourceKeys =
  'name description schema database loader loaded_at_field loaded_at_query freshness meta tags config tables overrides quoting'.split(
    ' ',
  )
const tableKeys = [...nodeKeys, 'identifier', 'loader', 'loaded_at_field', 'loaded_at_query', 'freshness', 'quoting']
const refusedNodeKeys = ['versions', 'latest_version', 'external', 'dimension', 'entity']

export function readProperties(project: Project, docs: ReadonlyMap<string, Docs>): Properties {
  const found: Required<{
    [K in keyof Properties]: Properties[K] extends readonly (infer T)[] ? T[] : Map<string, string>
  }> = {
    patches: [],
    sources: [],
    tests: [],
    macroDescriptions: new Map(),
    unitTests: [],
  }
  const folders = [...project.modelFolders, ...project.seedFolders, ...project.testFolders, ...project.macroFolders]
  for (const path of new Set(folders.flatMap((folder) => filesUnder(folder)))) {
    if (!/\.ya?ml$/.test(path)) continue
    const file = projectPath(project.folder, path)
    const top = asMap(readYaml(readFileSync(path, 'utf8'), file), file, { file, line: 1 })
    for (const key of top.keys()) {
      const name = String(key)
      if (refusedFileKeys.includes(name)) throw unsupported(name, placeIn(file, top, name))
      if (!fileKeys.includes(name)) {
        throw mistaken(
          `${name} is no key of a properties file.`,
          placeIn(file, top, name),
          suggest(name, fileKeys, 'key'),
        )
      }
    }
    const reader = readerOf(project, docs, file)
    const each = (key: string): readonly Map<Value, Value>[] =>
      asList(top.get(key), key, placeIn(file, top, key)).map((item) => asMap(item, key, placeIn(file, item)))
    for (const key of ['models', 'seeds'] as const) {
      for (const entry of each(key)) {
        const patch = reader.patch(key, entry)
        found.patches.push(patch)
        found.tests.push(...reader.tests(key, [patch.name], entry, patch.columns))
      }
    }
    for (const key of ['data_tests', 'tests'])
      for (const entry of each(key)) found.patches.push(reader.patch('tests', entry))
    for (const entry of each('macros')) {
      found.macroDescriptions.set(reader.name(entry), reader.description(entry))
    }
    for (const entry of each('unit_tests')) found.unitTests.push({ entry, file })
    for (const entry of each('sources')) {
      const { tables, tests } = reader.source(entry)
      found.sources.push(...tables)
      found.tests.push(...tests)
    }
  }
  return found
}

/** `{% docs name %}…{% enddocs %}` of every Markdown file under the project's folders. */
export function readDocs(project: Project): ReadonlyMap<string, Docs> {
  const docs = new Map<string, Docs>()
  const folders = [...project.modelFolders, ...project.seedFolders, ...project.macroFolders]
  for (const path of new Set(folders.flatMap((folder) => (existsSync(folder) ? filesUnder(folder) : [])))) {
    if (!path.endsWith('.md')) continue
    const file = projectPath(project.folder, path)
    const pattern = /\{%-?\s*docs\s+([A-Za-z_]\w*)\s*-?%\}([\s\S]*?)\{%-?\s*enddocs\s*-?%\}/g
    for (const [, name = '', body = ''] of readFileSync(path, 'utf8').matchAll(pattern)) {
      docs.set(name, { id: `doc.${project.name}.${name}`, name, file, text: body.trim() })
    }
  }
  return docs
}

function readerOf(project: Project, docs: ReadonlyMap<string, Docs>, file: string) {
  const rendered = (value: Value | undefined): Value => renderTree(value ?? null, project.scope, file)

  const checkKeys = (entry: Map<Value, Value>, known: readonly string[]): void => {
    for (const key of entry.keys()) {
      const name = String(key)
      if (refusedNodeKeys.includes(name)) throw unsupported(`the property ${name}`, placeIn(file, entry, name))
      if (!known.includes(name)) {
        throw mistaken(`${name} is no property.`, placeIn(file, entry, name), suggest(name, known, 'property'))
      }
    }
  }

  const name = (entry: Map<Value, Value>): string => {
    const found = asText(entry.get('name'), 'name', placeIn(file, entry, 'name'))
    if (found === undefined) throw mistaken('An entry has no name.', placeIn(file, entry), 'Give it a name.')
    return found
  }

  const description = (entry: Map<Value, Value>): string => {
    const at = placeIn(file, entry, 'description')
    const written = asText(entry.get('description'), 'description', at) ?? ''
    return text(
      renderValue(
        written,
        {
          lookup: (key) =>
            key !== 'doc'
              ? undefined
              : (args, _named, place) => {
                  const block = text(args[args.length - 1] ?? null, place)
                  const found = docs.get(block)
                  if (found !== undefined) return found.text
                  throw mistaken(`There is no docs block ${block}.`, place, suggest(block, docs.keys(), 'docs block'))
                },
        },
        at,
      ),
      at,
    )
  }

  const config = (entry: Map<Value, Value>): Map<Value, Value> => {
    const merged = new Map<Value, Value>()
    for (const key of ['tags', 'meta'] as const) if (entry.has(key)) merged.set(key, rendered(entry.get(key)))
    const written = asMap(rendered(entry.get('config')), 'config', placeIn(file, entry, 'config'))
    for (const [key, value] of written) merged.set(key, value)
    return standingAt(merged, entry.get('config') ?? entry)
  }

  const columns = (entry: Map<Value, Value>): readonly ColumnNote[] => {
    const seen = new Set<string>()
    return asList(entry.get('columns'), 'columns', placeIn(file, entry, 'columns')).map((item) => {
      const column = asMap(item, 'a column', placeIn(file, item))
      checkKeys(column, nodeKeys)
      const columnName = name(column)
      if (seen.has(columnName.toLowerCase())) {
        throw mistaken(
          `The column ${columnName} is written twice.`,
          placeIn(file, column),
          'Write it once, with all its tests.',
        )
      }
      seen.add(columnName.toLowerCase())
      const own = config(column)
      return {
        name: columnName,
        description: description(column),
        dataType: asText(column.get('data_type'), 'data_type', placeIn(file, column, 'data_type')) ?? null,
        quote: truthy(column.get('quote') ?? null),
        meta: own.get('meta') ?? new Map(),
        tags: tagList(own.get('tags')),
      }
    })
  }

  const patch = (kind: Patch['kind'], entry: Map<Value, Value>): Patch => {
    checkKeys(entry, nodeKeys)
    return {
      kind,
      name: name(entry),
      description: description(entry),
      columns: columns(entry),
      config: config(entry),
      at: placeIn(file, entry),
    }
  }

  const tests = (
    on: TestEntry['on'],
    target: readonly string[],
    entry: Map<Value, Value>,
    notes: readonly ColumnNote[],
  ): readonly TestEntry[] => {
    const written = (of: Map<Value, Value>, column: ColumnNote | undefined): readonly TestEntry[] => {
      const keys = ['data_tests', 'tests'].filter((key) => of.has(key))
      if (keys.length > 1)
        throw mistaken('data_tests and tests are the same.', placeIn(file, of, 'tests'), 'Write all under data_tests.')
      return keys.flatMap((key) =>
        asList(of.get(key), key, placeIn(file, of, key)).map((test) => ({
          on,
          target,
          column: column === undefined ? null : column.quote ? `"${column.name}"` : column.name,
          written: test,
          tags: column?.tags ?? [],
          at: isDict(test) ? placeIn(file, test) : placeIn(file, of, key),
        })),
      )
    }
    const ofColumns = asList(entry.get('columns'), 'columns', placeIn(file, entry, 'columns')).flatMap((item, index) =>
      written(asMap(item, 'a column', placeIn(file, item)), notes[index]),
    )
    return [...written(entry, undefined), ...ofColumns]
  }

  const source = (entry: Map<Value, Value>): { tables: readonly SourceEntry[]; tests: readonly TestEntry[] } => {
    checkKeys(entry, sourceKeys)
    for (const key of ['database', 'overrides', 'quoting']) {
      if (truthy(entry.get(key) ?? null)) throw unsupported(`the source property ${key}`, placeIn(file, entry, key))
    }
    const sourceName = name(entry)
    const schema = text(rendered(entry.get('schema') ?? sourceName), placeIn(file, entry, 'schema'))
    const all: { tables: SourceEntry[]; tests: TestEntry[] } = { tables: [], tests: [] }
    for (const item of asList(entry.get('tables'), 'tables', placeIn(file, entry, 'tables'))) {
      const table = asMap(item, 'a table', placeIn(file, item))
      checkKeys(table, tableKeys)
      const tableName = name(table)
      const notes = columns(table)
      all.tables.push({
        source: sourceName,
        name: tableName,
        schema,
        identifier: text(rendered(table.get('identifier') ?? tableName), placeIn(file, table, 'identifier')),
        description: description(table),
        sourceDescription: description(entry),
        columns: notes,
        config: [config(entry), config(table)],
        at: placeIn(file, table),
      })
      all.tests.push(...tests('sources', [sourceName, tableName], table, notes))
    }
    return all
  }

  return { name, description, patch, tests, source }
}
