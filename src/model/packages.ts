import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesUnder, projectPath } from './files.ts'
import type { Place } from './place.ts'
import { mistaken, unsupported } from './place.ts'
import type { Value } from './value.ts'
import { isList } from './value.ts'
import { asList, asMap, asText, placeIn, readYaml } from './yaml.ts'

/** A package that lies installed beside the project. Its macros and generic tests are read, by its name: `package.macro()`. */
export interface Package {
  readonly name: string
  readonly folder: string
  readonly macroFolders: readonly string[]
  readonly testFolders: readonly string[]
}

const projectFile = 'dbt_project.yml'

/** Packages under the install folder. Fault where the project names more of them than lie there, or where one brings more than macros. */
export function readPackages(folder: string, installFolder: string): readonly Package[] {
  const named = namedPackages(folder)
  const path = join(folder, installFolder)
  const installed = !existsSync(path)
    ? []
    : readdirSync(path, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(path, entry.name, projectFile)))
        .map((entry) => join(path, entry.name))
        .sort()
  if (named.length > installed.length) {
    const at = named[installed.length] ?? { file: 'packages.yml', line: 1 }
    throw mistaken(
      `${named.length} packages are named and ${installed.length} lie in ${installFolder}/.`,
      at,
      `Install them with \`dbt deps\`, or lay each one's folder into ${installFolder}/.`,
    )
  }
  return installed.map((each) => readPackage(folder, each))
}

/** Where each package is named. */
function namedPackages(folder: string): readonly Place[] {
  return ['packages.yml', 'dependencies.yml'].flatMap((file) => {
    if (!existsSync(join(folder, file))) return []
    const map = asMap(readYaml(readFileSync(join(folder, file), 'utf8'), file), file, { file, line: 1 })
    const list = (key: string) => asList(map.get(key), key, placeIn(file, map, key))
    if (list('projects').length > 0)
      throw unsupported('a project of models beside this one', placeIn(file, map, 'projects'))
    return list('packages').map((entry) => placeIn(file, entry))
  })
}

function readPackage(projectFolder: string, folder: string): Package {
  const file = projectPath(projectFolder, join(folder, projectFile))
  const top = asMap(readYaml(readFileSync(join(folder, projectFile), 'utf8'), file), file, { file, line: 1 })
  const at = (key: string): Place => placeIn(file, top, key)
  const name = asText(top.get('name'), 'name', at('name'))
  if (name === undefined) throw mistaken('The package has no name.', { file, line: 1 }, 'Install it again.')
  for (const key of ['on-run-start', 'on-run-end']) {
    const value: Value = top.get(key) ?? null
    if (value !== null && !(isList(value) && value.length === 0)) throw unsupported(`${key} of a package`, at(key))
  }
  const folders = (key: string, fallback: string): string[] =>
    asList(top.get(key) ?? [fallback], key, at(key)).map((each) => join(folder, String(each)))
  const built: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['model', folders('model-paths', 'models'), /\.(sql|py)$/],
    ['seed', folders('seed-paths', 'seeds'), /\.csv$/],
    ['snapshot', folders('snapshot-paths', 'snapshots'), /\.(sql|ya?ml)$/],
  ]
  for (const [kind, paths, pattern] of built) {
    const found = paths.flatMap(filesUnder).find((path) => pattern.test(path))
    if (found !== undefined)
      throw unsupported(`a ${kind} of the package ${name}`, { file: projectPath(projectFolder, found), line: 1 })
  }
  return {
    name,
    folder,
    macroFolders: folders('macro-paths', 'macros'),
    testFolders: folders('test-paths', 'tests'),
  }
}

/** `dispatch` of the project file: in which packages an implementation is sought, for macros of a package. */
export function readSearchOrder(written: Value, at: Place): ReadonlyMap<string, readonly string[]> {
  return new Map(
    asList(written, 'dispatch', at).map((item): [string, readonly string[]] => {
      const entry = asMap(item, 'dispatch', placeIn(at.file, item))
      const space = asText(entry.get('macro_namespace'), 'macro_namespace', placeIn(at.file, entry))
      const order = asList(entry.get('search_order'), 'search_order', placeIn(at.file, entry, 'search_order'))
      if (space === undefined || order.length === 0) {
        throw mistaken('dispatch lacks macro_namespace or search_order.', placeIn(at.file, entry), 'Give both.')
      }
      return [space, order.map(String)]
    }),
  )
}
