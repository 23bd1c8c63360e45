import type { ObjectStore } from '#port'
import { logFolder, versionName } from './paths.ts'

/** One object of `_delta_log`. */
export interface LogFile {
  readonly path: string
  readonly kind: 'commit' | 'checkpoint' | 'v2-checkpoint' | 'compacted' | 'checksum'
  /** Of compacted commits, the last of them. */
  readonly version: number
  /** Of compacted commits, the first of them; else the same as `version`. */
  readonly from: number
  /** Parts of the checkpoint that it belongs to. */
  readonly parts: number
  readonly sizeBytes: number
  readonly modifiedMs: number
}

const commit = /\/(\d{20})\.json$/
const checkpoint = /\/(\d{20})\.checkpoint(?:\.\d{10}\.(\d{10}))?\.parquet$/
const v2Checkpoint = /\/(\d{20})\.checkpoint\.[0-9a-f-]{36}\.(?:parquet|json)$/
const compacted = /\/(\d{20})\.(\d{20})\.compacted\.json$/
const checksum = /\/(\d{20})\.crc$/

const kinds = { commit, checkpoint, 'v2-checkpoint': v2Checkpoint, compacted, checksum } as const
const ofJson = ['commit', 'compacted', 'v2-checkpoint'] as const
const ofOthers = ['checkpoint', 'checksum', 'v2-checkpoint'] as const

/** The log's objects from version `from` on (inclusive), in byte order of their names; what is none of Delta's is passed over. */
export async function* logFiles(store: ObjectStore, root: string, from = 0): AsyncIterable<LogFile> {
  for await (const { path, sizeBytes, modifiedMs } of store.list(
    logFolder(root),
    `${logFolder(root)}${versionName(from)}`,
  )) {
    for (const kind of path.endsWith('.json') ? ofJson : ofOthers) {
      const match = kinds[kind].exec(path)
      if (!match) continue
      const parts = kind === 'checkpoint' ? Number(match[2] ?? 1) : 1
      const version = Number(kind === 'compacted' ? match[2] : match[1])
      yield { path, kind, version, from: Number(match[1]), parts, sizeBytes, modifiedMs }
      break
    }
  }
}

export interface Checkpoint {
  readonly version: number
  /** One, or the parts of a multi-part checkpoint in order. */
  readonly paths: readonly string[]
}

/** Classic checkpoints of which every part is there, oldest first. */
export function wholeCheckpoints(files: readonly LogFile[]): readonly Checkpoint[] {
  const found = new Map<string, { version: number; parts: number; paths: string[] }>()
  for (const { kind, version, parts, path } of files) {
    if (kind !== 'checkpoint') continue
    const known = found.get(`${version}/${parts}`) ?? { version, parts, paths: [] }
    known.paths.push(path)
    found.set(`${version}/${parts}`, known)
  }
  return [...found.values()].filter(({ parts, paths }) => paths.length === parts)
}
