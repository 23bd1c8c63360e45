import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder, projectPath } from './files.ts'
import type { ModelNode, Node, TestNode, UnitInput, UnitRows, UnitTest } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { renderTree } from './project.ts'
import type { UnitEntry } from './properties.ts'
import { baseSettings, noNeeds } from './reading.ts'
import { readCsv } from './seed-text.ts'
import { mergeSettings, tagList } from './settings.ts'
import type { Value } from './value.ts'
import { isDict, isList, text } from './value.ts'
import { asList, asMap, asText, placeIn } from './yaml.ts'

const entryKeys = ['name', 'description', 'model', 'given', 'expect', 'overrides', 'config', 'meta', 'tags', 'versions']

const requiredKeys = {
  model: 'Write model: and the name of the model it tests, beside its name.',
  expect: 'Write expect: {rows: [...]}, the rows that the model is to give.',
}

/** A unit test as a node: its model's select over given rows, with the rows that are expected of it. */
export function readUnitTest(project: Project, { entry, file }: UnitEntry, nodes: ReadonlyMap<string, Node>): TestNode {
  const at = placeIn(file, entry)
  for (const key of entry.keys()) {
    const name = String(key)
    if (name === 'versions') throw unsupported('a unit test of model versions', placeIn(file, entry, name))
    if (!entryKeys.includes(name))
      throw mistaken(`${name} is no key of a unit test.`, placeIn(file, entry, name), suggest(name, entryKeys, 'key'))
  }
  const name = asText(entry.get('name'), 'name', at)
  if (name === undefined) throw mistaken('A unit test has no name.', at, 'Give it a name.')
  const mustHave = (key: keyof typeof requiredKeys): void => {
    const missing = `The unit test ${name} has no ${key}.`
    if ((entry.get(key) ?? null) === null) throw mistaken(missing, placeIn(file, entry, key), requiredKeys[key])
  }
  mustHave('model')
  const model = modelOf(entry, file, project, nodes)
  mustHave('expect')
  const fqn = [project.name, ...file.split('/').slice(1, -1), model.name, name]
  const config = baseSettings(project, fqn, 'tests', undefined)
  const own = asMap(
    renderTree(entry.get('config') ?? null, project.scope, file),
    'config',
    placeIn(file, entry, 'config'),
  )
  const pairs = [...own].map(([key, value]): [string, Value] => [String(key), value])
  for (const key of ['tags', 'meta']) if (entry.has(key)) pairs.push([key, entry.get(key) ?? null])
  mergeSettings(config, pairs, 'tests', (key) => placeIn(file, own, key))
  const overrides = asMap(entry.get('overrides'), 'overrides', placeIn(file, entry, 'overrides'))
  const group = (key: string): ReadonlyMap<string, Value> =>
    new Map([...asMap(overrides.get(key), key, placeIn(file, overrides, key))].map(([k, v]) => [String(k), v]))
  const expectAt = placeIn(file, entry, 'expect')
  const expect = asMap(entry.get('expect'), 'expect', expectAt)
  const unit: UnitTest = {
    model: model.id,
    given: asList(entry.get('given'), 'given', placeIn(file, entry, 'given')).map((item) =>
      readInput(project, item, file),
    ),
    expect: readRows(project, expect, file, expectAt),
    merged: wantsMerged(config.get('meta')),
    macros: group('macros'),
    vars: group('vars'),
    env: group('env_vars'),
  }
  if (unit.merged && model.materialized !== 'incremental')
    throw mistaken('Only an incremental model has a merged result.', at, 'Take meta.expect out.')
  if (model.materialized === 'incremental' && typeof unit.macros.get('is_incremental') !== 'boolean')
    throw mistaken('is_incremental is not said.', at, 'Write overrides: {macros: {is_incremental: true}}, or false.')
  const needs = noNeeds()
  needs.nodes.add(model.id)
  return {
    kind: 'test',
    id: `unit_test.${project.name}.${model.name}.${name}`,
    name,
    fqn,
    path: file.split('/').slice(1).join('/'),
    file,
    at,
    rawCode: model.rawCode,
    checksum: '',
    config,
    tags: tagList(config.get('tags')),
    description: asText(entry.get('description'), 'description', at) ?? '',
    alias: name,
    schema: model.schema,
    needs,
    generic: undefined,
    unit,
  }
}

const wantsMerged = (meta: Value | undefined): boolean =>
  meta !== undefined && isDict(meta) && meta.get('expect') === 'merged'

function modelOf(
  entry: Map<Value, Value>,
  file: string,
  { name }: Project,
  nodes: ReadonlyMap<string, Node>,
): ModelNode {
  const at = placeIn(file, entry, 'model')
  const wanted = asText(entry.get('model'), 'model', at) ?? ''
  const found = nodes.get(`model.${name}.${wanted}`)
  if (found !== undefined && found.kind === 'model') return found
  const known = [...nodes.values()].filter(({ kind }) => kind === 'model').map((node) => node.name)
  throw mistaken(`There is no model ${wanted} to test.`, at, suggest(wanted, known, 'model'))
}

function readInput(project: Project, item: Value, file: string): UnitInput {
  const at = placeIn(file, item)
  const map = asMap(item, 'an input', at)
  const input = asText(map.get('input'), 'input', at)
  if (input === undefined) throw mistaken('What is given does not say of which input.', at, howInput)
  const call = /^\s*(?:\{\{)?\s*(?:(this)|(ref|source)\s*\(([^)]*)\))\s*(?:\}\})?\s*$/.exec(input)
  if (call === null) throw mistaken(`The input ${input} is none.`, at, howInput)
  const names = (call[3] ?? '').split(',').map((name) => name.trim().replace(/^['"]|['"]$/g, ''))
  const of = call[1] === 'this' ? 'this' : call[2] === 'ref' ? 'ref' : 'source'
  return { of, names: of === 'this' ? [] : names, rows: readRows(project, map, file, at), at }
}

const howInput = "Write input: ref('model'), source('a', 'b') or this."

/** Rows as `format` says: a list of groups, CSV, or a select; the latter two may lie in a file under tests/fixtures. */
function readRows(project: Project, map: Map<Value, Value>, file: string, at: Place): UnitRows {
  const format = asText(map.get('format'), 'format', at) ?? 'dict'
  if (format === 'dict') {
    const rows = asList(map.get('rows'), 'rows', at).map((row) => asMap(row, 'a row', placeIn(file, row)))
    return { rows: rows.map((row) => new Map([...row].map(([key, value]) => [String(key), cellText(value, at)]))) }
  }
  const fixture = asText(map.get('fixture'), 'fixture', at)
  const written =
    fixture === undefined ? asText(map.get('rows'), 'rows', at) : fixtureText(project, fixture, format, at)
  if (format === 'sql') return { sql: written ?? '' }
  if (format !== 'csv') throw mistaken(`${format} is no format of rows.`, at, 'Write dict, csv or sql.')
  return { rows: readCsv(written ?? '') }
}

function fixtureText({ testFolders, folder }: Project, name: string, format: string, at: Place): string {
  const files = testFolders
    .map((tests) => join(tests, 'fixtures'))
    .filter(existsSync)
    .flatMap(filesUnder)
  const found = files.find((path) => path.endsWith(`/${name}.${format}`))
  if (found !== undefined) return readFileSync(found, 'utf8')
  throw mistaken(
    `There is no fixture ${name}.${format}.`,
    at,
    suggest(
      name,
      files.map((path) => projectPath(folder, path)),
      'fixture',
    ),
  )
}

/** As the engine casts it from text; null stays null. */
function cellText(value: Value, at: Place): string | null {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (isList(value)) return `[${value.map((item) => cellText(item, at) ?? 'null').join(', ')}]`
  if (isDict(value)) throw unsupported('a struct in the rows of a unit test, but as format sql', at)
  return text(value, at)
}
