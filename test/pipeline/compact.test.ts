import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DataFile, Table } from '#lake'
import { readRows } from '#lake'
import type { Value } from '#parquet'
import { writeParquet } from '#parquet'
import { bronzeColumns } from '#pipeline'
import type { Column } from '#port'
import { Fault } from '#port'
import type { CompactOptions } from '../../src/pipeline/maintain/index.ts'
import { compactFiles, planCompaction } from '../../src/pipeline/maintain/index.ts'
import { append, changing, columns, numbersOf, writeRows } from '../lake/table.ts'
import type { MaintainBench } from './maintain-fixture.ts'
import { contentHash, maintainBench } from './maintain-fixture.ts'

const all: CompactOptions = {
  targetBytes: 32 << 20,
  targetRows: 1_000_000,
  leastFiles: 2,
  mostFiles: 1000,
  tierFactor: Number.POSITIVE_INFINITY,
}

let bench: MaintainBench
before(async () => {
  bench = await maintainBench()
})
after(() => bench.end())

const file = (path: string, over: Partial<DataFile> = {}): DataFile => ({
  path,
  sizeBytes: 1000,
  modifiedMs: 0,
  partitionValues: {},
  stats: '{"numRecords":10}',
  ...over,
})

async function compactAll(table: Table): Promise<readonly string[]> {
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  const outcomes: string[] = []
  for (const run of planCompaction(snapshot.files, all)) {
    outcomes.push((await compactFiles(table, snapshot, run, bench.effects)).outcome)
  }
  return outcomes
}

test('small files are put together up to the target; large ones and lone ones are let be', () => {
  const paths = (files: readonly DataFile[], over: Partial<CompactOptions> = {}) =>
    planCompaction(files, { ...all, targetBytes: 10_000, targetRows: 1000, ...over }).map((run) =>
      run.map(({ path }) => path).join(''),
    )
  const many = Array.from('abcdefghijkl', (path) => file(path))
  assert.deepEqual(paths(many), ['abcdefghij', 'kl'])
  assert.deepEqual(paths(many, { mostFiles: 5 }), ['abcde', 'fghij', 'kl'])
  assert.deepEqual(paths([file('a'), file('B', { sizeBytes: 5000 }), file('c')]), ['ac'])
  assert.deepEqual(paths([file('a'), file('B', { stats: '{"numRecords": 500}' }), file('c')]), ['ac'])
  assert.deepEqual(paths([file('a')]), [])
  assert.deepEqual(paths(many.slice(0, 3), { leastFiles: 4 }), [])
  const partitioned = [1, 2, 1, 2].map((p, i) => file(String(i), { partitionValues: { p: String(p) } }))
  assert.deepEqual(paths(partitioned), ['02', '13'])
  const tiers = [file('a', { sizeBytes: 40 }), file('b', { sizeBytes: 41 }), file('C', { sizeBytes: 4000 })]
  assert.deepEqual(
    paths(
      tiers.map((each) => ({ ...each, stats: undefined })),
      { tierFactor: 8 },
    ),
    ['ab'],
  )
})

const odd: readonly Column[] = [
  { name: 'text', type: 'string' },
  { name: 'bytes', type: 'binary' },
  { name: 'big', type: 'long' },
  { name: 'int', type: 'integer' },
  { name: 'short', type: 'short' },
  { name: 'byte', type: 'byte' },
  { name: 'double', type: 'double' },
  { name: 'float', type: 'float' },
  { name: 'flag', type: 'boolean' },
  { name: 'day', type: 'date' },
  { name: 'instant', type: 'timestamp' },
  { name: 'money', type: 'decimal(12,2)' },
  { name: 'wide', type: 'decimal(38,10)' },
  { name: 'list', type: { type: 'array', elementType: 'string' } },
  {
    name: 'headers',
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
  },
  { name: 'a "quoted" name', type: 'string' },
]

const bytes = (...values: number[]) => new Uint8Array(values)
const oddRows: readonly (readonly Value[])[] = [
  odd.map(() => null),
  [
    'é 😀 \u0000 \ufeff',
    bytes(0xff, 0xfe, 0x00, 0xc3, 0x28),
    9_223_372_036_854_775_807n,
    -2_147_483_648,
    -32_768,
    -128,
    -0,
    Math.fround(0.1),
    false,
    -719_162,
    -62_135_596_800_000_001n,
    '-1234567890.12',
    '1234567890123456789012345678.0123456789',
    ['', null, 'x'],
    [{ key: '', value: bytes() }, { key: 'k', value: bytes(0x80, 0x81) }, { key: null, value: null }, null],
    '"',
  ],
  [
    '',
    bytes(),
    -9_223_372_036_854_775_808n,
    0,
    0,
    0,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    2_932_896,
    253_402_300_799_999_999n,
    '0.01',
    '-0.0000000001',
    [],
    [],
    '',
  ],
  [
    'z'.repeat(5000),
    bytes(...Array.from({ length: 256 }, (_, i) => i)),
    1,
    1,
    1,
    1,
    5e-324,
    Math.fround(3.4e38),
    true,
    0,
    1_700_000_000_123_456,
    '99.90',
    '3.0000000000',
    [null],
    [{ key: 'a', value: null }],
    'b',
  ],
]

test('every type survives byte for byte, and the statistics of the new file bound its values', async () => {
  const table = bench.table('odd')
  for (const row of oddRows) {
    const added = await table.writeFile(
      writeParquet(
        odd,
        row.map((value) => [value]),
        1,
      ),
    )
    await table.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: (newest) => changing({ ...(newest ? {} : { columns: odd }), add: [added] }),
    })
  }
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  const hash = await contentHash(bench.store, 'odd', snapshot)
  assert.deepEqual(await compactAll(table), ['compacted'])
  const compacted = await table.snapshot()
  assert.ok(compacted)
  assert.equal(compacted.files.length, 1)
  assert.equal(await contentHash(bench.store, 'odd', compacted), hash)
  assert.equal(await contentHash(bench.store, 'odd', await table.snapshotAt(snapshot.version)), hash)
  const stats = JSON.parse((compacted.files[0]?.stats ?? '').replace(/("big":)(-?\d+)/g, '$1"$2"'))
  assert.equal(stats.numRecords, 4)
  assert.equal(stats.minValues.big, '-9223372036854775808')
  assert.equal(stats.maxValues.big, '9223372036854775807')
  assert.equal(stats.maxValues.instant, undefined)
  assert.equal(stats.minValues.day, '0001-01-01')
  assert.equal(stats.maxValues.money, 99.9)
  assert.ok(stats.maxValues.text.length <= 33 && stats.maxValues.text > 'z'.repeat(32))
  assert.equal(stats.nullCount.text, 1)
  assert.equal(stats.maxValues.double, undefined)
})

test('rows of Bronze come in the order of their coordinates, whatever the order of their files', async () => {
  const table = bench.table('bronze/x')
  const at = (source: string, partition: number, offset: number) =>
    writeParquet(
      bronzeColumns,
      ['x', source, partition, offset, 1_000_000 * offset, 'create_time', null, `{"n":${offset}}`, null, 1].map(
        (value) => [value],
      ),
      1,
    )
  const coordinates: [string, number, number][] = []
  for (let i = 0; i < 40; i += 1) coordinates.push([`s${(i * 7) % 2}`, (i * 3) % 3, (i * 17) % 40])
  for (const each of coordinates) {
    const added = await table.writeFile(at(...each))
    await table.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: (newest) => changing({ ...(newest ? {} : { columns: bronzeColumns }), add: [added] }),
    })
  }
  assert.deepEqual(await compactAll(table), ['compacted'])
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  const found: string[] = []
  for await (const rows of readRows(bench.store, 'bronze/x', snapshot)) {
    found.push(...rows.map(({ source, partition, offset }) => `${source}/${partition}/${String(offset).padStart(3)}`))
  }
  assert.deepEqual(found, [...found].sort())
  assert.equal(found.length, 40)
})

test('appends that come meanwhile stand, and none of them waits or fails', async () => {
  const table = bench.table('appended')
  for (let n = 0; n < 10; n += 1) await append(table, 'a', [n])
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  const other = bench.table('appended')
  const [outcome] = await Promise.all([
    compactFiles(table, snapshot, snapshot.files, bench.effects),
    (async () => {
      for (let n = 10; n < 30; n += 1) await append(other, 'b', [n])
    })(),
  ])
  assert.equal(outcome.outcome, 'compacted')
  const after = await other.snapshot()
  assert.equal(after?.files.length, 21)
  assert.deepEqual(
    await numbersOf(bench.store, 'appended', after),
    Array.from({ length: 30 }, (_, i) => i),
  )
})

test('a compaction that comes after a replace is dropped, and leaves no file behind', async () => {
  const table = bench.table('replaced')
  for (let n = 0; n < 5; n += 1) await append(table, 'a', [n])
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  const [first] = snapshot.files
  assert.ok(first)
  const instead = await writeRows(table, 'b', [100])
  await table.commit({
    operation: 'MERGE',
    blindAppend: false,
    stage: () => changing({ add: [instead], remove: [first] }),
  })
  const before = await Array.fromAsync(bench.store.list('replaced/part'))
  assert.deepEqual(await compactFiles(table, snapshot, snapshot.files, bench.effects), { outcome: 'overtaken' })
  assert.deepEqual(await Array.fromAsync(bench.store.list('replaced/part')), before)
  assert.deepEqual(await numbersOf(bench.store, 'replaced', await table.snapshot()), [1, 2, 3, 4, 100])
})

test('a column that came later is null in what was there before', async () => {
  const table = bench.table('grown')
  await append(table, 'a', [1])
  const more: readonly Column[] = [...columns, { name: 'note', type: 'string' }]
  const added = await table.writeFile(writeParquet(more, [['b'], [2], ['hi']], 1))
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ columns: more, add: [added] }) })
  const before = await table.snapshot()
  assert.ok(before)
  const hash = await contentHash(bench.store, 'grown', before)
  assert.deepEqual(await compactAll(table), ['compacted'])
  const after = await table.snapshot()
  assert.ok(after)
  assert.equal(await contentHash(bench.store, 'grown', after), hash)
})

test('a file whose columns are not the table’s to the letter is left as it is, by name', async () => {
  const table = bench.table('foreign')
  await append(table, 'a', [1])
  const [first] = (await table.snapshot())?.files ?? []
  assert.ok(first)
  // As another writer might: text in the file, binary in the table.
  const bytesOf = await bench.store.read(`foreign/${first.path}`)
  assert.ok(bytesOf)
  const other: readonly Column[] = [
    { name: 'writer', type: 'binary' },
    { name: 'n', type: 'long' },
  ]
  await bench.store.create('typed/x.parquet', bytesOf)
  const typed = bench.table('typed')
  await typed.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () => changing({ columns: other, add: [{ ...first, path: 'x.parquet' }] }),
  })
  const snapshot = await typed.snapshot()
  assert.ok(snapshot)
  await assert.rejects(
    compactFiles(typed, snapshot, snapshot.files, bench.effects),
    (error) => error instanceof Fault && error.code === 'lake/bad-file' && /column writer/.test(error.message),
  )
  assert.equal((await typed.snapshot())?.version, 0)
})

test('files of a partitioned table are put together partition by partition, and its rows stay what they are', async () => {
  const table = bench.table('partitioned')
  const placed = [...columns, { name: 'place', type: 'string' }, { name: 'day', type: 'date' }] as const
  for (let n = 0; n < 24; n += 1) {
    const partition = { place: ['a/b', 'Zoë', null][n % 3] ?? null, day: n < 12 ? '2025-01-31' : null }
    const file = await table.writeFile(writeParquet(columns, [{ constant: 'w' }, [n]], 1), partition)
    await table.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: (newest) =>
        changing({ ...(newest ? {} : { columns: placed, partitionColumns: ['place', 'day'] }), add: [file] }),
    })
  }
  const before = await table.snapshot()
  assert.ok(before)
  const content = await contentHash(bench.store, table.root, before)
  assert.deepEqual(
    await compactAll(table),
    Array.from({ length: 6 }, () => 'compacted'),
  )
  const after = await bench.table('partitioned').snapshot()
  assert.ok(after)
  assert.equal(after.files.length, 6)
  assert.equal(await contentHash(bench.store, table.root, after), content)
  assert.ok(after.files.some(({ path }) => path.startsWith('place=a%2Fb/day=2025-01-31/part-')))
})
