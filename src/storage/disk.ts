import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { errnoOf } from './errno.ts'

export interface DiskEntry {
  readonly name: string
  readonly isFolder: boolean
}

export interface DiskFileInfo {
  readonly isFile: boolean
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * What the local store asks of a file system; errors carry an `errno` code. What survives a crash: a file's bytes after `sync`,
 * a name (made, linked, renamed, removed) after `syncFolder` of the folder that it stands in.
 */
export interface Disk {
  /** Makes a file that is not there yet (`EEXIST`). */
  create(
    path: string,
  ): Promise<{ write(bytes: Uint8Array): Promise<void>; sync(): Promise<void>; close(): Promise<void> }>
  read(path: string): Promise<Uint8Array>
  /** `end` is exclusive and clipped to the file. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array>
  info(path: string): Promise<DiskFileInfo>
  /** A second name for a file; `EEXIST` where the name is taken. */
  link(from: string, to: string): Promise<void>
  /** Another name for a file, in place of what had it. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file's name. */
  remove(path: string): Promise<void>
  entries(folder: string): Promise<readonly DiskEntry[]>
  /** Makes a folder and those above it; answers the uppermost that was made, or undefined where all stood. */
  makeFolder(folder: string): Promise<string | undefined>
  syncFolder(folder: string): Promise<void>
}

/** The machine's own file system. */
export const machineDisk: Disk = {
  async create(path) {
    const file = await open(path, 'wx')
    return {
      write: (bytes) => file.writeFile(bytes),
      sync: () => file.sync(),
      close: () => file.close(),
    }
  },
  async read(path) {
    const { buffer, byteOffset, byteLength } = await readFile(path)
    return new Uint8Array(buffer, byteOffset, byteLength)
  },
  async readRange(path, start, end) {
    const file = await open(path, 'r')
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
  },
  async info(path) {
    const info = await stat(path)
    return { isFile: info.isFile(), sizeBytes: info.size, modifiedMs: Math.floor(info.mtimeMs) }
  },
  link,
  rename,
  remove: (path) => rm(path),
  async entries(folder) {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
  },
  makeFolder: (folder) => mkdir(folder, { recursive: true }),
  async syncFolder(folder) {
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
  },
}
