import type { PreparedChange, Target } from './clean-commit.ts'
import type { DatasetStanding } from './clean-standing.ts'
import type { LedgerLine, LedgerStanding, Tally } from './clean-tally.ts'

/** A batch whose rows are judged: what each table is to gain and to lose, written and not yet committed. */
export interface Judged {
  readonly tallies: readonly Tally[]
  /** Topic by source. */
  readonly topics: ReadonlyMap<string, string>
  readonly silver: PreparedChange
  readonly quarantine: PreparedChange
  readonly displaced: PreparedChange
  /** Undefined where the dataset has no measures. */
  readonly measure: PreparedChange | undefined
}

/**
 * What cleaning has to know of rows. Where a record goes is decided here and depends on records alone; which table is committed when, and against what, is
 * decided elsewhere and depends on no row.
 */
export interface Judge {
  /** Of the records that Bronze gained after `from` up to the target's version. Writes data files; commits nothing. */
  batch(target: Target, from: number, standing: DatasetStanding): Promise<Judged>
  /** Every line of the dataset's ledger, counted from the tables as they stand. */
  count(standing: DatasetStanding): Promise<readonly LedgerLine[]>
  ledger(standing: DatasetStanding): Promise<LedgerStanding>
  /** Frees what judging has left over. */
  end(): Promise<void>
}
