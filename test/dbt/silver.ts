import { datasets } from '#datasets'
import type { SqlEngine } from '#port'
import { lakeTables } from '../../src/platform/project.ts'

/**
 * A Silver small enough to reckon by hand, with what makes the real one hard: schools that moved, that only one location file has,
 * that have no coordinates or no place, Marble Hill, tracts of one vintage only, tracts without a rank, ranks at the buckets' edges.
 */
export async function fillSilver(engine: SqlEngine): Promise<void> {
  await emptySilver(engine)
  await insert(engine, 'silver.svi', svi)
  await insert(engine, 'silver.tract_place', tractPlaces)
  await insert(engine, 'silver.school_place', schoolPlaces)
  for (const [offset, school] of schools.entries()) await survey(engine, school, 2019, { source: 'file-2019', offset })
  await insert(
    engine,
    'silver.demographics',
    schools.flatMap(({ dbn, students }) => (students === null ? [] : [[dbn, 2019, students]])),
  )
  await insert(engine, 'silver.ledger', [
    ['school_survey', 'file-2019', 'survey/2019.csv', '', 21, 20, 1, 0, 0, 0],
    ['school_survey', 'file-2019', 'survey/2019.csv', 'not_a_school', 0, 0, 1, 0, 0, 0],
  ])
}

/** Every table that the project reads, with the columns that the contracts give it and without a row. */
export async function emptySilver(engine: SqlEngine): Promise<void> {
  for (const { name, columns } of lakeTables(datasets)) {
    await engine.attach({ name: `declared.${name.replace('.', '_')}`, columns, files: [] })
    await engine.run(`CREATE SCHEMA IF NOT EXISTS ${name.slice(0, name.indexOf('.'))};
      CREATE TABLE ${name} AS SELECT * FROM declared.${name.replace('.', '_')}`)
  }
}

const lineage = ['source', 'partition', 'offset', 'event_ts']
const rates = ['student_response_rate', 'teacher_response_rate', 'parent_response_rate']
const scores = [
  'collaborative_teachers_score',
  'effective_school_leadership_score',
  'rigorous_instruction_score',
  'supportive_environment_score',
  'strong_family_community_ties_score',
  'trust_score',
]

interface School {
  readonly dbn: string
  readonly trust: number | null
  readonly students: number | null
}

const schools: readonly School[] = [
  ...[3.0, 3.1, 3.2, 3.3, 3.4, 4.0].map((trust, i) => ({ dbn: `01M00${i + 1}`, trust, students: i < 4 ? 50 : null })),
  ...[4.0, 4.2, 4.4].map((trust, i) => ({ dbn: `02M01${i + 1}`, trust, students: 10 })),
  ...[2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 4.9].map((trust, i) => ({
    dbn: `03M02${i + 1}`,
    trust,
    students: 100 * (i + 1),
  })),
  { dbn: '10X213', trust: 3.0, students: 400 },
  { dbn: '84X460', trust: 3.5, students: 300 },
  { dbn: '75M401', trust: null, students: null },
  { dbn: '79M501', trust: null, students: null },
]

/** A school's row of the survey, wide and long: trust and the parents' rate (always 0.5). */
export async function survey(
  engine: SqlEngine,
  { dbn, trust }: Pick<School, 'dbn' | 'trust'>,
  year: number,
  { source, offset, at = '2019-06-01' }: { source: string; offset: number; at?: string },
): Promise<void> {
  const lineage = [source, 0, offset, at]
  const nulls = scores.slice(1).map(() => null)
  await insert(engine, 'silver.school_survey', [
    [dbn, year, `School ${dbn}`, null, null, 0.5, ...nulls, trust, ...lineage],
  ])
  await insert(engine, 'silver.survey_measure', [
    [dbn, year, 'parent_response_rate', 'family', 'Response rate', 'rate', 0.5, null, ...lineage],
    [dbn, year, 'trust_score', 'school', 'Trust', 'score_1_5', trust, trust === null ? 'N/A' : null, ...lineage],
  ])
}

/** Code, ranks of 2018 and 2022 (undefined: no such tract then), residents of both. */
const tracts: readonly (readonly [string, number | null | undefined, number | null | undefined, number])[] = [
  ['36061000100', 0.1, 0.3333, 1000],
  ['36061000200', 0.5, 0.3334, 3000],
  ['36061000300', null, 0.6667, 2000],
  ['36061000400', 0.8, undefined, 4000],
  ['36061000401', undefined, 0.9, 4000],
  ['36061030900', 0.95, 0.9641, 1500],
  ['36005030900', 0.2, 0.21, 700],
  ['36005000100', 0.4, null, 500],
  ['36001000100', 0.3, 0.31, 100],
]

const svi = tracts.flatMap(([code, in2018, in2022, residents]) => [
  ...(in2018 === undefined ? [] : [[2018, code, null, code.slice(0, 5), residents, ...fiveRanks(in2018)]]),
  ...(in2022 === undefined ? [] : [[2022, null, code, code.slice(0, 5), residents, ...fiveRanks(in2022)]]),
])

function fiveRanks(overall: number | null): readonly (number | null)[] {
  return [overall, overall, 0.25, overall, 0.75]
}

const districtOfTract: Readonly<Record<string, number | null>> = {
  '36061000100': 1,
  '36061000200': 1,
  '36061000300': 1,
  '36061000400': 2,
  '36061000401': 2,
  '36061030900': 10,
  '36005000100': 10,
  '36005030900': null,
}

const tractPlaces = Object.entries(districtOfTract).flatMap(([code, district]) => [
  ...(code === '36061000401' ? [] : [[code, null, district]]),
  ...(code === '36061000400' ? [] : [[null, code, district]]),
])

type Values = readonly (string | number | boolean | null)[]

interface Place {
  readonly in2010: string
  readonly in2020?: string
  readonly stated?: string
  /** As stated, null where it is not, and as the polygon has it. */
  readonly districts: readonly [number | null, number]
}

function place(
  fiscalYear: number,
  dbn: string,
  { in2010, in2020 = in2010, stated = in2010, districts }: Place,
): Values {
  const borough = in2010.startsWith('36061') ? 'M' : 'X'
  const named = fiscalYear === 2018 ? dbn : null
  return [
    fiscalYear,
    dbn.slice(2),
    named,
    40.75,
    -73.95,
    in2010,
    in2020,
    districts[1],
    borough,
    stated,
    districts[0],
    stated === in2010,
  ]
}

const first = { in2010: '36061000100', districts: [1, 1] } as const
const second = { in2010: '36061000400', in2020: '36061000401', districts: [2, 2] } as const
const third = { in2010: '36061000200', districts: [3, 3] } as const
const marbleHill = { in2010: '36061030900', stated: '36005030900', districts: [10, 10] } as const

const schoolPlaces: readonly Values[] = [
  // Moved after 2018.
  place(2018, '01M001', third),
  place(2019, '01M001', first),
  // Only the older file has it.
  place(2018, '01M002', first),
  // No district stated.
  place(2019, '01M003', { ...first, districts: [null, 1] }),
  ...['01M004', '01M005', '01M006'].map((dbn) => place(2019, dbn, first)),
  ...['02M011', '02M012', '02M013'].map((dbn) => place(2019, dbn, second)),
  // Stated in one district, standing in another.
  place(2019, '03M021', { ...third, districts: [3, 4] }),
  ...[2, 3, 4, 5, 6, 7].map((i) => place(2019, `03M02${i}`, third)),
  place(2018, '10X213', marbleHill),
  place(2019, '84X460', marbleHill),
  // A location without coordinates.
  [2019, 'M501', null, null, null, null, null, null, null, null, 1, null],
]

/** The columns that rows here have; the others stay null. */
const filled: Readonly<Record<string, readonly string[]>> = {
  'silver.school_survey': ['dbn', 'school_year', 'school_name', ...rates, ...scores, ...lineage],
  'silver.survey_measure': [
    'dbn',
    'school_year',
    'measure',
    'respondent',
    'construct',
    'scale',
    'value',
    'missing_reason',
    ...lineage,
  ],
  'silver.demographics': ['dbn', 'school_year', 'total_enrollment'],
  'silver.svi': [
    'svi_year',
    'tract_2010',
    'tract_2020',
    'county_fips',
    'e_totpop',
    'rpl_themes',
    'rpl_theme1',
    'rpl_theme2',
    'rpl_theme3',
    'rpl_theme4',
  ],
  'silver.school_place': [
    'fiscal_year',
    'location_code',
    'dbn',
    'latitude',
    'longitude',
    'tract_2010',
    'tract_2020',
    'district',
    'borough',
    'stated_tract_2010',
    'stated_district',
    'tract_agrees',
  ],
  'silver.tract_place': ['tract_2010', 'tract_2020', 'district'],
  'silver.ledger': [
    'dataset',
    'source',
    'file_name',
    'rule',
    'landed',
    'silver',
    'quarantined',
    'duplicates',
    'superseded',
    'warned',
  ],
}

async function insert(engine: SqlEngine, table: string, rows: readonly Values[]): Promise<void> {
  const columns = (filled[table] ?? []).map((column) => `"${column}"`).join(', ')
  const literal = (value: Values[number]): string =>
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
  const values = rows.map((row) => `(${row.map(literal).join(', ')})`).join(', ')
  await engine.run(`insert into ${table} (${columns}) values ${values}`)
}
