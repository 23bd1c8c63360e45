import type { Contract } from '#contract'
import { keptColumns, storedType } from './column.ts'
import type { Dialect } from './dialect.ts'

/** Hash of a row's key. Two rows have the same hash where they have the same key, and in every dialect. */
export function keyHash(contract: Contract, dialect: Dialect): string {
  return hashOf(contract, contract.key, dialect)
}

/** A number that rows with the same key share, and others seldom: far cheaper than the hash, and of no meaning beyond a statement. */
export function keyBucket(contract: Contract, dialect: Dialect): string {
  return dialect.bucket(contract.key.map((column) => dialect.text(dialect.identifier(column))))
}

/** Hash of all that the contract makes of a record, measures included. */
export function valueHash(contract: Contract, dialect: Dialect): string {
  return hashOf(
    contract,
    keptColumns(contract).map(([column]) => column),
    dialect,
  )
}

/**
 * Null is told from an empty text, and where one value ends from where the next begins, by the unit and the record separator. A text that has them
 * itself has them written in two characters, so that no two keys make one text.
 */
function hashOf(contract: Contract, columns: readonly string[], dialect: Dialect): string {
  const parts = columns.map((column) => {
    const spec = contract.columns[column]
    const text = dialect.text(dialect.identifier(column))
    const plain =
      spec !== undefined && storedType(spec) === 'string'
        ? dialect.replace(dialect.replace(text, '\u001e', '\u001e-'), '\u001f', '\u001e+')
        : text
    return `COALESCE(${plain}, '\u001e')`
  })
  return dialect.hash(dialect.join('\u001f', parts))
}
