import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable } from '#lake'
import { writeParquet } from '#parquet'
import type { Column } from '#port'
import { Fault } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, columns, commitLines, numbersOf, rowsOf, writeColumn, writeRows } from './table.ts'

const root = 'silver/thing'

function fresh() {
  const store = memoryStore()
  return { store, table: openTable(store, root, quietEffects({ nowMs: () => 1_700_000_000_000 })) }
}

const isFault =
  (code: string, ...words: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, code)
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`)
    assert.notEqual(error.mend, '')
    return true
  }

test('where there is no table there is no snapshot', async () => {
  const { table } = fresh()
  assert.equal(await table.snapshot(), undefined)
  await assert.rejects(table.snapshotAt(0), isFault('lake/no-version'))
})

test('the first commit says what kind of table it is: commitInfo, protocol (1,2), metaData, and nothing else on the protocol', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1, 2], [{ appId: 'land:x', version: 2 }])
  const lines = await commitLines(store, root, 0)
  assert.deepEqual(
    lines.map((line) => Object.keys(line)[0]),
    ['commitInfo', 'protocol', 'metaData', 'txn', 'add'],
  )
  assert.deepEqual(lines[1], { protocol: { minReaderVersion: 1, minWriterVersion: 2 } })
  const info = lines[0]?.commitInfo
  assert.equal(info?.isBlindAppend, true)
  assert.equal(info?.operation, 'WRITE')
  assert.equal(typeof info?.txnId, 'string')
  const metaData = lines[2]?.metaData
  assert.deepEqual(metaData?.format, { provider: 'parquet', options: {} })
  assert.deepEqual(metaData?.partitionColumns, [])
  assert.deepEqual(JSON.parse(String(metaData?.schemaString)), {
    type: 'struct',
    fields: [
      { name: 'writer', type: 'string', nullable: true, metadata: {} },
      { name: 'n', type: 'long', nullable: true, metadata: {} },
    ],
  })
  assert.deepEqual(lines[3], { txn: { appId: 'land:x', version: 2, lastUpdated: 1_700_000_000_000 } })
  const add = lines[4]?.add
  assert.equal(add?.dataChange, true)
  assert.deepEqual(add?.partitionValues, {})
  assert.deepEqual(JSON.parse(String(add?.stats)), {
    numRecords: 2,
    minValues: { writer: 'a', n: 1 },
    maxValues: { writer: 'a', n: 2 },
    nullCount: { writer: 0, n: 0 },
  })
})

test('a file that is replaced leaves a remove with all that a reader of the past needs', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  const second = await writeRows(table, 'b', [2])
  const before = await table.snapshot()
  await table.commit({
    operation: 'MERGE',
    blindAppend: false,
    stage: (newest) => changing({ add: [second], remove: newest?.files ?? [] }),
  })
  const remove = (await commitLines(store, root, 1)).find((line) => line.remove)?.remove
  assert.deepEqual(remove, {
    path: before?.files[0]?.path,
    deletionTimestamp: 1_700_000_000_000,
    dataChange: true,
    extendedFileMetadata: true,
    partitionValues: {},
    size: before?.files[0]?.sizeBytes,
  })
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [2])
  assert.deepEqual(await numbersOf(store, root, await table.snapshotAt(0)), [1])
  assert.deepEqual(await numbersOf(store, root, before), [1])
})

test('a stage that finds nothing to do commits nothing', async () => {
  const { table } = fresh()
  const idle = { operation: 'WRITE', blindAppend: false, stage: () => undefined }
  assert.deepEqual(await table.commit(idle), { outcome: 'unneeded', version: undefined })
  await append(table, 'a', [1])
  assert.deepEqual(await table.commit(idle), { outcome: 'unneeded', version: 0 })
  assert.equal((await table.snapshot())?.version, 0)
})

test('a commit that comes second is staged again on what the first left, and its data files are not written again', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1, 2, 3])
  const other = openTable(store, root, quietEffects())
  const file = await writeRows(table, 'b', [4])
  const seen: (number | undefined)[] = []
  const outcome = await table.commit({
    operation: 'MERGE',
    blindAppend: false,
    async stage(newest) {
      seen.push(newest?.version)
      if (seen.length === 1) {
        const compacted = await writeRows(other, 'c', [1, 2, 3, 5])
        await other.commit({
          operation: 'MERGE',
          blindAppend: false,
          stage: (theirs) => changing({ add: [compacted], remove: theirs?.files ?? [] }),
        })
      }
      // Replace by key: everything of the newest snapshot goes.
      return changing({ add: [file], remove: newest?.files ?? [] })
    },
  })
  assert.deepEqual(seen, [0, 1])
  assert.deepEqual(outcome, { outcome: 'committed', version: 2 })
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [4])
})

test('a snapshot shows other writers’ commits, and an older one stays as it was', async () => {
  const { store, table } = fresh()
  const other = openTable(store, root, quietEffects())
  await append(table, 'a', [1])
  const first = await table.snapshot()
  await append(other, 'b', [2], [{ appId: 'x', version: 7 }])
  const second = await table.snapshot()
  assert.equal(first?.files.length, 1)
  assert.equal(first?.txns.get('x'), undefined)
  assert.equal(second?.files.length, 2)
  assert.equal(second?.txns.get('x'), 7)
})

test('a table that was removed and made again is seen as the new one', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  await append(table, 'a', [2])
  const old = await table.snapshot()
  for await (const { path } of store.list(root)) await store.remove(path)
  assert.equal(await table.snapshot(), undefined)
  const other = openTable(store, root, quietEffects())
  for (const n of [7, 8, 9]) await append(other, 'b', [n])
  const snapshot = await table.snapshot()
  assert.notEqual(snapshot?.id, old?.id)
  assert.deepEqual(await numbersOf(store, root, snapshot), [7, 8, 9])
})

test('new files between versions come in order of commit, without those that changed no data', async () => {
  const { table } = fresh()
  for (const n of [0, 1, 2]) await append(table, 'a', [n])
  const compact = await writeRows(table, 'a', [0, 1, 2])
  await table.commit({
    operation: 'OPTIMIZE',
    blindAppend: false,
    stage: (newest) => changing({ add: [compact], remove: newest?.files ?? [] }),
  })
  await append(table, 'a', [4])
  const counts = async (after: number, upTo: number) =>
    (await table.dataChangesBetween(after, upTo)).added.map(({ stats }) => JSON.parse(stats ?? '{}').minValues.n)
  assert.deepEqual(await counts(-1, 4), [0, 1, 2, 4])
  assert.deepEqual(await counts(0, 2), [1, 2])
  assert.deepEqual(await counts(2, 3), [])
  assert.deepEqual(await counts(4, 4), [])
  await assert.rejects(table.dataChangesBetween(3, 5), isFault('lake/no-version'))
})

test('versions that are not there are refused by number', async () => {
  const { table } = fresh()
  await append(table, 'a', [1])
  for (const version of [-1, 1, 1.5, 10])
    await assert.rejects(table.snapshotAt(version), isFault('lake/no-version', String(version)))
})

test('columns may be added: those there keep their order, old files read null', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  const more: Column[] = [{ name: 'note', type: 'string', comment: 'free text' }, ...columns]
  const file = await table.writeFile(writeParquet(more, [['hi'], ['a'], [2]], 1))
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ columns: more, add: [file] }) })
  const snapshot = await table.snapshot()
  assert.deepEqual(snapshot?.columns, [...columns, { name: 'note', type: 'string', comment: 'free text' }])
  assert.ok(snapshot)
  assert.deepEqual(await rowsOf(store, root, snapshot), [
    { writer: 'a', n: 1, note: null },
    { writer: 'a', n: 2, note: 'hi' },
  ])
  const lines = await commitLines(store, root, 1)
  assert.equal(lines.filter((line) => line.metaData).length, 1)
})

test('columns that stay as they are make no new metadata', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  const file = await writeRows(table, 'b', [2])
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ columns, add: [file] }) })
  assert.equal(
    (await commitLines(store, root, 1)).some((line) => line.metaData),
    false,
  )
})

test('columns cannot change type, go, or differ by case; nothing is committed then', async () => {
  const { table } = fresh()
  await append(table, 'a', [1])
  const refused: readonly (readonly Column[])[] = [
    [
      { name: 'writer', type: 'string' },
      { name: 'n', type: 'double' },
    ],
    [{ name: 'writer', type: 'string' }],
    [...columns, { name: 'N', type: 'long' }],
    [
      { name: 'Writer', type: 'string' },
      { name: 'n', type: 'long' },
    ],
  ]
  for (const wanted of refused) {
    await assert.rejects(
      table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ columns: wanted }) }),
      isFault('lake/schema', root),
    )
  }
  assert.equal((await table.snapshot())?.version, 0)
})

test('a commit that replaces every file may give the table other columns', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  const other: Column[] = [{ name: 'n', type: 'double' }]
  const file = await writeColumn(table, { name: 'n', type: 'double' }, [1.5])
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage: (newest) => changing({ columns: other, add: [file], remove: newest?.files ?? [] }),
  })
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  assert.deepEqual(snapshot.columns, other)
  assert.deepEqual(await rowsOf(store, root, snapshot), [{ n: 1.5 }])
  assert.deepEqual(await numbersOf(store, root, await table.snapshotAt(0)), [1])
})

test('a file whose columns are not the table’s is refused before the commit, naming the column', async () => {
  const { table } = fresh()
  await append(table, 'a', [1])
  const wrong = await writeColumn(table, { name: 'n', type: 'integer' }, [1])
  const unknown = await writeColumn(table, { name: 'm', type: 'long' }, [1])
  for (const [file, column] of [
    [wrong, 'n'],
    [unknown, 'm'],
  ] as const) {
    await assert.rejects(
      table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ add: [file] }) }),
      isFault('lake/bad-file', `column ${column}`),
    )
  }
  await assert.rejects(table.writeFile(new Uint8Array([1, 2, 3])), isFault('lake/damaged'))
  assert.equal((await table.snapshot())?.version, 0)
})

test('names that need encoding are encoded in the log and come back decoded', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [1])
  const [file] = (await table.snapshot())?.files ?? []
  assert.ok(file)
  const name = 'odd =%20 #?ü.parquet'
  const bytes = await store.read(`${root}/${file.path}`)
  assert.ok(bytes)
  await store.create(`${root}/${name}`, bytes)
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage: () => changing({ add: [{ ...file, path: name }], remove: [file] }),
  })
  const add = (await commitLines(store, root, 1)).find((line) => line.add)?.add
  assert.equal(add?.path, 'odd%20=%2520%20%23%3F%C3%BC.parquet')
  assert.deepEqual(await numbersOf(store, root, await openTable(store, root, quietEffects()).snapshot()), [1])
})

test('commits made at once through one table all land, each at a version of its own', async () => {
  const { store, table } = fresh()
  await append(table, 'a', [0])
  const versions = await Promise.all(Array.from({ length: 20 }, (_, i) => append(table, 'a', [i + 1])))
  assert.deepEqual(
    [...versions].sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  assert.equal((await numbersOf(store, root, await table.snapshot())).length, 21)
})
