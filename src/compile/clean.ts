import type { Binding, ColumnSpec, Contract, Domain } from '#contract'
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
  /** The Bronze key whose text is told; undefined where no one member is to blame. */
  readonly key: string | undefined
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
    if (written.kind === 'source' && kindOfType(spec.type) === 'number') {
      const raw = reading.raw(written.headers)
      if (raw !== undefined) {
        const { number, whole } = numbers.add(column, spec, raw, reading.markers)
        staged.set(column, { level: 0, staged: number, final: whole })
        texted.set(column, dialect.trim(raw))
        const stage = isStaged(spec) ? id(`v_${column}`) : id(column)
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
    const { first, final } = coerce(value, id(`v_${column}`), kind, spec, dialect, `${contract.name}.${column}`)
    staged.set(column, { level: levelOf(contract, column), staged: first, final })

    const stage = isStaged(spec) ? id(`v_${column}`) : id(column)
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
    builtIn('unreadable_file', `${id('value')} IS NULL`),
    ...(binding === undefined
      ? [builtIn('unknown_layout', 'true')]
      : [builtIn('not_utf8', `${id('text')} IS NULL`), builtIn('not_json', `${id('parsed')} IS NULL`)]),
  ]
  const checks = [...base, ...rejects]
  const members = columns
    .filter(([column, spec]) => spec.wide !== false && texted.has(column) && !numbers.has(column))
    .map(
      ([column]) =>
        `CASE WHEN ${id(column)} IS NULL THEN ${literal(memberName(column))} || ${dialect.jsonText(`COALESCE(${texted.get(column)}, '')`)} END`,
    )

  let select = `SELECT ${id('source')}, ${id('partition')}, ${id('offset')}, ${id('timestamp')} AS ${id('event_ts')}, ${id('ingest_ts')}, ${id('headers')}, ${id('value')},
    ${dialect.decode(id('value'))} AS ${id('text')} FROM ${bronze.relation}${bronze.where === undefined ? '' : ` WHERE ${bronze.where}`}`
  select = withColumns(select, [['parsed', dialect.parse(id('text'), texts.keys())]], dialect)
  select = withColumns(select, texts.trimmedColumns(), dialect)
  select = withColumns(select, texts.markedColumns(), dialect)
  select = withColumns(select, numbers.textColumns(), dialect)
  select = withColumns(select, numbers.numberColumns(), dialect)
  select = withColumns(select, numbers.wholeColumns(), dialect)
  const levels = Math.max(0, ...[...staged.values()].map(({ level }) => level))
  for (let level = 0; level <= levels; level += 1) {
    const here = columns.filter(([column]) => staged.get(column)?.level === level)
    const twice = here.filter(([, spec]) => isStaged(spec))
    select = withColumns(
      select,
      here.map(([column, spec]) => [isStaged(spec) ? `v_${column}` : column, staged.get(column)?.staged ?? '']),
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
      ['broken', `CASE ${chain} END`],
      ['lacks', dialect.join(',', [...members, ...numbers.missingMembers()])],
    ],
    dialect,
  )
  const broken = id('broken')
  const told = (what: (check: Check) => string | null | undefined): string =>
    `CASE WHEN ${broken} IS NOT NULL THEN ${dialect.pick(
      checks.map((check) => what(check) ?? null),
      broken,
    )} END`
  const keyed = dialect.memberAt(
    id('text'),
    told(({ key }) => key),
  )
  return `SELECT ${[
    ...columns.map(([column]) => id(column)),
    ...['source', 'partition', 'offset', 'event_ts', 'ingest_ts'].map(id),
    `CASE WHEN ${id('lacks')} <> '' THEN '{' || ${id('lacks')} || '}' END AS ${id('missing')}`,
    `NULLIF(${dialect.join(',', warnings(warns, literal))}, '') AS ${id('warnings')}`,
    `${measures(contract, binding, texted, dialect)} AS ${id('measures')}`,
    `${keyHash(contract, dialect)} AS ${id('key_hash')}`,
    `${told(({ rule }) => rule)} AS ${id('rule')}`,
    `${told(({ column }) => column)} AS ${id('rule_column')}`,
    // Where people's names have to stay in Bronze, text that we cannot take apart stays there too.
    `left(CASE WHEN ${broken} >= ${base.length} THEN ${keyed} ${binding === undefined || hasPrivate(contract) ? '' : `WHEN ${broken} = ${base.length - 1} THEN ${id('text')}`} END, 500) AS ${id('received')}`,
    `CASE WHEN ${broken} = 0 THEN COALESCE(${dialect.header(id('headers'), 'error')}, ${literal(builtInRules.unreadable_file)}) ELSE ${told(({ message }) => message)} END AS ${id('message')}`,
  ].join(',\n  ')} FROM (${select})`
}

/** Whole numbers are doubles first, so that what is no number can be told from what is no whole one. */
function isStaged({ type }: ColumnSpec): boolean {
  return type === 'integer' || type === 'long'
}

function hasPrivate(contract: Contract): boolean {
  return Object.values(contract.columns).some(({ privacy }) => privacy === 'drop')
}

function builtIn(rule: keyof typeof builtInRules, broken: string): Check {
  return { rule, column: null, broken, key: undefined, message: builtInRules[rule] }
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

const memberName = (column: string): string => `${JSON.stringify(column)}:`

/** SQL, true where a text is neither a value of the column's type nor a marker nor withheld. */
function lostText(text: string, stage: string, spec: ColumnSpec, contract: Contract, dialect: Dialect): string {
  // What is dear to evaluate stands inside a CASE, so that it is evaluated for the few rows that get there.
  const lost = `CASE WHEN ${stage} IS NULL THEN ${text} IS NOT NULL END`
  const withheld = (contract.withheld ?? []).map((pattern) => dialect.matches(text, pattern)).join(' OR ')
  return kindOfType(spec.type) !== 'number' || withheld === '' ? lost : `CASE WHEN ${lost} THEN NOT (${withheld}) END`
}

/**
 * Numbers that stand in their columns as they are, which most do, are made as one list for each set of markers: the SQL stays short, and planning it
 * costs less than running it. A text that is no number becomes NaN, which is no value of a contract; a marker that is a number is compared as a number.
 */
function numberRegistry(contract: Contract, dialect: Dialect) {
  const { identifier: id, literal } = dialect
  const groups = new Map<string, { markers: readonly string[]; columns: string[]; raws: string[] }>()
  const all = new Set<string>()
  const listed = (
    name: string,
    write: (group: number, of: { markers: readonly string[]; columns: string[]; raws: string[] }) => string,
  ) => [...groups.values()].map((group, index) => [`${name}_${index}`, write(index, group)] as const)
  return {
    has: (column: string): boolean => all.has(column),
    add(column: string, spec: ColumnSpec, raw: string, markers: readonly string[]): { number: string; whole: string } {
      const key = JSON.stringify([...markers].sort())
      const group = groups.get(key) ?? { markers, columns: [], raws: [] }
      groups.set(key, group)
      all.add(column)
      group.columns.push(column)
      const at = group.raws.push(raw)
      const index = [...groups.keys()].indexOf(key)
      const type = spec.type === 'long' ? 'long' : 'integer'
      return {
        number: dialect.item(id(`n_${index}`), at),
        whole: dialect.cast(dialect.item(id(`w_${index}`), at), type),
      }
    },
    textColumns: () => listed('r', (_, { raws }) => dialect.values(raws, 'string')),
    numberColumns: () =>
      listed('n', (index, { markers }) =>
        dialect.map(id(`r_${index}`), (text) => numberOf(text, markers, contract.withheld ?? [], dialect)),
      ),
    wholeColumns: () =>
      listed('w', (index) => dialect.map(id(`n_${index}`), (number) => dialect.whole(number, 'long'))),
    /** SQL of `"column":"what stood there"` for each column of the group that is null and stands in Silver. */
    missingMembers: (): string[] =>
      [...groups.values()].map(({ columns }, index) => {
        const names = columns.map((column) =>
          contract.columns[column]?.wide === false ? 'NULL' : literal(memberName(column)),
        )
        const shown = (number: string) =>
          dialect.jsonText(`COALESCE(${dialect.trim(dialect.item(id(`r_${index}`), number))}, '')`)
        return dialect.joinItems(
          ',',
          dialect.map(
            id(`n_${index}`),
            (value, number) =>
              `CASE WHEN ${value} IS NULL THEN ${dialect.item(dialect.values(names, 'string'), number)} || ${shown(number)} END`,
          ),
        )
      }),
  }
}

function numberOf(text: string, markers: readonly string[], withheld: readonly string[], dialect: Dialect): string {
  const numeric = new Set(markers.filter((each) => each !== '' && Number.isFinite(Number(each))).map(Number))
  const number = dialect.number(text)
  const trimmed = dialect.trim(text)
  const missing = [
    `${dialect.without(trimmed, markers)} IS NULL`,
    ...withheld.map((pattern) => dialect.matches(trimmed, pattern)),
  ]
  const value = [...numeric].reduce(
    (made, marker) => `NULLIF(${made}, ${dialect.cast(String(marker), 'double')})`,
    `COALESCE(${number}, CASE WHEN ${missing.join(' OR ')} THEN NULL ELSE ${dialect.notANumber} END)`,
  )
  return value
}

/** How a value becomes the column's type. */
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
  const typed = (made: string): string => dialect.cast(made, storedType(spec))
  switch (spec.type) {
    case 'integer':
    case 'long':
      return {
        first: dialect.cast(kind === 'text' ? dialect.number(value) : value, 'double'),
        final: dialect.whole(stage, spec.type),
      }
    case 'double':
      return { first: kind === 'text' ? dialect.number(value) : typed(value), final: '' }
    case 'boolean':
    case 'date':
    case 'timestamp':
      return { first: kind === 'text' ? dialect[spec.type](value) : typed(value), final: '' }
    default:
      return { first: kind === 'text' ? value : typed(value), final: '' }
  }
}

interface CheckContext {
  /** SQL of the column's value before it was made whole. */
  readonly stage: string
  /** SQL, true where there was a text and no value came of it; undefined where null has other reasons. */
  readonly lost: string | undefined
  readonly key: string | undefined
  readonly dialect: Dialect
}

function checksOf(
  column: string,
  spec: ColumnSpec,
  { stage, lost, key, dialect }: CheckContext,
): { reject: Check[]; warn: Check[] } {
  const { identifier: id } = dialect
  const reject: Check[] = []
  const warn: Check[] = []
  const unreadable = (rule: keyof typeof builtInRules, broken: string): void => {
    reject.push({ rule, column, broken, key, message: `${column}: ${builtInRules[rule]}` })
  }
  const kind = kindOfType(spec.type)
  if (lost !== undefined && kind === 'number') unreadable('not_a_number', lost)
  else if (lost !== undefined && kind !== 'text') unreadable(`not_a_${kind as 'boolean' | 'date' | 'timestamp'}`, lost)
  if (isStaged(spec)) unreadable('not_a_whole_number', `${stage} IS NOT NULL AND ${id(column)} IS NULL`)
  if (spec.type === 'tract_2010' || spec.type === 'tract_2020')
    unreadable('not_a_tract', `${id(column)} IS NOT NULL AND NOT ${dialect.matches(id(column), '^[0-9]{11}$')}`)
  if (spec.required !== undefined) {
    const { rule, severity } = spec.required
    const check = {
      rule,
      column,
      broken: `${id(column)} IS NULL`,
      key,
      message: `${column} is required and cannot be had`,
    }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  if (spec.domain !== undefined) {
    const { is, rule, severity } = spec.domain
    const check = { rule, column, ...outside(column, is, dialect), key }
    ;(severity === 'reject' ? reject : warn).push(check)
  }
  return { reject, warn }
}

function outside(column: string, domain: Domain, dialect: Dialect): { broken: string; message: string } {
  const name = dialect.identifier(column)
  if ('matches' in domain)
    return {
      broken: `NOT ${dialect.matches(name, `^(?:${domain.matches})$`)}`,
      message: `${column} is not of the form ${domain.matches}`,
    }
  if ('oneOf' in domain)
    return {
      broken: `${name} NOT IN (${domain.oneOf.map(dialect.literal).join(', ')})`,
      message: `${column} is none of ${domain.oneOf.join(', ')}`,
    }
  const { min, max } = domain
  const bounds = [min === undefined ? [] : `${name} < ${min}`, max === undefined ? [] : `${name} > ${max}`].flat()
  return {
    broken: `(${bounds.join(' OR ') || 'false'})`,
    message: `${column} is outside ${min ?? '−∞'} to ${max ?? '∞'}`,
  }
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

interface RegisteredReading extends Reading {
  /** What means "missing" here; a blank first. */
  readonly markers: readonly string[]
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
        markers,
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
