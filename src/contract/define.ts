import { Fault } from '#port'
import type { ColumnSpec, Contract, Domain } from './contract.ts'
import type { Expression } from './expression.ts'
import { expressionsIn } from './expression.ts'
import { headerKey } from './header.ts'

/** What every Silver table has after the contract's own columns. */
export const commonColumnNames = [
  'source',
  'partition',
  'offset',
  'event_ts',
  'ingest_ts',
  'missing',
  'warnings',
] as const

const measureColumnNames = ['measure', 'respondent', 'construct', 'scale', 'value', 'missing_reason']

/** Rules that no contract declares, because every record can break them. */
export const builtInRules = {
  unreadable_file: 'the file could not be decoded or parsed',
  no_value: 'the message has no value',
  too_large: 'the message is larger than 8 MiB',
  unknown_layout: 'the record came in a shape that no layout of the contract takes',
  not_utf8: 'the record is not UTF-8 text',
  not_json: 'the record is not a JSON object',
  not_a_number: 'the value is not a number',
  not_a_whole_number: 'the value is not a whole number',
  not_a_boolean: 'the value is neither true nor false',
  not_a_date: 'the value is not a date',
  not_a_timestamp: 'the value is not an instant',
  not_a_tract: 'the value is not the eleven digits of a census tract',
} as const

const name = /^[a-z][a-z0-9_]*$/
const types = ['string', 'integer', 'long', 'double', 'boolean', 'date', 'timestamp', 'tract_2010', 'tract_2020']

/** Checks a declaration; what comes back is frozen and may be compiled. Every mistake is a Fault `contract/…` that names its place. */
export function defineContract(contract: Contract): Contract {
  const at = (place: string): string => `${contract.name}: ${place}`
  if (!name.test(contract.name ?? ''))
    throw mistake('name', `${String(contract.name)} is not a dataset's name.`, 'Use lower-case letters, digits and _.')
  for (const field of ['title', 'about', 'grain', 'publisher', 'licence', 'attribution', 'url'] as const)
    if (typeof contract[field] !== 'string' || contract[field].trim() === '')
      throw mistake('missing', at(`${field} is not set.`), `Say ${field}: it is shown to people.`)
  for (const field of Object.keys(contract)) nameOf(field, fields, at('the contract has no field'), 'field')

  const columns = Object.keys(contract.columns)
  const kept = columns.filter((column) => contract.columns[column]?.privacy !== 'drop')
  checkLayouts(contract, kept, at)
  for (const column of columns) checkColumn(contract, column, at)
  if (contract.key.length === 0) throw mistake('key', at('the key is empty.'), 'Name the columns that tell rows apart.')
  for (const column of contract.key) {
    nameOf(column, kept, at('the key names a column that is not there:'), 'key')
    if (contract.measureTable !== undefined && measureColumnNames.includes(column))
      throw mistake(
        'key',
        at(`the key's column ${column} has the name of a column of every measure table.`),
        'Rename it.',
      )
    if (contract.columns[column]?.wide === false)
      throw mistake('key', at(`the key's column ${column} is not in the Silver table.`), 'Leave out wide: false.')
  }
  for (const rule of contract.rules) {
    if (!name.test(rule.rule)) throw mistake('rule', at(`${rule.rule} is not a rule's name.`), 'Use snake_case.')
    checkExpression(contract, rule.holds, at(`rule ${rule.rule}`), undefined)
  }
  checkRuleNames(contract, at)
  checkPatterns(contract.withheld ?? [], at('withheld'))
  checkStream(contract, at)
  checkCycles(contract, at)
  if (contract.measureTable !== undefined && !name.test(contract.measureTable))
    throw mistake(
      'name',
      at(`${contract.measureTable} is not a table's name.`),
      'Use lower-case letters, digits and _.',
    )
  return deepFreeze(contract)
}

const fields = [
  ...['name', 'title', 'about', 'grain', 'publisher', 'licence', 'attribution', 'url', 'files', 'encodings', 'missing'],
  ...['withheld', 'layouts', 'columns', 'key', 'rules', 'measureTable', 'stream', 'simulated'],
]
const columnFields = [
  'type',
  'about',
  'unit',
  'from',
  'value',
  'missing',
  'required',
  'domain',
  'privacy',
  'measure',
  'wide',
]

function checkColumn(contract: Contract, column: string, at: (place: string) => string): void {
  const spec = contract.columns[column] as ColumnSpec
  const here = at(`column ${column}`)
  if (!name.test(column))
    throw mistake('name', `${here} is not a column's name.`, 'Use lower-case letters, digits and _.')
  if ((commonColumnNames as readonly string[]).includes(column))
    throw mistake('name', `${here} has the name of a column that every Silver table has.`, 'Take another name.')
  for (const field of Object.keys(spec)) nameOf(field, columnFields, `${here} has no field`, 'field')
  nameOf(spec.type, types, `${here} has an unknown type`, 'type')
  if (!spec.about || !spec.unit)
    throw mistake('missing', `${here} lacks ${spec.about ? 'its unit' : 'what it is about'}.`, 'A reader needs both.')
  checkVintage(column, spec, here)
  if (spec.value !== undefined) checkExpression(contract, spec.value, here, column)
  const isConstant = contract.layouts.some((layout) => Object.hasOwn(layout.constants ?? {}, column))
  if (spec.value === undefined && !spec.from?.length && !isConstant)
    throw mistake('source', `${here} comes from nowhere.`, 'Give it from, value, or a constant in a layout.')
  if (spec.domain !== undefined) checkDomain(spec, spec.domain.is, here)
  if (spec.measure !== undefined && contract.measureTable === undefined)
    throw mistake('measure', `${here} is a measure, and the contract has no measureTable.`, 'Name one.')
  if (spec.measure !== undefined && spec.type !== 'double')
    throw mistake('measure', `${here} is a measure of type ${spec.type}.`, 'Measures are doubles.')
  if (spec.wide === false && spec.measure === undefined)
    throw mistake('measure', `${here} is in no table.`, 'Leave out wide: false, or make it a measure.')
}

/** The plausible wrong join is made of columns that do not say their vintage. */
function checkVintage(column: string, spec: ColumnSpec, here: string): void {
  const inType = spec.type.startsWith('tract_') ? spec.type : undefined
  const inName = /(?:^|_)(tract_20[0-9]0)$/.exec(column)?.[1]
  if (inType !== inName && (inType !== undefined || inName !== undefined))
    throw mistake(
      'vintage',
      `${here} has type ${spec.type}: a census tract's column carries its vintage in name and type.`,
      inType === undefined ? `Give it type ${inName}.` : `Let its name end in ${inType}.`,
    )
  if (inType === undefined && /(?:^|_)tract(?:$|_(?:geo)?id$|_code$)/.test(column))
    throw mistake('vintage', `${here} holds a census tract of no vintage.`, 'Name it …tract_2010 or …tract_2020.')
}

function checkDomain(spec: ColumnSpec, domain: Domain, here: string): void {
  if ('matches' in domain) {
    checkPatterns([domain.matches], `${here}, domain`)
    return
  }
  if ('oneOf' in domain) return
  for (const field of Object.keys(domain))
    nameOf(field, ['min', 'max', 'oneOf', 'matches'], `${here}: no domain has`, 'domain')
  if (!['integer', 'long', 'double'].includes(spec.type))
    throw mistake('domain', `${here} of type ${spec.type} has a range.`, 'Only numbers have min and max.')
  if (domain.min !== undefined && domain.max !== undefined && domain.min > domain.max)
    throw mistake('domain', `${here}: min ${domain.min} is above max ${domain.max}.`, 'Swap them.')
}

function checkExpression(contract: Contract, root: Expression, here: string, column: string | undefined): void {
  const columns = Object.keys(contract.columns)
  for (const expression of expressionsIn(root)) {
    if (expression.kind === 'column') {
      nameOf(expression.name, columns, `${here} reads a column that is not there:`, 'expression')
      if (contract.columns[expression.name]?.privacy === 'drop')
        throw mistake('privacy', `${here} reads ${expression.name}, which stays in Bronze.`, 'Do without it.')
    }
    if (expression.kind === 'capture' || expression.kind === 'matches') checkPatterns([expression.pattern], here)
    if ((expression.kind === 'source' || expression.kind === 'raw') && expression.headers.length === 0)
      throw mistake('expression', `${here} reads no header.`, 'Name one.')
    if (column !== undefined && expression.kind === 'column' && expression.name === column)
      throw mistake('expression', `${here} is made from itself.`, 'Read a header instead.')
    if (expression.kind === 'divide' && expression.by === 0)
      throw mistake('expression', `${here} divides by zero.`, 'Divide by something else.')
  }
}

function checkCycles(contract: Contract, at: (place: string) => string): void {
  const visit = (column: string, path: readonly string[]): void => {
    if (path.includes(column))
      throw mistake(
        'expression',
        at(`columns are made from each other: ${[...path, column].join(' → ')}.`),
        'Break the circle.',
      )
    const value = contract.columns[column]?.value
    if (value === undefined) return
    for (const each of expressionsIn(value)) if (each.kind === 'column') visit(each.name, [...path, column])
  }
  for (const column of Object.keys(contract.columns)) visit(column, [])
}

function checkRuleNames(contract: Contract, at: (place: string) => string): void {
  const severities = new Map<string, string>()
  const columnRules = Object.values(contract.columns).flatMap((spec) => [spec.required ?? [], spec.domain ?? []].flat())
  for (const { rule, severity } of [...columnRules, ...contract.rules]) {
    nameOf(severity, ['reject', 'warn'], at(`rule ${rule} has an unknown severity`), 'severity')
    if (!name.test(rule)) throw mistake('rule', at(`${rule} is not a rule's name.`), 'Use snake_case.')
    if (Object.hasOwn(builtInRules, rule))
      throw mistake('rule', at(`${rule} is a rule that every dataset has.`), 'Take another name.')
    const known = severities.get(rule)
    if (known !== undefined && known !== severity)
      throw mistake('severity', at(`rule ${rule} both rejects and warns.`), 'Give the two different names.')
    severities.set(rule, severity)
  }
}

function checkLayouts(contract: Contract, kept: readonly string[], at: (place: string) => string): void {
  if (contract.layouts.length === 0) throw mistake('layout', at('there is no layout.'), 'Say what its files look like.')
  const names = new Set<string>()
  for (const layout of contract.layouts) {
    const here = at(`layout ${layout.name}`)
    if (names.has(layout.name)) throw mistake('layout', `${here} is there twice.`, 'Name each layout once.')
    names.add(layout.name)
    nameOf(
      layout.format,
      ['csv', 'socrata', 'geojson', 'topojson', 'message'],
      `${here} has an unknown format`,
      'layout',
    )
    if (layout.requires.length === 0)
      throw mistake('layout', `${here} requires no header, so it would take every file.`, 'Name what tells it apart.')
    for (const column of Object.keys(layout.constants ?? {}))
      nameOf(column, kept, `${here} sets a column that is not there:`, 'constant')
    const forbidden = new Set((layout.forbids ?? []).map(headerKey))
    const both = layout.requires.find((header) => forbidden.has(headerKey(header)))
    if (both !== undefined) throw mistake('layout', `${here} both requires and forbids ${both}.`, 'Drop one.')
  }
  // Two columns may read one header on purpose through `value`; the same alias in two plain columns is a slip.
  const owner = new Map<string, string>()
  for (const [column, spec] of Object.entries(contract.columns)) {
    if (spec.value !== undefined) continue
    for (const alias of spec.from ?? []) {
      const other = owner.get(headerKey(alias))
      if (other !== undefined)
        throw mistake(
          'alias',
          at(`columns ${other} and ${column} both come from ${JSON.stringify(alias)}.`),
          'Give one of them another header, or say what it is made of with value.',
        )
      owner.set(headerKey(alias), column)
    }
  }
}

function checkStream({ stream, layouts }: Contract, at: (place: string) => string): void {
  const messages = layouts.filter(({ format }) => format === 'message').length
  if (messages > 1) throw mistake('layout', at('there are two layouts for messages.'), 'A message does not say which.')
  if (stream === undefined && messages > 0)
    throw mistake('stream', at('it has a layout for messages and no topic.'), 'Name the topic: stream.topic.')
  if (stream === undefined) return
  if (messages === 0)
    throw mistake('stream', at('it has a topic and no layout for its messages.'), "Add one of format 'message'.")
  // Kafka's own rule for the names of topics.
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(stream.topic) || /^[.]{1,2}$/.test(stream.topic))
    throw mistake('stream', at(`${stream.topic} is not a topic's name.`), 'Use letters, digits, dots, _ and -.')
  if (!Number.isInteger(stream.partitions) || stream.partitions < 1)
    throw mistake('stream', at(`a topic has ${stream.partitions} partitions.`), 'One at least.')
}

function checkPatterns(patterns: readonly string[], here: string): void {
  for (const pattern of patterns) {
    try {
      new RegExp(pattern)
    } catch (cause) {
      throw mistake('pattern', `${here}: /${pattern}/ is no regular expression.`, 'Mend the pattern.', cause)
    }
    if (/\(\?[=!<]|\\[a-zA-Z1-9]/.test(pattern))
      throw mistake(
        'pattern',
        `${here}: /${pattern}/ uses what not every engine knows.`,
        'No look-around, no back references; [0-9] rather than \\d.',
      )
  }
}

function nameOf(given: string, known: readonly string[], what: string, code: string): void {
  if (known.includes(given)) return
  const near = nearest(given, known)
  throw mistake(code, `${what} ${given}.`, near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean ${near}?`)
}

function mistake(code: string, what: string, mend: string, cause?: unknown): Fault {
  return new Fault(`contract/${code}`, what, { mend, cause })
}

/** The known word that is the fewest slips away, where that is few enough to be one. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((word) => ({ word, slips: slipsBetween(given.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.slips - b.slips)
  const best = ranked[0]
  return best !== undefined && best.slips <= Math.max(2, given.length / 3) ? best.word : undefined
}

function slipsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const each of Object.values(value)) deepFreeze(each)
    Object.freeze(value)
  }
  return value
}
