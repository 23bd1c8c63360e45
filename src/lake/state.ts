import type { Action, AddFile, MetaData, Protocol, RemoveFile, Txn } from './actions.ts'
import { damaged } from './fields.ts'
import { checkInside, decodePath } from './paths.ts'
import { checkReadable, unsupported } from './protocol.ts'
import type { TableSchema } from './schema.ts'
import { parseSchema } from './schema.ts'
import type { DataFile, Snapshot } from './table.ts'

/** A file as it stands in the log; `logged` keeps the very text of its path, by which other readers match a remove with its add. */
export interface LoggedFile {
  readonly logged: string
  readonly file: DataFile
  readonly tags: AddFile['tags']
}

/** What replaying the log leaves (PROTOCOL.md, "Action Reconciliation"): for each path, appId and kind the latest action. */
export interface LogState {
  readonly version: number
  readonly protocol: Protocol
  readonly metaData: MetaData
  readonly schema: TableSchema
  /** By decoded path. */
  readonly files: ReadonlyMap<string, LoggedFile>
  readonly removed: ReadonlyMap<string, RemoveFile>
  readonly txns: ReadonlyMap<string, Txn>
  readonly committedMs: number | undefined
}

/** Replays actions onto a state. The maps are taken over and changed: whoever gives a state away asks for its snapshot first. */
export interface Replay {
  apply(version: number, actions: readonly Action[], path: string): void
  /** Fault `lake/damaged` where protocol or metadata is missing, `lake/unsupported` where they ask for what we lack. */
  state(): LogState
}

export function startReplay(root: string): Replay {
  const files = new Map<string, LoggedFile>()
  const removed = new Map<string, RemoveFile>()
  const txns = new Map<string, Txn>()
  let version = -1
  let protocol: Protocol | undefined
  let metaData: MetaData | undefined
  let schema: TableSchema | undefined
  let committedMs: number | undefined
  let withVector: string | undefined
  let where = root

  return {
    apply(at, actions, path) {
      version = at
      where = path
      committedMs = undefined
      for (const action of actions) {
        switch (action.kind) {
          case 'commitInfo':
            committedMs = action.timestampMs
            break
          case 'protocol':
            protocol = action.protocol
            break
          case 'metaData':
            metaData = action.metaData
            schema = undefined
            break
          case 'txn':
            txns.set(action.txn.appId, action.txn)
            break
          case 'add': {
            const { add } = action
            const key = decodePath(add.path, path)
            removed.delete(key)
            files.delete(key)
            files.set(key, { logged: add.path, file: dataFile(add, key), tags: add.tags })
            if (add.hasDeletionVector) withVector = key
            break
          }
          case 'remove': {
            const key = decodePath(action.remove.path, path)
            files.delete(key)
            removed.set(key, action.remove)
            break
          }
        }
      }
    },
    state() {
      if (!protocol) throw damaged(where, `no protocol up to version ${version}`)
      if (!metaData) throw damaged(where, `no metaData up to version ${version}`)
      checkReadable(root, protocol, metaData)
      if (withVector !== undefined) throw unsupported(root, 'deletionVectors', 'deletionVectors', 'read')
      schema ??= parseSchema(metaData.schemaString, where)
      return { version, protocol, metaData, schema, files, removed, txns, committedMs }
    },
  }
}

function dataFile(add: AddFile, path: string): DataFile {
  return {
    path,
    sizeBytes: add.size,
    modifiedMs: add.modificationTime,
    partitionValues: add.partitionValues,
    stats: add.stats,
  }
}

export function dataFileOf(add: AddFile, where: string): DataFile {
  return dataFile(add, decodePath(add.path, where))
}

/** A copy that does not change with the state. */
export function snapshotOf(root: string, state: LogState): Snapshot {
  const files: DataFile[] = []
  for (const { file } of state.files.values()) {
    checkInside(file.path, root)
    files.push(file)
  }
  const txns = new Map<string, number>()
  for (const { appId, version } of state.txns.values()) txns.set(appId, version)
  return {
    version: state.version,
    id: state.metaData.id,
    columns: state.schema.columns,
    partitionColumns: state.metaData.partitionColumns,
    configuration: state.metaData.configuration,
    files,
    txns,
    committedMs: state.committedMs,
  }
}
