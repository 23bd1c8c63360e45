import type { WarehouseTable } from '#compile'
import { addColumn, createTable, ledger, snowflakeCatalogType } from '#compile'
import { Fault, snowflakeName } from '#port'
import type { WarehouseEffects, WarehouseOptions } from './effects.ts'

/**
 * Makes what tables are not there, and adds the columns that the contracts have and the tables lack; answers which. A column that no contract has any more
 * stays, and is null. Each statement here commits by itself, so all of them come before the transaction. Fault: `load/schema`.
 */
export async function conformTables(
  tables: readonly WarehouseTable[],
  { database }: WarehouseOptions,
  { warehouse }: WarehouseEffects,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const standing = await standingColumns(database, warehouse)
  const added = new Map<string, readonly string[]>()
  for (const table of [ledger, ...tables]) {
    const types = standing.get(table.name)
    if (types === undefined) {
      await warehouse.run(createTable(database, table))
      continue
    }
    const lacking = table.columns.filter(({ name }) => !types.has(name.toUpperCase()))
    for (const { name, type } of table.columns) {
      const found = types.get(name.toUpperCase())
      const wanted = snowflakeCatalogType(type)
      if (found !== undefined && found !== wanted) throw otherType(`${database}.${table.name}`, name, found, wanted)
    }
    for (const column of lacking) await warehouse.run(addColumn(database, table.name, column))
    if (lacking.length > 0)
      added.set(
        table.name,
        lacking.map(({ name }) => name),
      )
  }
  return added
}

/** Types of columns by table, `silver.svi`, and by name, in upper case. */
async function standingColumns(
  database: string,
  warehouse: WarehouseEffects['warehouse'],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const { rows } = await warehouse.query(
    `SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM ${snowflakeName(database)}.INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA IN ('BRONZE', 'SILVER')`,
  )
  const tables = new Map<string, Map<string, string>>()
  for (const [schema, table, column, type] of rows) {
    const name = `${schema}.${table}`.toLowerCase()
    const columns = tables.get(name) ?? new Map<string, string>()
    tables.set(name, columns.set(String(column), String(type)))
  }
  return tables
}

function otherType(table: string, column: string, found: string, wanted: string): Fault {
  return new Fault('load/schema', `${column} of ${table} is ${found}, and its contract says ${wanted}.`, {
    mend: `A type that changed cannot be loaded over the old one: DROP TABLE ${snowflakeName(table)}, and load again; it is made anew, whole.`,
    facts: { table, column, found, wanted },
  })
}
