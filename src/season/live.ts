import { Fault } from '#port'
import { damaged } from './live-damage.ts'
import type { Disturbances } from './live-schedule.ts'
import { scheduleOf } from './live-schedule.ts'
import type { Respondent, SeasonSchool } from './live-school.ts'
import { countsAt, coursesOf, respondents } from './live-school.ts'
import { diceFor } from './random.ts'

export interface LiveSeasonOptions extends Disturbances {
  readonly seed: number
  /** Year in which the school year ends. */
  readonly schoolYear: number
  readonly schools: readonly SeasonSchool[]
  /** Records in all, disturbed ones among them. */
  readonly records: number
  /** Records a second that they are meant to be sent at: how far back a late one reaches. */
  readonly perSecond: number
}

export const usualDisturbances: Disturbances = { late: 0.02, repeated: 0.01, malformed: 0.005 }

export interface SeasonRecord {
  /** The school's DBN. */
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** When a record was sent, milliseconds since 1970; undefined where that is not remembered. Never falls with the sequence. */
export type SentMs = (sequence: number) => number | undefined

/** A survey season: all that its schools report, in the order in which it is sent. */
export interface LiveSeason {
  /** Another for every season that differs in anything. */
  readonly id: string
  readonly records: number
  /** Where each school's respondents stand at the end, where there are records enough for all of them to say so. */
  readonly ends: readonly {
    readonly dbn: string
    readonly respondent: Respondent
    readonly invited: number
    readonly responded: number
  }[]
  /**
   * The record of this number, sent at `nowMs`. All but the instants in it follows from the options and the number; where an instant that a late or a
   * repeated record needs is not remembered, a fresh report stands in its place.
   */
  recordAt(sequence: number, nowMs: number, sentMs: SentMs): SeasonRecord
}

/**
 * Schools report in turn, each of their respondents in turn, so that after any number of records all have reported nearly as often. Turns are counted from
 * the end, where the last turn tells the final counts: what the newest published rates make of the people invited.
 */
export function liveSeason(options: LiveSeasonOptions): LiveSeason {
  check(options)
  const { seed, schoolYear, records, perSecond } = options
  const courses = coursesOf(options.schools, seed)
  const shares = [options.late, options.repeated, options.malformed]
  const definition = JSON.stringify([schoolYear, records, perSecond, shares, courses])
  const id = `season-${seed}-${fingerprint(seed, definition)}`
  const schedule = scheduleOf(seed, records, options)
  const keys = courses.map(({ dbn }) => encoder.encode(dbn))
  const order = shuffled(courses.length, seed)
  const instant = clockFace()

  /** Whose turn it is, as `school * 3 + respondent`. */
  function seriesOf(report: number): number {
    const turn = schedule.reports - 1 - report
    const place = turn % order.length
    const respondent = (Math.floor(turn / order.length) + place) % respondents.length
    return (order[place] ?? 0) * respondents.length + respondent
  }

  // The record with which each series ends.
  const lastOf = new Float64Array(courses.length * respondents.length).fill(-1)
  let left = Math.min(lastOf.length, schedule.reports)
  for (let sequence = records - 1; left > 0; sequence -= 1) {
    if (schedule.disturbanceAt(sequence) !== undefined) continue
    lastOf[seriesOf(schedule.reportsBefore(sequence))] = sequence
    left -= 1
  }

  /** The series that reports at this record, or would where something else stands there. */
  const seriesAt = (sequence: number): number =>
    seriesOf(Math.min(schedule.reportsBefore(sequence), schedule.reports - 1))

  const reportBefore = (sequence: number): number => {
    let before = sequence - 1
    while (before >= 0 && schedule.disturbanceAt(before) !== undefined) before -= 1
    return before
  }

  /** Report number `sequence`, of where the series stood at the record `moment`. */
  function reportOf(sequence: number, series: number, moment: number, sentAtMs: number) {
    const course = courses[Math.floor(series / respondents.length)] ?? missing()
    const respondent = series % respondents.length
    const last = lastOf[series] ?? 0
    return {
      event_id: `${id}-${String(sequence).padStart(12, '0')}`,
      dbn: course.dbn,
      school_year: schoolYear,
      respondent: respondents[respondent] ?? missing(),
      ...countsAt(course, respondent, (moment + 1) / (last + 1)),
      event_ts: instant(sentAtMs),
    }
  }

  const keyOf = (series: number): Uint8Array => keys[Math.floor(series / respondents.length)] ?? missing()

  function recordAt(sequence: number, nowMs: number, sentMs: SentMs): SeasonRecord {
    const disturbance = schedule.disturbanceAt(sequence)
    const series = seriesAt(sequence)
    const fresh = () => written(keyOf(series), reportOf(sequence, series, sequence, nowMs))
    if (disturbance === undefined) return fresh()
    const { kind, dice } = disturbance
    if (kind === 'malformed')
      return { key: keyOf(series), value: damaged(reportOf(sequence, series, sequence, nowMs), dice) }

    // Both concern a school that has just reported; a repeated record is what it sent, a late one what it meant to send before.
    const other = reportBefore(sequence - dice.whole(0, recently))
    const otherMs = other < 0 ? undefined : sentMs(other)
    if (otherMs === undefined) return fresh()
    const itsSeries = seriesAt(other)
    if (kind === 'repeated') return written(keyOf(itsSeries), reportOf(other, itsSeries, other, otherMs))
    const least = Math.min(latenessSeconds.least * perSecond, records / 10)
    const most = Math.min(latenessSeconds.most * perSecond, records / 4)
    const moment = Math.max(0, sequence - Math.ceil(least + (most - least) * dice.next()))
    const momentMs = sentMs(moment)
    if (momentMs === undefined || momentMs >= otherMs) return fresh()
    return written(keyOf(itsSeries), reportOf(sequence, itsSeries, moment, momentMs))
  }

  const ends = courses.flatMap(({ dbn, invited, responded }) =>
    respondents.map((respondent, at) => ({
      dbn,
      respondent,
      invited: invited[at] ?? 0,
      responded: responded[at] ?? 0,
    })),
  )
  return { id, records, ends, recordAt }
}

/** How many records back a repeated one, or the newer one that a late one comes after, may lie. */
const recently = 200

const latenessSeconds = { least: 2, most: 60 }

const encoder = new TextEncoder()

function written(key: Uint8Array, report: object): SeasonRecord {
  return { key, value: encoder.encode(JSON.stringify(report)) }
}

/** Writes instants; the same one many times in a row. */
function clockFace(): (ms: number) => string {
  let [at, text] = [Number.NaN, '']
  return (ms) => {
    if (ms !== at) [at, text] = [ms, new Date(ms).toISOString()]
    return text
  }
}

function fingerprint(seed: number, definition: string): string {
  return diceFor(seed, definition).whole(0, 0xffffff).toString(16).padStart(6, '0')
}

function shuffled(size: number, seed: number): readonly number[] {
  const dice = diceFor(seed, 'turns')
  const order = Array.from({ length: size }, (_, at) => at)
  for (let at = size - 1; at > 0; at -= 1) {
    const other = dice.whole(0, at)
    const moved = order[at] ?? 0
    order[at] = order[other] ?? 0
    order[other] = moved
  }
  return order
}

function missing(): never {
  throw new RangeError('the season has no such school')
}

function check({ schools, records, perSecond, late, repeated, malformed }: LiveSeasonOptions): void {
  const wrong = (what: string, mend: string): Fault => new Fault('stream/season', what, { mend })
  if (schools.length === 0) throw wrong('A season needs schools, and there are none.', 'Publish a survey first.')
  if (!Number.isInteger(records) || records < 1) throw wrong(`A season of ${records} records is none.`, 'One at least.')
  if (!(perSecond > 0)) throw wrong(`${perSecond} records a second never end.`, 'More than 0.')
  const shares = [late, repeated, malformed]
  if (shares.some((share) => !(share >= 0)) || late + repeated + malformed > 0.5)
    throw wrong(
      `Late, repeated and malformed records cannot be ${shares.join(', ')} of all.`,
      'Each is a share from 0; together they are at most 0.5.',
    )
}
