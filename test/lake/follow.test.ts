import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CommitRequest, DataFile } from '#lake'
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from './table.ts'

const root = 't'
const commitOf = (version: number) => `${root}/_delta_log/${String(version).padStart(20, '0')}.json`
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

/** A table of `commits` commits, one number each, made by another process. */
async function grown(store: ObjectStore, commits: number): Promise<void> {
  const table = openTable(store, root, quietEffects())
  const from = ((await table.snapshot())?.version ?? -1) + 1
  for (let n = from; n < from + commits; n += 1) await append(table, 'a', [n])
  await table.settled()
}

const dayMs = 24 * 3_600_000

const adding = (file: DataFile): CommitRequest => ({
  ...{ operation: 'WRITE', blindAppend: true },
  stage: () => changing({ add: [file] }),
})

test('a table that was removed and made anew is seen as the new one, though it has grown beyond the old', async () => {
  const store = memoryStore()
  await grown(store, 3)
  const table = openTable(store, root, quietEffects())
  const old = await table.snapshot()
  for (const path of await pathsIn(store, root)) await store.remove(path)
  const other = openTable(store, root, quietEffects())
  for (const n of [70, 71, 72, 73, 74]) await append(other, 'b', [n])
  const snapshot = await table.snapshot()
  assert.notEqual(snapshot?.id, old?.id)
  assert.deepEqual(await numbersOf(store, root, snapshot), [70, 71, 72, 73, 74])
  assert.equal(await append(table, 'b', [75]), 5)
})

test('a log that was cleaned behind a reader is read anew, and written at its end', async () => {
  const store = memoryStore()
  await grown(store, 4)
  const table = openTable(store, root, quietEffects())
  await table.snapshot()
  await grown(store, 26)
  for (const version of upTo(20)) await store.remove(commitOf(version))
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), upTo(30))
  assert.equal(await append(table, 'a', [30]), 30)
})

test('who was away for long does not take a number that was cleaned away for the next', async () => {
  for (const [configuration, awayMs] of [
    [{}, 11 * 60_000],
    [{ 'delta.logRetentionDuration': 'interval 1 minute' }, 31_000],
  ] as const) {
    const store = memoryStore()
    let nowMs = 1_800_000_000_000
    const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
    const first = await writeRows(table, 'a', [0])
    const stage = () => changing({ columns, configuration, add: [first] })
    await table.commit({ operation: 'WRITE', blindAppend: true, stage })
    await grown(store, 29)
    // A cleaner that died half way: what this reader knows still stands, what follows it does not.
    for (const version of upTo(19)) await store.remove(commitOf(version + 1))
    nowMs += awayMs
    assert.equal((await table.snapshot())?.version, 29)
    assert.equal(await append(table, 'a', [30]), 30)
  }
})

test('a stage that takes long is made again where the log moved on meanwhile', async () => {
  const store = memoryStore()
  await grown(store, 4)
  let nowMs = 1_800_000_000_000
  const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
  const file = await writeRows(table, 'a', [30])
  const staged: (number | undefined)[] = []
  const { version } = await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    async stage(newest) {
      staged.push(newest?.version)
      if (staged.length > 1) return changing({ add: [file] })
      await grown(store, 26)
      for (const old of upTo(20)) await store.remove(commitOf(old))
      nowMs += 3_600_000
      return changing({ add: [file] })
    },
  })
  assert.deepEqual(staged, [3, 29])
  assert.equal(version, 30)
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), upTo(31))
})

test('a commit does not wait for its checkpoint, and there is one checkpoint at a time', async () => {
  const store = memoryStore()
  let underWay = 0
  let most = 0
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const slow: ObjectStore = {
    ...store,
    async create(path, bytes) {
      if (!path.includes('.checkpoint.')) return store.create(path, bytes)
      underWay += 1
      most = Math.max(most, underWay)
      await held
      underWay -= 1
      return store.create(path, bytes)
    },
  }
  const table = openTable(slow, root, quietEffects())
  for (const n of upTo(45)) await append(table, 'a', [n])
  assert.equal(underWay, 1)
  release()
  await table.settled()
  await append(table, 'a', [45])
  await table.settled()
  assert.equal(most, 1)
  const checkpoints = (await pathsIn(store, root)).filter((path) => path.includes('.checkpoint.'))
  assert.deepEqual(
    checkpoints.map((path) => Number(path.slice(-38, -19))),
    [10, 45],
  )
  assert.deepEqual(await numbersOf(store, root, await openTable(store, root, quietEffects()).snapshot()), upTo(46))
})

test('a checkpoint that another process wrote is not written once more', async () => {
  const store = memoryStore()
  await grown(store, 8)
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [8])
  await grown(store, 4)
  await append(table, 'a', [13])
  await table.settled()
  const checkpoints = (await pathsIn(store, root)).filter((path) => path.includes('.checkpoint.'))
  assert.equal(checkpoints.length, 1)
})

test('a table is made with properties, keeps them, and does without those that it could not hold to', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  const make = async (configuration: Record<string, string>) => {
    const file = await writeRows(table, 'a', [0])
    await table.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: () => changing({ columns, configuration, add: [file] }),
    })
  }
  for (const [name, value] of [
    ['delta.enableDeletionVectors', 'true'],
    ['delta.checkpointInterval', '0'],
    ['delta.logRetentionDuration', 'a while'],
    ['delta.appendOnly', 'yes'],
  ] as const) {
    await assert.rejects(make({ [name]: value }), (error) => {
      assert.ok(error instanceof Fault)
      assert.equal(error.code, 'lake/unsupported')
      assert.match(error.message, new RegExp(name))
      return true
    })
  }
  const configuration = {
    'delta.checkpointInterval': '3',
    'delta.deletedFileRetentionDuration': 'interval 1 hours',
    'delta.logRetentionDuration': 'interval 30 days',
    'fairlead.stream': 'yes',
  }
  await make(configuration)
  await make({ 'delta.checkpointInterval': '100' })
  assert.deepEqual((await table.snapshot())?.configuration, configuration)
  await make({})
  await make({})
  await table.settled()
  const checkpoints = (await pathsIn(store, root)).filter((path) => path.includes('.checkpoint.'))
  assert.equal(checkpoints.length, 1)
})

test('a file that was written so long before its commit that it may be cleaned up is not named by it', async () => {
  const store = memoryStore()
  let nowMs = 1_800_000_000_000
  const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
  await append(table, 'a', [0])
  const [young, old] = [await writeRows(table, 'a', [1]), await writeRows(table, 'a', [2])]
  const isGone = (error: unknown) => error instanceof Fault && error.code === 'lake/upload-gone' && error.retry
  nowMs += 3 * dayMs
  await table.commit(adding(young))
  nowMs += dayMs
  await assert.rejects(table.commit(adding(old)), isGone)
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [0, 1])
})

test('where removed files are kept for no time at all, an upload may be named for as long as it is there', async () => {
  const store = memoryStore()
  let nowMs = 1_800_000_000_000
  const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
  const configuration = { 'delta.deletedFileRetentionDuration': 'interval 0 days' }
  const stage = () => changing({ columns, configuration })
  await table.commit({ operation: 'CREATE TABLE', blindAppend: true, stage })
  const [kept, lost] = [await writeRows(table, 'a', [1]), await writeRows(table, 'a', [2])]
  nowMs += 1_000
  await table.commit(adding(kept))
  await store.remove(`${root}/${lost.path}`)
  await assert.rejects(table.commit(adding(lost)), { code: 'lake/upload-gone' })
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [1])
})
