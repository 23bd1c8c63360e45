import type { NodeContext } from './context.ts'
import { nodeScope } from './context.ts'
import type { Scope } from './evaluate.ts'
import { callValue } from './evaluate.ts'
import { builtinTests, readTest, testHash, testNames } from './generic-test.ts'
import type { GenericTest, Macro, TestNode } from './node.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Project } from './project.ts'
import { renderTree } from './project.ts'
import type { TestEntry } from './properties.ts'
import { placement } from './read-nodes.ts'
import type { Reading } from './reading.ts'
import { baseSettings, noNeeds, readingContext } from './reading.ts'
import { macroCallable } from './render.ts'
import { mergeSettings, tagList } from './settings.ts'
import type { Thing, Value } from './value.ts'
import { isThing, text } from './value.ts'

/** A generic test of a properties file as a node, with the names and the id that dbt gives it. */
export function readGenericTest(reading: Reading, entry: TestEntry): TestNode {
  const { project } = reading
  const { at } = entry
  const test = readTest(entry.written, entry.column, at)
  const known = [project.name, ...project.packages.map((each) => each.name)]
  if (test.namespace !== null && !known.includes(test.namespace))
    throw unsupported(`the package ${test.namespace}, which is not installed,`, at)
  const onSource = entry.on === 'sources'
  const target = entry.target.join('_')
  if (test.args.has('model'))
    throw mistaken('A test cannot be given model.', at, 'Leave it out: it is what the test stands under.')
  const names = testNames(test, target, onSource, at)
  const call = `${onSource ? 'source' : 'ref'}(${entry.target.map((part) => `'${part}'`).join(', ')})`
  const kwargs = new Map<string, Value>([...test.args, ['model', `{{ get_where_subquery(${call}) }}`]])
  const folders = at.file.split('/').slice(1, -1)
  const fqn = [project.name, ...folders, names.full]
  const config = baseSettings(project, fqn, 'tests', undefined)
  const written = [...test.config].map(([key, value]): [string, Value] => [
    key,
    renderTree(value, project.scope, at.file, at),
  ])
  mergeSettings(config, written, 'tests', () => at)
  if (names.short !== names.full && !config.has('alias')) config.set('alias', names.short)
  const id = `test.${project.name}.${names.full}.${testHash(names.full, test, kwargs, at)}`
  const tags = [...new Set([...entry.tags, ...tagList(config.get('tags'))])].sort()
  const generic: GenericTest = {
    name: test.name,
    namespace: test.namespace,
    kwargs,
    columnName: entry.column,
    target: entry.target,
    onSource,
    attachedNode: onSource ? null : `${entry.on === 'seeds' ? 'seed' : 'model'}.${project.name}.${target}`,
    fileKey: onSource ? `sources.${entry.target[0]}` : `${entry.on}.${target}`,
  }
  const node: TestNode = {
    kind: 'test',
    id,
    name: names.full,
    fqn,
    path: `${names.short}.sql`,
    file: at.file,
    at,
    rawCode: rawCode(test.name, config),
    checksum: '',
    config,
    tags,
    description: test.description,
    alias: text(config.get('alias') ?? names.full, at),
    schema: placement(
      reading,
      { id, name: names.full, file: at.file, path: `${names.short}.sql`, fqn, kind: 'test' },
      config,
      noNeeds(),
    ).schema,
    needs: noNeeds(),
    generic,
  }
  const who = { id, name: node.name, fqn, path: node.path, file: node.file, kind: 'test' as const }
  const context = readingContext(reading, who, config, node.needs, 'tests')
  renderGenericTest(node, generic, reading.macros, context, project)
  return node
}

function rawCode(name: string, config: ReadonlyMap<string, Value>): string {
  const alias = config.get('alias')
  const call = `{{ test_${name}(**_dbt_generic_test_kwargs) }}`
  return alias === undefined ? call : `${call}{{ config(alias="${String(alias)}") }}`
}

/** A generic test's select. Used to find what it needs (while the project is read) and to make its SQL. */
export function renderGenericTest(
  node: TestNode,
  generic: GenericTest,
  macros: ReadonlyMap<string, Macro>,
  context: NodeContext,
  project: Project,
): string {
  const { at } = node
  const { target, onSource } = generic
  const scope = nodeScope(project, macros, project.scope, context)
  const args = new Map<string, Value>()
  for (const [key, value] of generic.kwargs) {
    if (key !== 'model') args.set(key, key === 'column_name' ? value : renderArgument(value, scope, at))
  }
  const relation = onSource ? context.source(target[0] ?? '', target[1] ?? '', at) : context.ref(target, at)
  args.set('model', filteredRelation(relation, node.config.get('where'), at))
  const foreign = generic.namespace !== null && generic.namespace !== project.name
  const macro = macros.get(`${foreign ? `${generic.namespace}.` : ''}test_${generic.name}`)
  if (macro !== undefined) {
    context.usesMacro(macro.id)
    return text(
      callValue(
        macroCallable(macro.definition, () => scope),
        [],
        args,
        at,
      ),
      at,
    )
  }
  const builtin = foreign ? undefined : builtinTests[generic.name]
  if (builtin !== undefined) return builtin(args, at)
  const known = [
    ...Object.keys(builtinTests),
    ...[...macros.keys()].filter((name) => name.startsWith('test_')).map((name) => name.slice(5)),
  ]
  throw mistaken(`There is no test ${generic.name}.`, at, suggest(generic.name, known, 'test'))
}

/** Arguments hold Jinja, or a bare call of ref, source, var or env_var, which dbt wraps. */
function renderArgument(value: Value, scope: Scope, at: Place): Value {
  const wrapped =
    typeof value === 'string' && /^\s*(env_var|ref|var|source|doc)\s*\(.+\)\s*$/.test(value) ? `{{ ${value} }}` : value
  return renderTree(wrapped, scope, at.file, at)
}

function filteredRelation(relation: Value, where: Value | undefined, at: Place): Value {
  if (where === undefined || where === null) return relation
  const sql = `(select * from ${text(relation, at)} where ${text(where, at)}) dbt_subquery`
  if (!isThing(relation)) return sql
  const filtered: Thing = { ...relation, text: sql }
  return filtered
}
