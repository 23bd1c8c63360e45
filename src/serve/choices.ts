import type { BucketEdge, Choice, MeasureChoice, Options, Scale, YearChoice } from '#api'
import type { SqlEngine } from '#port'
import { countOf, numberOf, select, textOf } from './select.ts'
import { boroughLabel, districtLabel, none, programLabel, rateMeasures, scales } from './words.ts'

export type Choices = Omit<Options, 'publication' | 'sample'>

/** What a publication can be asked: the values of every filter, read once when it is opened. */
export async function readChoices(engine: SqlEngine): Promise<Choices> {
  const years = await readYears(engine)
  return {
    defaultYear: (years.find(({ rates }) => rates.length > 0) ?? years[0])?.year ?? null,
    years,
    boroughs: inOrder(await readChoice(engine, 'borough', boroughLabel), ['X', 'K', 'M', 'Q', 'R']),
    districts: await readChoice(engine, 'district', districtLabel),
    programs: inOrder(await readChoice(engine, 'program', programLabel), [
      'community',
      'charter',
      'special_education',
      'alternative',
    ]),
    vintages: (
      await select(
        engine,
        'SELECT DISTINCT svi_year FROM gold.climate_vulnerability WHERE svi_year IS NOT NULL ORDER BY 1',
      )
    ).map((row) => countOf(row.svi_year)),
    measures: await readMeasures(engine),
    buckets: await readBuckets(engine),
  }
}

async function readYears(engine: SqlEngine): Promise<YearChoice[]> {
  const counts = rateMeasures.map((measure) => `count(${measure}) AS ${measure}`).join(', ')
  const rows = await select(
    engine,
    `SELECT school_year, count(*) AS schools, ${counts},
       (SELECT string_agg(DISTINCT m.scale, ',') FROM gold.climate_measure m
        WHERE m.school_year = s.school_year AND m.value IS NOT NULL) AS scales
     FROM gold.school_climate_snapshot s GROUP BY school_year ORDER BY school_year DESC`,
  )
  return rows.map((row) => {
    const found = (textOf(row.scales) ?? '').split(',')
    return {
      year: countOf(row.school_year),
      schools: countOf(row.schools),
      scales: scales.filter((scale) => found.includes(scale)),
      rates: rateMeasures.filter((measure) => countOf(row[measure]) > 0),
    }
  })
}

async function readChoice(
  engine: SqlEngine,
  column: 'borough' | 'district' | 'program',
  label: (value: string) => string,
): Promise<Choice[]> {
  const rows = await select(
    engine,
    `SELECT ${column} AS value, count(DISTINCT dbn) AS schools FROM gold.school_climate_snapshot
     GROUP BY ${column} ORDER BY ${column} NULLS LAST`,
  )
  return rows.map((row) => {
    const value = textOf(row.value) ?? none
    return { value, label: label(value), schools: countOf(row.schools) }
  })
}

function inOrder(choices: readonly Choice[], order: readonly string[]): Choice[] {
  const rank = ({ value }: Choice) => (order.includes(value) ? order.indexOf(value) : order.length)
  return [...choices].sort((a, b) => rank(a) - rank(b))
}

async function readMeasures(engine: SqlEngine): Promise<MeasureChoice[]> {
  const rows = await select(
    engine,
    `SELECT measure, respondent, construct, scale, string_agg(DISTINCT school_year, ',') AS years,
       (SELECT max(d.definition) FROM gold.dim_climate_metric d WHERE d.measure = m.measure) AS definition
     FROM gold.climate_measure m GROUP BY measure, respondent, construct, scale ORDER BY scale,
       CASE respondent WHEN 'student' THEN 1 WHEN 'teacher' THEN 2 WHEN 'family' THEN 3 ELSE 4 END, construct`,
  )
  const measures: MeasureChoice[] = []
  for (const row of rows) {
    const scale = scales.find((known: Scale) => known === row.scale)
    const id = textOf(row.measure)
    if (scale === undefined || id === null) continue
    measures.push({
      id,
      respondent: textOf(row.respondent) ?? '',
      construct: textOf(row.construct) ?? id,
      scale,
      definition: textOf(row.definition),
      years: (textOf(row.years) ?? '')
        .split(',')
        .map(Number)
        .sort((a, b) => b - a),
    })
  }
  return measures
}

async function readBuckets(engine: SqlEngine): Promise<BucketEdge[]> {
  const rows = await select(engine, 'SELECT * FROM gold.dim_bucket ORDER BY lower_edge NULLS LAST')
  return rows.map((row) => ({
    bucket: textOf(row.bucket) ?? '',
    from: numberOf(row.lower_edge),
    to: numberOf(row.upper_edge),
  }))
}
