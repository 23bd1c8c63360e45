import type { Place } from './place.ts'
import { mistaken } from './place.ts'

/** A run of a template: text as it stands, `{{ … }}` or `{% … %}`. Comments and raw marks are already gone. */
export interface Piece {
  readonly kind: 'text' | 'print' | 'tag'
  /** The text; for a mark, what stands between its ends, trimmed. */
  readonly body: string
  readonly at: Place
}

const closers = { '{{': '}}', '{%': '%}', '{#': '#}' } as const

/**
 * Cuts a template into pieces and applies whitespace control (`{%-`, `-%}`). dbt leaves Jinja's trim_blocks and lstrip_blocks off,
 * and drops one newline at the very end.
 */
export function scan(source: string, file: string, firstLine = 1): readonly Piece[] {
  const template = source.endsWith('\n') ? source.slice(0, -1) : source
  const pieces: Piece[] = []
  let position = 0
  let line = firstLine
  let stripNext = false

  const pushText = (raw: string, stripEnd: boolean): void => {
    let body = stripNext ? raw.trimStart() : raw
    if (stripEnd) body = body.trimEnd()
    if (body !== '') pieces.push({ kind: 'text', body, at: { file, line } })
    line += newlines(raw)
    stripNext = false
  }

  while (position < template.length) {
    const start = nextMark(template, position)
    const open = template.slice(start, start + 2)
    const control = template[start + 2]
    pushText(template.slice(position, start), control === '-')
    if (start >= template.length) break
    const at = { file, line }
    const inner = start + 2 + (control === '-' || control === '+' ? 1 : 0)
    const end = open === '{#' ? template.indexOf('#}', inner) : closeOf(template, inner, open === '{{' ? '}}' : '%}')
    if (end < 0) {
      const close = closers[open as keyof typeof closers]
      throw mistaken(`${open} is never closed.`, at, `Close it with ${close}.`)
    }
    const endControl = template[end - 1]
    const trimmed = end > inner && (endControl === '-' || endControl === '+')
    const body = template.slice(inner, trimmed ? end - 1 : end).trim()
    stripNext = endControl === '-' && trimmed
    line += newlines(template.slice(start, end))
    position = end + 2
    if (open === '{#') continue
    if (open === '{%' && body === 'raw') {
      const close = /\{%([-+]?)\s*endraw\s*([-+]?)%\}/g
      close.lastIndex = position
      const match = close.exec(template)
      if (match === null) throw mistaken('{% raw %} is never closed.', at, 'Close it with {% endraw %}.')
      pushText(template.slice(position, match.index), match[1] === '-')
      position = match.index + match[0].length
      stripNext = match[2] === '-'
      continue
    }
    pieces.push({ kind: open === '{{' ? 'print' : 'tag', body, at })
  }
  return pieces
}

/** The line on which a name stands inside a mark that may run over several lines. */
export function lineOf(piece: Piece, name: string): Place {
  const found = new RegExp(`(?<![\\w.])${name.replace(/[^\w]/g, '\\$&')}(?!\\w)`).exec(piece.body)
  return { file: piece.at.file, line: piece.at.line + (found ? newlines(piece.body.slice(0, found.index)) : 0) }
}

const newlines = (part: string): number => part.split('\n').length - 1

function nextMark(template: string, from: number): number {
  for (let i = from; i < template.length - 1; i += 1) {
    if (template[i] !== '{') continue
    const next = template[i + 1]
    if (next === '{' || next === '%' || next === '#') return i
  }
  return template.length
}

/** The position of the closing mark, past strings and past brackets that are still open. */
function closeOf(template: string, from: number, close: string): number {
  let depth = 0
  for (let i = from; i < template.length; i += 1) {
    const char = template[i]
    if (char === "'" || char === '"') {
      i += 1
      while (i < template.length && template[i] !== char) i += template[i] === '\\' ? 2 : 1
    } else if (depth === 0 && template.startsWith(close, i)) {
      return i
    } else if (char === '(' || char === '[' || char === '{') {
      depth += 1
    } else if (char === ')' || char === ']' || char === '}') {
      depth = Math.max(0, depth - 1)
    }
  }
  return -1
}
