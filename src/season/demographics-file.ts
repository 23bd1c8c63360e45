import { clamp } from './random.ts'
import type { School } from './school.ts'
import { byteOrderMark, csvLine } from './text.ts'

const headers = [
  'DBN',
  'School',
  'Year',
  'Total Enrollment',
  ...['PK', 'K', ...Array.from({ length: 12 }, (_, at) => `G${at + 1}`)].map((grade) => `Num_${grade}`),
  'Female',
  'Male',
  'Asian',
  'Black',
  'Hispanic',
  'Multiple',
  'White',
  'Disability',
  'ELL',
  'Poverty',
  'Need_Index',
]

export const demographicYears = ['2014-15', '2015-16', '2016-17', '2017-18', '2018-19'] as const

/** Counts of pupils and shares as fractions, a row for each school and year; here poverty does follow the place. */
export function* demographicsCsv(schools: readonly School[]): Iterable<string> {
  yield byteOrderMark + csvLine(headers, '\r\n')
  for (const school of schools) yield* rowsOf(school)
}

function* rowsOf(school: School): Iterable<string> {
  const { dbn, index, level, tract, dice } = school
  const thrown = dice('demographics')
  // A character that someone upstream could not decode; it cannot be had back.
  const name = index % 300 === 3 ? school.name.replace('Sample ', 'Sample\ufffd') : school.name
  let enrolment = school.enrolment
  const female = clamp(0.49 + 0.04 * thrown.normal(), 0.2, 0.8)
  const parts = Array.from({ length: 5 }, (_, at) => (0.2 + thrown.next()) * (at === 3 ? 0.15 : 1))
  const whole = parts.reduce((sum, part) => sum + part, 0)
  const poverty = clamp(0.68 + 0.14 * tract.vulnerability + 0.12 * thrown.normal(), 0.03, 0.99)
  for (const year of demographicYears) {
    enrolment = Math.max(20, Math.round(enrolment * (1 + 0.03 * thrown.normal())))
    const [first, last] = level.grades
    const count = last - first + 1
    const grades = Array.from({ length: 14 }, (_, at) => {
      const place = at - 1 - first
      return place < 0 || place >= count ? 0 : Math.floor(enrolment / count) + (place < enrolment % count ? 1 : 0)
    })
    const girls = Math.round(enrolment * female)
    const drift = clamp(poverty + 0.015 * thrown.normal(), 0.02, 0.995)
    yield csvLine(
      [
        dbn,
        name,
        year,
        enrolment,
        ...grades,
        fraction(girls / enrolment),
        fraction(1 - girls / enrolment),
        ...parts.map((part) => fraction(part / whole)),
        fraction(clamp(0.19 + 0.06 * thrown.normal(), 0.02, 0.9)),
        fraction(clamp(0.13 + 0.07 * thrown.normal(), 0.005, 0.9)),
        fraction(drift),
        fraction(clamp(drift + 0.02 * thrown.normal(), 0.03, 0.998)),
      ],
      '\r\n',
    )
  }
}

function fraction(share: number): string {
  return String(Number(share.toFixed(9)))
}
