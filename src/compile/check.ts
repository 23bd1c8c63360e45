import type { ColumnSpec, Contract, Domain } from '#contract'
import { builtInRules } from '#contract'
import { isStaged, kindOfType } from './coerce.ts'
import type { Dialect } from './dialect.ts'

/** A test that a record fails, in the order in which tests are made: the first that fails is the one told. */
export interface Check {
  readonly rule: string
  readonly column: string | null
  /** SQL, true where the rule is broken. */
  readonly broken: string
  /** The Bronze key whose text is told; undefined where no one member is to blame. */
  readonly key: string | undefined
  readonly message: string
}

export function builtIn(rule: keyof typeof builtInRules, broken: string): Check {
  return { rule, column: null, broken, key: undefined, message: builtInRules[rule] }
}

/** Broken warn rules by name, each once however many columns break it. */
export function warnings(checks: readonly Check[], literal: Dialect['literal']): string[] {
  const byRule = new Map<string, string[]>()
  for (const { rule, broken } of checks) byRule.set(rule, [...(byRule.get(rule) ?? []), `COALESCE(${broken}, false)`])
  return [...byRule].map(([rule, broken]) => `CASE WHEN ${broken.join(' OR ')} THEN ${literal(rule)} END`)
}

/** SQL, true where a text is neither a value of the column's type nor a marker nor withheld. */
export function lostText(text: string, stage: string, spec: ColumnSpec, contract: Contract, dialect: Dialect): string {
  // What is dear to evaluate stands inside a CASE, so that it is evaluated for the few rows that get there.
  const lost = `CASE WHEN ${stage} IS NULL THEN ${text} IS NOT NULL END`
  const withheld = (contract.withheld ?? []).map((pattern) => dialect.matches(text, pattern)).join(' OR ')
  return kindOfType(spec.type) !== 'number' || withheld === '' ? lost : `CASE WHEN ${lost} THEN NOT (${withheld}) END`
}

interface CheckContext {
  /** SQL of the column's value before it was made whole. */
  readonly stage: string
  /** SQL, true where there was a text and no value came of it; undefined where null has other reasons. */
  readonly lost: string | undefined
  readonly key: string | undefined
  readonly dialect: Dialect
}

export function checksOf(
  column: string,
  spec: ColumnSpec,
  { stage, lost, key, dialect }: CheckContext,
): { reject: Check[]; warn: Check[] } {
  const { identifier: id } = dialect
  const reject: Check[] = []
  const warn: Check[] = []
  const unreadable = (rule: keyof typeof builtInRules, broken: string): void => {
    reject.push({ rule, column, broken, key, message: `${column}: ${builtInRules[rule]}` })
  }
  const kind = kindOfType(spec.type)
  if (lost !== undefined && kind === 'number') unreadable('not_a_number', lost)
  else if (lost !== undefined && kind !== 'text') unreadable(`not_a_${kind as 'boolean' | 'date' | 'timestamp'}`, lost)
  if (isStaged(spec)) unreadable('not_a_whole_number', `${stage} IS NOT NULL AND ${id(column)} IS NULL`)
  if (spec.type === 'tract_2010' || spec.type === 'tract_2020')
    unreadable('not_a_tract', `${id(column)} IS NOT NULL AND NOT ${dialect.matches(id(column), '^[0-9]{11}$')}`)
  if (spec.required !== undefined) {
    const { rule, severity } = spec.required
    const check = {
      rule,
      column,
      broken: `${id(column)} IS NULL`,
      key,
      message: `${column} is required and cannot be had`,
    }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  if (spec.domain !== undefined) {
    const { is, rule, severity } = spec.domain
    const check = { rule, column, ...outside(column, is, dialect), key }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  return { reject, warn }
}

function outside(column: string, domain: Domain, dialect: Dialect): { broken: string; message: string } {
  const name = dialect.identifier(column)
  if ('matches' in domain)
    return {
      broken: `NOT ${dialect.matches(name, `^(?:${domain.matches})$`)}`,
      message: `${column} is not of the form ${domain.matches}`,
    }
  if ('oneOf' in domain)
    return {
      broken: `${name} NOT IN (${domain.oneOf.map(dialect.literal).join(', ')})`,
      message: `${column} is none of ${domain.oneOf.join(', ')}`,
    }
  const { min, max } = domain
  const bounds = [min === undefined ? [] : `${name} < ${min}`, max === undefined ? [] : `${name} > ${max}`].flat()
  return {
    broken: `(${bounds.join(' OR ') || 'false'})`,
    message: `${column} is outside ${min ?? '−∞'} to ${max ?? '∞'}`,
  }
}
