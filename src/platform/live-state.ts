import type { LiveEventRow, LivePoint, LiveRate, LiveRespondent, LiveRule, LiveState } from '#api'

/** A row of a table, by column name, as the lake reads it: instants in µs. */
export type TableRow = Readonly<Record<string, unknown>>

const respondents: readonly LiveRespondent[] = ['student', 'teacher', 'parent']

/** The schools' newest published rates. */
export interface FinalRates {
  readonly year: number
  /** By DBN and respondent, fractions. */
  readonly rate: (dbn: string, respondent: LiveRespondent) => number | null
}

/** Shown whatever their offsets. */
const newestRows = 20
/** No page shows more at once. */
const mostRows = 150
/** Of the others, one in so many. */
const oneIn = 50

/** Rates by borough and respondent, of each school its newest report, against the published ones. Rows of `gold.live_response`. */
export function ratesOf(responses: readonly TableRow[], finals: FinalRates | undefined): readonly LiveRate[] {
  const groups = new Map<string, { rate: LiveRate; weighted: number; weight: number }>()
  for (const row of responses) {
    const borough = String(row.borough)
    for (const respondent of respondents) {
      const invited = Number(row[`${respondent}_invited`] ?? 0)
      if (row[`${respondent}_invited`] == null) continue
      const responded = Number(row[`${respondent}_responded`] ?? 0)
      const key = `${borough} ${respondent}`
      const { rate, weighted, weight } = groups.get(key) ?? {
        rate: { borough, respondent, schools: 0, invited: 0, responded: 0, final: null, finalSchools: 0 },
        weighted: 0,
        weight: 0,
      }
      const final = finals?.rate(String(row.dbn), respondent) ?? null
      groups.set(key, {
        rate: {
          ...rate,
          schools: rate.schools + 1,
          invited: rate.invited + invited,
          responded: rate.responded + responded,
          finalSchools: rate.finalSchools + (final === null ? 0 : 1),
        },
        weighted: weighted + (final === null ? 0 : final * invited),
        weight: weight + (final === null ? 0 : invited),
      })
    }
  }
  return [...groups.values()]
    .map(({ rate, weighted, weight }) => ({ ...rate, final: weight === 0 ? null : weighted / weight }))
    .sort(
      (a, b) => compare(a.borough, b.borough) || respondents.indexOf(a.respondent) - respondents.indexOf(b.respondent),
    )
}

/** Points of the curve over all partitions, by time. Rows of `gold.live_curve`. */
export function curveOf(rows: readonly TableRow[]): readonly LivePoint[] {
  const points = new Map<string, LivePoint>()
  for (const row of rows) {
    const at = isoOf(row.bucket_at)
    const borough = String(row.borough)
    const respondent = String(row.respondent) as LiveRespondent
    const key = `${at} ${borough} ${respondent}`
    const known = points.get(key) ?? { at, borough, respondent, events: 0, invited: 0, responded: 0 }
    points.set(key, {
      ...known,
      events: known.events + Number(row.events),
      invited: known.invited + Number(row.invited),
      responded: known.responded + Number(row.responded),
    })
  }
  return [...points.values()].sort(
    (a, b) =>
      compare(a.at, b.at) ||
      compare(a.borough, b.borough) ||
      respondents.indexOf(a.respondent) - respondents.indexOf(b.respondent),
  )
}

/** The newest events, and of the others a sample that any reader draws alike. Rows of `silver.survey_live`. */
export function newestOf(rows: readonly TableRow[]): readonly LiveEventRow[] {
  const events = rows
    .map((row) => ({
      eventId: String(row.event_id),
      partition: Number(row.partition),
      offset: Number(row.offset),
      dbn: String(row.dbn),
      respondent: String(row.respondent) as LiveRespondent,
      invited: Number(row.invited),
      responded: Number(row.responded),
      eventAt: isoOf(row.event_at),
    }))
    .sort((a, b) => compare(b.eventAt, a.eventAt) || compare(b.eventId, a.eventId))
  return events.filter(({ offset }, at) => at < newestRows || offset % oneIn === 0).slice(0, mostRows)
}

/** Events a second over the ten seconds before the newest one, from counts by second of event time. */
export function perSecondOf(seconds: ReadonlyMap<number, number>): number {
  const newest = Math.max(...seconds.keys())
  if (!Number.isFinite(newest)) return 0
  // The newest second is not over yet.
  const whole = [...seconds].filter(([second]) => second < newest && second >= newest - 10)
  const first = Math.min(...whole.map(([second]) => second))
  if (whole.length === 0) return seconds.get(newest) ?? 0
  return whole.reduce((sum, [, events]) => sum + events, 0) / (newest - first)
}

/** Rules that records broke, most often broken first. Rows of `silver.ledger` and the newest ones of `silver.quarantine`. */
export function rulesOf(
  ledger: readonly TableRow[],
  newest: ReadonlyMap<string, LiveRule['examples']>,
): readonly LiveRule[] {
  const rules = new Map<string, number>()
  for (const row of ledger) {
    const rule = String(row.rule)
    const quarantined = Number(row.quarantined)
    if (rule !== '' && quarantined > 0) rules.set(rule, (rules.get(rule) ?? 0) + quarantined)
  }
  return [...rules]
    .map(([rule, quarantined]) => ({ rule, quarantined, examples: newest.get(rule) ?? [] }))
    .sort((a, b) => b.quarantined - a.quarantined || compare(a.rule, b.rule))
}

/** Totals over the topic's sources. Rows of `silver.ledger`. */
export function countsOf(ledger: readonly TableRow[]): LiveState['counts'] {
  const sum = (column: string) =>
    ledger.filter(({ rule }) => rule === '').reduce((total, row) => total + Number(row[column]), 0)
  return {
    landed: sum('landed'),
    silver: sum('silver'),
    quarantined: sum('quarantined'),
    duplicates: sum('duplicates'),
    superseded: sum('superseded'),
  }
}

export function isoOf(micros: unknown): string {
  return new Date(Math.floor(Number(micros) / 1000)).toISOString()
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The newest year that has response rates. Rows of `gold.school_climate_snapshot`. */
export function newestRates(rows: readonly TableRow[]): FinalRates | undefined {
  const rateOf = (row: TableRow, respondent: LiveRespondent) => {
    const rate = row[`${respondent}_response_rate`]
    return rate === null || rate === undefined ? null : Number(rate)
  }
  const published = rows.filter((row) =>
    (['student', 'teacher', 'parent'] as const).some((one) => rateOf(row, one) !== null),
  )
  if (published.length === 0) return undefined
  const year = Math.max(...published.map(({ school_year: of }) => Number(of)))
  const bySchool = new Map(
    published.filter((row) => Number(row.school_year) === year).map((row) => [String(row.dbn), row]),
  )
  return {
    year,
    rate(dbn, respondent) {
      const row = bySchool.get(dbn)
      return row === undefined ? null : rateOf(row, respondent)
    },
  }
}
