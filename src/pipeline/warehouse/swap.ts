import { ledger } from '#compile'
import { Fault, snowflakeName } from '#port'
import type { WarehouseEffects, WarehouseOptions } from './effects.ts'
import type { Entry } from './ledger.ts'
import type { Staged } from './stage.ts'
import { checkGoingOn } from './stage.ts'

/**
 * Puts all tables' rows in the place of those that stand, and says so in the ledger, in one transaction. False: another load changed one of them since
 * `standing` was read, and nothing is changed. Where the answer to COMMIT is lost, the ledger tells the next call what became of it.
 */
export async function swapAll(
  tables: readonly Staged[],
  standing: ReadonlyMap<string, Entry>,
  options: WarehouseOptions,
  effects: WarehouseEffects,
): Promise<boolean> {
  if (tables.length === 0) return true
  const { warehouse, signal } = effects
  const loadId = effects.newId()
  await warehouse.run('BEGIN TRANSACTION')
  try {
    for (const table of tables) {
      checkGoingOn(signal)
      if (!(await claim(table, standing.get(table.name)?.loadId ?? '', loadId, options, effects))) {
        await warehouse.run('ROLLBACK')
        return false
      }
      await replaceRows(table, options, effects)
    }
    await warehouse.run('COMMIT')
    return true
  } catch (error) {
    // Where the session is gone, the service rolls back by itself.
    await warehouse.run('ROLLBACK').catch(() => {})
    throw error
  }
}

/** Compare and set. The row stays locked to the end of the transaction, so a second load waits here and then finds another's id. */
async function claim(
  { name, id, version, rows }: Staged,
  seen: string,
  loadId: string,
  { database }: WarehouseOptions,
  { warehouse }: WarehouseEffects,
): Promise<boolean> {
  const changed = await warehouse.query(
    `UPDATE ${snowflakeName(database, ledger.name)}
SET DELTA_ID = $1, DELTA_VERSION = $2, ROW_COUNT = $3, LOAD_ID = $4, LOADED_AT = CURRENT_TIMESTAMP()
WHERE TABLE_NAME = $5 AND LOAD_ID = $6`,
    [id, version, rows, loadId, name, seen],
  )
  return Number(changed.rows[0]?.[0]) > 0
}

/** Rows are counted where they stand now: what the files hold and what came in must be the same before anyone sees it. */
async function replaceRows(
  { name, rows, copies }: Staged,
  { database }: WarehouseOptions,
  { warehouse }: WarehouseEffects,
): Promise<void> {
  const table = snowflakeName(database, name)
  await warehouse.run(`DELETE FROM ${table}`)
  for (const copy of copies) await warehouse.run(copy)
  const counted = await warehouse.query(`SELECT COUNT(*) FROM ${table}`)
  const found = Number(counted.rows[0]?.[0])
  if (found === rows) return
  throw new Fault('load/rows', `${name} has ${rows} rows, and ${found} came into ${database}.`, {
    mend: 'Nothing was changed there. Call it again; if it stays so, please report it.',
    retry: true,
    facts: { table: name, rows, found },
  })
}
