/** Where a table stands on the way from files to Gold. `prepared` is what dbt makes on the way and does not publish. */
export type LineageLayer = 'bronze' | 'silver' | 'seed' | 'prepared' | 'gold'

/** How a value is made of another: as it is, by a calculation in its own row, or from several rows. */
export type LineageKind = 'copied' | 'transformed' | 'aggregated'

export type LineageOrigin =
  | { readonly kind: LineageKind; readonly table: string; readonly column: string }
  /** It counts or lists the rows of a table, and takes no value of them. */
  | { readonly kind: 'rows'; readonly table: string }
  | { readonly kind: 'constant'; readonly value: string }

export interface LineageColumn {
  readonly name: string
  readonly type: string
  readonly about: string
  /** Empty for a column of Bronze or of a seed, where lineage begins. */
  readonly from: readonly LineageOrigin[]
  /** Columns by which its value was looked up, as those that a join compares: they choose the value, and are not in it. */
  readonly chosenBy: readonly LineageUse[]
}

/** How a column has a say without its value being taken, in OpenLineage's words for what it calls INDIRECT. */
export type LineageInfluence = 'JOIN' | 'FILTER' | 'GROUP_BY'

/** A column that has a say in which rows there are, whether or not its value is taken. */
export interface LineageUse {
  readonly how: LineageInfluence
  readonly table: string
  readonly column: string
}

export interface LineageTable {
  /** `gold.climate_vulnerability`. */
  readonly name: string
  readonly layer: LineageLayer
  /** `file`, `contract`, `place`, `ledger` for what Fairlead makes, else dbt's materialization. */
  readonly madeBy: string
  readonly about: string
  readonly columns: readonly LineageColumn[]
  /** Tables that it is made from, by name. */
  readonly reads: readonly string[]
  readonly uses: readonly LineageUse[]
  /** Why its columns could not be traced; null where they could. */
  readonly untraced: string | null
}

/** A test of the dbt project, and what it reads. */
export interface LineageTest {
  readonly id: string
  readonly name: string
  readonly reads: readonly { readonly table: string; readonly columns: readonly string[] }[]
}

/** A page of the dashboard, and what its figures read. */
export interface LineagePage {
  readonly name: string
  /** Its address; null for a part that stands on several pages. */
  readonly path: string | null
  readonly reads: readonly { readonly table: string; readonly columns: readonly string[] }[]
}

/** Everything from Bronze to Gold: tables in an order in which each stands after what it reads. */
export interface Lineage {
  readonly tables: readonly LineageTable[]
  readonly tests: readonly LineageTest[]
  readonly pages: readonly LineagePage[]
}

/** All that one column is made from: of each table only the columns on its way. */
export interface LineageTrace {
  readonly of: { readonly table: string; readonly column: string }
  readonly lineage: Lineage
}

/** All that a table or a column has a say in. */
export interface LineageImpact {
  readonly of: { readonly table: string; readonly column: string | null }
  /** Columns whose values come from it, with the most that is done to it on the way. */
  readonly columns: readonly { readonly table: string; readonly column: string; readonly kind: LineageKind }[]
  /** Columns that have nothing of its value and would have another one all the same: looked up by it, or made of rows that it decides. */
  readonly influenced: readonly {
    readonly table: string
    readonly column: string
    readonly how: readonly LineageInfluence[]
  }[]
  /** Tables of which it decides what rows there are, and by which of their columns' uses. */
  readonly rows: readonly { readonly table: string; readonly how: LineageInfluence; readonly by: string }[]
  /** Every table that it reaches either way. */
  readonly tables: readonly string[]
  readonly tests: readonly LineageTest[]
  readonly pages: readonly LineageImpactOnPage[]
  readonly lineage: Lineage
}

/** A page that shows something of what was asked for. */
export interface LineageImpactOnPage {
  readonly name: string
  readonly path: string | null
  /** DIRECT where it reads a column that has the value in it, else INDIRECT. */
  readonly how: 'DIRECT' | 'INDIRECT'
  /** Columns it reads that are reached, `gold.equity_gap.gap`; none where it only reads rows that are decided. */
  readonly reads: readonly string[]
}

/** A picture of lineage, in units of a screen's pixels. */
export interface LineageLayout {
  readonly width: number
  readonly height: number
  readonly boxes: readonly {
    readonly table: string
    readonly layer: LineageLayer
    /** Of the upper left corner. */
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  }[]
  readonly ways: readonly {
    readonly from: string
    readonly to: string
    /** As SVG draws it. */
    readonly path: string
  }[]
}

/** What the dashboard draws: everything, and places for the tables that are drawn. */
export interface LineageView {
  readonly lineage: Lineage
  readonly layout: LineageLayout
}
