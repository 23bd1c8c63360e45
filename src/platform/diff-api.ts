import type { Cell, Row } from '#port'

/** Printed as it is by `diff --json`. */
export interface GoldDiff {
  readonly before: DiffSide
  readonly after: DiffSide
  /** By name. */
  readonly tables: readonly TableDiff[]
}

export interface DiffSide {
  readonly lake: string
  readonly version: number
  readonly publishedAt: string
  /** True where any source is generated sample data. */
  readonly sample: boolean
}

export interface TableDiff {
  readonly table: string
  /** `same`: no row and no column differs. */
  readonly status: 'same' | 'changed' | 'added' | 'removed'
  /** Columns by which a row is known again; null where no test says so, and a row that changed counts as removed and added. */
  readonly grain: readonly string[] | null
  /** Rows; null on the side where the table is not. */
  readonly rows: { readonly before: number | null; readonly after: number | null }
  readonly added: number
  readonly removed: number
  /** Rows of both sides that differ in a column of both sides. */
  readonly changed: number
  readonly columns: {
    readonly added: readonly string[]
    readonly removed: readonly string[]
    /** Their values are not compared. */
    readonly retyped: readonly { readonly name: string; readonly before: string; readonly after: string }[]
  }
  /** Columns whose values changed, most rows first. */
  readonly changes: readonly ColumnChange[]
}

export interface ColumnChange {
  readonly column: string
  readonly rows: number
  /** Of a column of numbers, the rows that moved most; those without a number on one side are not among them. */
  readonly movers: readonly Mover[]
}

export interface Mover {
  /** In the order of the table's grain. */
  readonly key: Row
  readonly before: Cell
  readonly after: Cell
  readonly change: number
}
