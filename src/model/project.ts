import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelProject } from '#port'
import { environment } from './environment.ts'
import type { Scope } from './evaluate.ts'
import { evaluate, yieldsValues } from './evaluate.ts'
import { filesUnder, projectPath } from './files.ts'
import type { Package } from './packages.ts'
import { readPackages, readSearchOrder } from './packages.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import { frame, renderBlock } from './render.ts'
import { parseTemplate } from './template.ts'
import type { Value } from './value.ts'
import { isDict, isList, toValue } from './value.ts'
import { asList, asMap, asText, placeIn, readYaml, standingAt } from './yaml.ts'

/** `dbt_project.yml`, read and rendered. */
export interface Project {
  readonly name: string
  readonly folder: string
  readonly modelFolders: readonly string[]
  readonly seedFolders: readonly string[]
  readonly testFolders: readonly string[]
  readonly macroFolders: readonly string[]
  readonly packages: readonly Package[]
  /** By package, in which packages `adapter.dispatch` looks; where it says nothing, in the project and then in the package. */
  readonly searchOrder: ReadonlyMap<string, readonly string[]>
  readonly target: Target
  /** What `var()` finds, those of the call over those of the project. */
  readonly vars: ReadonlyMap<string, Value>
  readonly env: Readonly<Record<string, string | undefined>>
  /** Config by folder, for each kind of resource. */
  readonly configTrees: Readonly<Record<'models' | 'seeds' | 'tests' | 'sources', Map<Value, Value>>>
  /** Renders texts of the project's YAML. */
  readonly scope: Scope
}

interface Target {
  readonly name: string
  readonly profile: string
  readonly schema: string
}

const projectFile = 'dbt_project.yml'
/** Files at the project's top that it is read from or refused for. */
export const projectFiles = [projectFile, 'profiles.yml', 'vars.yml', 'packages.yml', 'dependencies.yml']

const projectKeys =
  `name version config-version profile model-paths seed-paths test-paths macro-paths analysis-paths snapshot-paths docs-paths asset-paths
  function-paths clean-targets target-path log-path packages-install-path require-dbt-version flags vars models seeds tests data_tests sources
  snapshots on-run-start on-run-end dispatch query-comment quoting dbt-cloud restrict-access exposures semantic-models metrics saved-queries
  unit_tests functions`.split(/\s+/)

export function readProject(request: ModelProject): Project {
  const path = join(request.folder, projectFile)
  if (!existsSync(path)) {
    throw mistaken(
      `There is no ${projectFile} in ${request.folder}.`,
      { file: projectFile, line: 1 },
      'Name the folder that holds it.',
    )
  }
  const top = asMap(readYaml(readFileSync(path, 'utf8'), projectFile), projectFile, { file: projectFile, line: 1 })
  const at = (key: string): Place => placeIn(projectFile, top, key)
  for (const key of top.keys()) {
    if (!projectKeys.includes(String(key))) {
      throw mistaken(
        `${String(key)} is no key of ${projectFile}.`,
        at(String(key)),
        suggest(String(key), projectKeys, 'key'),
      )
    }
  }
  const name = asText(top.get('name'), 'name', at('name'))
  if (name === undefined || !/^[A-Za-z_]\w*$/.test(name)) {
    throw mistaken('The project has no proper name.', at('name'), 'Give it one: letters, digits and underscores.')
  }
  refuseWhatRuns(top, at)
  if (existsSync(join(request.folder, 'vars.yml'))) throw unsupported('vars.yml', { file: 'vars.yml', line: 1 })

  const vars = projectVars(top, name, request.vars, at)
  const profile = asText(top.get('profile'), 'profile', at('profile')) ?? 'default'
  // In dbt_project.yml and profiles.yml, var() sees only what the call gives.
  const given = new Map(Object.entries(request.vars).map(([key, value]): [string, Value] => [key, toValue(value)]))
  const around = { vars: given, env: request.env, project: name }
  const early = environment({ ...around, target: { name: request.target, profile, schema: 'main' } })
  const target = readTarget(request, profile, early)
  const projectScope = environment({ ...around, target })
  const folders = (key: string, fallback: string): string[] =>
    asList(top.get(key) ?? [fallback], key, at(key)).map((each) => join(request.folder, String(each)))
  const tree = (...keys: string[]): Map<Value, Value> => {
    const key = keys.find((each) => top.has(each)) ?? ''
    return asMap(renderTree(top.get(key) ?? null, projectScope, projectFile), key, at(key))
  }
  const snapshotFiles = folders('snapshot-paths', 'snapshots').flatMap((folder) => filesUnder(folder))
  for (const file of snapshotFiles) {
    if (/\.(sql|ya?ml)$/.test(file))
      throw unsupported('a snapshot', { file: projectPath(request.folder, file), line: 1 })
  }
  return {
    name,
    folder: request.folder,
    modelFolders: [...folders('model-paths', 'models'), ...(request.extraModelFolders ?? [])],
    seedFolders: folders('seed-paths', 'seeds'),
    testFolders: folders('test-paths', 'tests'),
    macroFolders: folders('macro-paths', 'macros'),
    packages: readPackages(
      request.folder,
      asText(top.get('packages-install-path'), 'packages-install-path', at('packages-install-path')) ?? 'dbt_packages',
    ),
    searchOrder: readSearchOrder(top.get('dispatch') ?? null, at('dispatch')),
    target,
    vars,
    env: request.env,
    configTrees: {
      models: tree('models'),
      seeds: tree('seeds'),
      tests: tree('data_tests', 'tests'),
      sources: tree('sources'),
    },
    scope: environment({ ...around, vars, target }),
  }
}

function refuseWhatRuns(top: Map<Value, Value>, at: (key: string) => Place): void {
  for (const key of ['on-run-start', 'on-run-end', 'quoting', 'query-comment']) {
    const value = top.get(key)
    const empty = value === undefined || value === null || value === '' || (isList(value) && value.length === 0)
    if (!empty) throw unsupported(key, at(key))
  }
}

/** Those of the project, `vars: {x: 1}` or `vars: {<project>: {x: 1}}`, under those of the call. */
function projectVars(
  top: Map<Value, Value>,
  name: string,
  called: ModelProject['vars'],
  at: (key: string) => Place,
): ReadonlyMap<string, Value> {
  const all = new Map<string, Value>()
  const written = asMap(top.get('vars'), 'vars', at('vars'))
  for (const [key, value] of written) if (key !== name) all.set(String(key), value)
  for (const [key, value] of asMap(written.get(name), `vars.${name}`, at('vars'))) all.set(String(key), value)
  for (const [key, value] of Object.entries(called)) all.set(key, toValue(value))
  return all
}

/** The target's schema from `profiles.yml` beside the project, where it is there and has the target; `main` else. */
function readTarget(request: ModelProject, profile: string, scope: Scope): Target {
  const file = 'profiles.yml'
  const fallback = { name: request.target, profile, schema: 'main' }
  const path = join(request.folder, file)
  if (!existsSync(path)) return fallback
  const at = { file, line: 1 }
  const profiles = asMap(readYaml(readFileSync(path, 'utf8'), file), file, at)
  const outputs = asMap(asMap(profiles.get(profile), profile, at).get('outputs'), 'outputs', at)
  const written = outputs.get(request.target)
  if (written === undefined) return fallback
  const output = asMap(renderTree(written, scope, file), request.target, at)
  const type = asText(output.get('type'), 'type', at)
  if (type !== 'duckdb') throw unsupported(`a target of type ${type ?? 'none'}`, placeIn(file, written, 'type'))
  return { ...fallback, schema: asText(output.get('schema'), 'schema', at) ?? 'main' }
}

/** Every text in a tree of YAML that holds Jinja, rendered; a text that is one expression becomes its value. */
export function renderTree(value: Value, scope: Scope, file: string, at: Place = placeIn(file, value)): Value {
  if (typeof value === 'string') return renderValue(value, scope, at)
  if (isList(value))
    return standingAt(
      value.map((item) => renderTree(item, scope, file, at)),
      value,
    )
  if (!isDict(value)) return value
  const entries = [...value].map(([key, item]): [Value, Value] => {
    return [key, renderTree(item, scope, file, placeIn(file, value, String(key)))]
  })
  return standingAt(new Map(entries), value)
}

export function renderValue(source: string, scope: Scope, at: Place): Value {
  if (!/\{[{%#]/.test(source)) return source
  const block = parseTemplate(source, at.file, at.line)
  const [only, ...more] = block
  if (only?.kind === 'print' && more.length === 0)
    return evaluate(only.value, { lookup: (name, place) => (name === yieldsValues ? true : scope.lookup(name, place)) })
  return renderBlock(block, frame(scope))
}
