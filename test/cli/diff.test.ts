import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GoldDiff } from '#platform'
import { fakeBackend, told, unchanged } from './fake.ts'

const changed: GoldDiff = {
  ...unchanged,
  tables: [
    {
      table: 'climate_measure',
      status: 'changed',
      grain: ['dbn', 'measure'],
      rows: { before: 10, after: 11 },
      ...{ added: 1, removed: 0, changed: 2 },
      columns: { added: ['note'], removed: [], retyped: [] },
      changes: [
        {
          column: 'value',
          rows: 2,
          movers: [{ key: ['01M015', 'a|b'], before: 0.5, after: 0.123456789, change: -0.376543211 }],
        },
      ],
    },
  ],
}

test('diff says what differs, by table and by column', async () => {
  const { backend } = fakeBackend({ diffGold: async () => changed })
  const { exitCode, stdout } = await told(['diff'], backend)
  assert.equal(exitCode, 0)
  assert.match(stdout, /^1 of 1 Gold table differs between/)
  assert.match(stdout, /climate_measure +10 +11 +1 +0 +2 +\+note/)
  assert.match(stdout, /value +2 +dbn 01M015, measure a\|b +0.5 +0.123457 +-0.376543/)
})

test('as Markdown, what a value holds cannot end its cell', async () => {
  const { backend } = fakeBackend({ diffGold: async () => changed })
  const { stdout } = await told(['diff', '--markdown'], backend)
  assert.match(
    stdout,
    /\| climate_measure \| value \| 2 \| dbn 01M015, measure a\\\|b \| 0.5 \| 0.123457 \| -0.376543 \|\n/,
  )
})

test('a version and a bucket go on as they are, a folder as seen from where the command runs', async () => {
  const { backend, asked } = fakeBackend()
  for (const against of ['4', 'gs://bucket/lake', 'other']) await told(['diff', '--against', against], backend)
  assert.deepEqual(
    asked.map(([, options]) => (options as { against: string }).against),
    ['4', 'gs://bucket/lake', '/home/ada/other'],
  )
})
