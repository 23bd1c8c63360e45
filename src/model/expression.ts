import { parse, tokenize } from '@huggingface/jinja'
import { filterNames, refusedFilters, refusedTests, testNames } from './feature.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Piece } from './scan.ts'
import { lineOf } from './scan.ts'
import type { Value } from './value.ts'

export type Operator =
  | ('+' | '-' | '*' | '/' | '//' | '%' | '**' | '~')
  | ('==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in' | 'and' | 'or')

export interface Argument {
  readonly kind: 'positional' | 'named' | 'spread' | 'named spread'
  readonly name: string
  readonly value: Expression
}

/** An expression of Jinja as a tree, holding only what the evaluator knows. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string; readonly at: Place }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string; readonly at: Place }
  | { readonly kind: 'item'; readonly of: Expression; readonly key: Expression; readonly at: Place }
  | {
      readonly kind: 'slice'
      readonly of: Expression
      readonly start: Expression | undefined
      readonly stop: Expression | undefined
      readonly step: Expression | undefined
      readonly at: Place
    }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: readonly Argument[]; readonly at: Place }
  | {
      readonly kind: 'filter'
      readonly of: Expression
      readonly name: string
      readonly args: readonly Argument[]
      readonly at: Place
    }
  | {
      readonly kind: 'test'
      readonly of: Expression
      readonly name: string
      readonly negated: boolean
      readonly at: Place
    }
  | {
      readonly kind: 'binary'
      readonly operator: Operator
      readonly left: Expression
      readonly right: Expression
      readonly at: Place
    }
  | { readonly kind: 'unary'; readonly operator: 'not' | '-' | '+'; readonly of: Expression; readonly at: Place }
  | {
      readonly kind: 'choice'
      readonly condition: Expression
      readonly result: Expression
      /** Absent: nothing where the condition does not hold. */
      readonly otherwise: Expression | undefined
    }

/** A node of the library's tree, of which each kind has some of these. */
interface Node {
  readonly type: string
  readonly value?: unknown
  readonly body?: unknown
  readonly object?: unknown
  readonly property?: unknown
  readonly computed?: unknown
  readonly callee?: unknown
  readonly args?: unknown
  readonly operator?: unknown
  readonly left?: unknown
  readonly right?: unknown
  readonly operand?: unknown
  readonly filter?: unknown
  readonly test?: unknown
  readonly negate?: unknown
  readonly argument?: unknown
  readonly condition?: unknown
  readonly trueExpr?: unknown
  readonly falseExpr?: unknown
  readonly lhs?: unknown
  readonly key?: unknown
  readonly start?: unknown
  readonly stop?: unknown
  readonly step?: unknown
}

const comparisons = new Set(['==', '!=', '<', '<=', '>', '>=', 'in', 'not in'])
const operators = new Set(['+', '-', '*', '/', '//', '%', '**', '~', 'and', 'or', ...comparisons])

/** Reads the expression `source`, which stands in `piece`. What the runner does not do is refused here, before anything is rendered. */
export function parseExpression(source: string, piece: Piece): Expression {
  if (source.trim() === '') {
    throw mistaken('An expression is missing.', piece.at, 'Write what stands between the marks, or remove them.')
  }
  let program: Node
  try {
    program = node(parse(tokenize(`{{ ${source} }}`)))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw mistaken(
      `\`${source.trim()}\` cannot be read (${why}).`,
      piece.at,
      'Correct it; where dbt itself accepts it, run it with dbt itself.',
      error,
    )
  }
  const [only, ...more] = list(program.body)
  if (only === undefined || more.length > 0) {
    throw mistaken(`\`${source.trim()}\` is not one expression.`, piece.at, 'Write one expression between the marks.')
  }
  return convert(only, piece)
}

function convert(tree: Node, piece: Piece): Expression {
  const at = (name: string): Place => lineOf(piece, name)
  const inner = (part: unknown): Expression => convert(node(part), piece)
  const optional = (part: unknown): Expression | undefined => (part === undefined ? undefined : inner(part))
  switch (tree.type) {
    case 'StringLiteral':
      return { kind: 'literal', value: String(tree.value) }
    case 'IntegerLiteral':
      if (!Number.isSafeInteger(tree.value)) throw unsupported(`the integer ${tree.value}, beyond 2^53`, piece.at)
      return { kind: 'literal', value: Number(tree.value) }
    case 'FloatLiteral': {
      const number = Number(tree.value)
      return { kind: 'literal', value: Number.isInteger(number) ? { float: number } : number }
    }
    case 'ArrayLiteral':
      return { kind: 'list', items: list(tree.value).map(inner) }
    case 'TupleLiteral':
      return { kind: 'tuple', items: list(tree.value).map(inner) }
    case 'ObjectLiteral': {
      const entries = tree.value instanceof Map ? [...tree.value] : []
      return { kind: 'dict', entries: entries.map(([key, value]) => [inner(key), inner(value)] as const) }
    }
    case 'Identifier': {
      const name = String(tree.value)
      const constant = constants.get(name)
      return constant === undefined ? { kind: 'name', name, at: at(name) } : { kind: 'literal', value: constant }
    }
    case 'MemberExpression': {
      const property = node(tree.property)
      const of = inner(tree.object)
      if (tree.computed !== true) {
        const name = String(property.value)
        return property.type === 'IntegerLiteral'
          ? { kind: 'item', of, key: inner(property), at: piece.at }
          : { kind: 'attribute', of, name, at: at(name) }
      }
      if (property.type !== 'SliceExpression') return { kind: 'item', of, key: inner(property), at: piece.at }
      const [start, stop, step] = [property.start, property.stop, property.step].map(optional)
      return { kind: 'slice', of, start, stop, step, at: piece.at }
    }
    case 'CallExpression':
      return { kind: 'call', of: inner(tree.callee), args: argumentsOf(tree, piece), at: at(calledName(tree)) }
    case 'FilterExpression': {
      const filter = node(tree.filter)
      const name = filter.type === 'CallExpression' ? calledName(filter) : String(filter.value)
      known('filter', name, filterNames, refusedFilters, at(name))
      const args = filter.type === 'CallExpression' ? argumentsOf(filter, piece) : []
      return { kind: 'filter', of: inner(tree.operand), name, args, at: at(name) }
    }
    case 'TestExpression': {
      const name = String(node(tree.test).value)
      known('test', name, testNames, refusedTests, at(name))
      return { kind: 'test', of: inner(tree.operand), name, negated: tree.negate === true, at: at(name) }
    }
    case 'BinaryExpression': {
      const operator = String(node(tree.operator).value)
      const left = node(tree.left)
      if (!operators.has(operator)) throw unsupported(`the operator ${operator}`, piece.at)
      // The library reads `a < b < c` as `(a < b) < c`, which Python does not.
      if (comparisons.has(operator) && left.type === 'BinaryExpression') {
        const before = String(node(left.operator).value)
        if (comparisons.has(before)) throw unsupported('a chain of comparisons', piece.at)
      }
      return {
        kind: 'binary',
        operator: operator as Operator,
        left: inner(left),
        right: inner(tree.right),
        at: piece.at,
      }
    }
    case 'UnaryExpression': {
      const operator = String(node(tree.operator).value)
      if (operator !== 'not' && operator !== '-' && operator !== '+') {
        throw unsupported(`the operator ${operator}`, piece.at)
      }
      return { kind: 'unary', operator, of: inner(tree.argument), at: piece.at }
    }
    case 'Ternary':
      return {
        kind: 'choice',
        condition: inner(tree.condition),
        result: inner(tree.trueExpr),
        otherwise: inner(tree.falseExpr),
      }
    case 'SelectExpression':
      return { kind: 'choice', condition: inner(tree.test), result: inner(tree.lhs), otherwise: undefined }
    default:
      throw unsupported(`${tree.type} in an expression`, piece.at)
  }
}

const constants: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])

function argumentsOf(tree: Node, piece: Piece): readonly Argument[] {
  return list(tree.args).map((argument): Argument => {
    const value = (part: unknown): Expression => convert(node(part), piece)
    switch (argument.type) {
      case 'KeywordArgumentExpression':
        return { kind: 'named', name: String(node(argument.key).value), value: value(argument.value) }
      case 'SpreadExpression':
        return { kind: 'spread', name: '', value: value(argument.argument) }
      case 'KeywordSpreadExpression':
        return { kind: 'named spread', name: '', value: value(argument.argument) }
      default:
        return { kind: 'positional', name: '', value: value(argument) }
    }
  })
}

function calledName(tree: Node): string {
  const callee = node(tree.callee)
  return String(callee.type === 'MemberExpression' ? node(callee.property).value : callee.value)
}

function known(
  what: 'filter' | 'test',
  name: string,
  names: ReadonlySet<string>,
  refused: ReadonlySet<string>,
  at: Place,
): void {
  if (names.has(name)) return
  if (refused.has(name)) throw unsupported(`the ${what} ${name}`, at)
  throw mistaken(`There is no ${what} ${name}.`, at, suggest(name, names, what))
}

function node(part: unknown): Node {
  if (typeof part === 'object' && part !== null && 'type' in part && typeof part.type === 'string') return part as Node
  return { type: 'Nothing' }
}

function list(part: unknown): readonly Node[] {
  return Array.isArray(part) ? part.map(node) : []
}
