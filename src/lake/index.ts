export type { Change, CommitOutcome, CommitRequest, DataFile, Snapshot, Table } from './table.ts'
