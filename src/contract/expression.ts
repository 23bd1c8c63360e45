/**
 * How a value is made from a record, in a form that every engine's dialect can say. Text functions of null are null.
 * `source` reads the first of the named headers that the record has, trimmed, with missing markers already null.
 */
export type Expression =
  | { readonly kind: 'source'; readonly headers: readonly string[] }
  /** As `source`, untouched: not trimmed, markers kept. */
  | { readonly kind: 'raw'; readonly headers: readonly string[] }
  /** Another column of the contract, already typed. */
  | { readonly kind: 'column'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: string | number | boolean | null }
  /** The group that a pattern captures, null where it does not match. Patterns as in `Domain.matches`. */
  | { readonly kind: 'capture'; readonly of: Expression; readonly pattern: string; readonly group: number }
  | { readonly kind: 'matches'; readonly of: Expression; readonly pattern: string }
  /** Text to number; null where it is none. `1,234` is one, and `87%` is 87: a percent sign is read over, the unit is the contract's affair. */
  | { readonly kind: 'number'; readonly of: Expression }
  | { readonly kind: 'divide'; readonly of: Expression; readonly by: number }
  | { readonly kind: 'multiply'; readonly of: Expression; readonly by: number }
  /** Rounded to a whole number, half away from zero. */
  | { readonly kind: 'round'; readonly of: Expression }
  /** Number to text without a fraction, zeros in front to `width`. */
  | { readonly kind: 'digits'; readonly of: Expression; readonly width: number }
  | { readonly kind: 'concat'; readonly of: readonly Expression[] }
  | { readonly kind: 'coalesce'; readonly of: readonly Expression[] }
  | { readonly kind: 'lookup'; readonly of: Expression; readonly in: Readonly<Record<string, string | number>> }
  | { readonly kind: 'when'; readonly is: Expression; readonly value: Expression; readonly otherwise: Expression }
  | {
      readonly kind: 'compare'
      readonly left: Expression
      readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='
      readonly right: Expression
    }
  | { readonly kind: 'and'; readonly of: readonly Expression[] }
  | { readonly kind: 'or'; readonly of: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'isNull'; readonly of: Expression }
  | { readonly kind: 'upper'; readonly of: Expression }

/** Anything an expression can be written as where a plain value will do. */
type Written = Expression | string | number | boolean | null

const written = (value: Written): Expression =>
  typeof value === 'object' && value !== null ? value : { kind: 'constant', value }

/** What a dataset's file writes its expressions with; a file outside the checkout is handed the same. */
export const say = {
  source: (...headers: string[]): Expression => ({ kind: 'source', headers }),
  raw: (...headers: string[]): Expression => ({ kind: 'raw', headers }),
  column: (name: string): Expression => ({ kind: 'column', name }),
  constant: (value: string | number | boolean | null): Expression => ({ kind: 'constant', value }),
  capture: (of: Expression, pattern: string, group = 1): Expression => ({ kind: 'capture', of, pattern, group }),
  matches: (of: Expression, pattern: string): Expression => ({ kind: 'matches', of, pattern }),
  number: (of: Expression): Expression => ({ kind: 'number', of }),
  divide: (of: Expression, by: number): Expression => ({ kind: 'divide', of, by }),
  multiply: (of: Expression, by: number): Expression => ({ kind: 'multiply', of, by }),
  round: (of: Expression): Expression => ({ kind: 'round', of }),
  digits: (of: Expression, width: number): Expression => ({ kind: 'digits', of, width }),
  concat: (...of: Written[]): Expression => ({ kind: 'concat', of: of.map(written) }),
  coalesce: (...of: Written[]): Expression => ({ kind: 'coalesce', of: of.map(written) }),
  lookup: (of: Expression, table: Readonly<Record<string, string | number>>): Expression => ({
    kind: 'lookup',
    of,
    in: table,
  }),
  when: (is: Expression, value: Written, otherwise: Written): Expression => ({
    kind: 'when',
    is,
    value: written(value),
    otherwise: written(otherwise),
  }),
  compare: (left: Written, op: '=' | '<>' | '<' | '<=' | '>' | '>=', right: Written): Expression => ({
    kind: 'compare',
    left: written(left),
    op,
    right: written(right),
  }),
  and: (...of: Expression[]): Expression => ({ kind: 'and', of }),
  or: (...of: Expression[]): Expression => ({ kind: 'or', of }),
  not: (of: Expression): Expression => ({ kind: 'not', of }),
  isNull: (of: Expression): Expression => ({ kind: 'isNull', of }),
  upper: (of: Expression): Expression => ({ kind: 'upper', of }),
} as const

/** Every expression inside this one, itself first. */
export function* expressionsIn(expression: Expression): Generator<Expression> {
  yield expression
  switch (expression.kind) {
    case 'source':
    case 'raw':
    case 'column':
    case 'constant':
      return
    case 'concat':
    case 'coalesce':
    case 'and':
    case 'or':
      for (const each of expression.of) yield* expressionsIn(each)
      return
    case 'when':
      yield* expressionsIn(expression.is)
      yield* expressionsIn(expression.value)
      yield* expressionsIn(expression.otherwise)
      return
    case 'compare':
      yield* expressionsIn(expression.left)
      yield* expressionsIn(expression.right)
      return
    default:
      yield* expressionsIn(expression.of)
  }
}
