import type { ObjectStore } from '#port'
import { isTextBefore } from '#port'
import { checkPath, sortByBytes } from './path.ts'

/** Objects in this process's memory: the reference that other adapters are compared with, and what tests use. */
export function memoryStore(name = 'memory:'): ObjectStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly modifiedMs: number }>()
  let clockMs = 0
  const put = (path: string, bytes: Uint8Array): void => {
    clockMs += 1
    objects.set(path, { bytes: bytes.slice(), modifiedMs: clockMs })
  }
  return {
    name,
    localRoot: undefined,
    async read(path) {
      checkPath(path)
      return objects.get(path)?.bytes.slice()
    },
    async readRange(path, start, end) {
      checkPath(path)
      return objects.get(path)?.bytes.slice(start, Math.max(start, end))
    },
    async *list(prefix, after) {
      const paths = [...objects.keys()].filter(
        (path) => path.startsWith(prefix) && (after === undefined || isTextBefore(after, path)),
      )
      for (const path of sortByBytes(paths, (each) => each)) {
        const object = objects.get(path)
        if (object) yield { path, sizeBytes: object.bytes.length, modifiedMs: object.modifiedMs }
      }
    },
    async create(path, bytes) {
      checkPath(path)
      if (objects.has(path)) return 'exists'
      put(path, bytes)
      return 'created'
    },
    async replace(path, bytes) {
      checkPath(path)
      put(path, bytes)
    },
    async remove(path) {
      checkPath(path)
      objects.delete(path)
    },
    async sync(folder) {
      checkPath(folder)
    },
  }
}
