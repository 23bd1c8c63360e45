import type { SqlEngine } from '#port'
import type { StageEffects } from '../effects.ts'

export interface WarehouseOptions {
  readonly database: string
  /** A stage over the lake's own bucket, `SCHEMA.STAGE`; where there is none, files are put on one of the session. */
  readonly stage: string | undefined
  /** Loads every table, whatever stands. */
  readonly full: boolean
}

export interface WarehouseEffects extends StageEffects {
  readonly warehouse: SqlEngine<'snowflake'>
  /** A fresh id, which names one load. */
  readonly newId: () => string
}
