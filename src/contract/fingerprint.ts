import { createHash } from 'node:crypto'
import type { Contract } from './contract.ts'

/**
 * Raised when the compiler makes other rows from the same contract, so that what an older one made is made again.
 */
const compilerEdition = 3

/** Hash of all that decides what the rows are; words for people (titles, what a column is about) leave it as it is. Hex, 64 characters. */
export function fingerprint(contract: Contract): string {
  const known = fingerprints.get(contract)
  if (known !== undefined) return known
  const made = fingerprintOf(contract)
  fingerprints.set(contract, made)
  return made
}

/** Contracts never change; cleaning asks once a second. */
const fingerprints = new WeakMap<Contract, string>()

function fingerprintOf(contract: Contract): string {
  const { title: _t, about: _a, grain: _g, publisher: _p, licence: _l, attribution: _at, url: _u, ...rest } = contract
  const columns = Object.entries(rest.columns).map(([name, { about: _ca, unit: _cu, ...spec }]) => [name, spec])
  const layouts = rest.layouts.map(({ about: _la, ...layout }) => layout)
  const rules = rest.rules.map(({ about: _ra, ...rule }) => rule)
  return createHash('sha256')
    .update(canonical({ compilerEdition, ...rest, columns, layouts, rules }))
    .digest('hex')
}

/** JSON with the keys of every object in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  )
}
