import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Table } from '#lake'
import { openTable } from '#lake'
import { writeParquet } from '#parquet'
import type { Column } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { isFault } from './fault.ts'
import { changing, commitLines, rowsOf } from './table.ts'

const root = 'bronze/visit'
const columns = [
  { name: 'n', type: 'long' },
  { name: 'day', type: 'date' },
  { name: 'place', type: 'string' },
  { name: 'at', type: 'timestamp' },
  { name: 'open', type: 'boolean' },
  { name: 'price', type: 'decimal(9,2)' },
] as const satisfies readonly Column[]
const partitionColumns = ['day', 'place', 'at', 'open', 'price']

type Partition = Readonly<Record<string, string | null>>
const full: Partition = {
  day: '2025-01-31',
  place: 'Queens',
  at: '2025-01-31T07:08:09.000123Z',
  open: 'true',
  price: '12.50',
}
const empty: Partition = { day: null, place: null, at: null, open: null, price: null }

async function add(table: Table, n: number, partition: Partition, by = partitionColumns): Promise<string> {
  const file = await table.writeFile(writeParquet([{ name: 'n', type: 'long' }], [[n]], 1), partition)
  await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: (newest) => changing({ ...(newest ? {} : { columns, partitionColumns: by }), add: [file] }),
  })
  return file.path
}

test('the log says the values of a partition as text, the file has none of them, and rows read with them', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await add(table, 1, full)
  const lines = await commitLines(store, root, 0)
  assert.deepEqual(lines.find((line) => line.metaData)?.metaData?.partitionColumns, partitionColumns)
  const logged = lines.find((line) => line.add)?.add
  assert.deepEqual(logged?.partitionValues, full)
  assert.deepEqual(JSON.parse(String(logged?.stats)), {
    numRecords: 1,
    minValues: { n: 1 },
    maxValues: { n: 1 },
    nullCount: { n: 0 },
  })
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  assert.deepEqual(await rowsOf(store, root, snapshot), [
    { n: 1, day: 20119, place: 'Queens', at: 1738307289000123, open: true, price: '12.50' },
  ])
})

test('null and empty text are both null, and their folder says so', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  const path = await add(table, 1, empty)
  assert.match(path, /^day=__HIVE_DEFAULT_PARTITION__\/place=__HIVE_DEFAULT_PARTITION__\/.*\/part-/)
  await add(table, 2, { ...empty, place: '' })
  const logged = (await commitLines(store, root, 1)).find((line) => line.add)?.add
  assert.deepEqual(logged?.partitionValues, empty)
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  assert.deepEqual(
    (await rowsOf(store, root, snapshot)).map(({ place, day }) => [place, day]),
    [
      [null, null],
      [null, null],
    ],
  )
})

test('whatever stands in a text, its folder has a name that every system takes, its path is URI-encoded, and it comes back as it was', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  const texts = ['a/b', 'a=b', '50 %', 'Zoë 🏫', '..', 'x\ny', '"quoted" ?#&', '%41', 'é'.repeat(300)]
  for (const [n, place] of texts.entries()) await add(table, n, { ...full, place })
  await table.checkpoint()
  for (const opened of [table, openTable(store, root, quietEffects())]) {
    const snapshot = await opened.snapshot()
    assert.ok(snapshot)
    const rows = await rowsOf(store, root, snapshot)
    assert.deepEqual(
      [...rows].sort((a, b) => Number(a.n) - Number(b.n)).map(({ place }) => place),
      texts,
    )
  }
  const line = (await commitLines(store, root, 0)).find((each) => each.add)?.add
  assert.match(
    String(line?.path),
    /^day=2025-01-31\/place=a%252Fb\/at=2025-01-31T07%253A08%253A09.000123Z\/open=true\/price=12.50\/part-/,
  )
  const files = (await table.snapshot())?.files ?? []
  const long = files.find(({ partitionValues }) => partitionValues.place?.startsWith('ééé'))
  assert.match(long?.path ?? '', /^part-/, 'a name that would be too long is left out')
})

test('partition values come through checkpoints, compacted commits and removes', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await add(table, 1, full)
  await add(table, 2, empty)
  await table.compactLog(1)
  const [first] = (await openTable(store, root, quietEffects()).snapshot())?.files ?? []
  assert.ok(first)
  assert.deepEqual(first.partitionValues, full)
  await table.commit({ operation: 'DELETE', blindAppend: false, stage: () => changing({ remove: [first] }) })
  const remove = (await commitLines(store, root, 2)).find((line) => line.remove)?.remove
  assert.deepEqual(remove?.partitionValues, full)
  await table.checkpoint()
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  assert.deepEqual(snapshot?.partitionColumns, partitionColumns)
  assert.deepEqual(
    snapshot?.files.map(({ partitionValues }) => partitionValues),
    [empty],
  )
})

test('a file that does not fit its partition is refused: a value missing, of no such column, or no value of the type; a column that is in the file too', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await add(table, 1, full)
  const { place: _, ...without } = full
  await assert.rejects(add(table, 2, without), /no value for the partition column place/)
  await assert.rejects(add(table, 2, { ...full, borough: 'x' }), /borough, by which .* is not partitioned/)
  await assert.rejects(add(table, 2, { ...full, day: 'yesterday' }), isFault('lake/damaged', 'yesterday'))
  const file = await table.writeFile(writeParquet(columns.slice(2, 3), [['Queens']], 1), full)
  await assert.rejects(
    table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ add: [file] }) }),
    isFault('lake/bad-file', 'partitioned by place'),
  )
  assert.equal((await table.snapshot())?.version, 0)
})

test('partition columns are plain columns of the table, each once, and not all', async () => {
  for (const [by, word] of [
    [['borough'], 'is none of its columns'],
    [['day', 'day'], 'twice'],
    [columns.map(({ name }) => name), 'no column is left'],
  ] as const) {
    const table = openTable(memoryStore(), root, quietEffects())
    const partition = Object.fromEntries(by.map((name) => [name, null]))
    await assert.rejects(add(table, 1, partition, [...by]), isFault('lake/schema', word))
  }
  for (const type of ['double', 'binary'] as const) {
    const table = openTable(memoryStore(), root, quietEffects())
    const stage = () => changing({ columns: [...columns, { name: 'x', type }], partitionColumns: ['x'] })
    const create = table.commit({ operation: 'CREATE TABLE', blindAppend: true, stage })
    await assert.rejects(create, isFault('lake/schema', type))
  }
})

test('when all files are replaced any column may change, but none that partitions the table', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await add(table, 1, full)
  const change = (to: readonly Column[]) =>
    table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage: (newest) => changing({ columns: to, remove: newest?.files ?? [] }),
    })
  await assert.rejects(
    change(columns.filter(({ name }) => name !== 'day')),
    isFault('lake/schema', 'column day is gone'),
  )
  await change([{ name: 'n', type: 'string' }, ...columns.slice(1)])
  assert.equal((await table.snapshot())?.columns[0]?.type, 'string')
})
