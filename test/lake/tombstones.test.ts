import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable } from '#lake'
import { openParquet } from '#parquet'
import type { ObjectStore } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, numbersOf, writeRows } from './table.ts'

const root = 't'
const checkpoint = (version: number) => `${root}/_delta_log/${String(version).padStart(20, '0')}.checkpoint.parquet`
const dayMs = 24 * 3600 * 1000
const startMs = Date.UTC(2025, 0, 1)

/** As a process of its own would do it: opens, takes away all files but one new, writes a checkpoint. */
async function replaceAll(store: ObjectStore, n: number, nowMs = startMs): Promise<readonly string[]> {
  const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
  const file = await writeRows(table, 'a', [n])
  let removed: readonly string[] = []
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage(newest) {
      removed = newest?.files.map(({ path }) => path) ?? []
      return changing({ add: [file], remove: newest?.files ?? [] })
    },
  })
  await table.checkpoint()
  return removed
}

async function removesOf(store: ObjectStore, version: number): Promise<readonly string[]> {
  const file = await openParquet((await store.read(checkpoint(version))) ?? new Uint8Array(), 'checkpoint')
  const rows = await file.read({ columns: ['remove'] })
  return rows.flatMap(({ remove }) => (remove === null ? [] : [String(Reflect.get(Object(remove), 'path'))])).sort()
}

async function begun(store: ObjectStore): Promise<void> {
  await append(openTable(store, root, quietEffects({ nowMs: () => startMs })), 'a', [0])
}

test('removes that stand in a checkpoint come through the next ones, each written by another process, until they expire', async () => {
  const store = memoryStore()
  await begun(store)
  const gone: string[] = []
  for (let n = 1; n <= 4; n += 1) gone.push(...(await replaceAll(store, n)))
  assert.equal(gone.length, 4)
  assert.deepEqual(await removesOf(store, 4), [...gone].sort())
  const late = await replaceAll(store, 5, startMs + 8 * dayMs)
  assert.deepEqual(await removesOf(store, 5), late)
  assert.deepEqual(await numbersOf(store, root, await openTable(store, root, quietEffects()).snapshot()), [5])
})

test('one process that writes checkpoint after checkpoint leaves each remove in all of them, and none twice', async () => {
  const store = memoryStore()
  await begun(store)
  const table = openTable(store, root, quietEffects({ nowMs: () => startMs }))
  const gone: string[] = []
  for (let n = 1; n <= 4; n += 1) {
    const file = await writeRows(table, 'a', [n])
    await table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage(newest) {
        gone.push(...(newest?.files.map(({ path }) => path) ?? []))
        return changing({ add: [file], remove: newest?.files ?? [] })
      },
    })
    await table.checkpoint()
    assert.deepEqual(await removesOf(store, n), [...gone].sort())
  }
})

test('a file that came back is no longer removed, and one that went again is removed once', async () => {
  const store = memoryStore()
  await begun(store)
  const [path] = await replaceAll(store, 1)
  const table = openTable(store, root, quietEffects({ nowMs: () => startMs }))
  const back = (await table.snapshotAt(0)).files
  const change = async (of: Parameters<typeof changing>[0]) =>
    table.commit({ operation: 'WRITE', blindAppend: false, stage: () => changing(of) })
  await change({ add: back })
  await table.checkpoint()
  assert.deepEqual(await removesOf(store, 2), [])
  await change({ remove: back })
  await openTable(store, root, quietEffects({ nowMs: () => startMs })).checkpoint()
  assert.deepEqual(await removesOf(store, 3), [path])
})

test('the checkpoint that a table was opened from may be cleaned up meanwhile: a later one has its removes', async () => {
  const store = memoryStore()
  await begun(store)
  const gone = [...(await replaceAll(store, 1))]
  const opened = openTable(store, root, quietEffects({ nowMs: () => startMs }))
  await opened.snapshot()
  gone.push(...(await replaceAll(store, 2)))
  await store.remove(checkpoint(1))
  assert.deepEqual([...((await opened.filesNeededSince(startMs)) ?? [])].sort().length, 3)
  for (const path of gone) assert.ok((await opened.filesNeededSince(startMs))?.has(path))
  await append(opened, 'a', [3])
  assert.equal(await opened.checkpoint(), 3)
  assert.deepEqual(await removesOf(store, 3), gone.sort())
})

test('clean-up may go on while a checkpoint is looked for in place of one that is gone', async () => {
  const store = memoryStore()
  await begun(store)
  const gone = [...(await replaceAll(store, 1))]
  let isCleaned = false
  const cleanedMeanwhile: ObjectStore = {
    ...store,
    async read(path, ...rest) {
      if (path === checkpoint(3) && !isCleaned) {
        isCleaned = true
        await replaceAll(store, 4)
        await store.remove(path)
      }
      return store.read(path, ...rest)
    },
  }
  const opened = openTable(cleanedMeanwhile, root, quietEffects({ nowMs: () => startMs }))
  await opened.snapshot()
  await replaceAll(store, 2)
  await replaceAll(store, 3)
  await store.remove(checkpoint(1))
  const needed = await opened.filesNeededSince(startMs)
  for (const path of gone) assert.ok(needed?.has(path))
  assert.ok(isCleaned)
})

test('removes have row groups of their own, so that who opens the table can pass them by', async () => {
  const store = memoryStore()
  await begun(store)
  await replaceAll(store, 1)
  const bytes = (await store.read(checkpoint(1))) ?? new Uint8Array()
  const file = await openParquet(bytes, 'checkpoint')
  assert.deepEqual(
    file.groupStarts.map((_, group) => [file.mayHold(group, 'add'), file.mayHold(group, 'remove')]),
    [
      [true, false],
      [false, true],
    ],
  )
})
