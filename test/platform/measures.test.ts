import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Measures } from '#platform'
import { medianCommitMs, metricsText, noMeasures, rowsPerSecond } from '#platform'
import type { FaultCode, PlatformEvent } from '#port'
import { Fault } from '#port'
import { measuresAfter } from '../../src/platform/measures.ts'
import { readExposition, sampleOf, sumOf } from './exposition-reader.ts'

const startMs = Date.UTC(2026, 10, 23, 9)
const figures = { residentBytes: 123_456_789, cpuSeconds: 1.5, startedMs: startMs - 60_000 }

type Event<Kind extends PlatformEvent['kind']> = Extract<PlatformEvent, { kind: Kind }>

function committed(changes: Partial<Event<'lake/committed'>> = {}): PlatformEvent {
  return {
    ...{ kind: 'lake/committed', table: 'bronze/survey_live', operation: 'STREAMING UPDATE', version: 1 },
    ...{ files: 1, removed: 0, sizeBytes: 1_000, rows: 20, lostRaces: 0, tookMs: 30 },
    ...changes,
  }
}

function landed(changes: Partial<Event<'stream/landed'>> = {}): PlatformEvent {
  return {
    ...{ kind: 'stream/landed', dataset: 'survey_live', topic: 'season', rows: 20, sizeBytes: 1_000, tookMs: 40 },
    ...{ partitions: [{ partition: 0, next: 20, lag: 3 }], newestMs: startMs - 400, atMs: startMs },
    ...changes,
  }
}

function fenced(partition = 0): PlatformEvent {
  return { kind: 'stream/fenced', dataset: 'survey_live', topic: 'season', partition, from: 0, standing: 20 }
}

function fault(code: FaultCode): Fault {
  return new Fault(code, 'It "failed".', { mend: 'Wait.', retry: true })
}

function measured(events: readonly PlatformEvent[], before: Measures = noMeasures, nowMs = startMs): Measures {
  return events.reduce((measures, event) => measuresAfter(measures, event, nowMs), before)
}

function read(measures: Measures, nowMs = startMs) {
  return readExposition(metricsText({ measures, standing: undefined, process: figures, nowMs }))
}

test('what events say adds up, by table and by topic', () => {
  const families = read(
    measured([
      committed({ tookMs: 4 }),
      landed(),
      committed({ tookMs: 300, lostRaces: 2 }),
      landed({ rows: 7, partitions: [{ partition: 0, next: 27, lag: 0 }], newestMs: startMs - 900 }),
      committed({ operation: 'OPTIMIZE', rows: 40, files: 1, removed: 2, sizeBytes: 1_500, tookMs: 20_000 }),
      committed({ table: 'silver/survey_live', operation: 'MERGE', rows: 26 }),
      { kind: 'land/file', dataset: 'svi', file: 'a.csv', outcome: 'landed', rows: 5, tookMs: 1 },
      { kind: 'land/file', dataset: 'svi', file: 'a.csv', outcome: 'known', rows: 5, tookMs: 1 },
      { kind: 'land/file', dataset: 'svi', file: 'b.csv', outcome: 'quarantined', rows: 9, tookMs: 1 },
      fenced(),
      { kind: 'stream/produced', topic: 'season', records: 30, tookMs: 10 },
    ]),
  )
  const table = 'bronze.survey_live'
  assert.equal(sampleOf(families, 'fairlead_rows_landed_total', { table }), 27)
  assert.equal(sampleOf(families, 'fairlead_rows_landed_total', { table: 'bronze.svi' }), 5)
  assert.equal(sampleOf(families, 'fairlead_rows_landed_total', { table: 'silver.survey_live' }), undefined)
  assert.equal(sampleOf(families, 'fairlead_commits_total', { table, operation: 'STREAMING UPDATE' }), 2)
  assert.equal(sampleOf(families, 'fairlead_commits_total', { table, operation: 'OPTIMIZE' }), 1)
  assert.equal(sampleOf(families, 'fairlead_committed_rows_total', { table }), 40, 'compaction brings no rows')
  assert.equal(sampleOf(families, 'fairlead_committed_bytes_total', { table }), 3_500)
  assert.equal(sampleOf(families, 'fairlead_committed_files_total', { table }), 3)
  assert.equal(sampleOf(families, 'fairlead_removed_files_total', { table }), 2)
  assert.equal(sampleOf(families, 'fairlead_commit_retries_total', { table }), 2)
  const bucket = (le: string) => sampleOf(families, 'fairlead_commit_duration_seconds_bucket', { table, le })
  assert.deepEqual(['0.005', '0.25', '0.5', '10', '+Inf'].map(bucket), [1, 1, 2, 2, 3])
  assert.equal(sampleOf(families, 'fairlead_commit_duration_seconds_sum', { table }), 20.304)
  assert.equal(sampleOf(families, 'fairlead_lag_records', { topic: 'season', partition: '0' }), 0)
  assert.equal(sampleOf(families, 'fairlead_next_offset', { topic: 'season', partition: '0' }), 27)
  const topic = { topic: 'season', table }
  assert.equal(sampleOf(families, 'fairlead_fences_total', topic), 1)
  assert.equal(sampleOf(families, 'fairlead_newest_record_age_at_commit_seconds', topic), 0.9)
  assert.equal(sampleOf(families, 'fairlead_newest_record_age_seconds', topic), 0.4, 'a late record makes none older')
  assert.equal(sampleOf(families, 'fairlead_produced_records_total', { topic: 'season' }), 30)
  assert.equal(sampleOf(families, 'fairlead_lake_up'), 0, 'the lake was not asked')
})

test('live builds, publications, retries and faults are counted', () => {
  const tests = { passed: 20, failed: 1, warned: 0 }
  const families = read(
    measured([
      { kind: 'live/published', version: 3, tests: { passed: 21, failed: 0, warned: 2 }, buildMs: 400, tookMs: 60 },
      { kind: 'live/held', failed: ['test.fairlead.x'], tests, buildMs: 600 },
      { kind: 'publish/published', version: 1, tables: 3, tookMs: 10 },
      { kind: 'publish/held', failed: [] },
      { kind: 'retry', what: 'landing season', attempt: 1, waitMs: 10, fault: fault('store/unreachable') },
      { kind: 'retry', what: 'landing season', attempt: 2, waitMs: 10, fault: fault('store/unreachable') },
      { kind: 'fault', fault: fault('log/clock') },
    ]),
  )
  assert.equal(sampleOf(families, 'fairlead_publications_total', { line: 'live' }), 1)
  assert.equal(sampleOf(families, 'fairlead_publications_held_total', { line: 'live' }), 1)
  assert.equal(sampleOf(families, 'fairlead_publications_held_total', { line: 'batch' }), 1)
  assert.equal(sampleOf(families, 'fairlead_live_build_duration_seconds_sum'), 1)
  assert.equal(sampleOf(families, 'fairlead_live_build_duration_seconds_count'), 2)
  assert.equal(sampleOf(families, 'fairlead_live_publish_duration_seconds_count'), 1)
  assert.equal(sampleOf(families, 'fairlead_live_tests', { outcome: 'failed' }), 1, 'the newest build')
  assert.equal(sampleOf(families, 'fairlead_retries_total', { code: 'store/unreachable' }), 2)
  assert.equal(sampleOf(families, 'fairlead_faults_total', { code: 'log/clock' }), 1)
  assert.equal(sampleOf(families, 'process_resident_memory_bytes'), 123_456_789)
  assert.equal(sampleOf(families, 'fairlead_uptime_seconds'), 60)
})

test('counters and buckets never fall, whatever comes', () => {
  const kinds: readonly (() => PlatformEvent)[] = [
    () => committed({ tookMs: 3 ** (draw() % 12), lostRaces: draw() % 3, rows: draw() % 100 }),
    () => committed({ operation: 'OPTIMIZE', removed: draw() % 9 }),
    () => landed({ rows: draw() % 50, newestMs: draw() % 5 === 0 ? null : startMs + (draw() % 2_000) - 1_000 }),
    () => fenced(draw() % 4),
    () => ({ kind: 'retry', what: 'x', attempt: 1, waitMs: 1, fault: fault('log/unreachable') }),
    () => ({ kind: 'fault', fault: fault('lake/contended') }),
    () => ({ kind: 'live/held', failed: [], tests: { passed: 0, failed: 1, warned: 0 }, buildMs: draw() % 9_000 }),
  ]
  let seed = 7
  const draw = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
    return seed >>> 8
  }
  let measures = noMeasures
  let before = new Map<string, number>()
  for (let i = 0; i < 300; i += 1) {
    measures = measuresAfter(measures, (kinds[draw() % kinds.length] ?? fenced)(), startMs + i * 100)
    const now = new Map<string, number>()
    for (const { type, samples } of read(measures).values())
      if (type !== 'gauge') for (const [key, value] of samples) now.set(key, value)
    for (const [key, value] of before) assert.ok((now.get(key) ?? -1) >= value, `${key} fell`)
    before = now
  }
  assert.ok(before.size > 40)
})

test('an event changes no measures that were read before', () => {
  const before = measured([committed(), landed(), fenced()])
  const text = metricsText({ measures: before, standing: undefined, process: figures, nowMs: startMs })
  measured([committed(), landed(), fenced(), { kind: 'fault', fault: fault('log/clock') }], before)
  assert.equal(metricsText({ measures: before, standing: undefined, process: figures, nowMs: startMs }), text)
})

test('names are escaped and read back as they are', () => {
  const topic = 'a"b\\c\nd'
  const families = read(measured([landed({ topic, dataset: 'q"\\' })]))
  assert.equal(sampleOf(families, 'fairlead_next_offset', { topic, partition: '0' }), 20)
  assert.equal(sampleOf(families, 'fairlead_rows_landed_total', { table: 'bronze.q"\\' }), 20)
})

test('memory is bounded, whatever names events bring, and nothing is lost to the bound', () => {
  const events = Array.from({ length: 3_000 }, (_, i) => [
    landed({ topic: `topic-${i}`, dataset: `dataset-${i}`, rows: 2 }),
    committed({ table: `bronze/dataset-${i}` }),
    { kind: 'fault', fault: fault(`log/${i}`) } as const,
  ]).flat()
  const families = read(measured(events))
  for (const [name, { samples }] of families)
    assert.ok(samples.size <= 14 * 1_001, `${name} has ${samples.size} samples`)
  assert.equal(sumOf(families, 'fairlead_rows_landed_total'), 6_000)
  assert.equal(sumOf(families, 'fairlead_faults_total'), 3_000)
})

test('the pace is of the ten seconds before, and falls to nothing where nothing comes', () => {
  let measures = noMeasures
  for (let second = 0; second < 30; second += 1)
    for (const part of [100, 600])
      measures = measuresAfter(measures, committed({ rows: 50 }), startMs + second * 1000 + part)
  const table = measures.tables.get('bronze.survey_live')
  assert.ok(table)
  assert.equal(rowsPerSecond(table, startMs + 29_900), 100)
  assert.equal(rowsPerSecond(table, startMs + 34_500), 60)
  assert.equal(rowsPerSecond(table, startMs + 60_000), 0)
  assert.ok(table.recentRows.length <= 11 && table.recentCommitMs.length <= 50)
})

test('the median is of the newest commits', () => {
  const slow = measured(Array.from({ length: 100 }, () => committed({ tookMs: 900 })))
  const measures = measured(
    Array.from({ length: 50 }, (_, i) => committed({ tookMs: i })),
    slow,
  )
  const table = measures.tables.get('bronze.survey_live')
  assert.ok(table)
  assert.equal(medianCommitMs(table), 25)
})

test('the page about metrics names each of them, and no other', () => {
  const tests = { passed: 1, failed: 0, warned: 0 }
  const measures = measured([
    committed(),
    landed(),
    fenced(),
    { kind: 'stream/produced', topic: 'season', records: 30, tookMs: 10 },
    { kind: 'live/published', version: 3, tests, buildMs: 400, tookMs: 60 },
    { kind: 'retry', what: 'landing season', attempt: 1, waitMs: 10, fault: fault('store/unreachable') },
    { kind: 'fault', fault: fault('log/clock') },
  ])
  const standing = {
    tables: [{ table: 'bronze.svi', version: 1, files: 1, sizeBytes: 9 }],
    publications: [{ line: 'batch' as const, version: 1, publishedMs: startMs }],
    topics: [],
  }
  const families = readExposition(metricsText({ measures, standing, process: figures, nowMs: startMs }))
  const page = readFileSync(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name))
  assert.deepEqual(named.sort(), [...families.keys()].sort())
})
