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
  /** Text to number; null where it is none. */
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
  | { readonly kind: 'when'; readonly is: Expression; readonly then: Expression; readonly otherwise: Expression }
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
