import type { Binding, ColumnSpec, Contract, Domain, Expression } from '#contract'
import { builtInRules } from '#contract'
import { Fault } from '#port'
import { keptColumns, storedType } from './column.ts'
import type { Dialect } from './dialect.ts'
import type { Kind, Reading } from './expression.ts'
import { compileExpression, firstHeaders, kindOf, kindOfType, numericSource } from './expression.ts'
import { keyHash } from './hash.ts'
import { columnsReadBy } from './order.ts'

/** What `compileClean` gives besides the contract's columns, in this order. */
export const cleanedExtras = [
  ...['source', 'partition', 'offset', 'event_ts', 'ingest_ts', 'missing', 'warnings'],
  ...['measures', 'key_hash', 'rule', 'rule_column', 'received', 'message'],
] as const

/** A test that a record fails, in the order in which tests are made: the first that fails is the one told. */
interface Check {
  readonly rule: string
  readonly column: string | null
  /** SQL, true where the rule is broken. */
  readonly broken: string
  /** SQL of the text as received. */
  readonly received: string
  /** SQL of a sentence. */
  readonly message: string
}

/**
 * One select over Bronze records of one binding: every column of the contract typed, the first broken reject rule with what was received, the broken warn
 * rules, what was missing, the measures, and the key's hash. `rule` is null for a row that is clean. Without a binding every record is quarantined.
 */
export function compileClean(
  contract: Contract,
  binding: Binding | undefined,
  bronze: { readonly relation: string; readonly where?: string },
  dialect: Dialect,
): string {
  const columns = keptColumns(contract)
  const { literal, identifier: id } = dialect
  const texts = textRegistry(contract, binding, dialect)
  const constants = binding?.layout.constants ?? {}

  const staged = new Map<string, { level: number; staged: string; final: string }>()
  const rejects: Check[] = []
  const warns: Check[] = []
  const missing: { readonly column: string; readonly spec: ColumnSpec; readonly text: string }[] = []

  for (const [column, spec] of columns) {
    const type = storedType(spec)
    const written = Object.hasOwn(constants, column)
      ? ({ kind: 'constant', value: constants[column] ?? null } as const)
      : (spec.value ?? ({ kind: 'source', headers: spec.from ?? [] } as const))
    const reading = texts.reading(spec.missing ?? [])
    const value = compileExpression(written, reading, contract, dialect)
    const stage = `v_${column}`
    const { first, final } = coerce(
      value,
      id(stage),
      kindOf(written, contract),
      spec,
      dialect,
      `${contract.name}.${column}`,
    )
    staged.set(column, { level: levelOf(contract, column), staged: first, final: dialect.cast(final, type) })

    const headers = spec.from ?? firstHeaders(written)
    const text = headers === undefined ? undefined : reading.raw(headers)
    const received = text ?? dialect.cast('NULL', 'string')
    const checks = checksOf(column, spec, written, {
      stage: id(stage),
      text: numericSource(written) === undefined ? undefined : reading.source(numericSource(written) ?? []),
      withheld: contract.withheld ?? [],
      received,
      dialect,
    })
    rejects.push(...checks.reject)
    warns.push(...checks.warn)
    const trimmed = headers === undefined ? undefined : reading.trimmed(headers)
    if (trimmed !== undefined) missing.push({ column, spec, text: trimmed })
  }

  for (const rule of contract.rules) {
    const reading = texts.reading([])
    const headers = firstHeaders(rule.holds)
    const check: Check = {
      rule: rule.rule,
      column: columnsReadBy(rule.holds)[0] ?? null,
      broken: `NOT ${compileExpression(rule.holds, reading, contract, dialect)}`,
      received: (headers === undefined ? undefined : reading.raw(headers)) ?? dialect.cast('NULL', 'string'),
      message: literal(rule.about),
    }
    ;(rule.severity === 'reject' ? rejects : warns).push(check)
  }

  const none = dialect.cast('NULL', 'string')
  const base: Check[] = [
    {
      ...{ rule: 'unreadable_file', column: null, broken: `${id('value')} IS NULL`, received: none },
      message: `COALESCE(${dialect.header(id('headers'), 'error')}, ${literal(builtInRules.unreadable_file)})`,
    },
    ...(binding === undefined
      ? [builtIn('unknown_layout', 'true', none, literal)]
      : [
          builtIn('not_utf8', `${id('text')} IS NULL`, none, literal),
          // Where people's names have to stay in Bronze, text that we cannot take apart stays there too.
          builtIn('not_json', `${id('parsed')} IS NULL`, hasPrivate(contract) ? none : id('text'), literal),
        ]),
  ]
  const checks = [...base, ...rejects]
  const reasons = missing.map(({ column, text }) => ({
    column,
    reason: `CASE WHEN ${id(column)} IS NULL THEN COALESCE(${text}, '') END`,
  }))

  let select = `SELECT ${id('source')}, ${id('partition')}, ${id('offset')}, ${id('timestamp')} AS ${id('event_ts')}, ${id('ingest_ts')}, ${id('headers')}, ${id('value')},
    ${dialect.decode(id('value'))} AS ${id('text')} FROM ${bronze.relation}${bronze.where === undefined ? '' : ` WHERE ${bronze.where}`}`
  select = `SELECT *, ${dialect.parse(id('text'), texts.keys())} AS ${id('parsed')} FROM (${select})`
  select = withColumns(select, texts.trimmedColumns(), dialect)
  select = withColumns(select, texts.markedColumns(), dialect)
  const levels = Math.max(0, ...[...staged.values()].map(({ level }) => level))
  for (let level = 0; level <= levels; level += 1) {
    const here = [...staged].filter(([, each]) => each.level === level)
    select = withColumns(
      select,
      here.map(([column, each]) => [`v_${column}`, each.staged] as const),
      dialect,
    )
    select = withColumns(
      select,
      here.map(([column, each]) => [column, each.final] as const),
      dialect,
    )
  }
  const chain = checks.map(({ broken }, index) => `WHEN ${broken} THEN ${index + 1}`).join(' ')
  select = withColumns(
    select,
    [['broken', `CASE ${chain} END`], ...reasons.map(({ column, reason }) => [`m_${column}`, reason] as const)],
    dialect,
  )
  const told = (what: (check: Check) => string): string =>
    `CASE ${id('broken')} ${checks.map((check, index) => `WHEN ${index + 1} THEN ${what(check)}`).join(' ')} END`
  const inSilver = reasons.filter(({ column }) => contract.columns[column]?.wide !== false)
  const members = inSilver.map(
    ({ column }) =>
      `CASE WHEN ${id(`m_${column}`)} IS NOT NULL THEN ${literal(`${JSON.stringify(column)}:`)} || ${dialect.jsonText(id(`m_${column}`))} END`,
  )
  return `SELECT ${[
    ...columns.map(([column]) => id(column)),
    ...['source', 'partition', 'offset', 'event_ts', 'ingest_ts'].map(id),
    `CASE WHEN ${[...inSilver.map(({ column }) => `${id(`m_${column}`)} IS NOT NULL`), 'false'].join(' OR ')} THEN '{' || ${dialect.join(',', members)} || '}' END AS ${id('missing')}`,
    `NULLIF(${dialect.join(',', warnings(warns, literal))}, '') AS ${id('warnings')}`,
    `${measures(contract, binding, texts.reading([]), dialect)} AS ${id('measures')}`,
    `${keyHash(contract, dialect)} AS ${id('key_hash')}`,
    `${told(({ rule }) => literal(rule))} AS ${id('rule')}`,
    `${told(({ column }) => literal(column))} AS ${id('rule_column')}`,
    `left(${told(({ received }) => received)}, 500) AS ${id('received')}`,
    `${told(({ message }) => message)} AS ${id('message')}`,
  ].join(',\n  ')} FROM (${select})`
}

function hasPrivate(contract: Contract): boolean {
  return Object.values(contract.columns).some(({ privacy }) => privacy === 'drop')
}

function builtIn(
  rule: keyof typeof builtInRules,
  broken: string,
  received: string,
  literal: Dialect['literal'],
): Check {
  return { rule, column: null, broken, received, message: literal(builtInRules[rule]) }
}

/** Broken warn rules by name, each once however many columns break it. */
function warnings(checks: readonly Check[], literal: Dialect['literal']): string[] {
  const byRule = new Map<string, string[]>()
  for (const { rule, broken } of checks) byRule.set(rule, [...(byRule.get(rule) ?? []), `COALESCE(${broken}, false)`])
  return [...byRule].map(([rule, broken]) => `CASE WHEN ${broken.join(' OR ')} THEN ${literal(rule)} END`)
}

function withColumns(select: string, columns: readonly (readonly [string, string])[], { identifier }: Dialect): string {
  if (columns.length === 0) return select
  return `SELECT *, ${columns.map(([name, sql]) => `${sql} AS ${identifier(name)}`).join(',\n    ')} FROM (${select})`
}

/** How a value becomes the column's type: `first` is kept as a column of its own, so that what failed to be a number can be told from what was no whole one. */
function coerce(
  value: string,
  stage: string,
  kind: Kind,
  spec: ColumnSpec,
  dialect: Dialect,
  place: string,
): { first: string; final: string } {
  const wanted = kindOfType(spec.type)
  if (kind !== 'null' && kind !== wanted && kind !== 'text')
    throw new Fault('contract/type', `${place} is a ${spec.type}, and its value is a ${kind}.`, {
      mend: wanted === 'text' ? 'Say with digits how the number is to be written.' : 'Change the type or the value.',
    })
  switch (spec.type) {
    case 'integer':
    case 'long':
      return {
        first: dialect.cast(kind === 'text' ? dialect.number(value) : value, 'double'),
        final: dialect.whole(stage, spec.type),
      }
    case 'double':
      return { first: dialect.cast(kind === 'text' ? dialect.number(value) : value, 'double'), final: stage }
    case 'boolean':
    case 'date':
    case 'timestamp':
      return { first: kind === 'text' ? dialect[spec.type](value) : dialect.cast(value, spec.type), final: stage }
    default:
      return { first: dialect.cast(value, 'string'), final: stage }
  }
}

interface CheckContext {
  /** SQL of the column's value before it was made whole. */
  readonly stage: string
  /** SQL of the text that arithmetic was done on; undefined where null has other reasons than a text that is no number. */
  readonly text: string | undefined
  readonly withheld: readonly string[]
  readonly received: string
  readonly dialect: Dialect
}

function checksOf(
  column: string,
  spec: ColumnSpec,
  written: Expression,
  { stage, text, withheld, received, dialect }: CheckContext,
): { reject: Check[]; warn: Check[] } {
  const { identifier: id, literal } = dialect
  const reject: Check[] = []
  const warn: Check[] = []
  const unreadable = (rule: keyof typeof builtInRules, broken: string): void => {
    reject.push({ rule, column, broken, received, message: literal(`${column}: ${builtInRules[rule]}`) })
  }
  const kind = kindOfType(spec.type)
  if (text !== undefined && kind === 'number') {
    const isWithheld = withheld.map((pattern) => dialect.matches(text, pattern)).join(' OR ') || 'false'
    unreadable('not_a_number', `CASE WHEN ${text} IS NOT NULL AND ${stage} IS NULL THEN NOT (${isWithheld}) END`)
  } else if (text !== undefined && kind !== 'text')
    unreadable(`not_a_${kind as 'boolean' | 'date' | 'timestamp'}`, `${text} IS NOT NULL AND ${stage} IS NULL`)
  if (spec.type === 'integer' || spec.type === 'long')
    unreadable('not_a_whole_number', `${stage} IS NOT NULL AND ${id(column)} IS NULL`)
  if (spec.type === 'tract_2010' || spec.type === 'tract_2020')
    unreadable('not_a_tract', `${id(column)} IS NOT NULL AND NOT ${dialect.matches(id(column), '^[0-9]{11}$')}`)
  if (spec.required !== undefined) {
    const { rule, severity } = spec.required
    const why = written.kind === 'capture' ? `${column} could not be read` : `${column} is missing`
    const check = { rule, column, broken: `${id(column)} IS NULL`, received, message: literal(why) }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  if (spec.domain !== undefined) {
    const { is, rule, severity } = spec.domain
    const check = { rule, column, ...outside(column, is, dialect), received }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  return { reject, warn }
}

function outside(column: string, domain: Domain, dialect: Dialect): { broken: string; message: string } {
  const name = dialect.identifier(column)
  const { literal } = dialect
  if ('matches' in domain)
    return {
      broken: `NOT ${dialect.matches(name, `^(?:${domain.matches})$`)}`,
      message: literal(`${column} is not of the form ${domain.matches}`),
    }
  if ('oneOf' in domain)
    return {
      broken: `${name} NOT IN (${domain.oneOf.map(literal).join(', ')})`,
      message: literal(`${column} is none of ${domain.oneOf.join(', ')}`),
    }
  const { min, max } = domain
  const bounds = [min === undefined ? [] : `${name} < ${min}`, max === undefined ? [] : `${name} > ${max}`].flat()
  return {
    broken: `(${bounds.join(' OR ') || 'false'})`,
    message: literal(`${column} is outside ${min ?? '−∞'} to ${max ?? '∞'}`),
  }
}

const measureFields = { measure: 'string', value: 'double', missing_reason: 'string' } as const

/** The measures that the record's layout carries, missing ones with the reason. */
function measures(
  contract: Contract,
  binding: Binding | undefined,
  reading: RegisteredReading,
  dialect: Dialect,
): string {
  const records = keptColumns(contract)
    .filter(([, spec]) => spec.measure !== undefined)
    .filter(([, spec]) => {
      const headers = spec.from ?? (spec.value === undefined ? undefined : firstHeaders(spec.value))
      return binding !== undefined && headers !== undefined && reading.trimmed(headers) !== undefined
    })
    .map(([column]) => ({
      measure: dialect.literal(column),
      value: dialect.identifier(column),
      missing_reason: `CASE ${dialect.identifier(`m_${column}`)} WHEN '' THEN 'blank' ELSE ${dialect.identifier(`m_${column}`)} END`,
    }))
  return dialect.list(records, measureFields)
}

interface RegisteredReading extends Reading {
  trimmed(headers: readonly string[]): string | undefined
}

/** Each header's text is trimmed once and each marker list is taken out of it once, whatever reads it. */
function textRegistry(contract: Contract, binding: Binding | undefined, dialect: Dialect) {
  const { identifier: id } = dialect
  const keys = new Map<string, number>()
  const marked = new Map<string, { name: string; sql: string }>()
  const indexOf = (key: string): number => {
    const index = keys.get(key) ?? keys.size
    keys.set(key, index)
    return index
  }
  const keyFor = (headers: readonly string[]): string | undefined => binding?.keyOf(headers)
  return {
    keys: (): string[] => [...keys.keys()],
    trimmedColumns: (): (readonly [string, string])[] =>
      [...keys].map(([key, index]) => [`t_${index}`, dialect.trim(dialect.member(id('parsed'), key))] as const),
    markedColumns: (): (readonly [string, string])[] =>
      [...marked.values()].map(({ name, sql }) => [name, sql] as const),
    reading(own: readonly string[]): RegisteredReading {
      const markers = ['', ...new Set([...contract.missing, ...own].filter((marker) => marker !== ''))]
      return {
        source(headers) {
          const key = keyFor(headers)
          if (key === undefined) return undefined
          const index = indexOf(key)
          const known = JSON.stringify([index, markers])
          const entry = marked.get(known) ?? {
            name: `s_${marked.size}`,
            sql: dialect.without(id(`t_${index}`), markers),
          }
          marked.set(known, entry)
          return id(entry.name)
        },
        raw(headers) {
          const key = keyFor(headers)
          if (key === undefined) return undefined
          indexOf(key)
          return dialect.member(id('parsed'), key)
        },
        trimmed(headers) {
          const key = keyFor(headers)
          return key === undefined ? undefined : id(`t_${indexOf(key)}`)
        },
      }
    },
  }
}

/** How many other columns have to be made before this one. */
function levelOf(contract: Contract, column: string): number {
  const value = contract.columns[column]?.value
  const below = value === undefined ? [] : columnsReadBy(value)
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((each) => levelOf(contract, each)))
}
