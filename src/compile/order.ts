import type { Expression } from '#contract'
import { expressionsIn } from '#contract'

/** Names of the contract's columns that an expression reads, in order of reading. */
export function columnsReadBy(expression: Expression): string[] {
  return [...expressionsIn(expression)].flatMap((each) => (each.kind === 'column' ? [each.name] : []))
}
