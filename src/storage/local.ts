import { randomUUID } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ObjectInfo, ObjectStore } from '#port'
import { errnoOf, storeFault } from './errno.ts'
import { checkPath, isBefore, sortByBytes, temporaryFolder } from './path.ts'

/** Temporaries of a killed process are removed when they are older than this; no write takes so long. */
const temporaryKeptMs = 24 * 3600 * 1000

const absent = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

/**
 * Objects as files under a folder, which is made by the first write. `create` is write, fsync, `link`: a link either makes the whole
 * file appear under its name or answers EEXIST, for any number of processes. (`open` with `wx` lets others read half a file.)
 */
export function localStore(folder: string): ObjectStore {
  const root = resolve(folder)
  const temporaries = join(root, temporaryFolder)
  let prepared: Promise<void> | undefined

  async function guarded<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storeFault(error, doing, join(root, path))
    }
  }

  async function prepare(): Promise<void> {
    await makeFolder(temporaries)
    for (const name of await readdir(temporaries)) {
      const path = join(temporaries, name)
      const info = await stat(path).catch(() => undefined) // another process may clean too
      if (info && Date.now() - info.mtimeMs > temporaryKeptMs) await rm(path, { force: true })
    }
  }

  /** The bytes, safe on disk under a name of their own. */
  async function writeTemporary(bytes: Uint8Array): Promise<string> {
    prepared ??= prepare()
    try {
      await prepared
    } catch (error) {
      prepared = undefined
      throw error
    }
    const path = join(temporaries, randomUUID())
    try {
      const file = await open(path, 'wx')
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
    } catch (error) {
      await rm(path, { force: true }).catch(() => {}) // the first error says more
      throw error
    }
    return path
  }

  /** Puts the bytes under their name by `place`; a folder that someone removed meanwhile is made again. */
  async function put(
    path: string,
    bytes: Uint8Array,
    place: (from: string, to: string) => Promise<void>,
  ): Promise<void> {
    const target = join(root, path)
    const temporary = await writeTemporary(bytes)
    try {
      try {
        await place(temporary, target)
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
        await makeFolder(dirname(target))
        await place(temporary, target)
      }
    } finally {
      await rm(temporary, { force: true })
    }
    await syncFolder(dirname(target))
  }

  return {
    name: pathToFileURL(root).href,
    localRoot: root,
    async read(path) {
      checkPath(path)
      return guarded('Reading', path, async () => {
        try {
          const buffer = await readFile(join(root, path))
          return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
        } catch (error) {
          if (absent.has(errnoOf(error) ?? '')) return undefined
          throw error
        }
      })
    },
    async readRange(path, start, end) {
      checkPath(path)
      return guarded('Reading', path, () => readPart(join(root, path), start, end))
    },
    async *list(prefix, after) {
      const slash = prefix.lastIndexOf('/')
      yield* walk(root, slash < 0 ? '' : prefix.slice(0, slash + 1), prefix, after)
    },
    async create(path, bytes) {
      checkPath(path)
      return guarded('Writing', path, async () => {
        try {
          await put(path, bytes, link)
          return 'created'
        } catch (error) {
          if (errnoOf(error) !== 'EEXIST') throw error
          return 'exists'
        }
      })
    },
    async replace(path, bytes) {
      checkPath(path)
      await guarded('Writing', path, () => put(path, bytes, rename))
    },
    async remove(path) {
      checkPath(path)
      await guarded('Removing', path, async () => {
        try {
          await rm(join(root, path))
        } catch (error) {
          if (absent.has(errnoOf(error) ?? '')) return
          throw error
        }
        await syncFolder(dirname(join(root, path)))
      })
    },
  }
}

async function readPart(path: string, start: number, end: number): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (absent.has(errnoOf(error) ?? '')) return undefined
    throw error
  }
  try {
    const { size } = await file.stat()
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return bytes.subarray(0, filled)
  } finally {
    await file.close()
  }
}

/** `folder` is '' or ends in `/`. Names of folders are compared with their `/`, so that depth first is byte order of whole paths. */
async function* walk(
  root: string,
  folder: string,
  prefix: string,
  after: string | undefined,
): AsyncIterable<ObjectInfo> {
  let entries: Dirent[]
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true })
  } catch (error) {
    if (absent.has(errnoOf(error) ?? '')) return
    throw storeFault(error, 'Listing', join(root, folder))
  }
  const names = entries
    .map((entry) => `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .filter((path) => path !== `${temporaryFolder}/` && mayHold(path, prefix, after))
  sortByBytes(names, (path) => path)
  for (let next = 0; next < names.length; next += 1) {
    const path = names[next] ?? ''
    if (path.endsWith('/')) {
      yield* walk(root, path, prefix, after)
      continue
    }
    let info: Awaited<ReturnType<typeof stat>>
    try {
      info = await stat(join(root, path))
    } catch (error) {
      if (absent.has(errnoOf(error) ?? '')) continue // removed since the folder was read
      throw storeFault(error, 'Listing', join(root, path))
    }
    if (info.isFile()) yield { path, sizeBytes: info.size, modifiedMs: Math.floor(info.mtimeMs) }
  }
}

function mayHold(path: string, prefix: string, after: string | undefined): boolean {
  if (!path.endsWith('/')) return path.startsWith(prefix) && (after === undefined || isBefore(after, path))
  if (!path.startsWith(prefix) && !prefix.startsWith(path)) return false
  return after === undefined || after.startsWith(path) || isBefore(after, path)
}

/** Makes a folder and those above it, and makes their names survive a crash. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true })
  if (first === undefined) return
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made))
    if (made === first || dirname(made) === made) return
  }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return // folders cannot be opened there; NTFS journals their names
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(folder, 'r')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return // removed by someone who no longer wants what was in it
    throw error
  }
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
