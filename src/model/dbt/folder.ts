import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ModelProject } from '#port'
import { mistaken } from '../place.ts'
import type { Value } from '../value.ts'
import { isDict, isList, plain } from '../value.ts'
import { asList, asMap, asText, readYaml } from '../yaml.ts'

/** What dbt does not read of a project, or makes itself. */
const made = new Set(['target', 'logs', '.git', 'node_modules'])

const projectFile = 'dbt_project.yml'

/** Folders that dbt is called with. */
export interface DbtFolders {
  readonly project: string
  readonly profiles: string
}

/**
 * A profile whose target is the given database file, with all else that the project's own profile says of it; and, where models of other folders are added,
 * a copy of the project that has them, because dbt reads no models from outside of it.
 */
export function layOut(request: ModelProject, scratch: string, database: string): DbtFolders {
  const { folder, extraModelFolders = [] } = request
  const top = readTop(folder)
  const profiles = join(scratch, 'profiles')
  mkdirSync(profiles, { recursive: true })
  writeFileSync(join(profiles, 'profiles.yml'), JSON.stringify(profilesFor(request, top, database)))
  if (extraModelFolders.length === 0) return { project: folder, profiles }
  const project = join(scratch, 'project')
  cpSync(folder, project, { recursive: true, filter: (path) => !made.has(basename(path)) })
  const names = extraModelFolders.map((extra, index) => {
    const name = `models_${index + 1}_of_others`
    cpSync(extra, join(project, name), { recursive: true })
    return name
  })
  const own = top.get('model-paths') ?? ['models']
  const models = isList(own) ? own.map(String) : ['models']
  top.set('model-paths', [...models, ...names])
  writeFileSync(join(project, projectFile), JSON.stringify(plain(top)))
  return { project, profiles }
}

function readTop(folder: string): Map<Value, Value> {
  const at = { file: projectFile, line: 1 }
  const path = join(folder, projectFile)
  if (!existsSync(path)) {
    throw mistaken(`There is no ${projectFile} in ${folder}.`, at, 'Name the folder that holds it.')
  }
  return new Map(asMap(readYaml(readFileSync(path, 'utf8'), projectFile), projectFile, at))
}

function profilesFor(request: ModelProject, top: Map<Value, Value>, database: string): object {
  const at = { file: projectFile, line: 1 }
  const name = asText(top.get('profile'), 'profile', at) ?? 'default'
  const written = plain(ownTarget(request, name))
  const own = typeof written === 'object' && written !== null ? written : {}
  const settings = 'settings' in own && typeof own.settings === 'object' ? own.settings : {}
  const target = {
    schema: 'main',
    threads: 2,
    ...own,
    type: 'duckdb',
    path: database,
    settings: { TimeZone: 'UTC', ...settings },
  }
  return { [name]: { target: request.target, outputs: { [request.target]: target } } }
}

function ownTarget({ folder, target }: ModelProject, profile: string): Value {
  const file = 'profiles.yml'
  const path = join(folder, file)
  if (!existsSync(path)) return null
  const at = { file, line: 1 }
  const profiles = asMap(readYaml(readFileSync(path, 'utf8'), file), file, at)
  const found = asMap(asMap(profiles.get(profile), profile, at).get('outputs'), 'outputs', at).get(target) ?? null
  return isDict(found) && asList([found.get('type') ?? null], 'type', at)[0] === 'duckdb' ? found : null
}
