import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable, withColumns } from '#lake'
import { writeParquet } from '#parquet'
import type { Column, ObjectStore } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { isFault } from './fault.ts'
import { append, changing, columns, commitLines, rowsOf, writeRows } from './table.ts'

const root = 't'
const note: Column = { name: 'note', type: 'string' }

/** Adds one row with a note, and the column that it needs. */
async function addNote(store: ObjectStore, text: string, column: Column = note): Promise<number | undefined> {
  const table = openTable(store, root, quietEffects())
  const parquet = writeParquet([...columns, column], [['b'], [9], [text]], 1)
  const file = await table.writeFile(parquet)
  const { version } = await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: (newest) => changing({ ...withColumns(newest, [...columns, column]), add: [file] }),
  })
  return version
}

test('a commit adds a column and rows that have it; what stood reads as null, and the past has its own columns', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [1])
  assert.equal(await addNote(store, 'new'), 1)
  assert.deepEqual(
    (await commitLines(store, root, 1)).map((line) => Object.keys(line)[0]),
    ['commitInfo', 'metaData', 'add'],
  )
  const [first] = await commitLines(store, root, 0).then((lines) => lines.filter((line) => line.metaData))
  const [second] = await commitLines(store, root, 1).then((lines) => lines.filter((line) => line.metaData))
  assert.equal(second?.metaData?.id, first?.metaData?.id)
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  assert.deepEqual(await rowsOf(store, root, snapshot), [
    { writer: 'a', n: 1, note: null },
    { writer: 'b', n: 9, note: 'new' },
  ])
  const before = await table.snapshotAt(0)
  assert.deepEqual(
    before.columns.map(({ name }) => name),
    ['writer', 'n'],
  )
  assert.deepEqual(await rowsOf(store, root, before), [{ writer: 'a', n: 1 }])
  await table.checkpoint()
  assert.deepEqual((await openTable(store, root, quietEffects()).snapshot())?.columns, [...columns, note])
})

test('what adds no column leaves the columns alone, whoever has more', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [1])
  await addNote(store, 'x')
  assert.deepEqual(withColumns(await table.snapshot(), columns), {})
  await addNote(store, 'y')
  assert.equal(
    (await commitLines(store, root, 2)).some((line) => line.metaData),
    false,
  )
})

/** Lets another writer commit just before the first commit of this one lands. */
function overtaken(store: ObjectStore, meanwhile: () => Promise<unknown>): ObjectStore {
  let first = true
  return {
    ...store,
    async create(path, bytes) {
      if (first && /\d{20}\.json$/.test(path)) {
        first = false
        await meanwhile()
      }
      return store.create(path, bytes)
    },
  }
}

test('a writer that loses to a new column is staged again on it: rows without it stand, the same column is added once', async () => {
  const store = memoryStore()
  await append(openTable(store, root, quietEffects()), 'a', [1])
  const slow = openTable(
    overtaken(store, () => addNote(store, 'first')),
    root,
    quietEffects(),
  )
  assert.equal(await append(slow, 'c', [2]), 2)
  const table = openTable(store, root, quietEffects())
  const snapshot = await table.snapshot()
  assert.ok(snapshot)
  assert.deepEqual(
    (await rowsOf(store, root, snapshot)).map(({ note: text }) => text),
    [null, 'first', null],
  )

  const later: Column = { name: 'later', type: 'string' }
  const twin = overtaken(store, () => addNote(store, 'theirs', later))
  assert.equal(await addNote(twin, 'ours', later), 4)
  assert.equal(
    (await commitLines(store, root, 4)).some((line) => line.metaData),
    false,
  )
  assert.deepEqual(
    (await table.snapshot())?.columns.map(({ name }) => name),
    ['writer', 'n', 'note', 'later'],
  )
})

test('a writer that loses to a column of the same name and another type is refused, by the column, and nothing of it stands', async () => {
  const store = memoryStore()
  await append(openTable(store, root, quietEffects()), 'a', [1])
  const long: Column = { name: 'note', type: 'long' }
  const slow = openTable(
    overtaken(store, () => addNote(store, 'first')),
    root,
    quietEffects(),
  )
  const file = await slow.writeFile(writeParquet([...columns, long], [['c'], [3], [7]], 1))
  const staged: (readonly string[])[] = []
  const commit = (wanted: (newest: Parameters<typeof withColumns>[0]) => ReturnType<typeof withColumns>) =>
    slow.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage(newest) {
        staged.push(newest?.columns.map(({ name }) => name) ?? [])
        return changing({ ...wanted(newest), add: [file] })
      },
    })
  await assert.rejects(
    commit(() => ({ columns: [...columns, long] })),
    isFault('lake/schema', 'note is string and was to become note long'),
  )
  assert.deepEqual(staged, [
    ['writer', 'n'],
    ['writer', 'n', 'note'],
  ])
  await assert.rejects(
    commit((newest) => withColumns(newest, [...columns, long])),
    isFault('lake/bad-file', 'column note is long there and string in the table'),
  )
  const table = openTable(store, root, quietEffects())
  assert.equal((await table.snapshot())?.version, 1)
})

test('what is not an addition is refused by name: a column gone, another type, another case', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [1])
  const change = async (wanted: readonly Column[]) => {
    const file = await writeRows(table, 'a', [2])
    return table.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: () => changing({ columns: wanted, add: [file] }),
    })
  }
  await assert.rejects(change(columns.slice(0, 1)), isFault('lake/schema', 'column n is gone'))
  await assert.rejects(change([columns[0], { name: 'n', type: 'string' }]), isFault('lake/schema', 'n is long'))
  await assert.rejects(change([columns[0], { name: 'N', type: 'long' }]), isFault('lake/schema', 'N long'))
  assert.equal((await table.snapshot())?.version, 0)
})

test('what another writer noted of a column stays when one is added', async () => {
  const store = memoryStore()
  await append(openTable(store, root, quietEffects()), 'a', [1])
  const path = `${root}/_delta_log/${'0'.repeat(20)}.json`
  const text = new TextDecoder().decode(await store.read(path))
  const noted = text.replace(
    String.raw`\"name\":\"writer\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}`,
    String.raw`\"name\":\"writer\",\"type\":\"string\",\"nullable\":true,\"metadata\":{\"__CHAR_VARCHAR_TYPE_STRING\":\"varchar(9)\"}`,
  )
  assert.notEqual(noted, text)
  await store.replace(path, new TextEncoder().encode(noted))
  await addNote(store, 'x')
  const metaData = (await commitLines(store, root, 1)).find((line) => line.metaData)?.metaData
  assert.deepEqual(JSON.parse(String(metaData?.schemaString)).fields, [
    { name: 'writer', type: 'string', nullable: true, metadata: { __CHAR_VARCHAR_TYPE_STRING: 'varchar(9)' } },
    { name: 'n', type: 'long', nullable: true, metadata: {} },
    { name: 'note', type: 'string', nullable: true, metadata: {} },
  ])
})
