import { Broken } from './checks.ts'

/** A table after one commit, as the commits themselves say; read without the kernel, so that it can be held against it. */
export interface Replayed {
  readonly timestampMs: number
  /** Size by path. */
  readonly files: ReadonlyMap<string, number>
  readonly txns: ReadonlyMap<string, number>
}

interface Line {
  readonly commitInfo?: { readonly timestamp: number }
  readonly txn?: { readonly appId: string; readonly version: number }
  readonly add?: { readonly path: string; readonly size: number }
  readonly remove?: { readonly path: string }
}

/** After every version. Throws where a file is added twice or removed without having been there, or where a txn goes back. */
export function replayOf(root: string, commits: readonly Uint8Array[]): readonly Replayed[] {
  const states: Replayed[] = []
  let files = new Map<string, number>()
  let txns = new Map<string, number>()
  for (const [version, bytes] of commits.entries()) {
    const lines: Line[] = new TextDecoder()
      .decode(bytes)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    files = new Map(files)
    txns = new Map(txns)
    for (const { remove } of lines) {
      if (remove !== undefined && !files.delete(decodeURIComponent(remove.path)))
        throw new Broken('log', `${root}, version ${version} removes ${remove.path}, which is not there`)
    }
    for (const { add } of lines) {
      if (add === undefined) continue
      if (files.has(add.path)) throw new Broken('log', `${root}, version ${version} adds ${add.path} again`)
      files.set(decodeURIComponent(add.path), add.size)
    }
    for (const { txn } of lines) {
      if (txn === undefined) continue
      const before = txns.get(txn.appId) ?? -1
      if (txn.version < before)
        throw new Broken('txn', `${root}, version ${version}: ${txn.appId} goes back from ${before} to ${txn.version}`)
      txns.set(txn.appId, txn.version)
    }
    states.push({ timestampMs: lines[0]?.commitInfo?.timestamp ?? 0, files, txns })
  }
  return states
}
