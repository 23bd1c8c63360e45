import { randomUUID } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ObjectInfo, ObjectStore } from '#port'
import { isTextBefore } from '#port'
import type { Disk, DiskEntry, DiskFileInfo } from './disk.ts'
import { machineDisk } from './disk.ts'
import { errnoOf, storeFault } from './errno.ts'
import { checkPath, sortByBytes, temporaryFolder } from './path.ts'

/** Temporaries of a killed process are removed when they are older than this; no write takes so long. */
const temporaryKeptMs = 24 * 3600 * 1000

const closed = new Set(['EACCES', 'EPERM'])
const absent = new Set(['ENOENT', 'ENOTDIR', 'EISDIR'])

/**
 * Objects as files under a folder, which is made by the first write. `create` is write, fsync, `link`: a link either makes the whole
 * file appear under its name or answers EEXIST, for any number of processes. (`open` with `wx` lets others read half a file.)
 */
export function localStore(folder: string, disk: Disk = machineDisk): ObjectStore {
  const root = resolve(folder)
  const temporaries = join(root, temporaryFolder)
  /** Folders whose own names are known to survive. */
  const lasting = new Set<string>()
  let prepared: Promise<void> | undefined

  async function guarded<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw storeFault(error, doing, join(root, path))
    }
  }

  /** Nothing there is undefined. */
  async function reading<T>(path: string, work: (path: string) => Promise<T>): Promise<T | undefined> {
    checkPath(path)
    return guarded('Reading', path, () => unlessAbsent(() => work(join(root, path))))
  }

  async function prepare(): Promise<void> {
    await makeFolder(disk, temporaries)
    for (const { name } of await disk.entries(temporaries)) {
      const path = join(temporaries, name)
      const info = await unlessAbsent(() => disk.info(path)) // another process may clean too
      if (info && Date.now() - info.modifiedMs > temporaryKeptMs) await unlessAbsent(() => disk.remove(path))
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
      await writeSynced(path, bytes)
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') {
        await disk.remove(path).catch(() => {}) // the first error says more
        throw error
      }
      await makeFolder(disk, temporaries) // removed meanwhile, with the lake perhaps
      await writeSynced(path, bytes)
    }
    return path
  }

  async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
    const file = await disk.create(path)
    try {
      await file.write(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Puts the bytes under their name by `place`, and makes the name last. */
  async function put<T>(path: string, bytes: Uint8Array, place: (from: string, to: string) => Promise<T>): Promise<T> {
    const target = join(root, path)
    const temporary = await writeTemporary(bytes)
    let placed: T
    try {
      try {
        placed = await place(temporary, target)
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw error
        await makeFolder(disk, dirname(target))
        placed = await place(temporary, target)
      }
    } finally {
      await unlessAbsent(() => disk.remove(temporary))
    }
    await disk.syncFolder(dirname(target))
    await makeLast(dirname(target))
    return placed
  }

  /** Another process may have made the folder, and those above it, and not have come to sync their names. */
  async function makeLast(folder: string): Promise<void> {
    if (lasting.has(folder)) return
    try {
      await disk.syncFolder(dirname(folder))
    } catch (error) {
      // What is above the store may be closed to us.
      if (folder !== root || !closed.has(errnoOf(error) ?? '')) throw error
    }
    if (folder !== root) await makeLast(dirname(folder))
    lasting.add(folder)
  }

  async function linkNew(from: string, to: string): Promise<'created' | 'exists'> {
    try {
      await disk.link(from, to)
      return 'created'
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return 'exists'
      throw error
    }
  }

  return {
    name: pathToFileURL(root).href,
    localRoot: root,
    read: (path) => reading(path, (file) => disk.read(file)),
    readRange: (path, start, end) => reading(path, (file) => disk.readRange(file, start, end)),
    async *list(prefix, after) {
      yield* walk({ disk, root, prefix, after }, prefix.slice(0, prefix.lastIndexOf('/') + 1))
    },
    async create(path, bytes) {
      checkPath(path)
      return guarded('Writing', path, () => put(path, bytes, linkNew))
    },
    async replace(path, bytes) {
      checkPath(path)
      await guarded('Writing', path, () => put(path, bytes, disk.rename))
    },
    async remove(path) {
      checkPath(path)
      await guarded('Removing', path, async () => {
        await unlessAbsent(() => disk.remove(join(root, path)))
        await unlessAbsent(() => disk.syncFolder(dirname(join(root, path))))
      })
    },
    async sync(path) {
      checkPath(path)
      const folder = join(root, path)
      await guarded('Syncing', path, () =>
        unlessAbsent(async () => {
          await disk.info(folder) // what is not there has no name that could last: another process may yet make it
          await disk.syncFolder(folder)
          await makeLast(folder)
        }),
      )
    },
  }
}

interface Listing {
  readonly disk: Disk
  readonly root: string
  readonly prefix: string
  readonly after: string | undefined
}

/** `folder` is '' or ends in `/`. Names of folders are compared with their `/`, so that depth first is byte order of whole paths. */
async function* walk(listing: Listing, folder: string): AsyncIterable<ObjectInfo> {
  const { disk, root } = listing
  const entries: readonly DiskEntry[] = (await list(join(root, folder), () => disk.entries(join(root, folder)))) ?? []
  const paths = entries
    .map(({ name, isFolder }) => `${folder}${name}${isFolder ? '/' : ''}`)
    .filter((path) => path !== `${temporaryFolder}/` && mayHold(path, listing))
  for (const path of sortByBytes(paths, (each) => each)) {
    if (path.endsWith('/')) {
      yield* walk(listing, path)
      continue
    }
    // Removed since the folder was read: not there.
    const info: DiskFileInfo | undefined = await list(join(root, path), () => disk.info(join(root, path)))
    if (info?.isFile) yield { path, sizeBytes: info.sizeBytes, modifiedMs: info.modifiedMs }
  }
}

async function list<T>(path: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await unlessAbsent(work)
  } catch (error) {
    throw storeFault(error, 'Listing', path)
  }
}

function mayHold(path: string, { prefix, after }: Listing): boolean {
  if (!path.endsWith('/')) return path.startsWith(prefix) && (after === undefined || isTextBefore(after, path))
  if (!path.startsWith(prefix) && !prefix.startsWith(path)) return false
  return after === undefined || after.startsWith(path) || isTextBefore(after, path)
}

/** Makes a folder and those above it, and makes their names survive a crash. */
async function makeFolder(disk: Disk, folder: string): Promise<void> {
  const first = await disk.makeFolder(folder)
  if (first === undefined) return
  for (let made = folder; ; made = dirname(made)) {
    await disk.syncFolder(dirname(made))
    if (made === first || dirname(made) === made) return
  }
}

async function unlessAbsent<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (absent.has(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
