import type { Dice } from './random.ts'

/** A report as it stands in its message. */
export interface Report {
  readonly event_id: string
  readonly dbn: string
  readonly school_year: number
  readonly respondent: string
  readonly invited: number
  readonly responded: number
  /** ISO 8601, UTC, milliseconds. */
  readonly event_ts: string
}

const encoder = new TextEncoder()

/** Each breaks one rule that records of the dataset keep, or that all records do. */
const damages: readonly [Damage, ...Damage[]] = [
  (report) => encoder.encode(JSON.stringify(report).slice(0, -12)),
  (report) => json([report.dbn, report.respondent, report.responded]),
  () => null,
  (report) => {
    const bytes = json(report)
    // A byte that begins no character, in the middle of the id.
    bytes[18] = 0xff
    return bytes
  },
  (report) => json({ ...report, event_id: undefined }),
  (report) => json({ ...report, event_id: null }),
  (report) => json({ ...report, dbn: report.dbn.slice(2) }),
  (report) => json({ ...report, school_year: report.school_year % 100 }),
  (report) => json({ ...report, respondent: 'neighbour' }),
  (report) => json({ ...report, invited: 'many' }),
  (report) => json({ ...report, responded: report.responded + 0.5 }),
  (report) => json({ ...report, invited: null }),
  (report) => json({ ...report, responded: -1 - report.responded }),
  (report) => json({ ...report, responded: report.invited + 1 }),
  (report) => json({ ...report, event_ts: 'yesterday' }),
  (report) => json({ ...report, event_ts: '' }),
]

type Damage = (report: Report) => Uint8Array | null

/** A message that must not come to stand among the reports. */
export function damaged(report: Report, dice: Dice): Uint8Array | null {
  return dice.pick(damages)(report)
}

function json(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value))
}
