import type { RowsOf } from '#api'
import type { SqlEngine } from '#port'
import type { Ask } from '../ask.ts'
import { refused } from '../ask.ts'
import { conditions, filterOf, filterParameters } from '../filter.ts'
import type { Binder } from '../select.ts'
import { binder, countOf, select } from '../select.ts'
import { schoolMeasures, vulnerabilityMeasures } from '../words.ts'
import { binOf, lastBin } from './histogram.ts'
import type { Question } from './question.ts'
import { vintageOf } from './summaries.ts'

/** A select over published tables that a figure counted, not yet sorted or cut into pages. */
export interface RowSelect {
  readonly of: RowsOf
  readonly sql: string
  readonly values: Binder['values']
}

const kinds = ['schools', 'measures', 'vulnerability', 'quarantine', 'displaced', 'silver'] as const
const states = ['present', 'missing'] as const
const school = ['dbn', 'search', 'state'] as const

const parametersOf: Readonly<Record<RowsOf, readonly string[]>> = {
  schools: [...filterParameters, ...school, 'measure', 'bin'],
  measures: [...filterParameters, ...school, 'measure', 'scale'],
  vulnerability: [...filterParameters, ...school, 'measure', 'vintage', 'bucket', 'ranked'],
  quarantine: ['dataset', 'source', 'rule'],
  displaced: ['dataset', 'source', 'fate'],
  silver: ['dataset', 'source'],
}

/** Every parameter that some kind of row takes; which of them go with `of` is checked by {@link rowSelect}. */
export const rowParameters = [...new Set(['of', ...Object.values(parametersOf).flat()])]

/** Adding `of` to a figure's own parameters gives exactly the rows that the figure counted. */
export function rowSelect(ask: Ask, { choices, datasets }: Question): RowSelect {
  const of = ask.oneOf('of', kinds) ?? 'schools'
  for (const name of rowParameters) {
    if (name === 'of' || parametersOf[of].includes(name)) continue
    if (ask.text(name) !== undefined) {
      throw refused(`${name} does not go with of=${of}.`, `With of=${of}, use ${parametersOf[of].join(', ')}.`)
    }
  }
  const bound = binder()
  const { bind } = bound

  const ofSchool = (alias: string, name: string) => {
    const dbn = ask.text('dbn')
    // One school is asked for across all years unless a year is named.
    const where =
      dbn !== undefined && ask.text('year') === undefined
        ? ['true']
        : [conditions(filterOf(ask, choices), alias, bound)]
    if (dbn !== undefined) where.push(`${alias}.dbn = ${bind(dbn)}`)
    const search = ask.text('search')
    if (search !== undefined) {
      const wanted = bind(search)
      where.push(`(contains(lower(${name}), lower(${wanted})) OR contains(lower(${alias}.dbn), lower(${wanted})))`)
    }
    return where
  }
  const stateOf = (value: string) => {
    const state = ask.oneOf('state', states)
    return state === undefined ? [] : [`${value} IS ${state === 'present' ? 'NOT NULL' : 'NULL'}`]
  }

  if (of === 'schools') {
    const where = ofSchool('s', 's.school_name')
    const measure = ask.oneOf('measure', schoolMeasures)
    const bin = ask.integer('bin', { min: 0, max: lastBin })
    if (bin !== undefined) where.push(`${binOf(`s.${measure ?? 'student_response_rate'}`)} = ${bind(bin)}`)
    where.push(...stateOf(`s.${measure ?? 'student_response_rate'}`))
    const sql = `SELECT s.dbn, s.school_year, s.school_name, s.borough, s.district, s.program,
      ${schoolMeasures.map((name) => `s.${name}`).join(', ')}, s.total_enrollment, s.source, s.event_ts
      FROM gold.school_climate_snapshot s WHERE ${where.join(' AND ')}`
    return { of, sql, values: bound.values }
  }

  if (of === 'measures') {
    const where = ofSchool('s', 's.school_name')
    const ids = choices.measures.map(({ id }) => id)
    const measure = ask.oneOf('measure', ids)
    if (measure !== undefined) where.push(`m.measure = ${bind(measure)}`)
    const scale = ask.oneOf('scale', ['rate', 'score_1_5', 'percent_positive'] as const)
    if (scale !== undefined) where.push(`m.scale = ${bind(scale)}`)
    where.push(...stateOf('m.value'))
    const sql = `SELECT m.dbn, m.school_year, s.school_name, s.borough, s.district, s.program,
      m.measure, m.respondent, m.construct, m.scale, m.value, m.missing_reason
      FROM gold.climate_measure m JOIN gold.school_climate_snapshot s USING (dbn, school_year)
      WHERE ${where.join(' AND ')}`
    return { of, sql, values: bound.values }
  }

  if (of === 'vulnerability') {
    const where = ofSchool('v', 's.school_name')
    const vintage = vintageOf(ask.oneOf('vintage', choices.vintages.map(String)), choices)
    where.push(`v.svi_year = ${bind(vintage)}`)
    const bucket = ask.oneOf(
      'bucket',
      choices.buckets.map((edge) => edge.bucket),
    )
    if (bucket !== undefined) where.push(`v.svi_bucket = ${bind(bucket)}`)
    const ranked = ask.oneOf('ranked', ['yes', 'no'] as const)
    if (ranked !== undefined) where.push(`v.svi_overall IS ${ranked === 'yes' ? 'NOT NULL' : 'NULL'}`)
    where.push(...stateOf(`v.${ask.oneOf('measure', vulnerabilityMeasures) ?? 'student_response_rate'}`))
    const sql = `SELECT v.dbn, v.school_year, s.school_name, v.borough, v.district, v.program, v.svi_year,
      v.tract_2010, v.tract_2020, v.tract_agrees, v.svi_bucket, v.svi_overall, v.svi_missing_reason,
      v.svi_theme1, v.svi_theme2, v.svi_theme3, v.svi_theme4, ${vulnerabilityMeasures.map((name) => `v.${name}`).join(', ')}
      FROM gold.climate_vulnerability v LEFT JOIN gold.school_climate_snapshot s USING (dbn, school_year)
      WHERE ${where.join(' AND ')}`
    return { of, sql, values: bound.values }
  }

  const names = datasets.map(({ name }) => name)
  const dataset = ask.oneOf('dataset', names)
  const source = ask.text('source')
  const where = source === undefined ? ['true'] : [`source = ${bind(source)}`]

  if (of === 'silver') {
    if (dataset === undefined) throw refused('of=silver needs a dataset.', `Add dataset=, one of ${names.join(', ')}.`)
    // A contract's own name, found in the list above: an identifier cannot be bound.
    return { of, sql: `SELECT * FROM silver.${dataset} WHERE ${where.join(' AND ')}`, values: bound.values }
  }
  if (dataset !== undefined) where.push(`dataset = ${bind(dataset)}`)
  if (of === 'displaced') {
    const fate = ask.oneOf('fate', ['duplicate', 'superseded'] as const)
    if (fate !== undefined) where.push(`fate = ${bind(fate)}`)
    const sql = `SELECT dataset, fate, source, partition, "offset", event_ts, by_source, by_offset
      FROM silver.displaced WHERE ${where.join(' AND ')}`
    return { of, sql, values: bound.values }
  }
  const rule = ask.text('rule')
  if (rule !== undefined) where.push(`rule = ${bind(rule)}`)
  // Without `key`, `value` and `headers`: the raw record may hold a person's name, and stays in the lake.
  const sql = `SELECT dataset, rule, stage, "column", received, message, source, partition, "offset", timestamp, ingest_ts
    FROM silver.quarantine WHERE ${where.join(' AND ')}`
  return { of, sql, values: bound.values }
}

export interface Page {
  readonly offset: number
  readonly limit: number
  /** Name of a column that the select has. */
  readonly sort: string | undefined
  readonly order: 'asc' | 'desc'
}

export const pageParameters = ['sort', 'order', 'offset', 'limit'] as const

export function pageOf(ask: Ask, { most, usual }: { most: number; usual: number }): Page {
  return {
    offset: ask.integer('offset', { min: 0, max: 10_000_000 }) ?? 0,
    limit: ask.integer('limit', { min: 1, max: most }) ?? usual,
    sort: ask.text('sort'),
    order: ask.oneOf('order', ['asc', 'desc'] as const) ?? 'asc',
  }
}

/** One page of rows, in an order that does not change between pages. */
export async function readPage({ of, sql, values }: RowSelect, page: Page, engine: SqlEngine) {
  const columns = await engine.describe(sql)
  const names = columns.map(({ name }) => name)
  const sort = page.sort === undefined ? undefined : names.find((name) => name === page.sort)
  if (page.sort !== undefined && sort === undefined) {
    throw refused(`There is no column ${page.sort.slice(0, 60)} to sort by.`, `Use one of ${names.join(', ')}.`)
  }
  const [counted] = await select(engine, `SELECT count(*) AS total FROM (${sql})`, values)
  const { rows } = await engine.query(
    `SELECT * FROM (${sql}) ORDER BY ${orderBy(sort, page.order, names)} LIMIT ${page.limit} OFFSET ${page.offset}`,
    values,
  )
  return {
    of,
    columns: columns.map(({ name, type }) => ({ name, type: typeof type === 'string' ? type : type.type })),
    rows,
    total: countOf(counted?.total),
    offset: page.offset,
    limit: page.limit,
  }
}

/** All columns break ties, so that equal rows stand in one order whichever page they fall on. */
function orderBy(sort: string | undefined, order: 'asc' | 'desc', names: readonly string[]): string {
  const rest = names.map((name) => `"${name}"`).join(', ')
  return sort === undefined ? rest : `"${sort}" ${order} NULLS LAST, ${rest}`
}
