import { readFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { callMacro, nodeScope, quoted } from './context.ts'
import type { Scope } from './evaluate.ts'
import type { Materialization } from './feature.ts'
import { filesUnder, projectPath } from './files.ts'
import { contentHash } from './hash.ts'
import type { ModelNode, Needs, Node, TestNode } from './node.ts'
import { mistaken, unsupported } from './place.ts'
import type { Project } from './project.ts'
import type { Identity, Reading, Who } from './reading.ts'
import { baseSettings, nodeValue, noNeeds, readingContext } from './reading.ts'
import { frame, renderBlock } from './render.ts'
import type { Settings } from './settings.ts'
import { tagList } from './settings.ts'
import { parseTemplate } from './template.ts'
import { text } from './value.ts'

/** Models, seeds and singular tests, each read with what it needs. */
export function* readNodes(reading: Reading): Iterable<Node> {
  const { project } = reading
  for (const folder of project.modelFolders) {
    for (const path of filesUnder(folder)) {
      if (path.endsWith('.py'))
        throw unsupported('a Python model', { file: projectPath(project.folder, path), line: 1 })
      if (path.endsWith('.sql')) yield readModel(reading, folder, path, 'model')
    }
  }
  for (const folder of project.seedFolders) {
    for (const path of filesUnder(folder)) if (path.endsWith('.csv')) yield readModel(reading, folder, path, 'seed')
  }
  for (const folder of project.testFolders) {
    for (const path of filesUnder(folder)) {
      if (path.endsWith('.sql') && !path.startsWith(join(folder, 'generic') + sep))
        yield readSingularTest(reading, folder, path)
    }
  }
}

function identify(project: Project, folder: string, file: string): Identity {
  const path = relative(folder, file).split(sep).join('/')
  const name = basename(file).replace(/\.\w+$/, '')
  return {
    name,
    file: projectPath(project.folder, file),
    path,
    fqn: [project.name, ...path.split('/').slice(0, -1), name],
  }
}

function readModel(reading: Reading, folder: string, file: string, kind: 'model' | 'seed'): ModelNode {
  const { project, properties } = reading
  const who = identify(project, folder, file)
  const resource = kind === 'model' ? 'models' : 'seeds'
  const id = `${kind}.${project.name}.${who.name}`
  const content = readFileSync(file, 'utf8')
  const rawCode = kind === 'model' ? content.trim() : ''
  const at = { file: who.file, line: kind === 'model' ? linesBefore(content) : 1 }
  const patch = properties.patches.find((each) => each.kind === resource && each.name === who.name)
  const config = baseSettings(project, who.fqn, resource, patch)
  const needs = noNeeds()
  if (kind === 'model') renderToRead(reading, { id, ...who, kind }, rawCode, at.line, config, needs, resource)
  const { schema, alias } = placement(reading, { id, ...who, kind }, config, needs)
  const materialized = kind === 'seed' ? 'seed' : ((config.get('materialized') ?? 'view') as Materialization)
  const sql = materialized === 'ephemeral' ? `__dbt__cte__${who.name}` : `${quoted(schema)}.${quoted(alias)}`
  return {
    kind,
    id,
    ...who,
    at,
    rawCode,
    checksum: contentHash(content),
    config,
    tags: tagList(config.get('tags')),
    description: patch?.description ?? '',
    alias,
    schema,
    needs,
    materialized,
    columns: patch?.columns ?? [],
    relation: { schema, identifier: alias, sql },
    patchFile: patch?.at.file ?? null,
    absoluteFile: file,
  }
}

function readSingularTest(reading: Reading, folder: string, file: string): TestNode {
  const { project, properties } = reading
  const who = identify(project, folder, file)
  const content = readFileSync(file, 'utf8')
  const rawCode = content.trim()
  const patch = properties.patches.find((each) => each.kind === 'tests' && each.name === who.name)
  const config = baseSettings(project, who.fqn, 'tests', patch)
  const needs = noNeeds()
  const id = `test.${project.name}.${who.name}`
  renderToRead(reading, { id, ...who, kind: 'test' }, rawCode, linesBefore(content), config, needs, 'tests')
  return {
    kind: 'test',
    id,
    ...who,
    at: { file: who.file, line: linesBefore(content) },
    rawCode,
    checksum: contentHash(content),
    config,
    tags: tagList(config.get('tags')),
    description: patch?.description ?? '',
    alias: text(config.get('alias') ?? who.name, { file: who.file, line: 1 }),
    schema: placement(reading, { id, ...who, kind: 'test' }, config, needs).schema,
    needs,
    generic: undefined,
  }
}

/** Lines of blank text before a file's first word, which dbt strips: so that places stay those of the file. */
const linesBefore = (content: string): number => /^\s*/.exec(content)?.[0].split('\n').length ?? 1

function renderToRead(
  reading: Reading,
  who: Who,
  rawCode: string,
  firstLine: number,
  config: Settings,
  needs: Needs,
  resource: 'models' | 'seeds' | 'tests',
): void {
  const context = readingContext(reading, who, config, needs, resource)
  const scope = nodeScope(reading.project, reading.macros, reading.project.scope, context)
  const block = parseTemplate(rawCode, who.file, firstLine)
  for (const statement of block) {
    if (statement.kind !== 'macro') continue
    const { name, at } = statement.macro
    throw mistaken(
      `The macro ${name} stands in a ${who.kind}, where dbt does not find it.`,
      at,
      'Move it to a file under macros/.',
    )
  }
  renderBlock(block, frame(scope))
}

/** Schema and name of a node's relation, by the project's own `generate_schema_name` and `generate_alias_name` or by dbt's. */
export function placement(
  reading: Reading,
  who: Who,
  config: Settings,
  needs: Needs,
): { schema: string; alias: string } {
  const { project, macros } = reading
  const at = { file: who.file, line: 1 }
  const context = readingContext(
    reading,
    who,
    config,
    { ...needs, macros: new Set() },
    who.kind === 'seed' ? 'seeds' : who.kind === 'test' ? 'tests' : 'models',
  )
  const scope: Scope = nodeScope(project, macros, project.scope, { ...context, execute: true })
  const node = nodeValue(who, project.name, config)
  // Where a test that keeps its failures would keep them.
  const custom = config.get('schema') ?? (who.kind === 'test' ? 'dbt_test__audit' : null)
  const schema =
    callMacro(scope, macros, 'generate_schema_name', [custom, node]) ??
    (custom === null ? project.target.schema : `${project.target.schema}_${text(custom, at).trim()}`)
  const ownAlias = config.get('alias') ?? null
  const alias =
    callMacro(scope, macros, 'generate_alias_name', [ownAlias, node]) ??
    (ownAlias === null ? who.name : text(ownAlias, at).trim())
  return { schema: text(schema, at).trim(), alias: text(alias, at).trim() }
}
