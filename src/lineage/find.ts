import type { Lineage, LineageTable } from '#api'
import { nearest } from '#contract'
import { Fault } from '#port'

/** A table, or a column of it. */
export interface Found {
  readonly table: LineageTable
  readonly column: string | undefined
}

/** What a person means by `gold.climate_vulnerability` or `silver.svi.rpl_themes`. Fault: `usage/bad-value`. */
export function findName({ tables }: Lineage, name: string): Found {
  const table = tables.find((each) => name === each.name || name.startsWith(`${each.name}.`))
  if (table === undefined) throw unknown(name, 'table', near(name, tables))
  if (name === table.name) return { table, column: undefined }
  const asked = name.slice(table.name.length + 1)
  const names = table.columns.map(({ name: column }) => column)
  const column =
    names.find((each) => each === asked) ?? names.find((each) => each.toLowerCase() === asked.toLowerCase())
  if (column === undefined) throw unknown(name, `column of ${table.name}`, near(name, tables))
  return { table, column }
}

/** The same, where a column is meant. */
export function findColumn(lineage: Lineage, name: string): Required<Found> & { readonly column: string } {
  const { table, column } = findName(lineage, name)
  if (column !== undefined) return { table, column }
  const names = table.columns.map(({ name: each }) => `${name}.${each}`)
  throw new Fault('usage/bad-value', `${name} is a table; a column is asked for.`, {
    mend: `Name one of its columns: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`,
    facts: { name },
  })
}

/** The slip that was most likely made, the same column where it does stand, and tables of that name. */
function near(name: string, tables: readonly LineageTable[]): readonly string[] {
  const columns = tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`))
  const names = tables.map((table) => table.name)
  const last = name.slice(name.lastIndexOf('.') + 1).toLowerCase()
  const depth = name.split('.').length
  const slip = nearest(name, depth > 2 ? columns : names)
  const same = [...names, ...columns].filter((each) => each.slice(each.lastIndexOf('.') + 1).toLowerCase() === last)
  return [...new Set([...(slip === undefined ? [] : [slip]), ...same])].slice(0, 5)
}

function unknown(name: string, what: string, candidates: readonly string[]): Fault {
  const mend =
    candidates.length === 0
      ? 'fairlead lineage lists all tables.'
      : `Did you mean ${candidates.join(', or ')}? fairlead lineage lists all tables.`
  return new Fault('usage/bad-value', `${name} is no ${what}.`, { mend, facts: { name } })
}
