import type { Binding, Contract } from '#contract'
import { builtInRules } from '#contract'
import type { Check } from './check.ts'
import { builtIn, checksOf, lostText, warnings } from './check.ts'
import { coerce, isStaged } from './coerce.ts'
import { bronzeOfCoordinate, keptColumns } from './column.ts'
import type { Dialect } from './dialect.ts'
import { compileExpression, firstHeaders, kindOf, numericSource } from './expression.ts'
import type { MissingMember } from './number.ts'
import { missingMember, numberRegistry } from './number.ts'
import { columnsReadBy } from './order.ts'
import { textRegistry } from './text.ts'

/** What is taken apart is held several times over: a message above this is set aside unread, so that no producer can fill the engine's memory. */
const mostMessageBytes = 8 * 1024 * 1024

/**
 * One select over Bronze records of one binding: every column of the contract typed, the first broken reject rule with what was received, the broken warn
 * rules, what was missing, and `_measures` where the contract has any. `_rule` is null for a row that is clean. Without a binding every record is quarantined.
 * A record without a value is a file that could not be read; one of a `topic` was sent so.
 */
export function compileClean(
  contract: Contract,
  binding: Binding | undefined,
  bronze: {
    readonly relation: string
    readonly where?: string
    readonly topic?: boolean
    /** True where the values are thought to be JSON: see `Dialect.parseTrusted`. */
    readonly trusted?: boolean
  },
  dialect: Dialect,
): string {
  const columns = keptColumns(contract)
  const { literal, identifier: id } = dialect
  const texts = textRegistry(contract, binding, dialect)
  const numbers = numberRegistry(contract, dialect)
  const constants = binding?.layout.constants ?? {}

  const staged = new Map<string, { level: number; staged: string; final: string }>()
  const rejects: Check[] = []
  const warns: Check[] = []
  const texted = new Map<string, string>()

  for (const [column, spec] of columns) {
    const written = Object.hasOwn(constants, column)
      ? ({ kind: 'constant', value: constants[column] ?? null } as const)
      : (spec.value ?? ({ kind: 'source', headers: spec.from ?? [] } as const))
    const reading = texts.reading(spec.missing ?? [])
    const headers = spec.from ?? firstHeaders(written)
    if (written.kind === 'source' && ['integer', 'long', 'double'].includes(spec.type)) {
      const raw = reading.raw(written.headers)
      if (raw !== undefined) {
        const { number, whole } = numbers.add(column, spec, raw, reading.markers)
        staged.set(column, { level: 0, staged: number, final: whole })
        texted.set(column, dialect.trim(raw))
        const stage = isStaged(spec) ? id(`_v_${column}`) : id(column)
        const checks = checksOf(column, spec, {
          stage,
          lost: dialect.isNotANumber(stage),
          key: binding?.keyOf(written.headers),
          dialect,
        })
        rejects.push(...checks.reject)
        warns.push(...checks.warn)
        continue
      }
    }
    const value = compileExpression(written, reading, contract, dialect)
    const kind = kindOf(written, contract)
    const { first, final } = coerce(value, id(`_v_${column}`), kind, spec, dialect, `${contract.name}.${column}`)
    staged.set(column, { level: levelOf(contract, column), staged: first, final })

    const stage = isStaged(spec) ? id(`_v_${column}`) : id(column)
    const numeric = numericSource(written)
    const text = numeric === undefined ? undefined : reading.source(numeric)
    const checks = checksOf(column, spec, {
      stage,
      lost: text === undefined ? undefined : lostText(text, stage, spec, contract, dialect),
      key: headers === undefined ? undefined : binding?.keyOf(headers),
      dialect,
    })
    rejects.push(...checks.reject)
    warns.push(...checks.warn)
    const shown = headers === undefined ? undefined : reading.trimmed(headers)
    if (shown !== undefined) texted.set(column, shown)
  }

  for (const rule of contract.rules) {
    const headers = firstHeaders(rule.holds)
    const check: Check = {
      rule: rule.rule,
      column: columnsReadBy(rule.holds)[0] ?? null,
      broken: `NOT ${compileExpression(rule.holds, texts.reading([]), contract, dialect)}`,
      key: headers === undefined ? undefined : binding?.keyOf(headers),
      message: `Not so: ${rule.about}`,
    }
    ;(rule.severity === 'reject' ? rejects : warns).push(check)
  }

  const base: Check[] = [
    ...(bronze.topic === true ? [builtIn('too_large', id('_too_large'))] : []),
    builtIn(bronze.topic === true ? 'no_value' : 'unreadable_file', `${id('_value')} IS NULL`),
    ...(binding === undefined
      ? [builtIn('unknown_layout', 'true')]
      : [builtIn('not_utf8', `${id('_text')} IS NULL`), builtIn('not_json', `${id('_parsed')} IS NULL`)]),
  ]
  const checks = [...base, ...rejects]
  const members = columns
    .filter(([column, spec]) => spec.wide !== false && texted.has(column) && !numbers.has(column))
    .map(([column]) =>
      missingMember(column, `${id(column)} IS NULL`, dialect.jsonText(`COALESCE(${texted.get(column)}, '')`), dialect),
    )

  const value = bronze.topic === true ? messageValue(dialect) : id('value')
  const coordinates = Object.entries(bronzeOfCoordinate).map(([name, from]) =>
    name === from ? id(name) : `${id(from)} AS ${id(name)}`,
  )
  let select = `SELECT ${coordinates.join(', ')}, ${id('headers')} AS ${id('_headers')}, ${value} AS ${id('_value')},
    ${dialect.decode(value)} AS ${id('_text')}${bronze.topic === true ? `, ${dialect.byteLength(id('value'))} > ${mostMessageBytes} AS ${id('_too_large')}` : ''} FROM ${bronze.relation}${bronze.where === undefined ? '' : ` WHERE ${bronze.where}`}`
  select = withColumns(
    select,
    [
      ['_parsed', dialect[bronze.trusted === true ? 'parseTrusted' : 'parse'](id('_text'), texts.keys())],
      ['_may_end_blank', dialect.mayEndBlank(id('_text'))],
    ],
    dialect,
  )
  select = withColumns(select, texts.trimmedColumns(), dialect)
  select = withColumns(select, texts.markedColumns(), dialect)
  select = withColumns(select, numbers.textColumns(), dialect)
  select = withColumns(select, numbers.readColumns(), dialect)
  select = withColumns(select, numbers.numberColumns(), dialect)
  select = withColumns(select, numbers.wholeColumns(), dialect)
  const levels = Math.max(0, ...[...staged.values()].map(({ level }) => level))
  for (let level = 0; level <= levels; level += 1) {
    const here = columns.filter(([column]) => staged.get(column)?.level === level)
    const twice = here.filter(([, spec]) => isStaged(spec))
    select = withColumns(
      select,
      here.map(([column, spec]) => [isStaged(spec) ? `_v_${column}` : column, staged.get(column)?.staged ?? '']),
      dialect,
    )
    select = withColumns(
      select,
      twice.map(([column]) => [column, staged.get(column)?.final ?? '']),
      dialect,
    )
  }
  const chain = checks.map(({ broken }, index) => `WHEN ${broken} THEN ${index}`).join(' ')
  select = withColumns(
    select,
    [
      ['_broken', `CASE ${chain} END`],
      ['_lacks', joinMissing([...members, ...numbers.missingMembers()], dialect)],
    ],
    dialect,
  )
  const broken = id('_broken')
  const told = (what: (check: Check) => string | null | undefined): string =>
    `CASE WHEN ${broken} IS NOT NULL THEN ${dialect.pick(
      checks.map((check) => what(check) ?? null),
      broken,
    )} END`
  const message = told((check) => check.message)
  const keyed = dialect.memberAt(
    id('_text'),
    told(({ key }) => key),
  )
  return `SELECT ${[
    ...columns.map(([column]) => id(column)),
    ...Object.keys(bronzeOfCoordinate).map(id),
    `CASE WHEN ${id('_lacks')} <> '' THEN '{' || ${id('_lacks')} || '}' END AS ${id('missing')}`,
    `NULLIF(${dialect.join(',', warnings(warns, literal))}, '') AS ${id('warnings')}`,
    ...(contract.measureTable === undefined
      ? []
      : [`${measures(contract, binding, texted, dialect)} AS ${id('_measures')}`]),
    `${told(({ rule }) => rule)} AS ${id('_rule')}`,
    `${told(({ column }) => column)} AS ${id('_rule_column')}`,
    // Where people's names have to stay in Bronze, text that we cannot take apart stays there too.
    `left(CASE WHEN ${broken} >= ${base.length} THEN ${keyed} ${binding === undefined || hasPrivate(contract) ? '' : `WHEN ${broken} = ${base.length - 1} THEN ${id('_text')}`} END, 500) AS ${id('_received')}`,
    `${bronze.topic === true ? message : `CASE WHEN ${broken} = 0 THEN COALESCE(${dialect.header(id('_headers'), 'error')}, ${literal(builtInRules.unreadable_file)}) ELSE ${message} END`} AS ${id('_message')}`,
  ].join(',\n  ')} FROM (${select})`
}

/** Most rows lack nothing, which costs less to tell than to join nothing. */
function joinMissing(missing: readonly MissingMember[], { join }: Dialect): string {
  if (missing.length === 0) return join(',', [])
  const isAny = missing.map(({ isMissing }) => isMissing).join(' OR ')
  return `CASE WHEN ${isAny} THEN ${join(
    ',',
    missing.map(({ member }) => member),
  )} END`
}

/** The value of a message that is looked into, as SQL over Bronze; null where there is none, or it is too large for that. */
export function messageValue({ byteLength, identifier }: Dialect): string {
  return `CASE WHEN ${byteLength(identifier('value'))} <= ${mostMessageBytes} THEN ${identifier('value')} END`
}

function hasPrivate(contract: Contract): boolean {
  return Object.values(contract.columns).some(({ privacy }) => privacy === 'drop')
}

function withColumns(select: string, columns: readonly (readonly [string, string])[], { identifier }: Dialect): string {
  if (columns.length === 0) return select
  return `SELECT *, ${columns.map(([name, sql]) => `${sql} AS ${identifier(name)}`).join(',\n    ')} FROM (${select})`
}

const measureFields = { measure: 'string', value: 'double', missing_reason: 'string' } as const

/** The measures that the record's layout carries, missing ones with the reason. */
function measures(
  contract: Contract,
  binding: Binding | undefined,
  texted: ReadonlyMap<string, string>,
  dialect: Dialect,
): string {
  const records = keptColumns(contract)
    .filter(([, spec]) => spec.measure !== undefined)
    .filter(([, spec]) => {
      const headers = spec.from ?? (spec.value === undefined ? undefined : firstHeaders(spec.value))
      return headers !== undefined && binding?.keyOf(headers) !== undefined
    })
    .map(([column]) => ({
      measure: dialect.literal(column),
      value: dialect.identifier(column),
      missing_reason: `CASE WHEN ${dialect.identifier(column)} IS NULL THEN COALESCE(NULLIF(${texted.get(column) ?? `''`}, ''), 'blank') END`,
    }))
  return dialect.list(records, measureFields)
}

/** How many other columns have to be made before this one. */
function levelOf(contract: Contract, column: string): number {
  const value = contract.columns[column]?.value
  const below = value === undefined ? [] : columnsReadBy(value)
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((each) => levelOf(contract, each)))
}
