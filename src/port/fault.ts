/**
 * Codes are `area/what`. They are part of the public surface: scripts match on them, so a code never changes its meaning.
 * Exit codes: 1 for a fault, 2 for a mistake in how the command was called (area `usage`).
 */
export type FaultCode = `${FaultArea}/${string}`

export type FaultArea =
  | 'usage' // the command line
  | 'config' // fairlead.yaml, environment
  | 'contract' // a dataset's declaration
  | 'store' // an object store
  | 'lake' // a Delta table or the lake's format
  | 'log' // a log of topics
  | 'engine' // a SQL engine
  | 'land' // files into Bronze
  | 'stream' // topics into Bronze, and what follows them
  | 'clean' // Bronze into Silver
  | 'quarantine' // rejected records, and their replay
  | 'place' // points into polygons
  | 'model' // the dbt project and its runner
  | 'publish' // Gold into a publication
  | 'load' // tables into a warehouse
  | 'serve' // HTTP
  | 'query' // a person's SQL
  | 'machine' // disk, memory, Node itself

export interface FaultDetail {
  /** One sentence that says what to do about it. */
  readonly mend: string
  /** True for weather: the same call may succeed later, unchanged. */
  readonly retry?: boolean
  readonly cause?: unknown
  /** Facts for machines: paths, names, numbers. */
  readonly facts?: Readonly<Record<string, string | number | boolean | null>>
}

/** Something that needs someone: what happened, and what mends it. Our own bugs are plain errors, and only those show a stack. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly mend: string
  readonly retry: boolean
  readonly facts: Readonly<Record<string, string | number | boolean | null>>

  constructor(code: FaultCode, what: string, detail: FaultDetail) {
    super(what, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'Fault'
    this.code = code
    this.mend = detail.mend
    this.retry = detail.retry ?? false
    this.facts = detail.facts ?? {}
  }

  get exitCode(): 1 | 2 {
    return this.code.startsWith('usage/') ? 2 : 1
  }

  toJSON(): { code: string; what: string; mend: string; retry: boolean; facts: Fault['facts'] } {
    return { code: this.code, what: this.message, mend: this.mend, retry: this.retry, facts: this.facts }
  }
}
