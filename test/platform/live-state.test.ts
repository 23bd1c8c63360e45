import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  countsOf,
  curveOf,
  newestOf,
  newestRates,
  perSecondOf,
  ratesOf,
  rulesOf,
} from '../../src/platform/live-state.ts'

const micros = (iso: string) => Date.parse(iso) * 1000

test('rates are those of the schools that reported, and the final ones of the same schools, weighted by who was invited', () => {
  const finals = newestRates([
    {
      dbn: '01M001',
      school_year: 2018,
      student_response_rate: 0.1,
      teacher_response_rate: null,
      parent_response_rate: null,
    },
    {
      dbn: '01M001',
      school_year: 2019,
      student_response_rate: 0.5,
      teacher_response_rate: null,
      parent_response_rate: 0.2,
    },
    {
      dbn: '01M002',
      school_year: 2019,
      student_response_rate: 1,
      teacher_response_rate: null,
      parent_response_rate: 0,
    },
    // A newer year without any rate is no year to compare with.
    {
      dbn: '01M001',
      school_year: 2025,
      student_response_rate: null,
      teacher_response_rate: null,
      parent_response_rate: null,
    },
  ])
  assert.equal(finals?.year, 2019)
  const school = (dbn: string, invited: number, responded: number) => ({
    ...{ dbn, borough: 'M', student_invited: invited, student_responded: responded },
    ...{ teacher_invited: null, teacher_responded: null, parent_invited: 0, parent_responded: 0 },
  })
  assert.deepEqual(ratesOf([school('01M001', 300, 30), school('01M002', 100, 50), school('01M003', 10, 1)], finals), [
    { borough: 'M', respondent: 'student', schools: 3, invited: 410, responded: 81, final: 0.625, finalSchools: 2 },
    { borough: 'M', respondent: 'parent', schools: 3, invited: 0, responded: 0, final: null, finalSchools: 2 },
  ])
  assert.equal(ratesOf([school('01M001', 5, 1)], undefined)[0]?.final, null)
})

test('points of several partitions are one point, in order of time', () => {
  const row = (at: string, partition: number, events: number) => ({
    ...{ bucket_at: micros(at), partition, borough: 'X', respondent: 'teacher' },
    ...{ events, invited: events * 10, responded: events },
  })
  const rows = [row('2026-05-01T10:00:10Z', 0, 1), row('2026-05-01T10:00:00Z', 1, 2), row('2026-05-01T10:00:10Z', 2, 4)]
  assert.deepEqual(
    curveOf(rows).map(({ at, events, invited, responded }) => [at, events, invited, responded]),
    [
      ['2026-05-01T10:00:00.000Z', 2, 20, 2],
      ['2026-05-01T10:00:10.000Z', 5, 50, 5],
    ],
  )
})

test('the newest twenty events are shown, and of the others each fiftieth by offset', () => {
  const rows = Array.from({ length: 200 }, (_, offset) => ({
    ...{ event_id: `e${String(offset).padStart(4, '0')}`, partition: 0, offset, dbn: '01M001', respondent: 'student' },
    ...{ invited: 1, responded: 1, event_at: micros('2026-05-01T10:00:00Z') + offset * 1000 },
  }))
  const shown = newestOf(rows)
  assert.deepEqual(
    shown.map(({ offset }) => offset),
    [...Array.from({ length: 20 }, (_, at) => 199 - at), 150, 100, 50, 0],
  )
})

test('the pace is that of whole seconds before the newest one', () => {
  assert.equal(perSecondOf(new Map()), 0)
  assert.equal(perSecondOf(new Map([[100, 7]])), 7)
  const pace = perSecondOf(
    new Map([
      [90, 1000],
      [98, 500],
      [99, 400],
      [100, 3],
    ]),
  )
  assert.equal(pace, 190)
  assert.equal(
    perSecondOf(
      new Map([
        [98, 500],
        [99, 400],
        [100, 3],
      ]),
    ),
    450,
  )
})

test('rules and counts are those of the ledger', () => {
  const row = (rule: string, quarantined: number) => ({
    ...{ rule, landed: 10, silver: 7, quarantined, duplicates: 1, superseded: 0 },
  })
  const examples = [{ partition: 0, offset: 3, received: 'x', message: 'no' }]
  assert.deepEqual(
    rulesOf([row('', 2), row('not_json', 1), row('no_count', 2), row('warned', 0)], new Map([['no_count', examples]])),
    [
      { rule: 'no_count', quarantined: 2, examples },
      { rule: 'not_json', quarantined: 1, examples: [] },
    ],
  )
  assert.deepEqual(countsOf([row('', 2), row('', 0), row('not_json', 1)]), {
    ...{ landed: 20, silver: 14, quarantined: 2, duplicates: 2, superseded: 0 },
  })
})
