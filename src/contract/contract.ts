import type { Expression } from './expression.ts'
import type { Encoding, Layout } from './layout.ts'

/**
 * A census tract belongs to one decennial census: 2010 codes and 2020 codes look alike and mean other places, so each vintage is a type
 * (a string of 11 digits underneath) and a column of it carries the vintage in its name.
 */
export type ContractType =
  | 'string'
  | 'integer'
  | 'long'
  | 'double'
  | 'boolean'
  | 'date'
  | 'timestamp'
  | 'tract_2010'
  | 'tract_2020'

export type Severity = 'reject' | 'warn'

/** What a value may be. A null breaks no domain; `required` speaks of null. */
export type Domain =
  | { readonly min?: number; readonly max?: number }
  | { readonly oneOf: readonly (string | number)[] }
  /** A regular expression over the whole value; only what RE2 and Java share: no look-around, `[0-9]` rather than `\d`. */
  | { readonly matches: string }

export interface Measure {
  readonly respondent: 'student' | 'teacher' | 'family' | 'school'
  readonly construct: string
  /** Measures of different scales are never averaged together. */
  readonly scale: 'rate' | 'score_1_5' | 'percent_positive'
}

export interface ColumnSpec {
  readonly type: ContractType
  readonly about: string
  /** `fraction`, `score 1–5`, `people`, `degrees`, `square miles`, `code`…; what a reader must know to read the number. */
  readonly unit: string
  /** Headers that carry it, in any layout. Absent: the column comes from the layout's constants or from `value`. */
  readonly from?: readonly string[]
  /** How the value is made; default: the text of the first present header of `from`, trimmed, missing markers to null, cast to `type`. */
  readonly value?: Expression
  /** Markers that mean "missing" in this column, besides the contract's. Compared after trimming. */
  readonly missing?: readonly string[]
  readonly required?: { readonly rule: string; readonly severity: Severity }
  readonly domain?: { readonly is: Domain; readonly rule: string; readonly severity: Severity }
  /** The header is known and is left in Bronze: a person's name, a phone. */
  readonly privacy?: 'drop'
  /** Also a row of the dataset's measure table. */
  readonly measure?: Measure
  /** False: the column stands in the measure table only. Default true. */
  readonly wide?: boolean
}

export interface RowRule {
  readonly rule: string
  readonly severity: Severity
  readonly about: string
  /** True for a row that keeps the rule. Null counts as kept. */
  readonly holds: Expression
}

/** The topic that a dataset arrives by. */
export interface Stream {
  readonly topic: string
  /** Where Fairlead makes the topic itself. */
  readonly partitions: number
}

/** The single declaration of a dataset. All else (Silver's SQL, validation, dbt sources and their tests, the dataset's page, row types) is made from it. */
export interface Contract {
  /** snake_case; names the Bronze and Silver tables. */
  readonly name: string
  readonly title: string
  readonly about: string
  /** One row stands for this: `one school in one school year`. */
  readonly grain: string
  readonly publisher: string
  readonly licence: string
  readonly attribution: string
  readonly url: string
  /** Where its records come as messages. */
  readonly stream?: Stream
  /** True: its records are made up, wherever they come from, and whatever shows them says so. */
  readonly simulated?: boolean
  /** Globs over a file's base name. They only say whose a file is that cannot be read. */
  readonly files: readonly string[]
  readonly encodings: readonly Encoding[]
  /** Markers that mean "missing" in every column, compared after trimming. A blank always does. */
  readonly missing: readonly string[]
  /** Patterns of a number that the publisher knows and withholds: `N<5`, `> 95%`. The value is null, the text its reason. Only where a number is asked for. */
  readonly withheld?: readonly string[]
  readonly layouts: readonly Layout[]
  /** In the order of the Silver table. */
  readonly columns: Readonly<Record<string, ColumnSpec>>
  readonly key: readonly string[]
  readonly rules: readonly RowRule[]
  /** Name of the long table of measures, where columns have `measure`. */
  readonly measureTable?: string
}
