import type { Scope } from './evaluate.ts'
import { evaluate } from './evaluate.ts'
import type { loopAttributes } from './feature.ts'
import type { Place } from './place.ts'
import { mistaken } from './place.ts'
import type { Block, MacroDefinition, Statement, Target } from './template.ts'
import { blockText } from './template.ts'
import type { Callable, Value } from './value.ts'
import { isDict, isList, isThing, items, orNothing, text, truthy, typeName } from './value.ts'

/** Names set by a template, over those of what encloses it. */
export interface Frame extends Scope {
  set(name: string, value: Value): void
}

export function frame(outer: Scope): Frame {
  const own = new Map<string, Value>()
  return {
    set: (name, value) => void own.set(name, value),
    lookup: (name, at) => (own.has(name) ? own.get(name) : outer.lookup(name, at)),
  }
}

/** How a macro leaves with a value: thrown by `return()`, caught by the macro. */
interface Returned {
  readonly returned: Value
}

export const returnFrom: Callable = (positional) => {
  const signal: Returned = { returned: positional[0] ?? null }
  throw signal
}

type Stop = 'break' | 'continue' | undefined

/** Deeper than any sane macro, and shallower than Node's own stack. */
const deepest = 200
let depth = 0

export function renderBlock(block: Block, scope: Frame): string {
  const out: string[] = []
  run(block, scope, out)
  return out.join('')
}

function run(block: Block, scope: Frame, out: string[]): Stop {
  for (const statement of block) {
    const stop = step(statement, scope, out)
    if (stop !== undefined) return stop
  }
  return undefined
}

function step(statement: Statement, scope: Frame, out: string[]): Stop {
  switch (statement.kind) {
    case 'text':
      out.push(statement.text)
      return undefined
    case 'print':
      out.push(text(evaluate(statement.value, scope), statement.at))
      return undefined
    case 'do':
      evaluate(statement.value, scope)
      return undefined
    case 'if': {
      const taken = statement.branches.find((branch) => truthy(evaluate(branch.condition, scope)))
      return run(taken?.body ?? statement.otherwise, scope, out)
    }
    case 'set':
      assign(statement.target, evaluate(statement.value, scope), scope, statement.at)
      return undefined
    case 'set block': {
      const body = renderBlock(statement.body, frame(scope))
      scope.set(
        statement.name,
        statement.filters === undefined ? body : evaluate(statement.filters, withText(scope, body)),
      )
      return undefined
    }
    case 'macro':
      scope.set(
        statement.macro.name,
        macroCallable(statement.macro, () => scope),
      )
      return undefined
    case 'refused':
      throw statement.fault
    case 'for':
      loop(statement, scope, out)
      return undefined
    default:
      return statement.kind
  }
}

const withText = (scope: Frame, body: string): Scope => ({
  lookup: (name, at) => (name === blockText ? body : scope.lookup(name, at)),
})

function assign(target: Target, value: Value, scope: Frame, at: Place): void {
  if (target.kind === 'attribute') {
    const of = scope.lookup(target.of, at)
    if (of === undefined || !isThing(of) || of.assign === undefined) {
      throw mistaken(`${target.of} is no namespace.`, at, `Make it with {% set ${target.of} = namespace() %}.`)
    }
    of.assign(target.name, value)
    return
  }
  unpack(target.names, value, scope, at)
}

function unpack(names: readonly string[], value: Value, scope: Frame, at: Place): void {
  const [only, ...more] = names
  if (only !== undefined && more.length === 0) {
    scope.set(only, value)
    return
  }
  const parts = items(value, at)
  if (parts.length !== names.length) {
    throw mistaken(`${parts.length} values for ${names.length} names.`, at, 'Name each value.')
  }
  names.forEach((name, i) => void scope.set(name, parts[i] ?? null))
}

function loop(statement: Extract<Statement, { kind: 'for' }>, scope: Frame, out: string[]): void {
  const value = evaluate(statement.over, scope)
  if (!isList(value) && !isDict(value) && typeof value !== 'string') {
    throw mistaken(`for cannot walk through ${typeName(value)}.`, statement.at, 'Give a list or a dictionary.')
  }
  const { where } = statement
  const picked = items(value, statement.at).filter((item) => {
    if (where === undefined) return true
    const inner = frame(scope)
    unpack(statement.names, item, inner, statement.at)
    return truthy(evaluate(where, inner))
  })
  if (picked.length === 0) {
    run(statement.otherwise, frame(scope), out)
    return
  }
  for (const [index, item] of picked.entries()) {
    const inner = frame(scope)
    unpack(statement.names, item, inner, statement.at)
    inner.set('loop', loopThing(picked, index))
    if (run(statement.body, inner, out) === 'break') return
  }
}

function loopThing(all: readonly Value[], index: number): Value {
  const cycle: Callable = (positional) => orNothing(positional[index % Math.max(1, positional.length)])
  const attributes: Readonly<Record<(typeof loopAttributes)[number], Value>> = {
    index: index + 1,
    index0: index,
    revindex: all.length - index,
    revindex0: all.length - index - 1,
    first: index === 0,
    last: index === all.length - 1,
    length: all.length,
    previtem: orNothing(all[index - 1]),
    nextitem: orNothing(all[index + 1]),
    cycle,
  }
  const named: Readonly<Record<string, Value>> = attributes
  return { kind: 'loop', attribute: (name) => named[name] }
}

/** A macro as something to call. Its body sees its arguments over `home()`: the template or the project it was written in. */
export function macroCallable(macro: MacroDefinition, home: () => Scope): Callable {
  return (positional, named, at) => {
    const scope = frame(home())
    const given = new Map(named)
    for (const [index, { name }] of macro.parameters.entries()) {
      const value = index < positional.length ? positional[index] : given.get(name)
      given.delete(name)
      if (value !== undefined) scope.set(name, value)
    }
    for (const [index, { name, fallback }] of macro.parameters.entries()) {
      if (index < positional.length || named.has(name)) continue
      scope.set(name, fallback === undefined ? { missing: name } : evaluate(fallback, scope))
    }
    if (macro.takesMore) {
      scope.set('varargs', positional.slice(macro.parameters.length))
      scope.set('kwargs', new Map([...given].map(([name, value]): [Value, Value] => [name, value])))
    } else if (given.size > 0 || positional.length > macro.parameters.length) {
      const what = given.size > 0 ? `an argument ${[...given.keys()][0]}` : `${positional.length} arguments`
      const takes = macro.parameters.map((parameter) => parameter.name).join(', ') || 'none'
      throw mistaken(`${macro.name} does not take ${what}.`, at, `It takes ${takes}.`)
    }
    return enter(macro, scope, at)
  }
}

function enter(macro: MacroDefinition, scope: Frame, at: Place): Value {
  if (depth >= deepest) throw mistaken(`${macro.name} calls itself without end.`, at, 'Give the recursion an end.')
  depth += 1
  try {
    return renderBlock(macro.body, scope)
  } catch (signal) {
    if (typeof signal === 'object' && signal !== null && 'returned' in signal) return (signal as Returned).returned
    throw signal
  } finally {
    depth -= 1
  }
}

/** A fresh `namespace(…)`. */
export const namespaceOf: Callable = (positional, named, at) => {
  const held = new Map<string, Value>()
  for (const part of positional) if (isDict(part)) for (const [key, value] of part) held.set(text(key, at), value)
  for (const [key, value] of named) held.set(key, value)
  return {
    kind: 'a namespace',
    attribute: (name) => held.get(name),
    assign: (name, value) => void held.set(name, value),
  }
}
