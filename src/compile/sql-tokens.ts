/** A word, operator or literal of SQL, or what stands between parentheses. */
export type Token =
  | { readonly kind: 'word' | 'operator' | 'literal'; readonly text: string; readonly line: number }
  | { readonly kind: 'group'; readonly items: readonly Token[]; readonly line: number }

const pattern = new RegExp(
  [
    /(?<skip>--[^\n]*|\/\*[\s\S]*?\*\/|\{#[\s\S]*?#\}|\{%[\s\S]*?%\}|\s+)/,
    /(?<jinja>\{\{[\s\S]*?\}\})/,
    /(?<string>'(?:[^']|'')*')/,
    /(?<word>(?:"(?:[^"]|"")*"|`[^`]*`|[A-Za-z_][A-Za-z0-9_$]*)(?:\s*\.\s*(?:"(?:[^"]|"")*"|`[^`]*`|[A-Za-z_][A-Za-z0-9_$]*|\*))*)/,
    /(?<number>[0-9]+(?:\.[0-9]+)?)/,
    /(?<operator><=>|<>|!=|<=|>=|::|\|\||[-+*/%=<>,;()[\]:.?$@~^&|!])/,
    /(?<other>.)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gu',
)

/**
 * SQL with Jinja in it, as a tree by parentheses. Comments and Jinja statements are read over; a Jinja expression is one literal.
 * Words are lower case and without quotes; a path (`a.tract_2010`) is one word.
 */
export function readSql(sql: string): readonly Token[] {
  const root: Token[] = []
  const open: { items: Token[]; line: number }[] = [{ items: root, line: 1 }]
  let line = 1
  for (const match of sql.matchAll(pattern)) {
    const [text] = match
    const { skip, word, operator } = match.groups ?? {}
    const top = open.at(-1)
    if (top === undefined) break
    if (operator === '(') open.push({ items: [], line })
    else if (operator === ')') {
      if (open.length > 1) {
        open.pop()
        open.at(-1)?.items.push({ kind: 'group', items: top.items, line: top.line })
      }
    } else if (word !== undefined) top.items.push({ kind: 'word', text: plain(word), line })
    else if (operator !== undefined) top.items.push({ kind: 'operator', text: operator, line })
    else if (skip === undefined) top.items.push({ kind: 'literal', text, line })
    line += text.split('\n').length - 1
  }
  return root
}

function plain(word: string): string {
  return word
    .replace(/["`]/g, '')
    .replace(/\s*\.\s*/g, '.')
    .toLowerCase()
}
