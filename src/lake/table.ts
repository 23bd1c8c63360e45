import type { Column } from '#port'

/** One data file of a table, as its log has it. */
export interface DataFile {
  /** Relative to the table's root, decoded. */
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly partitionValues: Readonly<Record<string, string | null>>
  /** The log's own JSON text; undefined where the writer gave none. */
  readonly stats: string | undefined
}

/** A table at one version; never changes. */
export interface Snapshot {
  readonly version: number
  readonly id: string
  readonly protocol: {
    readonly minReaderVersion: number
    readonly minWriterVersion: number
    readonly readerFeatures: readonly string[]
    readonly writerFeatures: readonly string[]
  }
  readonly columns: readonly Column[]
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly files: readonly DataFile[]
  /** Newest version by appId. */
  readonly txns: ReadonlyMap<string, number>
  /** Milliseconds since 1970, from the commit's own record; undefined where it has none. */
  readonly committedMs: number | undefined
}

export interface DataChanges {
  readonly added: readonly DataFile[]
  readonly removes: boolean
}

export interface Change {
  /**
   * Where the table is not there yet, or its columns grow: what it is to have. Absent: the columns stay. A change that removes every file
   * may give the table any columns, but for those that partition it; any other may only add. What stands without a column reads as null there.
   */
  readonly columns?: readonly Column[]
  /** Columns by whose values the files of a table that this change makes are kept apart; one that is there keeps its own. */
  readonly partitionColumns?: readonly string[]
  /**
   * Properties of a table that this change makes; one that is there keeps its own. Known here: `delta.checkpointInterval`, `delta.logRetentionDuration`,
   * `delta.deletedFileRetentionDuration`, `delta.appendOnly`, and names that do not begin with `delta.`.
   */
  readonly configuration?: Readonly<Record<string, string>>
  readonly add: readonly DataFile[]
  /** Files of the snapshot that `stage` was given. */
  readonly remove: readonly DataFile[]
  readonly txns: readonly { readonly appId: string; readonly version: number }[]
}

export interface CommitRequest {
  /** Delta's word for it: WRITE, MERGE, CREATE TABLE, OPTIMIZE. */
  readonly operation: string
  readonly parameters?: Readonly<Record<string, string>>
  /** True only where the change reads nothing of the table. */
  readonly blindAppend: boolean
  /**
   * Decides the change against the newest snapshot (undefined: no table yet). Asked again, with a newer one, when another writer came first;
   * so whatever depends on the snapshot is made anew. Answers undefined where nothing is left to do.
   */
  stage(newest: Snapshot | undefined): Promise<Change | undefined> | Change | undefined
}

export type CommitOutcome =
  | { readonly outcome: 'committed'; readonly version: number }
  /** `stage` found nothing to do at this version. */
  | { readonly outcome: 'unneeded'; readonly version: number | undefined }

/**
 * A Delta table in an object store. Faults: `lake/unsupported` (a protocol or feature we do not know, by name), `lake/damaged` (a log that cannot be read, with the file),
 * `lake/no-version`, `lake/schema` (columns that cannot change so), `lake/bad-file` (a file that does not fit its table, by column), `lake/contended` (retry),
 * and the store's own.
 */
export interface Table {
  /** Path of the table's folder in the store. */
  readonly root: string
  /** Newest; undefined where there is no table. */
  snapshot(): Promise<Snapshot | undefined>
  snapshotAt(version: number): Promise<Snapshot>
  /**
   * What commits after `after` up to and including `upTo` did to the rows (`dataChange`): the files they added, in order of commit, and whether they removed any.
   * Fault `lake/no-version` where not all of these commits are there.
   */
  dataChangesBetween(after: number, upTo: number): Promise<DataChanges>
  /**
   * Puts Parquet bytes beside the table under a name of their own, with stats from the footer. Not part of the table until a commit adds it. For a partitioned
   * table, `partition` has the text of each partition column's value, in their order (PROTOCOL.md, "Partition Value Serialization"), and the file has none of these columns.
   */
  writeFile(parquet: Uint8Array, partition?: Readonly<Record<string, string | null>>): Promise<DataFile>
  /** Fault `lake/unsupported` where the table asks of its writers what is not kept here. No table: none. */
  checkWritable(): Promise<void>
  /** Every so many versions (`delta.checkpointInterval`) a checkpoint is begun that the commit does not wait for. */
  commit(request: CommitRequest): Promise<CommitOutcome>
  /** Writes a checkpoint of the newest version, unless one stands that is fewer than `leastCommits` (default 1) behind it. Answers its version where one was written. */
  checkpoint(leastCommits?: number): Promise<number | undefined>
  /**
   * Puts the newest commits that no checkpoint covers into one file beside them, where they are at least `leastCommits`, so that the table opens with fewer reads;
   * answers the versions. Fault `lake/unsupported`: a table that we do not write.
   */
  compactLog(leastCommits: number): Promise<{ readonly from: number; readonly to: number } | undefined>
  /** Writes what the newest version comes to beside its commit, where that does not stand yet. Fault as above. */
  writeChecksum(): Promise<void>
  /** Answers once what a snapshot showed survives a crash of the machine: another process may have died over its commit. To be asked before another table rests on it. */
  sync(): Promise<void>
  /** Answers when nothing goes on behind a commit any more. A process that ends waits for it, or its checkpoint is left to the next. */
  settled(): Promise<void>
  /** Paths of the files that a version needs which was the newest at `sinceMs` or later, as far as the log tells. Undefined where there is no table. */
  filesNeededSince(sinceMs: number): Promise<ReadonlySet<string> | undefined>
}
