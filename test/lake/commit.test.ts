import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable } from '#lake'
import type { ObjectStore, PlatformEvent } from '#port'
import { Fault } from '#port'
import { localStore, memoryStore } from '#storage'
import { forgetfulDisk } from '../../sim/disk.ts'
import { Died, storeDyingAt, storeFailingAt, storeFullAt, storeLosingAnswerAt } from '../storage/doubles.ts'
import { quietEffects } from './effects.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from './table.ts'

const root = 'bronze/thing'

/** Three batches, each of which lands once however often it is tried: the txn says how far the table is. */
async function land(store: ObjectStore): Promise<void> {
  const table = openTable(store, root, quietEffects())
  for (let batch = 0; batch < 3; batch += 1) {
    if (((await table.snapshot())?.txns.get('land') ?? 0) > batch) continue
    const file = await writeRows(table, 'a', [batch])
    await table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage(newest) {
        if ((newest?.txns.get('land') ?? 0) > batch) return undefined
        return changing({ ...(newest ? {} : { columns }), add: [file], txns: [{ appId: 'land', version: batch + 1 }] })
      },
    })
  }
}

async function check(store: ObjectStore, complete: boolean): Promise<void> {
  const table = openTable(store, root, quietEffects())
  const snapshot = await table.snapshot()
  const numbers = await numbersOf(store, root, snapshot)
  assert.deepEqual(numbers, [0, 1, 2].slice(0, complete ? 3 : numbers.length))
  assert.equal(snapshot?.txns.get('land') ?? 0, numbers.length)
  const commits = (await pathsIn(store, `${root}/_delta_log/`)).filter((path) => path.endsWith('.json'))
  assert.equal(commits.length, numbers.length)
}

/** Writes of a quiet run: a file and a commit for each batch. */
const writes = 6

for (let n = 1; n <= writes; n += 1) {
  test(`a store that fails at write ${n} leaves a table that reads, and the next run ends as a quiet one`, async () => {
    const store = memoryStore()
    await assert.rejects(
      land(storeFailingAt(store, n)),
      (error) => error instanceof Fault && error.code === 'store/damaged',
    )
    await check(store, false)
    await land(store)
    await check(store, true)
  })

  test(`a store that is full from write ${n} on says so, and the next run with room ends as a quiet one`, async () => {
    const store = memoryStore()
    await assert.rejects(land(storeFullAt(store, n)), (error) => error instanceof Fault && error.code === 'store/full')
    await check(store, false)
    await land(store)
    await check(store, true)
  })

  test(`weather at write ${n} is waited out, and told`, async () => {
    const store = memoryStore()
    const told: PlatformEvent[] = []
    const flaky = storeFailingAt(store, n, { retry: true })
    const table = openTable(flaky, root, quietEffects({ report: (event) => told.push(event) }))
    for (const batch of [0, 1, 2]) await append(table, 'a', [batch], [{ appId: 'land', version: batch + 1 }])
    await check(store, true)
    const kinds = told.map(({ kind }) => kind).sort()
    assert.deepEqual(kinds, ['lake/committed', 'lake/committed', 'lake/committed', 'retry'])
  })

  test(`the lost answer of write ${n}, which landed, is settled by reading it back: nothing is there twice`, async () => {
    const store = memoryStore()
    await land(storeLosingAnswerAt(store, n))
    await check(store, true)
    assert.equal((await pathsIn(store, root)).length, writes)
  })

  for (const when of ['before', 'after'] as const) {
    test(`a process that dies ${when} write ${n} loses nothing and doubles nothing`, async () => {
      const store = memoryStore()
      await assert.rejects(land(storeDyingAt(store, n, when)), Died)
      await check(store, false)
      await land(store)
      await check(store, true)
    })
  }
}

test('a lost answer to a commit that changes by reading is not made twice either', async () => {
  const store = memoryStore()
  await append(openTable(store, root, quietEffects()), 'a', [1])
  // No txn guards this one: only the commit's own id can tell.
  const table = openTable(storeLosingAnswerAt(store, 2), root, quietEffects())
  const file = await writeRows(table, 'b', [2])
  let staged = 0
  const outcome = await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage() {
      staged += 1
      return changing({ add: [file] })
    },
  })
  assert.deepEqual(outcome, { outcome: 'committed', version: 1 })
  assert.equal(staged, 1)
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [1, 2])
  assert.equal((await table.snapshot())?.version, 1)
})

test('a store that tries again by itself and then says exists is believed only after a look', async () => {
  const store = memoryStore()
  const echoing: ObjectStore = {
    ...store,
    async create(path, bytes) {
      await store.create(path, bytes)
      return 'exists'
    },
  }
  const table = openTable(echoing, root, quietEffects())
  assert.equal(await append(table, 'a', [1]), 0)
  assert.equal(await append(table, 'a', [2]), 1)
  assert.deepEqual(await numbersOf(store, root, await table.snapshot()), [1, 2])
})

test('a commit whose call failed after it was made counts only once it is synced', async () => {
  const disk = forgetfulDisk()
  let syncs = 0
  const store = localStore('/lake', {
    ...disk,
    async syncFolder(folder) {
      if (folder.endsWith('_delta_log')) syncs += 1
      if (syncs === 1) throw Object.assign(new Error('busy'), { code: 'EBUSY' })
      await disk.syncFolder(folder)
    },
  })
  const table = openTable(store, root, quietEffects())
  const request = { operation: 'CREATE TABLE', blindAppend: true, stage: () => changing({ columns }) }
  assert.deepEqual(await table.commit(request), { outcome: 'committed', version: 0 })
  disk.crash()
  assert.equal((await openTable(store, root, quietEffects()).snapshot())?.version, 0)
})

test('an answer lost to another writer’s commit at the same version is a lost race, not ours', async () => {
  const store = memoryStore()
  const other = openTable(store, root, quietEffects())
  await append(other, 'a', [0])
  let raced = false
  const racing: ObjectStore = {
    ...store,
    async create(path, bytes) {
      if (path.includes('_delta_log') && !raced) {
        raced = true
        await append(other, 'b', [1])
        throw new Fault('store/unreachable', 'no answer', { mend: 'again', retry: true })
      }
      return store.create(path, bytes)
    },
  }
  assert.equal(await append(openTable(racing, root, quietEffects()), 'c', [2]), 2)
  assert.deepEqual(await numbersOf(store, root, await other.snapshot()), [0, 1, 2])
})

test('a store that stays away is given up with its own fault, which may be tried again', async () => {
  const store = memoryStore()
  const away: ObjectStore = {
    ...store,
    create: async () => {
      throw new Fault('store/unreachable', 'away', { mend: 'wait', retry: true })
    },
  }
  await assert.rejects(
    append(openTable(away, root, quietEffects()), 'a', [1]),
    (error) => error instanceof Fault && error.code === 'store/unreachable' && error.retry,
  )
})

test('a writer that never wins gives up as contended, to be tried again', async () => {
  const store = memoryStore()
  const winner = openTable(store, root, quietEffects())
  await append(winner, 'a', [0])
  const table = openTable(store, root, quietEffects())
  const file = await writeRows(table, 'b', [1])
  const one = await writeRows(winner, 'a', [0])
  await assert.rejects(
    table.commit({
      operation: 'WRITE',
      blindAppend: true,
      async stage() {
        // Another commit lands between every staging and its own.
        await winner.commit({
          operation: 'WRITE',
          blindAppend: false,
          stage: (newest) =>
            changing({ add: [{ ...one, path: `${newest?.version}.parquet` }], remove: newest?.files ?? [] }),
        })
        return changing({ add: [file] })
      },
    }),
    (error) => error instanceof Fault && error.code === 'lake/contended' && error.retry,
  )
})

test('failpoints are met after the deed they name', async () => {
  const store = memoryStore()
  const met: string[] = []
  const failpoint = (name: string) => {
    met.push(name)
  }
  const table = openTable(store, root, quietEffects({ failpoint }))
  for (let i = 0; i <= 10; i += 1) await append(table, 'a', [i])
  await table.settled()
  assert.deepEqual(met.slice(0, 2), ['lake/data-written', 'lake/commit-created'])
  assert.equal(met.filter((name) => name === 'lake/checkpoint-written').length, 1)
  const dying = openTable(
    store,
    root,
    quietEffects({
      failpoint: (name) => {
        if (name === 'lake/commit-created') throw new Died()
      },
    }),
  )
  await assert.rejects(append(dying, 'a', [11]), Died)
  assert.equal((await numbersOf(store, root, await table.snapshot())).length, 12)
})

test('a commit that stands is told with what it did, and one that was not needed is not', async () => {
  const store = memoryStore()
  const events: PlatformEvent[] = []
  let nowMs = 1_000
  const report = (event: PlatformEvent) => void events.push(event)
  const table = openTable(store, root, quietEffects({ report, nowMs: () => nowMs }))
  const first = await writeRows(table, 'a', [1, 2, 3])
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ columns, add: [first] }) })
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => undefined })
  const second = await writeRows(table, 'a', [4])
  let races = 2
  await table.commit({
    operation: 'MERGE',
    blindAppend: false,
    async stage() {
      nowMs += 10
      if (races > 0) {
        races -= 1
        const other = openTable(store, root, quietEffects())
        const file = await writeRows(other, 'a', [9])
        await other.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ add: [file] }) })
      }
      return changing({ add: [second], remove: [first] })
    },
  })
  assert.deepEqual(events, [
    {
      ...{ kind: 'lake/committed', table: root, operation: 'WRITE', version: 0, tookMs: 0 },
      ...{ files: 1, removed: 0, sizeBytes: first.sizeBytes, rows: 3, lostRaces: 0 },
    },
    {
      ...{ kind: 'lake/committed', table: root, operation: 'MERGE', version: 3, tookMs: 30 },
      ...{ files: 1, removed: 1, sizeBytes: second.sizeBytes, rows: 1, lostRaces: 2 },
    },
  ])
})
