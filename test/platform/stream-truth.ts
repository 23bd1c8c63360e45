import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { embeddedLog, machineId } from '#log'
import { queryLake } from '#platform'
import type { LogRecord } from '#port'
import { recordsOf } from '#port'

const effects = { report: () => {}, signal: new AbortController().signal }
const limits = { memoryMb: 1024, timeoutMs: 120_000, maxRows: 5_000_000 }

export type Asked = (sql: string) => Promise<readonly (readonly unknown[])[]>

export function asking(lake: string): Asked {
  const options = { lake, datasets: [], models: [], engine: { memoryMb: 1024 }, limits }
  return async (sql) => (await queryLake({ ...options, sql }, effects)).rows
}

/** What a log says of a record. */
export type Sent = Pick<LogRecord, 'offset' | 'value'>

/** Every record of a topic, by partition. */
export interface TopicRecords {
  readonly id: string
  readonly partitions: readonly (readonly Sent[])[]
}

/** Straight from the embedded log. */
export async function readTopic(file: string, name: string): Promise<TopicRecords> {
  const log = await embeddedLog(
    { file, keepHours: 168, maxMb: 4096 },
    { nowMs: Date.now, newId: randomUUID, report: () => {}, machineId },
  )
  try {
    const topic = await log.topic(name)
    assert.ok(topic, `there is a topic ${name}`)
    const partitions: LogRecord[][] = []
    for (const { partition, start, end } of await log.ranges(topic)) {
      const records: LogRecord[] = []
      for (let offset = start; offset < end; ) {
        const answer = await log.read(topic, partition, offset, { maxBytes: 8 << 20, maxRecords: 50_000 })
        records.push(...recordsOf(answer))
        offset = answer.next
      }
      partitions.push(records)
    }
    return { id: topic.id, partitions }
  } finally {
    await log.close()
  }
}

/** What one school must stand at, reckoned from the log alone. */
interface Standing {
  rates: Record<string, number | null>
  events: number
  first: string
  last: string
}

const dbnPattern = /^[0-9]{2}[MXKQR][0-9]{3}$/
const respondents = ['student', 'teacher', 'parent']

interface Report {
  readonly event_id: string
  readonly dbn: string
  readonly school_year: number
  readonly respondent: string
  readonly invited: number
  readonly responded: number
  readonly event_ts: string
}

/** The report that a record carries; undefined where a rule of the contract is broken. A second reading of the rules, which shares nothing with the first. */
function reportOf({ value }: Sent): Report | undefined {
  if (value === null) return undefined
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value))
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const report = json as Record<string, unknown>
  const whole = (name: string) => {
    const number = Number(report[name] ?? Number.NaN)
    return Number.isInteger(number) && String(report[name]).trim() !== '' ? number : Number.NaN
  }
  const [year, invited, responded] = [whole('school_year'), whole('invited'), whole('responded')]
  const good =
    typeof report.event_id === 'string' &&
    report.event_id.trim() !== '' &&
    dbnPattern.test(String(report.dbn ?? '').trim()) &&
    year >= 2000 &&
    year <= 2100 &&
    respondents.includes(String(report.respondent)) &&
    invited >= 0 &&
    responded >= 0 &&
    responded <= invited &&
    !Number.isNaN(Date.parse(String(report.event_ts ?? '')))
  if (!good) return undefined
  const [event_id, dbn, respondent] = [String(report.event_id), String(report.dbn), String(report.respondent)]
  return { event_id, dbn, respondent, event_ts: String(report.event_ts), school_year: year, invited, responded }
}

/** `gold.live_response` as the log makes it: of each school and respondent the newest report, each report once. */
export function responsesOf(partitions: TopicRecords['partitions']): ReadonlyMap<string, Standing> {
  const seen = new Set<string>()
  const newest = new Map<string, { report: Report; offset: number }>()
  const schools = new Map<string, Standing>()
  for (const records of partitions) {
    for (const record of records) {
      const report = reportOf(record)
      if (report === undefined || seen.has(report.event_id)) continue
      seen.add(report.event_id)
      const at = new Date(report.event_ts).toISOString()
      const school = schools.get(report.dbn) ?? { rates: {}, events: 0, first: at, last: at }
      school.events += 1
      if (at < school.first) school.first = at
      if (at > school.last) school.last = at
      schools.set(report.dbn, school)
      const key = `${report.dbn} ${report.respondent}`
      const before = newest.get(key)
      if (before === undefined || at >= new Date(before.report.event_ts).toISOString()) {
        newest.set(key, { report, offset: record.offset })
        school.rates[report.respondent] = report.invited === 0 ? null : report.responded / report.invited
      }
    }
  }
  return schools
}

/** Every record is in Bronze once, and in exactly one of Silver, quarantine and the displaced; Gold is what the log makes it. */
export async function checkStream(lake: string, { id, partitions }: TopicRecords, dataset: string): Promise<number> {
  const ask = asking(lake)
  const total = partitions.reduce((sum, records) => sum + records.length, 0)
  const bronze = await ask(
    `SELECT "partition", count(*), count(DISTINCT "offset"), min("offset"), max("offset") FROM bronze.${dataset} WHERE source = '${id}' GROUP BY 1 ORDER BY 1`,
  )
  assert.deepEqual(
    bronze.map((row) => row.map(Number)),
    partitions.flatMap((records, partition) =>
      records.length === 0
        ? []
        : [[partition, records.length, records.length, records[0]?.offset ?? -1, records.at(-1)?.offset ?? -1]],
    ),
    'every record of the log stands in Bronze once',
  )
  const [[places, distinct] = []] = await ask(
    `SELECT count(*), count(DISTINCT ("partition", "offset")) FROM (
      SELECT "partition", "offset" FROM silver.${dataset} WHERE source = '${id}'
      UNION ALL SELECT "partition", "offset" FROM silver.quarantine WHERE dataset = '${dataset}' AND source = '${id}'
      UNION ALL SELECT "partition", "offset" FROM silver.displaced WHERE dataset = '${dataset}' AND source = '${id}')`,
  )
  assert.deepEqual([Number(places), Number(distinct)], [total, total], 'every record went to one place')
  const gold = await ask(
    'SELECT dbn, student_response_rate, teacher_response_rate, parent_response_rate, events, first_event_ts, last_event_ts FROM gold.live_response ORDER BY dbn',
  )
  const expected = responsesOf(partitions)
  const number = (value: unknown) => (value === null || value === undefined ? null : Number(Number(value).toFixed(12)))
  assert.deepEqual(
    gold.map(([dbn, student, teacher, parent, events, first, last]) => [
      ...[dbn, number(student), number(teacher), number(parent), Number(events)],
      ...[new Date(String(first)).toISOString(), new Date(String(last)).toISOString()],
    ]),
    [...expected]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([dbn, { rates, events, first, last }]) => [
        ...[dbn, number(rates.student), number(rates.teacher), number(rates.parent), events, first, last],
      ]),
    'live_response is what the log makes it',
  )
  const [[landed, kept] = []] = await ask(
    `SELECT sum(landed), sum(silver + quarantined + duplicates + superseded) FROM silver.ledger WHERE dataset = '${dataset}' AND rule = ''`,
  )
  assert.deepEqual([Number(landed), Number(kept)], [total, total], 'the ledger counts every record')
  return total
}
