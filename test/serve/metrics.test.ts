import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TableMeasures } from '#api'
import { consume, measuring, noMeasures, openReader, playSeason, runOnce } from '#platform'
import { Fault } from '#port'
import { startMetricsServer, startServer } from '#serve'
import type { ReadFamily } from '../platform/exposition-reader.ts'
import { readExposition, sampleOf, sumOf } from '../platform/exposition-reader.ts'
import { lakeOptions } from '../platform/options.ts'
import { get, getWithHost } from './client.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from './fixture.ts'

let folder: string
const host = '127.0.0.1'
const flag = '--metrics-port'
const quiet = { report: () => {}, signal: new AbortController().signal }

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-metrics-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>dashboard</title>')
})

after(() => rm(folder, { recursive: true, force: true }))

async function scrape(url: string): Promise<Map<string, ReadFamily>> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) })
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  return readExposition(await response.text())
}

/** Counters and buckets, none of which may ever fall. */
function countersOf(families: ReadonlyMap<string, ReadFamily>): Map<string, number> {
  return new Map([...families.values()].flatMap(({ type, samples }) => (type === 'gauge' ? [] : [...samples])))
}

test('a season that is landed while it is scraped: counters only rise, and end at what the lake and the log hold', {
  timeout: 180_000,
}, async () => {
  const options = lakeOptions(join(folder, 'lake'))
  await runOnce({ ...options, sample: { schools: 20, seed: 3 }, full: false }, quiet)
  const stream = { cadenceMs: 200, flushMs: 100, flushMb: 1, maintainEveryMs: 60_000, memoryMb: 1024 }
  const season = { rate: 300, seconds: 4, seed: 7, shares: { late: 0.02, repeated: 0.01, malformed: 0.01 } }
  const measured = measuring(() => {})
  const reader = await openReader(options)
  const server = await startMetricsServer({ port: 0, host, flag }, { reader, measures: measured.now, report: () => {} })
  // Who only reads the same lake.
  const other = await startServer(
    { port: 0, host, webFolder: folder, datasets },
    { ...quiet, reader, lineage: fixtureLineage, measures: () => noMeasures },
  )
  const stop = new AbortController()
  try {
    const consuming = consume(
      { ...options, stream, once: false, allow: [] },
      { report: measured.report, signal: stop.signal },
    )
    const playing = playSeason({ ...options, stream, season }, { ...quiet, report: measured.report })
    let scrapes = 0
    let counters = new Map<string, number>()
    const look = async () => {
      const families = await scrape(server.url)
      const now = countersOf(families)
      for (const [key, value] of counters) assert.ok((now.get(key) ?? -1) >= value, `${key} fell from ${value}`)
      counters = now
      scrapes += 1
      return families
    }
    let playing_ = true
    playing
      .finally(() => {
        playing_ = false
      })
      .catch(() => {})
    while (playing_) {
      await look()
      await sleep(100)
    }
    const { total } = await playing
    const table = 'bronze.survey_live'
    const until = Date.now() + 30_000
    while (sumOf(await look(), 'fairlead_rows_landed_total', { table }) < total) {
      assert.ok(Date.now() < until, 'all of it landed within thirty seconds')
      await sleep(100)
    }
    stop.abort()
    await consuming
    await sleep(1_100) // what the lake was a second ago may be told
    const end = await look()
    assert.ok(scrapes > 5, `${scrapes} scrapes`)
    assert.equal(sampleOf(end, 'fairlead_rows_landed_total', { table }), total)
    assert.equal(sampleOf(end, 'fairlead_committed_rows_total', { table }), total)
    assert.equal(sumOf(end, 'fairlead_next_offset'), total)
    assert.equal(sumOf(end, 'fairlead_lag_records'), 0)
    assert.equal(sumOf(end, 'fairlead_produced_records_total'), total)
    assert.equal(sumOf(end, 'fairlead_fences_total', { table }), 0)
    for (const name of [table, 'silver.survey_live', 'live_publication']) {
      const version = sampleOf(end, 'fairlead_table_version', { table: name })
      assert.equal(
        sumOf(end, 'fairlead_commits_total', { table: name }),
        (version ?? Number.NaN) + 1,
        `every commit to ${name} was counted`,
      )
      assert.equal(
        sampleOf(end, 'fairlead_commit_duration_seconds_count', { table: name }),
        (version ?? Number.NaN) + 1,
      )
    }
    const live = sampleOf(end, 'fairlead_publication_version', { line: 'live' })
    assert.equal(sampleOf(end, 'fairlead_publications_total', { line: 'live' }), (live ?? Number.NaN) + 1)
    assert.ok((sampleOf(end, 'fairlead_live_tests', { outcome: 'passed' }) ?? 0) > 0)
    assert.equal(sampleOf(end, 'fairlead_lake_up'), 1)
    const kept = ['files', 'bytes'].map((of) => sampleOf(end, `fairlead_table_${of}`, { table }))
    const added = ['files', 'bytes'].map((of) => sampleOf(end, `fairlead_committed_${of}_total`, { table }))
    assert.deepEqual(kept, added, 'nothing was compacted meanwhile')

    const theirs = await scrape(other.url)
    assert.equal(sumOf(theirs, 'fairlead_next_offset'), total)
    assert.equal(sumOf(theirs, 'fairlead_lag_records'), 0)
    for (const unknown of [
      'fairlead_rows_landed_total',
      'fairlead_fences_total',
      'fairlead_commits_total',
      'fairlead_newest_record_age_seconds',
    ])
      assert.equal(theirs.get(unknown), undefined, `${unknown} is not known to who only reads`)
    const { body } = await get<TableMeasures>(`${other.url}/api/v1/measures`)
    const row = body.tables.find((each) => each.table === table)
    assert.deepEqual(row, {
      table,
      files: kept[0],
      lag: 0,
      rowsPerSecond: null,
      commitMs: null,
      retries: null,
      ageAtCommitMs: null,
      fences: null,
    })
  } finally {
    stop.abort()
    await other.close()
    await server.close()
    await reader.close()
  }
})

test('a lake that cannot be read is told by a metric, and what the process counted is told all the same', async () => {
  const lake = await fixtureLake({ schools: 60 })
  const standing = () =>
    Promise.reject(new Fault('store/unreachable', 'It does not answer.', { mend: 'Wait.', retry: true }))
  const faults: unknown[] = []
  const server = await startMetricsServer(
    { port: 0, host, flag },
    { reader: { ...lake.reader, standing }, measures: unmeasured, report: (event) => faults.push(event) },
  )
  try {
    const families = await scrape(server.url)
    assert.equal(sampleOf(families, 'fairlead_lake_up'), 0)
    assert.ok((sampleOf(families, 'process_resident_memory_bytes') ?? 0) > 1_000_000)
    assert.deepEqual(faults, [])
  } finally {
    await server.close()
    await lake.end()
  }
})

test('the small server has two addresses, answers to localhost alone and changes nothing', async () => {
  const lake = await fixtureLake({ schools: 60 })
  const server = await startMetricsServer(
    { port: 0, host, flag },
    { reader: lake.reader, measures: unmeasured, report: () => {} },
  )
  try {
    assert.deepEqual((await get(`${server.url}/healthz`)).body, { ok: true })
    assert.equal((await get(`${server.url}/api/v1/publication`)).status, 404)
    assert.equal((await getWithHost(`${server.url}/metrics`, 'example.org')).status, 403)
    const post = await fetch(`${server.url}/metrics`, { method: 'POST' })
    assert.equal(post.status, 405)
    const head = await fetch(`${server.url}/metrics`, { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
    assert.equal(head.headers.get('x-content-type-options'), 'nosniff')
    const port = Number(new URL(server.url).port)
    await assert.rejects(
      startMetricsServer({ port, host, flag }, { reader: lake.reader, measures: unmeasured, report: () => {} }),
      (fault) =>
        fault instanceof Fault && fault.code === 'serve/port-in-use' && fault.mend.includes(`${flag} ${port + 1}`),
    )
  } finally {
    await server.close()
    await lake.end()
  }
})
