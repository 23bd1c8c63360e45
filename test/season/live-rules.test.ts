import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileClean, duckdb } from '#compile'
import { bindMessage } from '#contract'
import { duckdbEngine } from '#engine'
import { liveSeason } from '#season'
import surveyLive from '../../datasets/survey_live.ts'

/** Rules that the season's records break, with how many records do; '' counts those that break none. */
async function rulesBrokenBy(malformed: number): Promise<ReadonlyMap<string, number>> {
  const rates = { student: 0.8, teacher: 0.9, parent: 0.4 }
  const season = liveSeason({
    seed: 1,
    schoolYear: 2026,
    schools: ['01M001', '10X200', '31R300'].map((dbn) => ({ dbn, enrolment: 400, rates })),
    records: 800,
    perSecond: 100,
    late: 0.05,
    repeated: 0.05,
    malformed,
  })
  const at = (sequence: number): number => Date.UTC(2026, 1, 2) + sequence
  const hex = (bytes: Uint8Array): string => `from_hex('${Buffer.from(bytes).toString('hex')}')`
  const rows = Array.from({ length: season.records }, (_, sequence) => {
    const { key, value } = season.recordAt(sequence, at(sequence), at)
    return `('t', 0, ${sequence}, TIMESTAMPTZ '2026-02-02 00:00:00Z', ${hex(key)}, ${value === null ? 'NULL' : hex(value)})`
  })
  const engine = await duckdbEngine({ memoryMb: 300, threads: 1, spillFolder: join(tmpdir(), 'season-spill') })
  try {
    await engine.run(`CREATE TABLE bronze AS SELECT *, "timestamp" AS ingest_ts, []::STRUCT(key VARCHAR, value BLOB)[] AS headers
      FROM (VALUES ${rows.join(', ')}) r(source, "partition", "offset", "timestamp", key, value)`)
    const select = compileClean(surveyLive, bindMessage(surveyLive), { relation: 'bronze' }, duckdb)
    const counted = await engine.query(`SELECT coalesce(_rule, ''), count(*) FROM (${select}) GROUP BY 1 ORDER BY 1`)
    return new Map(counted.rows.map(([rule, count]) => [String(rule), Number(count)]))
  } finally {
    await engine.close()
  }
}

test('malformed records break every rule that a report can break, and no other record breaks any', async () => {
  assert.deepEqual([...(await rulesBrokenBy(0))], [['', 800]])
  const broken = await rulesBrokenBy(0.4)
  assert.ok(Math.abs((broken.get('') ?? 0) - 480) < 60)
  assert.deepEqual(
    [...broken.keys()].filter((rule) => rule !== ''),
    [
      'more_answers_than_invited',
      'negative_count',
      'no_count',
      'no_event_id',
      'no_event_ts',
      'no_school_year',
      'not_a_number',
      'not_a_school',
      'not_a_timestamp',
      'not_a_whole_number',
      'not_json',
      'not_utf8',
      'unknown_respondent',
      'unreadable_file',
    ],
  )
})
