import type { Action, AddFile, MetaData, Protocol, RemoveFile, Txn } from './actions.ts'
import { damaged } from './fields.ts'
import type { Checkpoint } from './log-files.ts'
import { decodePath, isInside, outsideFault } from './paths.ts'
import { checkReadable, unsupported } from './protocol.ts'
import type { TableSchema } from './schema.ts'
import { parseSchema } from './schema.ts'
import type { DataFile, Snapshot } from './table.ts'
import type { View } from './versioned.ts'
import { versioned } from './versioned.ts'

/** A file as it stands in the log; `logged` keeps the very text of its path, by which other readers match a remove with its add. */
export interface LoggedFile {
  readonly logged: string
  readonly file: DataFile
  readonly tags: AddFile['tags']
}

/** What replaying the log leaves (PROTOCOL.md, "Action Reconciliation"): for each path, appId and kind the latest action. Never changes. */
export interface LogState {
  readonly version: number
  readonly protocol: Protocol
  readonly metaData: MetaData
  readonly schema: TableSchema
  /** By decoded path. */
  readonly files: View<LoggedFile>
  /** Removes since `base`; those before it stand there and were not read. */
  readonly removed: View<RemoveFile>
  /** The checkpoint that the replay began with; undefined where it began with the first commit. */
  readonly base: Checkpoint | undefined
  readonly txns: View<Txn>
  readonly committedMs: number | undefined
  /** By which the writer of the version knows its commit. */
  readonly txnId: string | undefined
}

/** Replays actions, in order of version. A state that was given away stays as it is. */
export interface Replay {
  apply(version: number, actions: readonly Action[], path: string): void
  /** Forgets removes up to that instant, which no reader needs any more. */
  forgetRemoved(untilMs: number): void
  /** Leaves the removes up to a checkpoint of this very log to the checkpoint. */
  restOn(checkpoint: Checkpoint): void
  /** Fault `lake/damaged` where protocol or metadata is missing, `lake/unsupported` where they ask for what we lack. */
  state(): LogState
}

/** Begins with the first commit, or with what a checkpoint (`readCheckpoint`) says. */
export function startReplay(root: string, checkpoint?: Checkpoint): Replay {
  const files = versioned<LoggedFile>()
  let base = checkpoint
  let removed = versioned<RemoveFile>()
  const txns = versioned<Txn>()
  const outside = new Set<string>()
  let version = -1
  let protocol: Protocol | undefined
  let metaData: MetaData | undefined
  let schema: TableSchema | undefined
  let info: Extract<Action, { kind: 'commitInfo' }> | undefined
  let withVector: string | undefined
  let where = root

  return {
    apply(at, actions, path) {
      version = at
      where = path
      info = undefined
      for (const action of actions) {
        switch (action.kind) {
          case 'commitInfo':
            info = action
            break
          case 'protocol':
            protocol = action.protocol
            break
          case 'metaData':
            metaData = action.metaData
            schema = undefined
            break
          case 'txn':
            txns.put(action.txn.appId, action.txn, at)
            break
          case 'add': {
            const { add } = action
            const key = decodePath(add.path, path)
            removed.drop(key, at)
            files.put(key, { logged: add.path, file: dataFile(add, key), tags: add.tags }, at)
            if (add.hasDeletionVector) withVector = key
            if (!isInside(key)) outside.add(key)
            break
          }
          case 'remove': {
            const key = decodePath(action.remove.path, path)
            files.drop(key, at)
            removed.put(key, action.remove, at)
            outside.delete(key)
            break
          }
        }
      }
    },
    forgetRemoved(untilMs) {
      removed.sweep(({ deletionTimestamp }) => (deletionTimestamp ?? 0) <= untilMs, version)
    },
    restOn(checkpoint) {
      if (checkpoint.version > version || checkpoint.version <= (base?.version ?? -1)) return
      base = checkpoint
      removed = removed.since(checkpoint.version)
    },
    state() {
      if (!protocol) throw damaged(where, `no protocol up to version ${version}`)
      if (!metaData) throw damaged(where, `no metaData up to version ${version}`)
      checkReadable(root, protocol, metaData)
      if (withVector !== undefined) throw unsupported(root, 'deletionVectors', 'deletionVectors', 'read')
      const [stray] = outside
      if (stray !== undefined) throw outsideFault(stray, root)
      schema ??= parseSchema(metaData.schemaString, where)
      return {
        version,
        protocol,
        metaData,
        schema,
        files: files.at(version),
        removed: removed.at(version),
        base,
        txns: txns.at(version),
        committedMs: info?.timestampMs,
        txnId: info?.txnId,
      }
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

/** A state as callers see it; what they do not look at is not made. */
export function snapshotOf(state: LogState): Snapshot {
  let files: readonly DataFile[] | undefined
  let txns: ReadonlyMap<string, number> | undefined
  return {
    version: state.version,
    id: state.metaData.id,
    protocol: state.protocol,
    columns: state.schema.columns,
    partitionColumns: state.metaData.partitionColumns,
    configuration: state.metaData.configuration,
    get files() {
      files ??= state.files.values().map(({ file }) => file)
      return files
    },
    get txns() {
      txns ??= new Map(state.txns.values().map(({ appId, version }) => [appId, version]))
      return txns
    },
    committedMs: state.committedMs,
  }
}
