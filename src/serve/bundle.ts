import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { Fault } from '#port'

export interface BundleFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  /** True where the name changes with the content, so that a browser may keep it for good. */
  readonly immutable: boolean
}

/** The built dashboard, held in memory: no path of a request ever reaches the file system. */
export interface Bundle {
  readonly page: BundleFile
  /** By path as requested, `/assets/…`. */
  file(path: string): BundleFile | undefined
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

export async function readBundle(folder: string): Promise<Bundle> {
  const files = new Map<string, BundleFile>()
  for (const path of await filesIn(folder)) {
    const bytes = new Uint8Array(await readFile(path))
    const name = `/${relative(folder, path).split(sep).join('/')}`
    files.set(name, {
      bytes,
      type: types[extname(path)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}"`,
      immutable: name.startsWith('/assets/'),
    })
  }
  const page = files.get('/index.html')
  if (page === undefined) throw noBundle(folder)
  return { page, file: (path) => files.get(path) }
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  } catch (error) {
    throw noBundle(folder, error)
  }
}

function noBundle(folder: string, cause?: unknown): Fault {
  return new Fault('serve/no-bundle', `The dashboard is not built: there is no index.html in ${folder}.`, {
    mend: 'npm run build',
    facts: { folder },
    cause,
  })
}
