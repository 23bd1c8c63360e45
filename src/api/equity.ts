import type { Figure, Scale } from './figure.ts'

/** What one column of Gold says, as the YAML beside its model has it. */
export interface GoldColumnAbout {
  readonly name: string
  readonly definition: string
  readonly unit: string
  readonly source: string
  /** `none` where there is none. */
  readonly caveat: string
}

export interface GoldTableAbout {
  readonly table: string
  readonly about: string
  /** Columns that tell its rows apart. */
  readonly grain: readonly string[]
  readonly columns: readonly GoldColumnAbout[]
}

export interface GoldColumns extends Figure {
  readonly tables: readonly GoldTableAbout[]
}

export type EquityVerdict =
  | 'higher where vulnerability is high'
  | 'lower where vulnerability is high'
  | 'no clear relation'
  | 'cannot be judged'
  | 'no value'

/** A row of `gold.equity_gap`, or of `gold.equity_gap_by_program`. Null: withheld, or not to be had; `note` says which. */
export interface EquityGap {
  readonly measure: string
  readonly respondent: string
  readonly construct: string
  readonly scale: Scale
  readonly definition: string | null
  /** Schools with both a value and a rank. */
  readonly n: number
  readonly nLow: number
  readonly nHigh: number
  /** Left out: a value and no rank. */
  readonly unranked: number
  /** Left out: no value. */
  readonly missing: number
  readonly meanLow: number | null
  readonly meanHigh: number | null
  /** `meanHigh − meanLow`, on the measure's own scale. */
  readonly gap: number | null
  readonly gapLow95: number | null
  readonly gapHigh95: number | null
  readonly gapInSd: number | null
  readonly spearman: number | null
  readonly spearmanLow95: number | null
  readonly spearmanHigh95: number | null
  readonly verdict: EquityVerdict
  readonly note: string | null
}

/** A row of `gold.climate_by_bucket`. */
export interface EquityBucket {
  readonly bucket: string
  readonly n: number
  readonly missing: number
  readonly mean: number | null
  readonly meanLow95: number | null
  readonly meanHigh95: number | null
  readonly studentWeightedMean: number | null
  readonly sd: number | null
  readonly median: number | null
  readonly p25: number | null
  readonly p75: number | null
  readonly suppression: 'none' | 'few_schools' | 'complementary'
}

export interface Equity extends Figure {
  readonly year: number
  readonly vintage: number
  /** `all`, or one kind of program. */
  readonly program: string
  readonly gaps: readonly EquityGap[]
  /** The measure whose buckets are shown; null where the year has none. */
  readonly measure: string | null
  readonly buckets: readonly EquityBucket[]
}
