import type { Disk } from '../src/storage/disk.ts'
import type { Dice } from './dice.ts'

interface Inode {
  bytes: Uint8Array
  synced: Uint8Array | undefined
  modifiedMs: number
}

type Entry = { readonly kind: 'file'; readonly inode: Inode } | { readonly kind: 'folder' }

export interface ForgetfulDisk extends Disk {
  /** The machine loses power. With dice, some of what was not synced survives all the same: of each folder's changes the first few, of a file's bytes the first part. */
  crash(dice?: Dice): void
}

/** A change of a folder's names that is not synced yet. */
type NameChange = (names: Map<string, Entry>) => void

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function dirname(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

/**
 * A disk in memory that after `crash` holds only what was synced: a file's bytes as of its last `sync` (else none of them),
 * a folder's names as of its last `syncFolder`. The harshest disk that keeps its word.
 */
export function forgetfulDisk({ nowMs = Date.now }: { readonly nowMs?: () => number } = {}): ForgetfulDisk {
  const rootFolder = (): Map<string, Map<string, Entry>> => new Map([['/', new Map()]])
  let now = rootFolder()
  let durable = rootFolder()
  let unsynced = new Map<string, NameChange[]>()

  /** Changes a folder now, and by and by what of it survives. */
  const change = (folder: string, names: Map<string, Entry>, doIt: NameChange): void => {
    doIt(names)
    const others = unsynced.get(folder)
    if (others === undefined) unsynced.set(folder, [doIt])
    else others.push(doIt)
  }
  const errno = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code })
  const folderOf = (path: string): Map<string, Entry> => {
    const folder = now.get(dirname(path))
    if (!folder) throw errno('ENOENT', path)
    return folder
  }
  const inodeOf = (path: string): Inode => {
    const entry = folderOf(path).get(nameOf(path))
    if (!entry) throw errno('ENOENT', path)
    if (entry.kind === 'folder') throw errno('EISDIR', path)
    return entry.inode
  }

  return {
    async create(path) {
      const folder = folderOf(path)
      if (folder.has(nameOf(path))) throw errno('EEXIST', path)
      const inode: Inode = { bytes: new Uint8Array(), synced: undefined, modifiedMs: nowMs() }
      change(dirname(path), folder, (names) => names.set(nameOf(path), { kind: 'file', inode }))
      return {
        async write(bytes) {
          inode.bytes = bytes.slice()
          inode.modifiedMs = nowMs()
        },
        async sync() {
          inode.synced = inode.bytes
        },
        async close() {},
      }
    },
    async read(path) {
      return inodeOf(path).bytes.slice()
    },
    async readRange(path, start, end) {
      return inodeOf(path).bytes.slice(start, end)
    },
    async info(path) {
      if (now.has(path)) return { isFile: false, sizeBytes: 0, modifiedMs: 0 }
      const { bytes, modifiedMs } = inodeOf(path)
      return { isFile: true, sizeBytes: bytes.length, modifiedMs }
    },
    async link(from, to) {
      const inode = inodeOf(from)
      const folder = folderOf(to)
      if (folder.has(nameOf(to))) throw errno('EEXIST', to)
      change(dirname(to), folder, (names) => names.set(nameOf(to), { kind: 'file', inode }))
    },
    async rename(from, to) {
      const inode = inodeOf(from)
      change(dirname(to), folderOf(to), (names) => names.set(nameOf(to), { kind: 'file', inode }))
      change(dirname(from), folderOf(from), (names) => names.delete(nameOf(from)))
    },
    async remove(path) {
      inodeOf(path)
      change(dirname(path), folderOf(path), (names) => names.delete(nameOf(path)))
    },
    async entries(folder) {
      const names = now.get(folder.replace(/\/$/, '') || '/')
      if (!names) throw errno('ENOENT', folder)
      return [...names].map(([name, { kind }]) => ({ name, isFolder: kind === 'folder' }))
    },
    async makeFolder(folder) {
      const missing: string[] = []
      for (let each = folder; !now.has(each); each = dirname(each)) missing.unshift(each)
      for (const each of missing) {
        change(dirname(each), folderOf(each), (names) => names.set(nameOf(each), { kind: 'folder' }))
        now.set(each, new Map())
      }
      return missing[0]
    },
    async syncFolder(folder) {
      durable.set(folder, new Map(now.get(folder)))
      unsynced.delete(folder)
    },
    crash(dice) {
      for (const [folder, changes] of dice === undefined ? [] : unsynced) {
        const names = new Map(durable.get(folder))
        for (const doIt of changes.slice(0, dice?.whole(0, changes.length))) doIt(names)
        durable.set(folder, names)
      }
      const survivors = ({ bytes, synced }: Inode): Uint8Array => {
        if (synced !== undefined || dice === undefined) return synced ?? new Uint8Array()
        return bytes.subarray(0, dice.chance(0.5) ? 0 : dice.whole(0, bytes.length))
      }
      const after = rootFolder()
      const restore = (folder: string): void => {
        const names = new Map<string, Entry>()
        after.set(folder, names)
        for (const [name, entry] of durable.get(folder) ?? []) {
          if (entry.kind === 'folder') {
            names.set(name, entry)
            restore(folder === '/' ? `/${name}` : `${folder}/${name}`)
          } else {
            const bytes = survivors(entry.inode)
            names.set(name, { kind: 'file', inode: { bytes, synced: bytes, modifiedMs: entry.inode.modifiedMs } })
          }
        }
      }
      restore('/')
      now = after
      unsynced = new Map()
      durable = new Map([...after].map(([folder, names]) => [folder, new Map(names)]))
    },
  }
}
