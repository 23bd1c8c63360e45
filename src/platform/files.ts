import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { SourceFile } from '#pipeline'
import { Fault } from '#port'

/**
 * The files of a folder and of all folders in it, in the order of their names, hidden ones (`.git`, `.DS_Store`) left out.
 * Faults: `land/no-folder`, `land/unreadable-folder`. A single file that cannot be read faults when it is opened.
 */
export async function folderFiles(folder: string): Promise<readonly SourceFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw folderFault(folder, cause)
  })
  const files: SourceFile[] = []
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const name = relative(folder, path).split(sep).join('/')
    if (entry.isDirectory() || name.split('/').some((part) => part.startsWith('.'))) continue
    const info = await stat(path).catch(() => undefined)
    // Sockets, pipes and links to folders hold no bytes; a link to nothing is told when it is opened.
    if (info !== undefined && !info.isFile()) continue
    files.push({
      name,
      sizeBytes: info?.size ?? 0,
      modifiedMs: Math.floor(info?.mtimeMs ?? 0),
      open: () => opened(path, name),
    })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function* opened(path: string, name: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 })
  } catch (cause) {
    throw fileFault(name, cause)
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
}

function fileFault(name: string, cause: unknown): unknown {
  const code = codeOf(cause)
  if (code === 'ENOENT') {
    return new Fault('land/vanished', `${name} was there when the folder was listed and is gone.`, {
      mend: 'Put it back, if it is wanted, and run again.',
      facts: { file: name },
      cause,
    })
  }
  if (code === 'unknown') return cause
  return new Fault('land/unreadable-file', `${name} cannot be read (${code}).`, {
    mend: 'Give this user the right to read it, or check the disk, and run again.',
    facts: { file: name, code },
    cause,
  })
}

function folderFault(folder: string, cause: unknown): Fault {
  const code = codeOf(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Fault('land/no-folder', `${folder} is ${code === 'ENOENT' ? 'not there' : 'no folder'}.`, {
      mend: 'Give --from a folder that holds the files.',
      facts: { folder },
      cause,
    })
  }
  return new Fault('land/unreadable-folder', `${folder}, or a folder in it, cannot be listed (${code}).`, {
    mend: 'Give this user the right to list it, and run again.',
    facts: { folder, code },
    cause,
  })
}
