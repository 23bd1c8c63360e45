import type { Token } from './sql-tokens.ts'
import { readSql } from './sql-tokens.ts'

/** A place where codes of census tracts of 2010 and of 2020 are taken for each other. They look alike, and most of them match. */
export interface VintageFinding {
  readonly file: string
  readonly line: number
  /** A sentence that says what is wrong there. */
  readonly text: string
  readonly mend: string
}

type Vintage = '2010' | '2020'
type Sequence = readonly Token[]

/**
 * Reads a model and finds where tracts of two vintages are compared, joined, unioned or merged into one column, and where a column of tracts loses the vintage
 * in its name. A merged column is let through where `tract_vintage` stands beside it, and may then be compared only together with that.
 */
export function findVintageJoins(sql: string, file: string): readonly VintageFinding[] {
  const findings: VintageFinding[] = []
  const report: Report = (line, text, mend) => {
    if (!findings.some((each) => each.line === line && each.text === text)) findings.push({ file, line, text, mend })
  }
  visit(readSql(sql), report)
  return findings.sort((a, b) => a.line - b.line)
}

type Report = (line: number, text: string, mend: string) => void

const sameVintage =
  'Compare tract_2010 with tract_2010 and tract_2020 with tract_2020: SVI 2018 is by tracts of 2010, SVI 2022 by those of 2020.'
const besides = 'Keep two columns, or put a column tract_vintage beside it.'

function visit(items: Sequence, report: Report): void {
  for (const token of items) if (token.kind === 'group') visit(token.items, report)
  const told = items.some((token) => token.kind === 'word' && /(?:^|\.)tract_vintage$/.test(token.text))
  for (const part of statements(items)) {
    comparisons(part, told, report)
    merges(part, told, report)
    cases(part, told, report)
    for (const select of selects(part)) if (!told) renames(select, report)
  }
  unions(items, report)
}

function vintageOf(token: Token | undefined): Vintage | undefined {
  if (token?.kind !== 'word') return undefined
  return /(?:^|[._])tract_(2010|2020)$/.exec(token.text)?.[1] as Vintage | undefined
}

/** Vintages of the tract columns in an operand. What is only asked whether it is null is no code. */
function vintagesIn(items: Sequence): Set<Vintage> {
  const found = new Set<Vintage>()
  items.forEach((token, index) => {
    if (token.kind === 'group') for (const each of vintagesIn(token.items)) found.add(each)
    const vintage = vintageOf(token)
    if (vintage !== undefined && !isWord(items[index + 1], 'is')) found.add(vintage)
  })
  return found
}

function crosses(left: Set<Vintage>, right: Set<Vintage>): boolean {
  return (left.has('2010') && right.has('2020')) || (left.has('2020') && right.has('2010'))
}

const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text)

const isOperator = (token: Token | undefined, ...operators: string[]): boolean =>
  token?.kind === 'operator' && operators.includes(token.text)

function statements(items: Sequence): readonly Sequence[] {
  return split(items, (token) => isOperator(token, ';'))
}

function split(items: Sequence, at: (token: Token) => boolean): readonly Sequence[] {
  const parts: Token[][] = [[]]
  for (const token of items) {
    if (at(token)) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

const boundaries = new Set(
  'and or not on where having qualify when then else end case select from join inner left right full cross using group order limit union intersect except set with as between'.split(
    ' ',
  ),
)

const isBoundary = (token: Token): boolean =>
  (token.kind === 'word' && boundaries.has(token.text)) ||
  isOperator(token, ',', ';', '=', '<>', '!=', '<', '>', '<=', '>=', '<=>')

/** The operand that ends before, or starts at, a place. */
function operand(items: Sequence, from: number, step: 1 | -1): Sequence {
  const found: Token[] = []
  for (let at = from; at >= 0 && at < items.length; at += step) {
    const token = items[at]
    if (token === undefined || (isBoundary(token) && !isFunction(items, at))) break
    found.push(token)
  }
  return step === 1 ? found : found.reverse()
}

/** `left(x, 5)` is a function and `left join` is not. */
function isFunction(items: Sequence, at: number): boolean {
  return isWord(items[at], 'left', 'right') && items[at + 1]?.kind === 'group'
}

function comparisons(items: Sequence, told: boolean, report: Report): void {
  items.forEach((token, at) => {
    const isComparison = isOperator(token, '=', '<>', '!=', '<', '>', '<=', '>=', '<=>')
    const isIn = isWord(token, 'in', 'like')
    const isDistinct = isWord(token, 'from') && isWord(items[at - 1], 'distinct') && isWord(items[at - 2], 'is', 'not')
    if (
      isWord(token, 'using') &&
      items[at + 1]?.kind === 'group' &&
      !told &&
      hasBareTract([items[at + 1] as Token], true)
    )
      report(
        token.line,
        'Tracts are joined that do not say their vintage.',
        `Join on tract_vintage too. ${sameVintage}`,
      )
    if (!isComparison && !isIn && !isDistinct) return
    const before = isDistinct
      ? at - (isWord(items[at - 2], 'not') ? 4 : 3)
      : isWord(items[at - 1], 'not')
        ? at - 2
        : at - 1
    const left = operand(items, before, -1)
    const right = operand(items, at + 1, 1)
    if (crosses(withoutNullTest(left), vintagesIn(right)))
      report(token.line, 'A census tract of 2010 is compared with one of 2020.', sameVintage)
    else if (!told && hasBareTract(left, false) && hasBareTract(right, false))
      report(
        token.line,
        'Tracts are compared that do not say their vintage.',
        `Compare tract_vintage too. ${sameVintage}`,
      )
  })
}

/** Before `is distinct from`, the column is followed by `is` and is compared all the same. */
function withoutNullTest(left: Sequence): Set<Vintage> {
  const found = vintagesIn(left)
  const last = vintageOf(left.at(-1))
  if (last !== undefined) found.add(last)
  return found
}

/** A column called tract, of whatever vintage. */
function hasBareTract(items: Sequence, deep: boolean): boolean {
  return items.some(
    (token) =>
      (token.kind === 'word' && /(?:^|[._])tract$/.test(token.text)) ||
      (deep && token.kind === 'group' && hasBareTract(token.items, deep)),
  )
}

const merging = ['coalesce', 'ifnull', 'nvl', 'nvl2', 'greatest', 'least', 'nullif', 'if', 'iff', 'decode']

function merges(items: Sequence, told: boolean, report: Report): void {
  items.forEach((token, at) => {
    const next = items[at + 1]
    if (!isWord(token, ...merging) || next?.kind !== 'group') return
    if (vintagesIn(next.items).size < 2) return
    if (isWord(token, 'nullif')) report(token.line, 'A census tract of 2010 is compared with one of 2020.', sameVintage)
    else if (!told) report(token.line, 'Census tracts of 2010 and of 2020 are put into one column.', besides)
  })
}

function cases(items: Sequence, told: boolean, report: Report): void {
  const open: { line: number; part: string; subject: Token[]; when: Token[]; result: Token[] }[] = []
  const take = (into: Token[] | undefined, token: Token): void => void into?.push(token)
  for (const token of items) {
    const top = open.at(-1)
    if (isWord(token, 'case')) open.push({ line: token.line, part: 'subject', subject: [], when: [], result: [] })
    else if (top === undefined) continue
    else if (isWord(token, 'when', 'then', 'else')) top.part = token.kind === 'word' ? token.text : ''
    else if (isWord(token, 'end')) {
      open.pop()
      if (crosses(vintagesIn(top.subject), vintagesIn(top.when)))
        report(top.line, 'A census tract of 2010 is compared with one of 2020.', sameVintage)
      if (vintagesIn(top.result).size > 1 && !told)
        report(top.line, 'Census tracts of 2010 and of 2020 are put into one column.', besides)
      for (const each of top.result) take(open.at(-1)?.result, each)
    } else take(top.part === 'subject' ? top.subject : top.part === 'when' ? top.when : top.result, token)
  }
}

/** The select lists of a sequence, each as its items. */
function selects(items: Sequence): readonly (readonly Sequence[])[] {
  const lists: (readonly Sequence[])[] = []
  items.forEach((token, at) => {
    if (!isWord(token, 'select')) return
    const rest = items.slice(at + 1)
    // `is distinct from` ends no select list.
    const end = rest.findIndex(
      (each, index) =>
        (isWord(each, 'from') && !(isWord(rest[index - 1], 'distinct') && index > 1)) ||
        isWord(each, 'union', 'intersect', 'except'),
    )
    const list = end === -1 ? rest : rest.slice(0, end)
    lists.push(split(isWord(list[0], 'distinct') ? list.slice(1) : list, (each) => isOperator(each, ',')))
  })
  return lists
}

function renames(list: readonly Sequence[], report: Report): void {
  for (const item of list) {
    const [source, as] = item
    const vintage = vintageOf(source)
    const alias = item.length === 3 && isWord(as, 'as') ? item[2] : item.length === 2 ? as : undefined
    if (source === undefined || vintage === undefined || alias?.kind !== 'word' || vintageOf(alias) === vintage)
      continue
    const line = source.line
    if (vintageOf(alias) !== undefined)
      report(line, `A census tract of ${vintage} is called ${alias.text}.`, sameVintage)
    else
      report(
        line,
        `A census tract of ${vintage} is called ${alias.text}, which says no vintage.`,
        `Let the name end in tract_${vintage}.`,
      )
  }
}

/** Select lists that are stacked must have the same vintage in the same place. */
function unions(items: Sequence, report: Report): void {
  const isSet = (token: Token): boolean => isWord(token, 'union', 'intersect', 'except')
  if (!items.some(isSet)) return
  const places = new Map<number, Vintage>()
  for (const part of split(items, isSet)) {
    const inner = part.filter((token) => !isWord(token, 'all', 'distinct'))
    const only = inner[0]
    const list = selects(inner.length === 1 && only?.kind === 'group' ? only.items : part)[0] ?? []
    list.forEach((item, place) => {
      const direct = item.length <= 3 ? vintageOf(item[0]) : undefined
      const vintage = direct ?? vintageOf(item.at(-1))
      if (vintage === undefined) return
      const before = places.get(place) ?? vintage
      places.set(place, before)
      if (before !== vintage)
        report(item[0]?.line ?? 1, 'Census tracts of 2010 and of 2020 are stacked in one column.', besides)
    })
  }
}
