import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Field, Value } from '#parquet'
import { openParquet, parquetWriter, prefixAbove, prefixBelow, readFooter, writeParquet } from '#parquet'
import { Fault } from '#port'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** Each type with values at its edges; null is among all of them. */
const cases: readonly { readonly type: Field['type']; readonly values: readonly Value[] }[] = [
  { type: 'string', values: ['', 'a', 'ünï', '\u{1f600}', '\ufeffbom', 'a'.repeat(70_000), 'line\nbreak\0zero'] },
  { type: 'binary', values: [bytes(), bytes(0, 255, 128), bytes(0xc3, 0x28)] },
  { type: 'long', values: [0, -1, 1, 2 ** 31, -(2 ** 32) - 5, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n, -(2n ** 63n)] },
  { type: 'integer', values: [0, -1, 2 ** 31 - 1, -(2 ** 31)] },
  { type: 'short', values: [0, 32_767, -32_768] },
  { type: 'byte', values: [0, 127, -128] },
  { type: 'double', values: [0, -0, 1.5, Number.MAX_VALUE, -Infinity, Number.NaN] },
  { type: 'float', values: [0, 0.5, -3.25] },
  { type: 'boolean', values: [true, false, true] },
  { type: 'date', values: [0, -719_162, 2_932_896] },
  { type: 'timestamp', values: [0, -1, 1_700_000_000_123_456, -62_135_596_800_000_000n, 253_402_300_799_999_999n] },
  { type: 'decimal(9,2)', values: ['0.00', '-9999999.99', '9999999.99'] },
  { type: 'decimal(18,4)', values: ['-0.0001', '12345678901234.5678'] },
  { type: 'decimal(38,10)', values: ['-1.0000000001', '9999999999999999999999999999.9999999999'] },
  { type: 'decimal(38,0)', values: ['-1', '99999999999999999999999999999999999999'] },
  { type: { type: 'array', elementType: 'string' }, values: [[], ['a'], ['a', null, 'b'], [null]] },
  {
    type: {
      type: 'array',
      elementType: {
        type: 'struct',
        fields: [
          { name: 'key', type: 'string' },
          { name: 'value', type: 'binary' },
        ],
      },
    },
    values: [
      [],
      [{ key: 'a', value: bytes(1) }],
      [
        { key: null, value: null },
        { key: 'b', value: null },
      ],
    ],
  },
  {
    type: {
      type: 'struct',
      fields: [
        { name: 'x', type: 'long' },
        { name: 'y', type: { type: 'array', elementType: { type: 'array', elementType: 'integer' } } },
      ],
    },
    values: [
      { x: null, y: null },
      { x: 1, y: [] },
      { x: 2, y: [[1, null], []] },
    ],
  },
  {
    type: { type: 'map', keyType: 'string', valueType: 'string' },
    values: [[], [{ key: 'a', value: null }], [{ key: 'b', value: 'c' }]],
  },
]

for (const { type, values } of cases) {
  test(`${JSON.stringify(type)} is read as it was written, nulls between`, async () => {
    const field = { name: 'c', type }
    const some: Value[] = values.flatMap((value, i): Value[] => (i % 2 ? [value, null] : [null, value]))
    // Few values, many repeated values (a dictionary), no nulls, only nulls, one constant.
    for (const column of [some, Array.from({ length: 50 }, () => some).flat(), values, [null, null], []]) {
      const file = await openParquet(writeParquet([field], [column], column.length), 'test')
      assert.deepEqual(file.fields, [field])
      assert.deepEqual(
        (await file.read()).map((row) => row.c),
        column,
      )
    }
    const [first = null] = values
    for (const constant of [first, null]) {
      const file = await openParquet(writeParquet([field], [{ constant }], 1000), 'test')
      assert.deepEqual(
        (await file.read({ rowStart: 998 })).map((row) => row.c),
        [constant, constant],
      )
    }
  })
}

test('text in a binary column is written as UTF-8', async () => {
  const file = await openParquet(writeParquet([{ name: 'c', type: 'binary' }], [['ü']], 1), 'test')
  assert.deepEqual(await file.read(), [{ c: bytes(0xc3, 0xbc) }])
})

test('a file written batch by batch reads as one, by row range and by column', async () => {
  const writer = parquetWriter([
    { name: 'a', type: 'long' },
    { name: 'b', type: 'string' },
  ])
  for (let batch = 0; batch < 5; batch += 1) {
    writer.append([Array.from({ length: 1000 }, (_, i) => batch * 1000 + i), { constant: `batch ${batch}` }], 1000)
  }
  assert.equal(writer.rows, 5000)
  const file = await openParquet(writer.finish(), 'test')
  assert.equal(file.rows, 5000)
  assert.deepEqual(file.groupStarts, [0, 1000, 2000, 3000, 4000])
  assert.deepEqual(await file.read({ columns: ['a'], rowStart: 1999, rowEnd: 2001 }), [{ a: 1999 }, { a: 2000 }])
  assert.deepEqual(await file.read({ rowStart: 4999 }), [{ a: 4999, b: 'batch 4' }])
  assert.deepEqual(await file.read({ rowStart: 10, rowEnd: 10 }), [])
})

test('large values make more pages and row groups, and rows that span them come back whole', async () => {
  const fields: Field[] = [
    { name: 'v', type: 'binary' },
    { name: 'l', type: { type: 'array', elementType: 'string' } },
    { name: 'b', type: 'boolean' },
  ]
  const rows = 3000
  const values = Array.from({ length: rows }, (_, i) => new Uint8Array(1000 + (i % 7)).fill(i % 251))
  const lists = Array.from({ length: rows }, (_, i) =>
    i % 5 ? Array.from({ length: i % 40 }, (_, k) => `${i}-${k}`) : null,
  )
  const flags = Array.from({ length: rows }, (_, i) => (i % 3 ? i % 2 === 0 : null))
  const file = await openParquet(writeParquet(fields, [values, lists, flags], rows), 'test')
  const read = await file.read()
  assert.deepEqual(
    read.map((row) => row.v),
    values,
  )
  assert.deepEqual(
    read.map((row) => row.l),
    lists,
  )
  assert.deepEqual(
    read.map((row) => row.b),
    flags,
  )
})

test('a range reader is asked for the footer and the wanted columns only', async () => {
  const wide = new Uint8Array(randomBytes(2_000_000))
  const whole = writeParquet(
    [
      { name: 'small', type: 'long' },
      { name: 'large', type: 'binary' },
    ],
    [[7], [wide]],
    1,
  )
  let read = 0
  const file = await openParquet(
    {
      sizeBytes: whole.length,
      read: async (start, end) => {
        read += end - start
        return whole.subarray(start, end)
      },
    },
    'test',
  )
  assert.deepEqual(await file.read({ columns: ['small'] }), [{ small: 7 }])
  assert.ok(read < whole.length / 2, `${read} of ${whole.length} bytes read`)
})

test('statistics bound what is there: NaN and binary have none, text is cut below and raised above', () => {
  const long = 'é'.repeat(100)
  const parquet = writeParquet(
    [
      { name: 's', type: 'string' },
      { name: 'n', type: 'long' },
      { name: 'nan', type: 'double' },
      { name: 'z', type: 'double' },
      { name: 'bin', type: 'binary' },
      { name: 'none', type: 'long' },
      { name: 'd', type: 'decimal(18,4)' },
    ],
    [
      [long, 'b', null],
      [3, -1, 2n ** 60n],
      [1, Number.NaN, 2],
      [0, 0, 0],
      ['a', 'b', 'c'],
      { constant: null },
      ['1.5', '-2', null],
    ],
    3,
  )
  const { rows, statistics } = readFooter(parquet, 'test')
  assert.equal(rows, 3)
  const of = (name: string) => statistics.find(({ path }) => path[0] === name)
  assert.equal(of('s')?.min, 'b')
  assert.equal(of('s')?.max, `${'é'.repeat(63)}ê`)
  assert.equal(of('s')?.nullCount, 1)
  assert.deepEqual([of('n')?.min, of('n')?.max], [-1n, 2n ** 60n])
  assert.deepEqual([of('nan')?.min, of('nan')?.max], [undefined, undefined])
  assert.ok(Object.is(of('z')?.min, -0) && Object.is(of('z')?.max, 0))
  assert.equal(of('bin')?.min, undefined)
  assert.deepEqual([of('none')?.min, of('none')?.nullCount], [undefined, 3])
  assert.deepEqual([of('d')?.min, of('d')?.max], [-20_000, 15_000])
})

test('text bounds follow the order of UTF-8, in which emoji stand above all of the basic plane', () => {
  const { statistics } = readFooter(
    writeParquet([{ name: 's', type: 'string' }], [['\u{1f600}', '\uffee', 'a']], 3),
    'test',
  )
  assert.equal(statistics[0]?.max, '\u{1f600}')
  assert.equal(statistics[0]?.min, 'a')
})

test('a raised prefix is above every text that it stands for, or there is none', () => {
  assert.equal(prefixBelow('abcdef', 3), 'abc')
  assert.equal(prefixAbove('abcdef', 3), 'abd')
  assert.equal(prefixAbove('abc', 3), 'abc')
  assert.equal(prefixAbove('ab\u{10ffff}zz', 3), 'ac')
  assert.equal(prefixAbove('\u{10ffff}'.repeat(5), 3), undefined)
  assert.equal(prefixAbove('a\ud7ffxx', 2), 'a\ue000')
  assert.equal(prefixAbove('\u{1f600}\u{1f600}x', 1), '\u{1f601}')
})

test('bytes that are no Parquet are a fault that names the file', async () => {
  for (const noise of [bytes(), bytes(1, 2, 3), new Uint8Array(1000).fill(65)]) {
    await assert.rejects(
      openParquet(noise, 'some/file'),
      (error) => error instanceof Fault && error.code === 'lake/damaged' && error.message.includes('some/file'),
    )
  }
  const good = writeParquet([{ name: 'a', type: 'string' }], [Array.from({ length: 100 }, (_, i) => `value ${i}`)], 100)
  const torn = good.slice()
  torn.fill(0, 4, 40)
  const file = await openParquet(torn, 'some/file')
  await assert.rejects(file.read(), (error) => error instanceof Fault && error.code === 'lake/damaged')
})

test('values that a column cannot hold are refused, naming the column', () => {
  const write = (type: Field['type'], value: unknown) => () => writeParquet([{ name: 'col', type }], [[value]], 1)
  for (const attempt of [
    write('integer', 2 ** 31),
    write('integer', 1.5),
    write('long', 2 ** 60),
    write('long', 2n ** 63n),
    write('long', 1.5),
    write('decimal(9,2)', '1.234'),
    write('string', 7),
  ]) {
    assert.throws(attempt, /col/)
  }
})
