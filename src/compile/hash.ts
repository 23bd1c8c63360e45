import type { Contract } from '#contract'
import { keptColumns } from './column.ts'
import type { Dialect } from './dialect.ts'

/** Hash of a row's key. Two rows with the same key have the same hash in every dialect. */
export function keyHash(contract: Contract, dialect: Dialect): string {
  return hashOf(contract.key, dialect)
}

/** Hash of all that the contract makes of a record, measures included. */
export function valueHash(contract: Contract, dialect: Dialect): string {
  return hashOf(
    keptColumns(contract).map(([column]) => column),
    dialect,
  )
}

/** Null is told from an empty text, and where one value ends from where the next begins, by characters that no published value has (unit and record separator). */
function hashOf(columns: readonly string[], dialect: Dialect): string {
  const parts = columns.map((column) => `COALESCE(${dialect.text(dialect.identifier(column))}, '\u001e')`)
  return dialect.hash(dialect.join('\u001f', parts))
}
