import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLakeFormat } from '#lake'
import { Fault } from '#port'
import { memoryStore } from '#storage'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('an empty store becomes a lake, and is one from then on', async () => {
  const store = memoryStore()
  assert.deepEqual(await openLakeFormat(store), { version: 1 })
  assert.deepEqual(JSON.parse(new TextDecoder().decode(await store.read('format.json'))), {
    format: 'fairlead-lake',
    version: 1,
  })
  await store.create('bronze/x/a', bytes('x'))
  assert.deepEqual(await openLakeFormat(store), { version: 1 })
})

test('of several that make the lake at once all find the same one', async () => {
  const store = memoryStore()
  const found = await Promise.all([openLakeFormat(store), openLakeFormat(store), openLakeFormat(store)])
  assert.deepEqual(found, [{ version: 1 }, { version: 1 }, { version: 1 }])
})

test('a folder of something else is left alone, naming what it holds', async () => {
  const store = memoryStore()
  await store.create('holiday.jpg', bytes('x'))
  await assert.rejects(
    openLakeFormat(store),
    (error) =>
      error instanceof Fault &&
      error.code === 'lake/not-a-lake' &&
      error.message.includes('holiday.jpg') &&
      error.mend !== '',
  )
  assert.equal(await store.read('format.json'), undefined)
})

test('a lake of a newer format is refused by number', async () => {
  const store = memoryStore()
  await store.create('format.json', bytes('{"format":"fairlead-lake","version":2}'))
  await assert.rejects(
    openLakeFormat(store),
    (error) =>
      error instanceof Fault &&
      error.code === 'lake/newer-format' &&
      error.message.includes('format 2') &&
      error.mend !== '',
  )
})

test('a mark that cannot be read is damage', async () => {
  for (const mark of [
    '',
    '{',
    '[]',
    '{"format":"other","version":1}',
    '{"format":"fairlead-lake"}',
    '{"format":"fairlead-lake","version":0}',
  ]) {
    const store = memoryStore()
    await store.create('format.json', bytes(mark))
    await assert.rejects(
      openLakeFormat(store),
      (error) => error instanceof Fault && error.code === 'lake/damaged',
      mark,
    )
  }
})
