import type { Argument, Expression, Operator } from './expression.ts'
import { applyFilter, passesTest } from './filter.ts'
import { methodOf } from './method.ts'
import type { Place } from './place.ts'
import { mistaken, unsupported } from './place.ts'
import type { Callable, Value } from './value.ts'
import {
  compare,
  equal,
  isDict,
  isFloating,
  isList,
  isMissing,
  isThing,
  isTuple,
  items,
  nothing,
  numeric,
  text,
  toFloat,
  truthy,
  tuple,
  typeName,
} from './value.ts'

export interface Scope {
  /** Undefined where nobody defines the name. May refuse a name that dbt knows and the runner does not. */
  lookup(name: string, at: Place): Value | undefined
}

/** Filters that make YAML's text a value; in SQL, where all becomes text, dbt has them do nothing. */
const typing: ReadonlySet<string> = new Set(['as_bool', 'as_native', 'as_number', 'as_text'])

/** A name that only the scope of YAML has. */
export const yieldsValues = '__yields_values'

export function evaluate(tree: Expression, scope: Scope): Value {
  const inner = (part: Expression): Value => evaluate(part, scope)
  switch (tree.kind) {
    case 'literal':
      return tree.value
    case 'name': {
      // None is a value: only what nobody set is missing.
      const found = scope.lookup(tree.name, tree.at)
      return found === undefined ? { missing: tree.name } : found
    }
    case 'list':
      return tree.items.map(inner)
    case 'tuple':
      return tuple(tree.items.map(inner))
    case 'dict':
      return new Map(tree.entries.map(([key, value]) => [inner(key), inner(value)]))
    case 'attribute':
      return attribute(inner(tree.of), tree.name, tree.at)
    case 'item':
      return item(inner(tree.of), inner(tree.key), tree.at)
    case 'slice': {
      const bounds = [tree.start, tree.stop, tree.step].map((part) => (part === undefined ? null : inner(part)))
      return slice(inner(tree.of), bounds, tree.at)
    }
    case 'call':
      return callValue(inner(tree.of), ...argumentsIn(tree.args, scope, tree.at), tree.at)
    case 'filter':
      if (typing.has(tree.name) && scope.lookup(yieldsValues, tree.at) !== true) return inner(tree.of)
      return applyFilter(tree.name, inner(tree.of), ...argumentsIn(tree.args, scope, tree.at), tree.at)
    case 'test':
      return passesTest(tree.name, inner(tree.of), tree.at) !== tree.negated
    case 'unary':
      return unary(tree.operator, inner(tree.of), tree.at)
    case 'choice':
      if (truthy(inner(tree.condition))) return inner(tree.result)
      return tree.otherwise === undefined ? nothing : inner(tree.otherwise)
    case 'binary': {
      const left = inner(tree.left)
      if (tree.operator === 'and') return truthy(left) ? inner(tree.right) : left
      if (tree.operator === 'or') return truthy(left) ? left : inner(tree.right)
      return binary(tree.operator, left, inner(tree.right), tree.at)
    }
  }
}

/** Arguments of a call, as Python takes them: positional ones, then named ones in order. */
function argumentsIn(
  args: readonly Argument[],
  scope: Scope,
  at: Place,
): [readonly Value[], ReadonlyMap<string, Value>] {
  const positional: Value[] = []
  const named = new Map<string, Value>()
  for (const argument of args) {
    const value = evaluate(argument.value, scope)
    if (argument.kind === 'positional') positional.push(value)
    else if (argument.kind === 'spread') positional.push(...items(value, at))
    else if (argument.kind === 'named') named.set(argument.name, value)
    else if (isDict(value)) for (const [key, part] of value) named.set(text(key, at), part)
    else throw mistaken(`** wants a dictionary, not ${typeName(value)}.`, at, 'Give a dictionary.')
  }
  return [positional, named]
}

export function callValue(
  callee: Value,
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  at: Place,
): Value {
  if (typeof callee === 'function') return callee(positional, named, at)
  if (isThing(callee)) {
    const call = callee.attribute('__call__', at)
    if (typeof call === 'function') return call(positional, named, at)
  }
  throw mistaken(
    `${typeName(callee)} cannot be called.`,
    at,
    'Check the name of the macro, and that its file is in macro-paths.',
  )
}

function attribute(of: Value, name: string, at: Place): Value {
  if (isThing(of)) {
    const found = of.attribute(name, at)
    return found === undefined ? unknownAttribute(of, name, at) : found
  }
  if (typeof of === 'function') throw unsupported(`the attribute ${name} of a macro`, at)
  const method = methodOf(of, name, at)
  if (method !== undefined) return method
  if (isDict(of)) return of.get(name) ?? (of.has(name) ? null : { missing: name })
  return unknownAttribute(of, name, at)
}

function unknownAttribute(of: Value, name: string, at: Place): Value {
  if (isMissing(of)) throw mistaken(`${typeName(of)}, has no ${name}.`, at, `Define ${of.missing ?? 'it'} first.`)
  return { missing: name }
}

function item(of: Value, key: Value, at: Place): Value {
  if (isDict(of)) {
    for (const [known, value] of of) if (equal(known, key)) return value
    return typeof key === 'string' ? { missing: key } : nothing
  }
  const index = numeric(key)
  if (index !== undefined && (isList(of) || typeof of === 'string')) {
    const found = (isList(of) ? of : [...of]).at(index)
    return found === undefined ? nothing : found
  }
  if (typeof key === 'string') return attribute(of, key, at)
  throw mistaken(`${typeName(of)} has no items.`, at, 'Take items of a list, a dictionary or a string.')
}

function slice(of: Value, bounds: readonly Value[], at: Place): Value {
  if (!isList(of) && typeof of !== 'string')
    throw mistaken(`${typeName(of)} cannot be sliced.`, at, 'Slice a list or a string.')
  const all = isList(of) ? of : [...of]
  const [start, stop, step = 1] = bounds.map((bound) => (bound === null ? undefined : numeric(bound)))
  const size = all.length
  const clip = (bound: number | undefined, missing: number): number => {
    if (bound === undefined) return missing
    const from = bound < 0 ? bound + size : bound
    return step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, -1), size - 1)
  }
  const first = clip(start, step > 0 ? 0 : size - 1)
  const last = clip(stop, step > 0 ? size : -1)
  const taken: Value[] = []
  if (step === 0) throw mistaken('A slice of step 0 has no end.', at, 'Give another step.')
  for (let i = first; step > 0 ? i < last : i > last; i += step) taken.push(all[i] ?? null)
  if (typeof of === 'string') return taken.join('')
  return isTuple(of) ? tuple(taken) : taken
}

function unary(operator: 'not' | '-' | '+', of: Value, at: Place): Value {
  if (operator === 'not') return !truthy(of)
  const number = numeric(of)
  if (number === undefined) throw mistaken(`${operator} wants a number, not ${typeName(of)}.`, at, 'Give a number.')
  const result = operator === '-' ? -number : number
  return isFloating(of) ? toFloat(result) : result
}

function binary(operator: Operator, left: Value, right: Value, at: Place): Value {
  switch (operator) {
    case '~':
      return text(left, at) + text(right, at)
    case '==':
      return equal(left, right)
    case '!=':
      return !equal(left, right)
    case '<':
      return compare(left, right, at) < 0
    case '<=':
      return compare(left, right, at) <= 0
    case '>':
      return compare(left, right, at) > 0
    case '>=':
      return compare(left, right, at) >= 0
    case 'in':
      return contains(right, left, at)
    case 'not in':
      return !contains(right, left, at)
    default:
      return arithmetic(operator, left, right, at)
  }
}

function contains(all: Value, one: Value, at: Place): boolean {
  if (typeof all === 'string' && typeof one === 'string') return all.includes(one)
  if (typeof all === 'string')
    throw mistaken(`${typeName(one)} cannot be in a string.`, at, 'Compare a string with a string.')
  return items(all, at).some((each) => equal(each, one))
}

function arithmetic(operator: Operator, left: Value, right: Value, at: Place): Value {
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right
    if (isList(left) && isList(right) && isTuple(left) === isTuple(right)) {
      return isTuple(left) ? tuple([...left, ...right]) : [...left, ...right]
    }
  }
  const x = numeric(left)
  const y = numeric(right)
  if (operator === '*' && typeof left === 'string' && y !== undefined) return left.repeat(Math.max(0, y))
  if (operator === '%' && typeof left === 'string') throw unsupported("formatting with '%'", at)
  if (x === undefined || y === undefined) {
    throw mistaken(
      `${operator} cannot join ${typeName(left)} and ${typeName(right)}.`,
      at,
      'Join text with ~, and numbers with numbers.',
    )
  }
  const floating = isFloating(left) || isFloating(right)
  const result = calculate(operator, x, y, at)
  if (!Number.isFinite(result)) throw mistaken(`${x} ${operator} ${y} is no finite number.`, at, 'Change the numbers.')
  if (floating || operator === '/' || (operator === '**' && y < 0)) return toFloat(result)
  if (!Number.isSafeInteger(result)) throw unsupported('an integer beyond 2^53', at)
  return result
}

function calculate(operator: Operator, x: number, y: number, at: Place): number {
  if (y === 0 && (operator === '/' || operator === '//' || operator === '%')) {
    throw mistaken('Division by zero.', at, 'Divide by something else.')
  }
  switch (operator) {
    case '+':
      return x + y
    case '-':
      return x - y
    case '*':
      return x * y
    case '/':
      return x / y
    case '//':
      return Math.floor(x / y)
    case '%':
      return x - y * Math.floor(x / y)
    default:
      return x ** y
  }
}

/** A callable that takes its arguments by these names, in this order; `missing` where one is not given. */
export function callable(
  name: string,
  parameters: readonly string[],
  work: (args: (name: string) => Value | undefined, at: Place) => Value,
): Callable {
  return (positional, named, at) => {
    const extra = positional.length > parameters.length
    const unknown = [...named.keys()].find((key) => !parameters.includes(key))
    if (extra || unknown !== undefined) {
      const what = unknown === undefined ? `${positional.length} arguments` : `an argument ${unknown}`
      throw mistaken(`${name} does not take ${what}.`, at, `It takes ${parameters.join(', ') || 'none'}.`)
    }
    return work((parameter) => {
      const index = parameters.indexOf(parameter)
      return index < positional.length ? positional[index] : named.get(parameter)
    }, at)
  }
}
