import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { QuarantinedRecord } from '#platform'
import { safeJson, safeText } from '../../src/cli/safe-text.ts'
import { fakeBackend, told } from './fake.ts'

const hostile = '\u001b]0;owned\u0007\u009b2J\u202eabc\r\n'

const record: QuarantinedRecord = {
  record: 'visit/s/0/4',
  ...{ dataset: 'visit', topic: 'visits', source: 's', partition: 0, offset: 4 },
  ...{ timestamp: null, landedAt: '2026-01-01T00:00:00.000Z', stage: 'clean', rule: 'no_id', column: 'id' },
  ...{ received: hostile, message: 'id is required', contract: 'c'.repeat(64) },
  replays: [{ replay: 'r'.repeat(64), at: '2026-01-02T00:00:00.000Z', contract: 'd'.repeat(64), as: null }],
  ...{ key: hostile, headers: [{ key: hostile, value: { base64: '/w==' } }], value: { id: hostile } },
}

/** Nothing that a terminal would obey; our own lines end in a line feed. */
const obeyed = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

test('a hostile value drives no terminal, in any form, and --json and --ndjson keep it whole', async () => {
  const { backend } = fakeBackend({
    showQuarantine: async () => ({ records: [record], next: `visit/s/0/4${hostile}` }),
    listQuarantine: async () => ({
      ...{ records: 1, replayed: 1, open: 1 },
      groups: [
        {
          ...{
            dataset: 'visit',
            topic: 'visits',
            source: 's',
            name: hostile,
            stage: 'clean',
            rule: 'no_id',
            column: 'id',
          },
          ...{ records: 1, replayed: 1, open: 1, firstLandedAt: record.landedAt, lastLandedAt: record.landedAt },
          example: { record: record.record, received: hostile, message: hostile },
        },
      ],
    }),
    replayQuarantine: async () => ({
      ...{ dryRun: false, tookMs: 1 },
      datasets: [
        {
          ...{
            dataset: 'visit',
            contract: 'c',
            replay: null,
            taken: 0,
            earlier: 1,
            unchanged: 0,
            passed: 0,
            rejected: 2,
          },
          examples: [{ record: record.record, rule: 'no_id', column: null, received: hostile, message: hostile }],
          now: { silver: 0, quarantined: 2, duplicates: 0, superseded: 0 },
        },
      ],
    }),
  })
  for (const argv of [
    ['list'],
    ['show'],
    ['replay'],
    ['show', '--ndjson'],
    ...['list', 'show', 'replay'].map((command) => [command, '--json']),
  ]) {
    const { stdout, stderr } = await told(['quarantine', ...argv], backend)
    assert.ok(stdout.length > 20, argv.join(' '))
    assert.doesNotMatch((stdout + stderr).replaceAll('\n', ''), obeyed, argv.join(' '))
  }
  const { stdout } = await told(['quarantine', 'show', '--ndjson'], backend)
  assert.deepEqual(JSON.parse(stdout), record)
  const json = await told(['quarantine', 'show', '--json'], backend)
  assert.deepEqual(JSON.parse(json.stdout).records, [record])
})

test('text is written out and JSON escaped, each without loss', () => {
  assert.equal(safeText('a\u001b[31mé\u202e😀'), 'a\\u{1b}[31mé\\u{202e}😀')
  const json = JSON.stringify({ a: hostile, b: 'é😀' })
  assert.deepEqual(JSON.parse(safeJson(json)), { a: hostile, b: 'é😀' })
})

test('filters reach the platform with their instants in UTC, and what is none is refused', async () => {
  const { backend, asked } = fakeBackend()
  const argv = [
    '--dataset',
    'visit',
    '--rule',
    'no_id',
    '--since',
    '2026-01-31',
    '--until',
    '2026-02-01T09:30',
    '--open',
  ]
  assert.equal((await told(['quarantine', 'list', ...argv], backend)).exitCode, 0)
  const [, options] = asked[0] ?? assert.fail('the platform was asked')
  assert.deepEqual((options as { filter: unknown }).filter, {
    ...{ dataset: 'visit', rule: 'no_id', record: undefined, open: true },
    ...{ since: '2026-01-31T00:00:00.000Z', until: '2026-02-01T09:30:00.000Z' },
  })
  for (const flag of ['--since', '--until'])
    for (const text of ['yesterday', '2026-13-01', '31.1.2026', '']) {
      const { exitCode, stderr } = await told(['quarantine', 'show', flag, text], backend)
      assert.equal(exitCode, 2, text)
      assert.match(stderr, /usage\/bad-value/)
    }
})

test('a replay takes a filter or a file, exits with 1 where something was rejected again, and says how to mend it', async () => {
  const { backend, asked } = fakeBackend()
  const none = await told(['quarantine', 'replay', '--from', 'mended.ndjson', '--dry-run'], backend)
  assert.equal(none.exitCode, 0)
  assert.match(none.stdout, /Nothing that was asked for is in quarantine/)
  const [, options] = asked[0] ?? assert.fail('the platform was asked')
  assert.deepEqual((options as { what: unknown }).what, { from: '/home/ada/mended.ndjson' })
  const both = await told(['quarantine', 'replay', '--from', 'x', '--rule', 'no_id'], backend)
  assert.equal(both.exitCode, 2)
  assert.match(both.stderr, /usage\/from-or-filter/)
  const outcome = (rejected: number, dryRun: boolean) =>
    fakeBackend({
      replayQuarantine: async () => ({
        ...{ dryRun, tookMs: 1 },
        datasets: [
          {
            ...{ dataset: 'visit', contract: 'c', replay: 'r', taken: 3, earlier: 0, unchanged: 1, examples: [] },
            ...{ passed: 3 - rejected, rejected },
            now: dryRun ? null : { silver: 3 - rejected, quarantined: rejected, duplicates: 0, superseded: 0 },
          },
        ],
      }),
    }).backend
  const good = await told(['quarantine', 'replay'], outcome(0, false))
  assert.equal(good.exitCode, 0)
  assert.match(good.stdout, /3 records replayed: 3 passed, which the next run or stream consume publishes/)
  for (const dryRun of [true, false]) {
    const bad = await told(['quarantine', 'replay'], outcome(2, dryRun))
    assert.equal(bad.exitCode, 1)
    assert.match(bad.stdout, /fairlead quarantine show --ndjson > mended\.ndjson/)
  }
})
