import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable } from '#lake'
import type { Field } from '#parquet'
import { writeParquet } from '#parquet'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'

async function statsOf(
  fields: readonly Field[],
  columns: readonly (readonly unknown[])[],
  rows: number,
): Promise<string> {
  const table = openTable(memoryStore(), 't', quietEffects())
  return (await table.writeFile(writeParquet(fields, columns, rows))).stats ?? ''
}

test('instants are cut to milliseconds, and a cut maximum is raised', async () => {
  const stats = JSON.parse(
    await statsOf([{ name: 't', type: 'timestamp' }], [[1_000_000, 1_700_000_000_123_456, -1_500_001, 5_000_000]], 4),
  )
  assert.equal(stats.minValues.t, '1969-12-31T23:59:58.499Z')
  assert.equal(stats.maxValues.t, '2023-11-14T22:13:20.124Z')
  const whole = JSON.parse(await statsOf([{ name: 't', type: 'timestamp' }], [[2_000_000]], 1))
  assert.equal(whole.maxValues.t, '1970-01-01T00:00:02.000Z')
})

test('text is cut to 32 characters: the minimum below, the maximum above, or left out', async () => {
  const stats = JSON.parse(await statsOf([{ name: 's', type: 'string' }], [['a'.repeat(50), 'b'.repeat(50)]], 2))
  assert.equal(stats.minValues.s, 'a'.repeat(32))
  assert.equal(stats.maxValues.s, `${'b'.repeat(31)}c`)
  const top = JSON.parse(await statsOf([{ name: 's', type: 'string' }], [['\u{10ffff}'.repeat(40)]], 1))
  assert.equal(top.maxValues.s, undefined)
  assert.equal(top.nullCount.s, 0)
})

test('longs and decimals keep all their digits', async () => {
  const stats = await statsOf(
    [
      { name: 'l', type: 'long' },
      { name: 'd', type: 'decimal(12,2)' },
    ],
    [
      [2n ** 62n, -(2n ** 62n)],
      ['-1234567890.12', '7.10'],
    ],
    2,
  )
  assert.ok(stats.includes(`"l":${2n ** 62n}`), stats)
  assert.ok(stats.includes('"d":-1234567890.12') && stats.includes('"d":7.10'), stats)
})

test('what cannot be bounded has no bounds: only nulls, NaN, binary, boolean, lists', async () => {
  const stats = JSON.parse(
    await statsOf(
      [
        { name: 'none', type: 'long' },
        { name: 'nan', type: 'double' },
        { name: 'bin', type: 'binary' },
        { name: 'flag', type: 'boolean' },
        { name: 'list', type: { type: 'array', elementType: 'long' } },
        { name: 'st', type: { type: 'struct', fields: [{ name: 'x', type: 'date' }] } },
      ],
      [
        [null, null],
        [1, Number.NaN],
        ['a', null],
        [true, false],
        [[1, null], null],
        [{ x: 1 }, null],
      ],
      2,
    ),
  )
  assert.deepEqual(stats, {
    numRecords: 2,
    minValues: { st: { x: '1970-01-02' } },
    maxValues: { st: { x: '1970-01-02' } },
    nullCount: { none: 2, nan: 0, bin: 1, flag: 0, st: { x: 1 } },
  })
})

test('only the first 32 columns have statistics', async () => {
  const fields = Array.from({ length: 40 }, (_, i): Field => ({ name: `c${i}`, type: 'long' }))
  const stats = JSON.parse(
    await statsOf(
      fields,
      fields.map((_, i) => [i]),
      1,
    ),
  )
  assert.equal(Object.keys(stats.minValues).length, 32)
  assert.equal(stats.maxValues.c31, 31)
  assert.equal(stats.nullCount.c32, undefined)
})

test('over several row groups the bounds are those of the whole file', async () => {
  const rows = 130_000
  const stats = JSON.parse(
    await statsOf(
      [{ name: 'n', type: 'long' }],
      [Array.from({ length: rows }, (_, i) => (i === 5 ? null : i - 10))],
      rows,
    ),
  )
  assert.deepEqual(stats, { numRecords: rows, minValues: { n: -10 }, maxValues: { n: rows - 11 }, nullCount: { n: 1 } })
})
