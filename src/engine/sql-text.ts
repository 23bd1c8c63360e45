import { Fault } from '#port'

/** A piece of Snowflake's SQL: what a statement is made of, and what only looks like it. */
type Piece = { readonly kind: 'code' | 'quoted' | 'comment'; readonly text: string }

const pieces =
  /(?<quoted>'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$)|(?<comment>--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<code>[^'"$/-]+|[\s\S])/g

function piecesOf(sql: string): readonly Piece[] {
  return [...sql.matchAll(pieces)].map(({ 0: text, groups = {} }) => ({
    kind: groups.quoted !== undefined ? 'quoted' : groups.comment !== undefined ? 'comment' : 'code',
    text,
  }))
}

/** The statements of a text, without comments. The service takes one at a time. */
export function statementsOf(sql: string): readonly string[] {
  const statements = ['']
  for (const { kind, text } of piecesOf(sql)) {
    const [first = '', ...rest] = kind === 'code' ? text.split(';') : [kind === 'comment' ? ' ' : text]
    statements.push((statements.pop() ?? '') + first, ...rest)
  }
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '')
}

/** `$1` as the driver names it, `:1`; one within a text stays. */
export function withBinds(sql: string): string {
  const parts: { kind: Piece['kind']; text: string }[] = []
  for (const { kind, text } of piecesOf(sql)) {
    const last = parts.at(-1)
    if (last?.kind === 'code' && kind === 'code') last.text += text
    else parts.push({ kind, text })
  }
  return parts.map(({ kind, text }) => (kind === 'code' ? text.replace(/\$(\d+)/g, ':$1') : text)).join('')
}

/**
 * Lets one select through that reads tables by name: no stage (`@`), no function that acts (`SYSTEM$…`), no procedure's result (`TABLE(…)`), no variable.
 * What else it may read is the role's to say. Fault: `engine/refused`.
 */
export function checkOneSelect(sql: string): void {
  const statements = statementsOf(sql)
  const code = piecesOf(statements[0] ?? '')
    .filter(({ kind }) => kind === 'code')
    .map(({ text }) => text)
    .join(' ')
  const reads =
    /^\s*\(*\s*(select|with)\b/i.test(code) && !/[@$]|\btable\s*\(|\b(into|delete|update|merge)\b/i.test(code)
  // A text after FROM would be the address of a file.
  const fromText = /\b(from|join)\s*'/i.test(statements[0] ?? '')
  if (statements.length === 1 && reads && !fromText) return
  throw new Fault('engine/refused', 'Only one select statement at a time is answered here.', {
    mend: 'Send a single SELECT over bronze.*, silver.* or gold.*.',
  })
}
