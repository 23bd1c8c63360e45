import type { WarehouseTable } from '#compile'
import { ledger } from '#compile'
import { snowflakeName, snowflakeText } from '#port'
import type { WarehouseEffects, WarehouseOptions } from './effects.ts'

/** What stands in the warehouse of one table. */
export interface Entry {
  readonly deltaId: string
  readonly version: number
  readonly rows: number
  /** Names the load that wrote it. */
  readonly loadId: string
}

/** Gives every table its entry, of nothing loaded: what stands stays. A MERGE is done by one session at a time. */
export async function enter(
  tables: readonly WarehouseTable[],
  { database }: WarehouseOptions,
  { warehouse }: WarehouseEffects,
): Promise<void> {
  const names = tables.map(({ name }) => `SELECT ${snowflakeText(name)} AS TABLE_NAME`).join(' UNION ALL ')
  await warehouse.run(`MERGE INTO ${snowflakeName(database, ledger.name)} AS HELD
USING (${names}) AS WANTED ON HELD.TABLE_NAME = WANTED.TABLE_NAME
WHEN NOT MATCHED THEN INSERT (TABLE_NAME, DELTA_ID, DELTA_VERSION, ROW_COUNT, LOAD_ID)
  VALUES (WANTED.TABLE_NAME, '', -1, 0, '')`)
}

export async function entries(
  { database }: WarehouseOptions,
  { warehouse }: WarehouseEffects,
): Promise<ReadonlyMap<string, Entry>> {
  const { rows } = await warehouse.query(
    `SELECT TABLE_NAME, DELTA_ID, DELTA_VERSION, ROW_COUNT, LOAD_ID FROM ${snowflakeName(database, ledger.name)}`,
  )
  return new Map(
    rows.map(([name, deltaId, version, count, loadId]) => [
      String(name),
      { deltaId: String(deltaId), version: Number(version), rows: Number(count), loadId: String(loadId) },
    ]),
  )
}
