import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelProject } from '#port'
import { filesUnder } from './files.ts'
import type { Loaded } from './load.ts'
import { loadProject } from './load.ts'
import type { Project } from './project.ts'
import { projectFiles, readProject } from './project.ts'

interface Held {
  readonly loaded: Loaded
  readonly stamp: string
}

/** Projects that are held at once: one with the variables of each of a few callers. */
const heldAtMost = 4

/** Reads projects, each once for as long as its files and what is asked of it stay as they are. */
export function projectReader(): (request: ModelProject) => Loaded {
  const held = new Map<string, Held>()
  return ({ folder, target, vars, env, extraModelFolders = [] }) => {
    const request = { folder, target, vars, env, extraModelFolders }
    const key = JSON.stringify(request)
    const known = held.get(key)
    if (known !== undefined && stampOf(known.loaded.project) === known.stamp) return known.loaded
    held.delete(key)
    // Stamped before it is read: what changes meanwhile is seen by the next call.
    const stamp = stampOf(readProject(request))
    const loaded = loadProject(request)
    for (const oldest of held.keys()) if (held.size >= heldAtMost) held.delete(oldest)
    held.set(key, { loaded, stamp })
    return loaded
  }
}

/** Path, size and time of every file that the project may be read from. */
function stampOf(project: Project): string {
  const { modelFolders, seedFolders, testFolders, macroFolders, packages } = project
  const installed = packages.map(({ folder }) => folder)
  const folders = new Set([...modelFolders, ...seedFolders, ...testFolders, ...macroFolders, ...installed])
  const paths = [...projectFiles.map((name) => join(project.folder, name)), ...[...folders].flatMap(filesUnder)]
  return paths
    .map((path) => {
      const found = statSync(path, { throwIfNoEntry: false })
      return `${path}\0${found?.size}\0${found?.mtimeMs}`
    })
    .join('\n')
}
