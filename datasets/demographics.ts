import type { ColumnSpec } from '#contract'
import { defineContract, say } from '#contract'
import { dbnPattern } from './city/place.ts'

const { capture, coalesce, concat, number, source } = say

const year = source('Year', 'School Year', 'schoolyear')

function pupils(about: string, ...from: string[]): ColumnSpec {
  return {
    type: 'integer',
    about,
    unit: 'pupils',
    from,
    domain: { is: { min: 0 }, rule: 'negative_count', severity: 'reject' },
  }
}

function share(about: string, ...from: string[]): ColumnSpec {
  return {
    type: 'double',
    about,
    unit: 'fraction 0–1',
    from,
    // Some years write a share as a percentage with its sign.
    value: say.when(
      say.matches(source(...from), '%$'),
      say.divide(number(source(...from)), 100),
      number(source(...from)),
    ),
    domain: { is: { min: 0, max: 1 }, rule: 'not_a_fraction', severity: 'reject' },
  }
}

const grades = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => index + 1).map((grade) => [
    `grade_${grade}`,
    pupils(`Pupils in grade ${grade}`, `Num_G${grade}`, `Grade ${grade}`),
  ]),
)

export default defineContract({
  name: 'demographics',
  title: 'Demographic snapshot, by school',
  about:
    'Who goes to each school: enrolment by grade, and shares by sex, ethnicity, disability, language, poverty and economic need, 2014-15 to 2018-19.',
  grain: 'one school in one school year',
  publisher: 'New York City Department of Education',
  licence: 'Free use with attribution (NYC Open Data terms of use)',
  attribution: 'NYC Department of Education, Demographic Snapshot; column names shortened in the copy landed',
  url: 'https://opendata.cityofnewyork.us/',
  files: ['*demographic*.csv', '*Demographic*.csv'],
  encodings: ['utf-8', 'windows-1252', 'macintosh'],
  missing: ['N/A', 'NA', 'n/a', 'na', 'NULL', 's'],
  withheld: ['^N ?< ?[0-9]+$', '^(?:[<>]|Above|Below) ?[0-9.]+ ?%?$'],
  layouts: [
    {
      name: 'snapshot_2014_2019',
      about: 'One row for each school and year, shares as fractions.',
      format: 'csv',
      requires: ['DBN', 'Year', 'Total Enrollment'],
    },
  ],
  columns: {
    dbn: {
      type: 'string',
      about: 'District, borough and number of the school',
      unit: 'DBN',
      from: ['DBN'],
      required: { rule: 'no_dbn', severity: 'reject' },
      domain: { is: { matches: dbnPattern }, rule: 'not_a_dbn', severity: 'reject' },
    },
    school_year: {
      type: 'integer',
      about: 'Year in which the school year ends: 2014-15 is 2015',
      unit: 'year',
      from: ['Year', 'School Year', 'schoolyear'],
      value: number(
        coalesce(
          capture(year, '^[0-9]{4}([0-9]{4})$'),
          concat(capture(year, '^([0-9]{2})[0-9]{2}-[0-9]{2}$'), capture(year, '-([0-9]{2})$')),
        ),
      ),
      required: { rule: 'no_school_year', severity: 'reject' },
    },
    school_name: {
      type: 'string',
      about: 'Name of the school that year',
      unit: 'text',
      from: ['School', 'School Name'],
    },
    total_enrollment: pupils('All pupils', 'Total Enrollment'),
    grade_pk: pupils('Pupils in pre-kindergarten', 'Num_PK', 'Grade PK (Half Day & Full Day)'),
    grade_k: pupils('Pupils in kindergarten', 'Num_K', 'Grade K'),
    ...grades,
    female: share('Share of pupils who are female', 'Female', '% Female'),
    male: share('Share of pupils who are male', 'Male', '% Male'),
    asian: share('Share of pupils who are Asian', 'Asian', '% Asian'),
    black: share('Share of pupils who are Black', 'Black', '% Black'),
    hispanic: share('Share of pupils who are Hispanic', 'Hispanic', '% Hispanic'),
    multiple: share(
      'Share of pupils in several or other categories',
      'Multiple',
      '% Multiple Race Categories Not Represented',
    ),
    white: share('Share of pupils who are white', 'White', '% White'),
    disability: share('Share of pupils with a disability', 'Disability', '% Students with Disabilities'),
    ell: share('Share of pupils learning English', 'ELL', '% English Language Learners'),
    poverty: share('Share of pupils in poverty', 'Poverty', '% Poverty'),
    need_index: share('Economic Need Index of the school', 'Need_Index', 'Economic Need Index'),
  },
  key: ['dbn', 'school_year'],
  rules: [],
})
