import type { ObjectInfo, ObjectStore } from '#port'
import { Fault } from '#port'
import { parseCommit } from './actions.ts'
import type { Checkpoint } from './checkpoint.ts'
import { readCheckpoint } from './checkpoint.ts'
import { commitPath, lastCheckpointPath, logFolder, versionName } from './paths.ts'
import { unsupported } from './protocol.ts'
import type { Replay } from './state.ts'
import { startReplay } from './state.ts'

/** Commits read at once: enough to hide a store's latency, few enough to hold in memory. */
const readAhead = 16

/** What a listing of the log shows. */
interface LogListing {
  readonly newest: number | undefined
  readonly checkpoints: readonly Checkpoint[]
  readonly hasV2Checkpoint: boolean
  /** The object of the newest commit. */
  readonly newestCommit: ObjectInfo | undefined
}

/** A table's log, replayed to one version. */
export interface LoadedLog {
  readonly replay: Replay
  readonly version: number
  readonly checkpointVersion: number | undefined
  readonly newestCommit: ObjectInfo | undefined
}

const name = /\/(\d{20})\.(json|checkpoint(?:\.(\d{10})\.(\d{10})|\.([0-9a-f-]{36}))?\.(?:parquet|json))$/

/** Lists the log from `from` on (inclusive). Compacted commits and checksums are passed over: the commits themselves say all. */
export async function listLog(store: ObjectStore, root: string, from = 0): Promise<LogListing> {
  let newest: number | undefined
  let newestCommit: ObjectInfo | undefined
  let hasV2Checkpoint = false
  const parts = new Map<string, { version: number; count: number; paths: string[] }>()
  for await (const info of store.list(logFolder(root), `${logFolder(root)}${versionName(from)}`)) {
    const match = name.exec(info.path)
    if (!match) continue
    const version = Number(match[1])
    if (match[2] === 'json') {
      newest = version
      newestCommit = info
    } else if (match[5] !== undefined) hasV2Checkpoint = true
    else {
      const count = match[4] === undefined ? 1 : Number(match[4])
      const key = `${version}/${count}`
      const known = parts.get(key) ?? { version, count, paths: [] }
      known.paths.push(info.path)
      parts.set(key, known)
    }
  }
  const checkpoints = [...parts.values()].filter(({ count, paths }) => paths.length === count)
  const lastCheckpoint = checkpoints.at(-1)?.version
  if (lastCheckpoint !== undefined && (newest === undefined || lastCheckpoint > newest)) newest = lastCheckpoint
  return { newest, checkpoints, hasV2Checkpoint, newestCommit }
}

/** Replays the log from its best checkpoint to `upTo`, or to the newest version. Undefined: no table. */
export async function loadLog(store: ObjectStore, root: string, upTo?: number): Promise<LoadedLog | undefined> {
  try {
    return await loadOnce(store, root, upTo)
  } catch (error) {
    // A log may be cleaned while it is read; then a second listing shows a newer checkpoint.
    if (isMissingCommit(error)) return await loadOnce(store, root, upTo)
    throw error
  }
}

async function loadOnce(store: ObjectStore, root: string, upTo: number | undefined): Promise<LoadedLog | undefined> {
  const hint = await readHint(store, root)
  let listing = await listLog(store, root, hint ?? 0)
  const best = (): Checkpoint | undefined =>
    listing.checkpoints.findLast(({ version }) => upTo === undefined || version <= upTo)
  // The hint is only a hint: it may be stale, wrong, or newer than what is asked for.
  if (hint !== undefined && best() === undefined) listing = await listLog(store, root)
  const { newest } = listing
  if (newest === undefined) {
    if (listing.hasV2Checkpoint) throw unsupported(root, 'v2Checkpoint', 'v2Checkpoint', 'read')
    return undefined
  }
  const version = upTo ?? newest
  if (version > newest) throw noVersion(root, version, `the newest is ${newest}`)

  const checkpoint = best()
  const replay = startReplay(root)
  if (checkpoint) await readCheckpoint(store, checkpoint, replay)
  await replayCommits(store, root, (checkpoint?.version ?? -1) + 1, version, replay)
  if (checkpoint?.version === version) {
    // A checkpoint has no commitInfo; the commit beside it says when it was.
    const bytes = await store.read(commitPath(root, version))
    if (bytes) {
      const actions = parseCommit(bytes, commitPath(root, version))
      replay.apply(
        version,
        actions.filter(({ kind }) => kind === 'commitInfo'),
        checkpoint.paths[0] ?? root,
      )
    }
  }
  return {
    replay,
    version,
    checkpointVersion: checkpoint?.version,
    newestCommit: version === newest ? listing.newestCommit : undefined,
  }
}

/** Reads commits `from` to `to` (both inclusive) and applies them in order. */
export async function replayCommits(
  store: ObjectStore,
  root: string,
  from: number,
  to: number,
  replay: Pick<Replay, 'apply'>,
): Promise<void> {
  for (let start = from; start <= to; start += readAhead) {
    const versions = Array.from({ length: Math.min(readAhead, to - start + 1) }, (_, i) => start + i)
    const commits = await Promise.all(versions.map((version) => store.read(commitPath(root, version))))
    for (const [i, bytes] of commits.entries()) {
      const version = start + i
      const path = commitPath(root, version)
      if (bytes === undefined) throw missingCommit(root, version, to)
      replay.apply(version, parseCommit(bytes, path), path)
    }
  }
}

/** A commit between others is not there. */
function missingCommit(root: string, version: number, newest: number): Fault {
  return new Fault(
    'lake/damaged',
    `The log of ${root} is not contiguous: version ${version} is missing, while version ${newest} stands.`,
    {
      mend: 'Restore the missing file of _delta_log from a copy, or remove the table and load it again.',
      facts: { root, missingVersion: version, newest },
    },
  )
}

export function isMissingCommit(error: unknown): boolean {
  return error instanceof Fault && 'missingVersion' in error.facts
}

export function noVersion(root: string, version: number, why: string): Fault {
  return new Fault('lake/no-version', `The table ${root} has no version ${version}: ${why}.`, {
    mend: 'Ask for a version that stands, or for the newest.',
    facts: { root, version },
  })
}

/** Version of the newest checkpoint, as far as `_last_checkpoint` knows. Whatever is wrong with it, the listing knows better. */
async function readHint(store: ObjectStore, root: string): Promise<number | undefined> {
  const bytes = await store.read(lastCheckpointPath(root))
  return bytes && hintVersion(bytes)
}

export function hintVersion(bytes: Uint8Array): number | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
    const version = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined
    return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined
  } catch {
    return undefined // a hint that is no JSON hints at nothing
  }
}
