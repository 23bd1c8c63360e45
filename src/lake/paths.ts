import { Fault } from '#port'
import { damaged } from './fields.ts'

export function logFolder(root: string): string {
  return `${root}/_delta_log/`
}

/** Twenty digits, so that byte order is version order. */
export function versionName(version: number): string {
  return String(version).padStart(20, '0')
}

/** `_delta_log/00000000000000000007.json` */
export function commitPath(root: string, version: number): string {
  return `${logFolder(root)}${versionName(version)}.json`
}

export function checkpointPath(root: string, version: number): string {
  return `${logFolder(root)}${versionName(version)}.checkpoint.parquet`
}

/** The commits `from` to `to`, in one file. */
export function compactedPath(root: string, from: number, to: number): string {
  return `${logFolder(root)}${versionName(from)}.${versionName(to)}.compacted.json`
}

export function checksumPath(root: string, version: number): string {
  return `${logFolder(root)}${versionName(version)}.crc`
}

export function lastCheckpointPath(root: string): string {
  return `${logFolder(root)}_last_checkpoint`
}

/** The path of a data file as the log has it: each part URI-encoded, but for the `=` of a partition's folder. */
export function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%3D', '='))
    .join('/')
}

/** Decoded; absolute paths without `file:` and its slashes, so that the same file has one name however it was written. */
export function decodePath(logged: string, where: string): string {
  let path: string
  try {
    path = decodeURIComponent(logged)
  } catch (cause) {
    throw damaged(where, `the path ${logged} is not URI-encoded`, cause)
  }
  return path.startsWith('file:') ? `/${path.slice('file:'.length).replace(/^\/+/, '')}` : path
}

const scheme = /^[a-z][a-z0-9+.-]*:/i

/** Only files below the table's folder can be reached through its store. */
export function isInside(path: string): boolean {
  return !path.startsWith('/') && !scheme.test(path) && !path.split('/').includes('..')
}

export function outsideFault(path: string, root: string): Fault {
  return new Fault('lake/unsupported', `The table ${root} holds a file outside its folder: ${path}.`, {
    mend: 'Tables whose files lie elsewhere (absolute paths, shallow clones) are read with another engine; copy the table to read it here.',
    facts: { root, path, feature: 'absolutePath' },
  })
}
