/** What is known of one table. Null: not known from here, or there is nothing of the kind. */
export interface TableMeasure {
  /** `bronze.survey_live` */
  readonly table: string
  /** Data files of its newest version. */
  readonly files: number | null
  /** Records of its topic that the log holds and the lake has not landed. */
  readonly lag: number | null
  /** Rows that the server's own process committed, over ten seconds. Null, as all that follows, where it never wrote to the table. */
  readonly rowsPerSecond: number | null
  /** Median of its newest commits, milliseconds. */
  readonly commitMs: number | null
  /** Commits made again because another writer came first. */
  readonly retries: number | null
  /** Age of the newest record of the last commit when it was in, milliseconds. */
  readonly ageAtCommitMs: number | null
  /** Batches that another consumer landed first. */
  readonly fences: number | null
}

/** Of the server's process, and of the lake it shows. */
export interface TableMeasures {
  readonly tables: readonly TableMeasure[]
}
