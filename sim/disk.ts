import { dirname } from 'node:path'
import type { Disk } from '../../src/storage/disk.ts'

interface Inode {
  bytes: Uint8Array
  synced: Uint8Array | undefined
}

type Entry = { readonly kind: 'file'; readonly inode: Inode } | { readonly kind: 'folder' }

/**
 * A disk in memory that after `crash` holds only what was synced: a file's bytes as of its last `sync` (else none of them),
 * a folder's names as of its last `syncFolder`. The harshest disk that keeps its word.
 */
export function forgetfulDisk(): Disk & { crash(): void } {
  const rootFolder = (): Map<string, Map<string, Entry>> => new Map([['/', new Map()]])
  let now = rootFolder()
  let durable = rootFolder()

  const errno = (code: string, path: string): Error => Object.assign(new Error(`${code}: ${path}`), { code })
  const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
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
      const inode: Inode = { bytes: new Uint8Array(), synced: undefined }
      folder.set(nameOf(path), { kind: 'file', inode })
      return {
        async write(bytes) {
          inode.bytes = bytes.slice()
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
      return { isFile: true, sizeBytes: inodeOf(path).bytes.length, modifiedMs: Date.now() }
    },
    async link(from, to) {
      const inode = inodeOf(from)
      const folder = folderOf(to)
      if (folder.has(nameOf(to))) throw errno('EEXIST', to)
      folder.set(nameOf(to), { kind: 'file', inode })
    },
    async rename(from, to) {
      const inode = inodeOf(from)
      folderOf(to).set(nameOf(to), { kind: 'file', inode })
      folderOf(from).delete(nameOf(from))
    },
    async remove(path) {
      inodeOf(path)
      folderOf(path).delete(nameOf(path))
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
        folderOf(each).set(nameOf(each), { kind: 'folder' })
        now.set(each, new Map())
      }
      return missing[0]
    },
    async syncFolder(folder) {
      durable.set(folder, new Map(now.get(folder)))
    },
    crash() {
      const after = rootFolder()
      const restore = (folder: string): void => {
        const names = new Map<string, Entry>()
        after.set(folder, names)
        for (const [name, entry] of durable.get(folder) ?? []) {
          if (entry.kind === 'folder') {
            names.set(name, entry)
            restore(folder === '/' ? `/${name}` : `${folder}/${name}`)
          } else {
            const bytes = entry.inode.synced ?? new Uint8Array()
            names.set(name, { kind: 'file', inode: { bytes, synced: bytes } })
          }
        }
      }
      restore('/')
      now = after
      durable = new Map([...after].map(([folder, names]) => [folder, new Map(names)]))
    },
  }
}
