import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { QuarantinedRecord } from '#platform'
import { listQuarantine, replayQuarantine, runOnce, showQuarantine } from '#platform'
import { lakeOptions } from './options.ts'

const effects = { report: () => {}, signal: new AbortController().signal }

describe('the quarantine of a lake', () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-quarantine-'))
  const options = lakeOptions(join(root, 'lake'))
  let records: readonly QuarantinedRecord[] = []

  before(async () => {
    await runOnce({ ...options, sample: { schools: 20, seed: 3 }, full: false }, effects)
    const asked = { filter: { open: false }, page: { limit: 2 } }
    records = (await showQuarantine({ ...options, ...asked }, effects)).records
    assert.equal(records.length, 2)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  function fileOf(...lines: readonly (object | string)[]): string {
    const path = join(root, 'mended.ndjson')
    writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
    return path
  }

  function mended(at: number): object {
    const record = records[at] ?? assert.fail('the sample has such a record')
    return { ...record, value: { ...Object(record.value), DBN: `01M90${at}` } }
  }

  const replay = (from: string, dryRun = false) => replayQuarantine({ ...options, what: { from }, dryRun }, effects)

  test('a file with a bad line for one dataset replays nothing of another', async () => {
    const bad = { record: 'svi/nowhere/0/1', value: {} }
    await assert.rejects(replay(fileOf(mended(0), bad)), {
      code: 'quarantine/not-there',
      facts: { line: 2, record: bad.record },
    })
    await assert.rejects(replay(fileOf(mended(0), { ...bad, record: 'nothing/s/0/1' })), {
      code: 'quarantine/unknown-dataset',
    })
    await assert.rejects(replay(fileOf(mended(0), '{"record":')), { code: 'quarantine/bad-line', facts: { line: 2 } })
    const { replayed, open, records: all } = await listQuarantine({ ...options, filter: { open: false } }, effects)
    assert.deepEqual([replayed, open], [0, all])
  })

  test('a file that is not there, is no text or is too large is refused by its path', async () => {
    await assert.rejects(replay(join(root, 'nothing')), { code: 'quarantine/unreadable' })
    const path = join(root, 'other')
    writeFileSync(path, new Uint8Array([0xff, 0xfe]))
    await assert.rejects(replay(path), { code: 'quarantine/unreadable' })
    truncateSync(path, 64 * 1024 * 1024 + 1)
    await assert.rejects(replay(path), { code: 'quarantine/too-large', facts: { path } })
  })

  test('a mended file is replayed whatever blank lines and line ends it has, and empty ones replay nothing', async () => {
    assert.deepEqual((await replay(fileOf('', '  '))).datasets, [])
    const path = fileOf('', `${JSON.stringify(mended(0))}\r`, '', mended(1))
    const [dry] = (await replay(path, true)).datasets
    assert.deepEqual([dry?.passed, dry?.rejected, dry?.now], [2, 0, null])
    const [done] = (await replay(path)).datasets
    assert.deepEqual([done?.taken, done?.now?.silver], [2, 2])
    const { open, records: all } = await listQuarantine({ ...options, filter: { open: false } }, effects)
    assert.equal(open, all - 2)
    const next = await runOnce({ ...options, full: false }, effects)
    const replayed = next.datasets.school_survey?.sources['quarantine-replay']
    assert.deepEqual(
      [replayed?.landed, replayed?.silver, replayed?.quarantined],
      [2, 2, 0],
      'the law is kept by source, and a replay is one',
    )
  })

  test('an id, a dataset or a lake that is none is told', async () => {
    const page = { limit: 1, after: 'somewhere' }
    await assert.rejects(showQuarantine({ ...options, filter: { open: false }, page }, effects), {
      code: 'usage/bad-value',
    })
    const filter = { open: false, dataset: 'nothing' }
    await assert.rejects(listQuarantine({ ...options, filter }, effects), { code: 'quarantine/unknown-dataset' })
    const what = { filter: { open: false } }
    const elsewhere = { ...options, lake: join(root, 'nowhere'), what, dryRun: false }
    await assert.rejects(replayQuarantine(elsewhere, effects), { code: 'lake/none' })
  })
})
