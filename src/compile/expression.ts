import type { Contract, Expression } from '#contract'
import { Fault } from '#port'
import type { Kind } from './coerce.ts'
import { kindOfType } from './coerce.ts'
import type { Dialect } from './dialect.ts'

export interface Reading {
  /** SQL of the trimmed text of the first header that is there, markers null; undefined where the record has none of the headers. */
  source(headers: readonly string[]): string | undefined
  /** As `source`, untouched. */
  raw(headers: readonly string[]): string | undefined
}

export function kindOf(expression: Expression, contract: Contract): Kind {
  switch (expression.kind) {
    case 'source':
    case 'raw':
    case 'capture':
    case 'digits':
    case 'concat':
    case 'upper':
      return 'text'
    case 'column':
      return kindOfType(contract.columns[expression.name]?.type ?? 'string')
    case 'constant':
      if (expression.value === null) return 'null'
      return typeof expression.value === 'string' ? 'text' : typeof expression.value === 'number' ? 'number' : 'boolean'
    case 'number':
    case 'divide':
    case 'multiply':
    case 'round':
      return 'number'
    case 'coalesce':
      return oneKind(
        expression.of.map((each) => kindOf(each, contract)),
        contract,
      )
    case 'when':
      return oneKind([kindOf(expression.value, contract), kindOf(expression.otherwise, contract)], contract)
    case 'lookup':
      return oneKind(
        Object.values(expression.in).map((value) => (typeof value === 'string' ? 'text' : 'number')),
        contract,
      )
    default:
      return 'boolean'
  }
}

function oneKind(kinds: readonly Kind[], contract: Contract): Kind {
  const distinct = [...new Set(kinds.filter((kind) => kind !== 'null'))]
  if (distinct.length > 1)
    throw new Fault('contract/type', `${contract.name}: one value is ${distinct.join(' or ')}, as it happens.`, {
      mend: 'Let every branch of a when, coalesce or lookup give the same kind.',
    })
  return distinct[0] ?? 'null'
}

/** SQL of an expression; columns are referred to by name. */
export function compileExpression(
  expression: Expression,
  reading: Reading,
  contract: Contract,
  dialect: Dialect,
): string {
  const sql = (each: Expression): string => compileExpression(each, reading, contract, dialect)
  /** A number where a number is asked for, whatever was written. */
  const number = (each: Expression): string =>
    kindOf(each, contract) === 'text' ? dialect.number(sql(each)) : sql(each)
  const all = (of: readonly Expression[], word: string): string => `(${of.map(sql).join(` ${word} `)})`
  switch (expression.kind) {
    case 'source':
      return reading.source(expression.headers) ?? dialect.cast('NULL', 'string')
    case 'raw':
      return reading.raw(expression.headers) ?? dialect.cast('NULL', 'string')
    case 'column':
      return dialect.identifier(expression.name)
    case 'constant':
      return dialect.literal(expression.value)
    case 'capture':
      return dialect.capture(sql(expression.of), expression.pattern, expression.group)
    case 'matches':
      return dialect.matches(sql(expression.of), expression.pattern)
    case 'number':
      return number(expression.of)
    case 'divide':
      return `(${number(expression.of)} / ${dialect.cast(String(expression.by), 'double')})`
    case 'multiply':
      return `(${number(expression.of)} * ${dialect.cast(String(expression.by), 'double')})`
    case 'round':
      return dialect.round(number(expression.of))
    case 'digits':
      return dialect.digits(number(expression.of), expression.width)
    case 'concat':
      return all(expression.of, '||')
    case 'coalesce':
      return `COALESCE(${expression.of.map(sql).join(', ')})`
    case 'lookup': {
      const branches = Object.entries(expression.in).map(
        ([from, to]) => `WHEN ${dialect.literal(from)} THEN ${dialect.literal(to)}`,
      )
      return `CASE ${sql(expression.of)} ${branches.join(' ')} END`
    }
    case 'when':
      return `CASE WHEN ${sql(expression.is)} THEN ${sql(expression.value)} ELSE ${sql(expression.otherwise)} END`
    case 'compare':
      return `(${sql(expression.left)} ${expression.op} ${sql(expression.right)})`
    case 'and':
      return all(expression.of, 'AND')
    case 'or':
      return all(expression.of, 'OR')
    case 'not':
      return `(NOT ${sql(expression.of)})`
    case 'isNull':
      return `(${sql(expression.of)} IS NULL)`
    case 'upper':
      return dialect.upper(sql(expression.of))
  }
}

/** The header whose text a person would look at to see why the value is what it is. */
export function firstHeaders(expression: Expression): readonly string[] | undefined {
  switch (expression.kind) {
    case 'source':
    case 'raw':
      return expression.headers
    case 'column':
    case 'constant':
      return undefined
    case 'concat':
    case 'coalesce':
    case 'and':
    case 'or':
      return expression.of.map(firstHeaders).find((headers) => headers !== undefined)
    case 'when':
      return firstHeaders(expression.value) ?? firstHeaders(expression.otherwise) ?? firstHeaders(expression.is)
    case 'compare':
      return firstHeaders(expression.left) ?? firstHeaders(expression.right)
    default:
      return firstHeaders(expression.of)
  }
}

/** The `source` under a chain of arithmetic: such a value is null only where the text is no number. */
export function numericSource(expression: Expression): readonly string[] | undefined {
  switch (expression.kind) {
    case 'source':
      return expression.headers
    case 'number':
    case 'divide':
    case 'multiply':
    case 'round':
      return numericSource(expression.of)
    default:
      return undefined
  }
}
