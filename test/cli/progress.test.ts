import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import { progress } from '../../src/cli/progress.ts'

function shown(
  events: readonly (PlatformEvent | number)[],
  options: { quiet: boolean; width: number | undefined },
): string {
  let text = ''
  let now = 0
  const { report, clear } = progress(options, { write: (piece) => (text += piece), nowMs: () => now })
  for (const event of events) {
    if (typeof event === 'number') now += event
    else report(event)
  }
  clear()
  return text
}

const started: PlatformEvent = { kind: 'stage/started', stage: 'land', total: 4000, unit: 'rows' }
const progressed = (done: number): PlatformEvent => ({
  kind: 'stage/progress',
  stage: 'land',
  what: 'survey.csv',
  done,
  total: 4000,
  unit: 'rows',
})
const ended: PlatformEvent = { kind: 'stage/ended', stage: 'land', what: '1 file', tookMs: 2100 }

test('a terminal has one line redrawn with rows, rate and time left, and it is gone at the end', () => {
  const text = shown([started, 1000, progressed(1000), 10, progressed(1010), 990, progressed(2000), ended], {
    quiet: false,
    width: 100,
  })
  assert.deepEqual(text.split('\r\x1b[2K').slice(1), [
    'land     survey.csv: 1,000 of 4,000 rows, 1,000 rows/s, 3.0 s left',
    'land     survey.csv: 2,000 of 4,000 rows, 1,000 rows/s, 2.0 s left',
    'land     1 file (2.1 s)\n',
  ])
})

test('a redrawn line is never wider than the terminal', () => {
  const text = shown([started, 1000, progressed(1000)], { quiet: false, width: 20 })
  assert.equal(text, '\r\x1b[2Kland     survey.csv\r\x1b[2K')
})

test('elsewhere there are plain lines, one in five seconds at most', () => {
  const text = shown([started, 1000, progressed(1000), 5000, progressed(3000), 100, progressed(3500), ended], {
    quiet: false,
    width: undefined,
  })
  assert.equal(text, 'land     survey.csv: 3,000 of 4,000 rows, 500 rows/s, 2.0 s left\nland     1 file (2.1 s)\n')
})

test('what went wrong has a line of its own; a test that passed has none', () => {
  const node = { kind: 'model/node', id: 'test.fairlead.rates', tookMs: 1 } as const
  const fault = new Fault('store/unreachable', 'The store does not answer.', { mend: 'Wait.', retry: true })
  const text = shown(
    [
      { ...node, status: 'pass', message: null },
      { ...node, status: 'fail', message: 'Got 3 results' },
      { kind: 'land/unmatched', file: 'notes.txt' },
      { kind: 'land/file', dataset: 'svi', file: 'bad.csv', outcome: 'quarantined', rows: 1, tookMs: 1 },
      { kind: 'retry', what: 'commit', attempt: 1, waitMs: 50, fault },
      { kind: 'publish/held', failed: ['test.fairlead.rates'] },
    ],
    { quiet: false, width: undefined },
  )
  assert.deepEqual(text.split('\n'), [
    'build    test.fairlead.rates: fail: Got 3 results',
    'land     notes.txt: no dataset takes it',
    'land     bad.csv: cannot be read, kept in quarantine of svi',
    '         commit: The store does not answer. Attempt 1 failed; again in 50 ms.',
    'publish  held back, the publication before stands. Failed: test.fairlead.rates',
    '',
  ])
})

const landed = (rows: number, newestMs: number | null = 600): PlatformEvent => ({
  ...{ kind: 'stream/landed', dataset: 'survey_live', topic: 'season', rows, sizeBytes: 10, newestMs, atMs: 1000 },
  partitions: [
    { partition: 0, next: 9, lag: 200 },
    { partition: 1, next: 9, lag: 10 },
  ],
  tookMs: 23,
})

test('a stream has one line with rows, pace, lag, age and commit, which is printed anew at most every five seconds', () => {
  const text = shown([landed(1000), 1000, landed(500), 1500, landed(1000), 2500, landed(500, null), 4000, landed(1)], {
    quiet: false,
    width: undefined,
  })
  assert.deepEqual(text.split('\n'), [
    'stream   survey_live: 1,000 rows landed, lag 210, newest 400 ms old, commit 23 ms',
    'stream   survey_live: 3,000 rows landed, 200 rows/s, lag 210, commit 23 ms',
    '',
  ])
})

test('quietly, only faults are shown', () => {
  const fault = new Fault('store/full', 'The disk is full.', { mend: 'Make room.' })
  const text = shown([started, 9000, progressed(10), ended, { kind: 'fault', fault }], { quiet: true, width: 80 })
  assert.equal(text, 'fairlead: The disk is full. (store/full)\n  Make room.\n')
})
