import type { Fault } from '#port'
import type { Argument, Expression } from './expression.ts'
import { parseExpression } from './expression.ts'
import { refusedTags } from './feature.ts'
import type { Place } from './place.ts'
import { mistaken, suggest, unsupported } from './place.ts'
import type { Piece } from './scan.ts'
import { scan } from './scan.ts'

interface Parameter {
  readonly name: string
  readonly fallback: Expression | undefined
}

export type Target =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'attribute'; readonly of: string; readonly name: string }

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print' | 'do'; readonly value: Expression; readonly at: Place }
  | {
      readonly kind: 'if'
      readonly branches: readonly { readonly condition: Expression; readonly body: Block }[]
      readonly otherwise: Block
    }
  | {
      readonly kind: 'for'
      readonly names: readonly string[]
      readonly over: Expression
      readonly where: Expression | undefined
      readonly body: Block
      readonly otherwise: Block
      readonly at: Place
    }
  | { readonly kind: 'set'; readonly target: Target; readonly value: Expression; readonly at: Place }
  | {
      readonly kind: 'set block'
      readonly name: string
      readonly filters: Expression | undefined
      readonly body: Block
    }
  | { readonly kind: 'macro'; readonly macro: MacroDefinition }
  | { readonly kind: 'break' | 'continue' }
  /** What the runner does not do, found in a package: told when it is reached. */
  | { readonly kind: 'refused'; readonly fault: Fault }

export type Block = readonly Statement[]

export interface MacroDefinition {
  readonly name: string
  /** True for `{% test x() %}`, whose macro is named `test_x`. */
  readonly test: boolean
  readonly parameters: readonly Parameter[]
  readonly body: Block
  /** True where the body reads `varargs` or `kwargs`, so that it takes any arguments. */
  readonly takesMore: boolean
  readonly at: Place
}

/** Stands in for what a `set` block's filters are applied to. */
export const blockText = '__block_text'

const tagNames = 'if elif else endif for endfor set endset macro endmacro test endtest do break continue raw'.split(' ')

export function parseTemplate(source: string, file: string, firstLine = 1): Block {
  const pieces = scan(source, file, firstLine)
  let next = 0

  const blockUntil = (opener: Piece | undefined, ends: readonly string[]): { body: Block; end: Piece | undefined } => {
    const body: Statement[] = []
    while (next < pieces.length) {
      const piece = pieces[next]
      next += 1
      if (piece === undefined) break
      if (piece.kind === 'text') body.push({ kind: 'text', text: piece.body })
      else if (piece.kind === 'print')
        body.push({ kind: 'print', value: parseExpression(piece.body, piece), at: piece.at })
      else {
        const name = tagName(piece)
        if (ends.includes(name)) return { body, end: piece }
        body.push(statement(piece, name))
      }
    }
    if (opener !== undefined) {
      throw mistaken(
        `{% ${tagName(opener)} %} is never closed.`,
        opener.at,
        `Close it with {% end${tagName(opener)} %}.`,
      )
    }
    return { body, end: undefined }
  }

  const statement = (piece: Piece, name: string): Statement => {
    const rest = piece.body.slice(name.length).trim()
    switch (name) {
      case 'do':
        return { kind: 'do', value: parseExpression(rest, piece), at: piece.at }
      case 'if':
        return ifStatement(piece, rest)
      case 'for':
        return forStatement(piece, rest)
      case 'set':
        return setStatement(piece, rest)
      case 'macro':
      case 'test':
        return macroStatement(piece, rest, name === 'test')
      case 'break':
      case 'continue':
        return { kind: name }
      default: {
        const refused = refusedTags.get(name)
        if (refused !== undefined) throw unsupported(refused, piece.at)
        throw mistaken(`{% ${name} %} has no place here.`, piece.at, suggest(name, tagNames, 'tag'))
      }
    }
  }

  const ifStatement = (piece: Piece, rest: string): Statement => {
    const branches: { condition: Expression; body: Block }[] = []
    let condition = parseExpression(rest, piece)
    for (;;) {
      const { body, end } = blockUntil(piece, ['elif', 'else', 'endif'])
      branches.push({ condition, body })
      if (end === undefined || tagName(end) === 'endif') return { kind: 'if', branches, otherwise: [] }
      if (tagName(end) === 'else') return { kind: 'if', branches, otherwise: blockUntil(piece, ['endif']).body }
      condition = parseExpression(end.body.slice('elif'.length), end)
    }
  }

  const forStatement = (piece: Piece, rest: string): Statement => {
    const match = /^\(?\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*,?\s*\)?\s+in\s+([\s\S]+)$/.exec(rest)
    if (match === null) throw unsupported(`{% for ${rest} %}`, piece.at)
    if (/\srecursive$/.test(rest)) throw unsupported('a recursive for', piece.at)
    const walked = parseExpression(match[2] ?? '', piece)
    const picked = walked.kind === 'choice' && walked.otherwise === undefined ? walked : undefined
    const { body, end } = blockUntil(piece, ['else', 'endfor'])
    const otherwise = end !== undefined && tagName(end) === 'else' ? blockUntil(piece, ['endfor']).body : []
    return {
      kind: 'for',
      names: names(match[1] ?? ''),
      over: picked?.result ?? walked,
      where: picked?.condition,
      body,
      otherwise,
      at: piece.at,
    }
  }

  const setStatement = (piece: Piece, rest: string): Statement => {
    const inline = /^([A-Za-z_][\w.]*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=(?!=)([\s\S]+)$/.exec(rest)
    if (inline !== null) {
      const left = inline[1] ?? ''
      const [of = '', name, ...deeper] = left.split('.')
      if (deeper.length > 0) throw unsupported(`{% set ${left} %}`, piece.at)
      const target: Target =
        name === undefined ? { kind: 'names', names: names(left) } : { kind: 'attribute', of, name }
      return { kind: 'set', target, value: parseExpression(inline[2] ?? '', piece), at: piece.at }
    }
    const block = /^([A-Za-z_]\w*)\s*(\|[\s\S]+)?$/.exec(rest)
    if (block === null) throw unsupported(`{% set ${rest} %}`, piece.at)
    const filters = block[2] === undefined ? undefined : parseExpression(`${blockText} ${block[2]}`, piece)
    return { kind: 'set block', name: block[1] ?? '', filters, body: blockUntil(piece, ['endset']).body }
  }

  const macroStatement = (piece: Piece, rest: string, test: boolean): Statement => {
    const head = parseExpression(rest, piece)
    if (head.kind !== 'call' || head.of.kind !== 'name') {
      throw mistaken(
        `{% ${piece.body} %} names no macro.`,
        piece.at,
        'Write {% macro name(argument, other=default) %}.',
      )
    }
    const start = next
    const { body } = blockUntil(piece, [test ? 'endtest' : 'endmacro'])
    const inner = pieces.slice(start, next)
    return {
      kind: 'macro',
      macro: {
        name: test ? `test_${head.of.name}` : head.of.name,
        test,
        parameters: head.args.map((argument) => parameter(argument, piece)),
        body,
        takesMore: inner.some((each) => each.kind !== 'text' && /\b(varargs|kwargs)\b/.test(each.body)),
        at: piece.at,
      },
    }
  }

  return blockUntil(undefined, []).body
}

const tagName = (piece: Piece): string => /^\w*/.exec(piece.body)?.[0] ?? ''

const names = (list: string): readonly string[] => list.split(',').map((name) => name.trim())

function parameter(argument: Argument, piece: Piece): Parameter {
  if (argument.kind === 'named') return { name: argument.name, fallback: argument.value }
  if (argument.kind === 'positional' && argument.value.kind === 'name') {
    return { name: argument.value.name, fallback: undefined }
  }
  throw mistaken(`{% ${piece.body} %} has a parameter that is no name.`, piece.at, 'Write name or name=default.')
}
