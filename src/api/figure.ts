/** JSON scalar of a row: instants are ISO 8601 in UTC, integers beyond ±(2^53 − 1) are strings. */
export type ApiCell = null | boolean | number | string

/** What every figure says about itself. */
export interface Figure {
  /** Version of the publication it was read from. */
  readonly publication: number
  /** True where any number rests on generated sample data. */
  readonly sample: boolean
}

/** `rate`: a fraction 0–1. `score_1_5`: a score 1–5. `percent_positive`: 0–100. Never averaged with one another. */
export type Scale = 'rate' | 'score_1_5' | 'percent_positive'

export type RateMeasure = 'student_response_rate' | 'teacher_response_rate' | 'parent_response_rate'

/** A measure of the school-level table. */
export type SchoolMeasure =
  | RateMeasure
  | 'collaborative_teachers_score'
  | 'effective_school_leadership_score'
  | 'rigorous_instruction_score'
  | 'supportive_environment_score'
  | 'strong_family_community_ties_score'
  | 'trust_score'

export type PlaceKind = 'borough' | 'district'

/** One value of a slicer. `none` stands for schools without the value. */
export interface Choice {
  readonly value: string
  readonly label: string
  readonly schools: number
}

export interface YearChoice {
  /** The year the school year ends in: 2019 is 2018-19. */
  readonly year: number
  readonly schools: number
  readonly scales: readonly Scale[]
  /** Rates with at least one published value. */
  readonly rates: readonly RateMeasure[]
}

export interface MeasureChoice {
  /** Name of the measure, `student_safety`. */
  readonly id: string
  readonly respondent: string
  readonly construct: string
  readonly scale: Scale
  /** What it is a share or a score of, in words; null where Gold has no definition. */
  readonly definition: string | null
  /** Years that ask it, whether or not any school has a value. */
  readonly years: readonly number[]
}

/** Edges are data: at or above `from`, below `to`. Unknown has neither. */
export interface BucketEdge {
  readonly bucket: string
  readonly from: number | null
  readonly to: number | null
}

export interface Options extends Figure {
  /** The newest year with any response rate, else the newest year. */
  readonly defaultYear: number | null
  readonly years: readonly YearChoice[]
  readonly boroughs: readonly Choice[]
  readonly districts: readonly Choice[]
  readonly programs: readonly Choice[]
  /** SVI releases that school-years are joined with. */
  readonly vintages: readonly number[]
  readonly measures: readonly MeasureChoice[]
  readonly buckets: readonly BucketEdge[]
}

/** How one group of schools answers one measure. Figures are null where fewer than five schools stand behind them. */
export interface Spread {
  /** Schools with a value; null where the group is suppressed. */
  readonly n: number | null
  /** Schools without one. */
  readonly missing: number | null
  /** Mean of schools, each school one. */
  readonly mean: number | null
  readonly median: number | null
  readonly p25: number | null
  readonly p75: number | null
  readonly state: 'value' | 'suppressed' | 'missing'
}

export interface Kpi extends Spread {
  readonly measure: RateMeasure
  readonly label: string
  readonly unit: 'fraction'
  /** The previous landed year with this measure on the same scale; null: no comparable year. */
  readonly previous: {
    readonly year: number
    readonly n: number
    readonly mean: number
    readonly change: number
  } | null
}

export interface Kpis extends Figure {
  readonly year: number
  readonly schools: number
  readonly kpis: readonly Kpi[]
}

export interface Histogram extends Figure, Spread {
  readonly year: number
  readonly measure: RateMeasure
  readonly unit: 'fraction'
  /** Schools that published a rate of exactly 0. */
  readonly zeros: number
  /** Twenty, five points wide; at or above `from`, below `to`; the last one holds 1 too. */
  readonly bins: readonly { readonly bin: number; readonly from: number; readonly to: number; readonly n: number }[]
}

export interface PlaceSummary extends Spread {
  readonly place: string
  readonly label: string
  /** Weighted by students enrolled, as Gold publishes it for a whole place; null where a program filter is on or enrolment is unknown. */
  readonly studentWeightedMean: number | null
}

export interface Summaries extends Figure {
  readonly by: PlaceKind
  readonly year: number
  readonly measure: RateMeasure
  readonly unit: 'fraction'
  readonly places: readonly PlaceSummary[]
}

export interface HeatCell {
  readonly n: number | null
  readonly mean: number | null
  /** `missing`: no school of the group has a value. `suppressed`: fewer than five have, or a neighbour could be worked out. */
  readonly state: 'value' | 'suppressed' | 'missing'
}

export interface Heatmap extends Figure {
  readonly year: number
  readonly scale: Scale
  readonly respondent: string | null
  readonly unit: string
  readonly measures: readonly MeasureChoice[]
  /** Smallest and largest mean shown: the ends of the colour ramp, one ramp for one scale. */
  readonly ramp: { readonly low: number; readonly high: number } | null
  readonly rows: readonly { readonly place: string; readonly label: string; readonly cells: readonly HeatCell[] }[]
  readonly all: readonly HeatCell[]
}

export interface VulnerabilityBucket extends Spread {
  readonly bucket: string
  readonly from: number | null
  readonly to: number | null
  readonly p10: number | null
  readonly p90: number | null
  readonly sd: number | null
}

export interface Vulnerability extends Figure {
  readonly year: number
  readonly vintage: number
  readonly measure: SchoolMeasure
  readonly unit: string
  readonly schools: number
  /** Schools without a usable rank: no place, or a tract without people. */
  readonly unranked: number
  readonly buckets: readonly VulnerabilityBucket[]
  /** Mean of High minus mean of Low; null where either is suppressed or missing. */
  readonly relation: {
    readonly nLow: number
    readonly nHigh: number
    readonly difference: number
    /** Ends of Welch's 95 % interval of the difference. */
    readonly low95: number
    readonly high95: number
    /** The difference in standard deviations of all ranked schools. */
    readonly standardized: number
    readonly verdict: 'none' | 'lower' | 'higher'
  } | null
  readonly programs: readonly {
    readonly program: string
    readonly label: string
    readonly buckets: readonly (Spread & { readonly bucket: string })[]
  }[]
  /** `[dbn, svi_overall, value, bucket]` for each school with both; null where there would be more than 5,000. */
  readonly points: readonly (readonly [string, number, number, string])[] | null
}

export interface PlaceVulnerability extends Figure {
  readonly by: PlaceKind
  readonly vintage: number
  /** Shares of residents. */
  readonly places: readonly {
    readonly place: string
    readonly label: string
    readonly tracts: number
    readonly residents: number | null
    readonly medianSvi: number | null
    readonly p25: number | null
    readonly p75: number | null
    readonly shareLow: number | null
    readonly shareModerate: number | null
    readonly shareHigh: number | null
    readonly shareUnknown: number | null
  }[]
}
