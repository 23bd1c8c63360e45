import type { Dialect } from '#compile'
import { dialects } from '#compile'
import type { Contract } from '#contract'
import type { StageEffects } from './effects.ts'

export type CleanEffects = StageEffects

/** What is needed where rows have been judged: no engine. */
export type CommitEffects = Omit<StageEffects, 'engine' | 'scratch'>

/** Where in the engine a dataset is being cleaned, and how its SQL is written. */
export interface Work {
  readonly contract: Contract
  readonly dialect: Dialect
  readonly effects: CleanEffects
  /** A name in the dataset's own schema, as `attach` wants it. */
  place(part: string): string
  /** The same, quoted. */
  name(part: string): string
}

export function workOf(contract: Contract, effects: CleanEffects, schema = workSchema(contract)): Work {
  const dialect = dialects[effects.engine.dialect]
  return {
    contract,
    dialect,
    effects,
    place: (part) => `${schema}.${part}`,
    name: (part) => `${dialect.identifier(schema)}.${dialect.identifier(part)}`,
  }
}

/** A schema of the dataset's own in the engine, so that nothing of it is left over. */
export function workSchema(contract: Contract): string {
  return `clean_${contract.name}`
}

const coordinateNames = ['source', 'partition', 'offset'] as const

/** What tells one record from every other, as SQL; with a prefix where it is the relation's. */
export function coordinates({ identifier }: Dialect, relation?: string): string {
  return coordinateNames.map((name) => `${relation === undefined ? '' : `${relation}.`}${identifier(name)}`).join(', ')
}

export async function countOf(relation: string, { engine }: Pick<CleanEffects, 'engine'>): Promise<number> {
  return Number((await engine.query(`SELECT count(*) FROM ${relation}`)).rows[0]?.[0] ?? 0)
}
