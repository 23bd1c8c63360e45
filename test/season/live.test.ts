import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LiveSeason, LiveSeasonOptions, SeasonSchool } from '#season'
import { liveSeason, usualDisturbances } from '#season'
import surveyLive from '../../datasets/survey_live.ts'

/** Schools of which some lack a rate and some their enrolment. */
function schools(count: number): readonly SeasonSchool[] {
  return Array.from({ length: count }, (_, at) => ({
    dbn: `${String((at % 32) + 1).padStart(2, '0')}${'MXKQR'[at % 5]}${String(100 + at).slice(-3)}`,
    enrolment: at % 11 === 3 ? null : 100 + ((at * 37) % 900),
    rates: {
      student: at % 7 === 2 ? null : 0.5 + (at % 50) / 100,
      teacher: 0.9,
      parent: at % 13 === 5 ? null : (at % 90) / 100,
    },
  }))
}

const usual: LiveSeasonOptions = {
  seed: 7,
  schoolYear: 2026,
  schools: schools(60),
  records: 20_000,
  perSecond: 500,
  ...usualDisturbances,
}

interface Report {
  readonly event_id: string
  readonly dbn: string
  readonly school_year: number
  readonly respondent: string
  readonly invited: number
  readonly responded: number
  readonly event_ts: string
}

interface Sent {
  readonly sequence: number
  readonly text: string | null
  /** Undefined where the record is malformed. */
  readonly report: Report | undefined
}

/** Milliseconds at which a record goes out, in batches of 25 ms. */
const sentAt = (sequence: number, perSecond: number): number =>
  Date.UTC(2026, 1, 2) + Math.floor((sequence / perSecond) * 40) * 25

function play(season: LiveSeason, perSecond: number, from = 0, remembersFrom = from): readonly Sent[] {
  return Array.from({ length: season.records - from }, (_, at) => {
    const sequence = from + at
    const { key, value } = season.recordAt(sequence, sentAt(sequence, perSecond), (other) =>
      other < remembersFrom ? undefined : sentAt(other, perSecond),
    )
    const text = value === null ? null : Buffer.from(value).toString('utf8')
    const report = text === null ? undefined : wellFormed(text)
    if (report !== undefined) assert.equal(Buffer.from(key).toString(), report.dbn)
    return { sequence, text, report }
  })
}

function wellFormed(text: string): Report | undefined {
  try {
    const report: Report = JSON.parse(text)
    const whole = [report.invited, report.responded, report.school_year].every(Number.isInteger)
    const fits = report.responded >= 0 && report.responded <= report.invited && report.school_year > 2000
    const named = ['student', 'teacher', 'parent'].includes(report.respondent) && /^\d\d[MXKQR]\d{3}$/.test(report.dbn)
    const known = /^season-7-[0-9a-f]{6}-\d{12}$/.test(report.event_id) && !Number.isNaN(Date.parse(report.event_ts))
    return whole && fits && named && known ? report : undefined
  } catch {
    return undefined
  }
}

const seriesOf = ({ dbn, respondent }: Pick<Report, 'dbn' | 'respondent'>) => `${dbn} ${respondent}`

function bySeries(sent: readonly Sent[]): ReadonlyMap<string, readonly Report[]> {
  const found = new Map<string, Report[]>()
  for (const { report } of sent) {
    if (report === undefined) continue
    found.set(seriesOf(report), [...(found.get(seriesOf(report)) ?? []), report])
  }
  return found
}

const season = liveSeason(usual)
const sent = play(season, usual.perSecond)

test('a season is the same for the same options, and has another name and other ids for any other', () => {
  assert.deepEqual(play(liveSeason(usual), usual.perSecond), sent)
  const others = [{ seed: 8 }, { records: 20_001 }, { late: 0.03 }, { schools: schools(61) }, { schoolYear: 2027 }]
  const ids = others.map((other) => liveSeason({ ...usual, ...other }).id)
  assert.equal(new Set([season.id, ...ids]).size, others.length + 1)
})

test('counts never fall in the order of events, rise from nearly none, and end at invited times the published rate', () => {
  for (const [series, reports] of bySeries(sent)) {
    const inOrder = [...reports].sort(
      (a, b) => Date.parse(a.event_ts) - Date.parse(b.event_ts) || a.invited - b.invited || a.responded - b.responded,
    )
    for (const [at, { invited, responded }] of inOrder.entries()) {
      const before = inOrder[at - 1] ?? { invited: 0, responded: 0 }
      assert.ok(invited >= before.invited && responded >= before.responded, series)
    }
    const end = season.ends.find((each) => seriesOf(each) === series)
    const last = inOrder.at(-1)
    assert.ok(end && last && inOrder[0])
    assert.deepEqual([last.invited, last.responded], [end.invited, end.responded], series)
    assert.ok(inOrder[0].responded <= 0.05 * end.invited, `${series} begins low`)
  }
  for (const { dbn, enrolment, rates } of usual.schools) {
    const [student, teacher, parent] = season.ends.filter((end) => end.dbn === dbn)
    assert.ok(student && teacher && parent)
    for (const end of [student, teacher, parent]) {
      assert.ok(end.invited > 0 && end.responded <= end.invited)
      const rate = rates[end.respondent]
      if (rate !== null) assert.equal(end.responded, Math.round(end.invited * rate))
    }
    if (enrolment !== null) {
      assert.deepEqual(
        [student.invited, teacher.invited, parent.invited],
        [enrolment, Math.round(enrolment / 14), enrolment],
      )
    }
  }
})

test('half of the season brings some answers and the deadline many', () => {
  const answersAt = (share: number): number => {
    const newest = new Map<string, Report>()
    for (const { report } of sent.slice(0, sent.length * share)) {
      const before = report && newest.get(seriesOf(report))
      if (report && !(before && before.event_ts > report.event_ts)) newest.set(seriesOf(report), report)
    }
    return [...newest.values()].reduce((sum, { responded }) => sum + responded, 0)
  }
  const curve = [0.1, 0.3, 0.5, 0.7, 0.9, 1].map((share) => answersAt(share) / answersAt(1))
  assert.ok(curve.every((share, at) => share > (curve[at - 1] ?? 0)))
  const [tenth = 0, , half = 0, seven = 0, nine = 0] = curve
  assert.ok(tenth < 0.15 && half > 0.2 && half < 0.7, String(curve))
  assert.ok(1 - nine > (nine - seven) / 2 && 1 - nine > 0.1, String(curve))
})

test('after any number of records all schools have reported nearly as often, and the newest report of as many as may be is the final one', () => {
  for (const records of [1, 7, 59, 60, 61, 179, 180, 181, 400, 1_000]) {
    const few = liveSeason({ ...usual, records, late: 0, repeated: 0, malformed: 0 })
    const reports = play(few, usual.perSecond).map(({ report }) => report ?? assert.fail())
    const counted = (of: (report: Report) => string): readonly number[] => {
      const counts = new Map<string, number>()
      for (const report of reports) counts.set(of(report), (counts.get(of(report)) ?? 0) + 1)
      return [...counts.values()]
    }
    const schoolsSeen = counted(({ dbn }) => dbn)
    assert.equal(schoolsSeen.length, Math.min(60, records))
    assert.ok(Math.max(...schoolsSeen) - Math.min(...schoolsSeen) <= 1)
    assert.equal(counted(seriesOf).length, Math.min(180, records))
    const finals = new Map(few.ends.map((end) => [seriesOf(end), end.responded]))
    for (const [series, told] of bySeries(play(few, usual.perSecond))) {
      assert.equal(told.at(-1)?.responded, finals.get(series))
    }
  }
})

test('late, repeated and malformed records are the shares asked for, and what they say they are', () => {
  const malformed = sent.filter(({ report }) => report === undefined)
  assert.ok(Math.abs(malformed.length - 100) < 40, String(malformed.length))

  const seen = new Map<string, Sent>()
  let [repeated, late] = [0, 0]
  const newest = new Map<string, string>()
  for (const each of sent) {
    const { report, text, sequence } = each
    if (report === undefined) continue
    const before = seen.get(report.event_id)
    if (before !== undefined) {
      repeated += 1
      assert.equal(text, before.text)
      assert.ok(sequence - before.sequence > 0 && sequence - before.sequence < 250)
      continue
    }
    seen.set(report.event_id, each)
    const agoMs = sentAt(sequence, usual.perSecond) - Date.parse(report.event_ts)
    if (agoMs > 0) {
      late += 1
      assert.ok(agoMs <= 60_025)
      assert.ok((newest.get(seriesOf(report)) ?? '') > report.event_ts, 'a newer report came before')
    }
    if (report.event_ts > (newest.get(seriesOf(report)) ?? '')) newest.set(seriesOf(report), report.event_ts)
  }
  assert.ok(Math.abs(repeated - 200) < 50, String(repeated))
  assert.ok(Math.abs(late - 400) < 60, String(late))
})

test('every way to be malformed comes, among them no value and no text', () => {
  const many = liveSeason({ ...usual, malformed: 0.4 })
  const spoiled = play(many, usual.perSecond).filter(({ report }) => report === undefined)
  assert.ok(spoiled.some(({ text }) => text === null))
  assert.ok(spoiled.some(({ text }) => text?.includes('\ufffd')))
  for (const column of Object.keys(surveyLive.columns)) {
    const member = column === 'event_at' ? 'event_ts' : column
    assert.ok(
      spoiled.some(({ text }) => differs(text, member)),
      `${member} is spoiled somewhere`,
    )
  }
})

function differs(text: string | null, member: string): boolean {
  try {
    const found = JSON.parse(text ?? '')[member]
    if (member === 'event_ts') return Number.isNaN(Date.parse(found))
    return member === 'responded' ? found < 0 || !Number.isInteger(found) : wellFormed(text ?? '') === undefined
  } catch {
    return false
  }
}

test('ids grow as text with the records, and a season that goes on elsewhere sends what it would have sent, or fresh reports', () => {
  const fresh = sent.filter(({ report, sequence }) => report?.event_id.endsWith(String(sequence).padStart(12, '0')))
  assert.ok(fresh.length > 19_500)
  const ids = fresh.map(({ report }) => report?.event_id ?? '')
  assert.deepEqual([...ids].sort(), ids)

  const from = 12_345
  const goneOn = play(season, usual.perSecond, from)
  const others = goneOn.filter(({ text }, at) => text !== sent[from + at]?.text)
  assert.ok(others.length > 0 && others.length < 400)
  for (const { report, sequence } of others) {
    assert.ok(report, 'a fresh report stands where an instant is forgotten')
    assert.ok(report.event_id.endsWith(String(sequence)))
    assert.equal(Date.parse(report.event_ts), sentAt(sequence, usual.perSecond))
  }
})

test('a season that cannot be is refused with what mends it', () => {
  const wrong: readonly Partial<LiveSeasonOptions>[] = [
    { schools: [] },
    { records: 0 },
    { records: 1.5 },
    { perSecond: 0 },
    { late: -0.1 },
    { late: 0.3, repeated: 0.3 },
  ]
  for (const each of wrong) assert.throws(() => liveSeason({ ...usual, ...each }), { code: 'stream/season' })
})
