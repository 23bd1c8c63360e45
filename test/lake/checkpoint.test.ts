import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openTable } from '#lake'
import type { Value } from '#parquet'
import { openParquet } from '#parquet'
import type { ObjectStore, PlatformEvent } from '#port'
import { Fault } from '#port'
import { localStore, memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { isFault } from './fault.ts'
import { append, changing, numbersOf, pathsIn, writeRows } from './table.ts'

const root = 't'
const log = `${root}/_delta_log/`
const name = (version: number, rest: string) => `${log}${String(version).padStart(20, '0')}.${rest}`
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes)

async function grown(store: ObjectStore, commits: number): Promise<void> {
  const table = openTable(store, root, quietEffects())
  for (let i = 0; i < commits; i += 1) {
    await append(table, 'a', [i], [{ appId: `app ${i % 3}`, version: i }])
    await table.settled()
  }
}

async function checkpointRows(
  store: ObjectStore,
  version: number,
): Promise<readonly Readonly<Record<string, Value>>[]> {
  const bytes = await store.read(name(version, 'checkpoint.parquet'))
  assert.ok(bytes)
  return (await openParquet(bytes, 'checkpoint')).read()
}

test('every tenth commit leaves a checkpoint: all files, all txns, one protocol, one metaData, no commitInfo', async () => {
  const store = memoryStore()
  await grown(store, 25)
  const checkpoints = (await pathsIn(store, log)).filter((path) => path.includes('checkpoint.parquet'))
  assert.deepEqual(checkpoints, [name(10, 'checkpoint.parquet'), name(20, 'checkpoint.parquet')])
  const hint = JSON.parse(text(await store.read(`${log}_last_checkpoint`)))
  const bytes = await store.read(name(20, 'checkpoint.parquet'))
  assert.deepEqual(hint, { version: 20, size: 26, sizeInBytes: bytes?.length, numOfAddFiles: 21 })

  const rows = await checkpointRows(store, 20)
  const count = (kind: string) => rows.filter((row) => row[kind] !== null).length
  assert.deepEqual(Object.keys(rows[0] ?? {}), ['txn', 'add', 'remove', 'metaData', 'protocol'])
  assert.deepEqual(
    [count('protocol'), count('metaData'), count('txn'), count('add'), count('remove')],
    [1, 1, 3, 21, 0],
  )
  assert.deepEqual(
    rows
      .flatMap(({ txn }) => (txn === null ? [] : [txn]))
      .map((txn) => (typeof txn === 'object' ? Reflect.get(txn ?? {}, 'version') : 0)),
    [18, 19, 20],
  )
})

test('a table opens from its checkpoint and tail alone, as if nothing had been cleaned up', async () => {
  const store = memoryStore()
  await grown(store, 25)
  const whole = await openTable(store, root, quietEffects()).snapshot()
  for (let version = 0; version < 20; version += 1) await store.remove(name(version, 'json'))
  await store.remove(name(10, 'checkpoint.parquet'))
  const table = openTable(store, root, quietEffects())
  const snapshot = await table.snapshot()
  assert.equal(snapshot?.version, 24)
  assert.deepEqual(snapshot?.txns, whole?.txns)
  assert.deepEqual(snapshot?.columns, whole?.columns)
  assert.deepEqual(
    new Map(snapshot?.files.map((file) => [file.path, file])),
    new Map(whole?.files.map((file) => [file.path, file])),
  )
  assert.equal((await table.snapshotAt(20)).files.length, 21)
  assert.equal(typeof (await table.snapshotAt(20)).committedMs, 'number')
  await assert.rejects(table.snapshotAt(15), (error) => error instanceof Fault)
  assert.equal(await append(table, 'a', [25]), 25)
})

test('the hint is only a hint: missing, noise, stale, too new or about what is gone', async () => {
  for (const hint of [
    undefined,
    'noise',
    '',
    '{}',
    '{"version":"x"}',
    '{"version":10}',
    '{"version":0}',
    '{"version":15}',
    '{"version":999}',
    '[1]',
    'null',
  ]) {
    const store = memoryStore()
    await grown(store, 25)
    const path = `${log}_last_checkpoint`
    if (hint === undefined) await store.remove(path)
    else await store.replace(path, new TextEncoder().encode(hint))
    const table = openTable(store, root, quietEffects())
    assert.equal((await numbersOf(store, root, await table.snapshot())).length, 25, `hint ${hint}`)
    assert.equal((await table.snapshotAt(3)).files.length, 4)
    for (let i = 25; i <= 30; i += 1) await append(table, 'a', [i])
    assert.equal((await numbersOf(store, root, await table.snapshot())).length, 31)
  }
})

test('the hint never moves back', async () => {
  const store = memoryStore()
  await grown(store, 9)
  await store.replace(`${log}_last_checkpoint`, new TextEncoder().encode('{"version":500,"size":1}'))
  const table = openTable(store, root, quietEffects())
  for (let i = 0; i < 5; i += 1) await append(table, 'a', [i])
  await table.settled()
  assert.ok(await store.read(name(10, 'checkpoint.parquet')))
  assert.equal(JSON.parse(text(await store.read(`${log}_last_checkpoint`))).version, 500)
})

test('a checkpoint that is cleaned up between its listing and its reading is passed over for what stands then', async () => {
  const store = memoryStore()
  const writer = openTable(store, root, quietEffects())
  for (const n of [0, 1, 2]) await append(writer, 'a', [n])
  assert.equal(await writer.checkpoint(), 2)
  const old = name(2, 'checkpoint.parquet')
  const cleanedMeanwhile: ObjectStore = {
    ...store,
    async read(path, ...rest) {
      if (path === old) for (const gone of [0, 1, 2].map((version) => name(version, 'json'))) await store.remove(gone)
      if (path === old) await store.remove(old)
      return store.read(path, ...rest)
    },
  }
  for (const n of [3, 4]) await append(writer, 'a', [n])
  const reader = openTable(cleanedMeanwhile, root, quietEffects())
  const later = openTable(store, root, quietEffects())
  assert.equal(await later.checkpoint(), 4)
  await store.remove(`${log}_last_checkpoint`)
  await assert.rejects(reader.snapshotAt(3), isFault('lake/no-version'))
  assert.equal((await reader.snapshot())?.version, 4)
})

test('removed files stand as tombstones for a week, then not', async () => {
  const store = memoryStore()
  let nowMs = Date.UTC(2025, 0, 1)
  const table = openTable(store, root, quietEffects({ nowMs: () => nowMs }))
  await append(table, 'a', [0])
  const replace = async (n: number) => {
    const file = await writeRows(table, 'a', [n])
    await table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage: (s) => changing({ add: [file], remove: s?.files ?? [] }),
    })
  }
  for (let n = 1; n <= 5; n += 1) await replace(n)
  nowMs += 8 * 24 * 3600 * 1000
  for (let n = 6; n <= 10; n += 1) await replace(n)
  await table.settled()
  const rows = await checkpointRows(store, 10)
  const removes = rows.filter(({ remove }) => remove !== null)
  assert.equal(removes.length, 5)
  const [first] = removes
  assert.equal(JSON.parse(JSON.stringify(first)).remove.deletionTimestamp, nowMs)
  assert.equal(rows.filter(({ add }) => add !== null).length, 1)
  assert.deepEqual(await numbersOf(store, root, await openTable(store, root, quietEffects()).snapshot()), [10])
})

test('a checkpoint that cannot be written is told and fails no commit; the next commit tries again', async () => {
  const store = memoryStore()
  let broken = true
  const picky: ObjectStore = {
    ...store,
    create: async (path, bytes) => {
      if (broken && path.includes('.checkpoint.')) throw new Fault('store/full', 'No space.', { mend: 'Free space.' })
      return store.create(path, bytes)
    },
  }
  const told: PlatformEvent[] = []
  const table = openTable(picky, root, quietEffects({ report: (event) => told.push(event) }))
  for (let i = 0; i <= 11; i += 1) {
    await append(table, 'a', [i])
    await table.settled()
  }
  assert.deepEqual(
    told.flatMap((event) =>
      event.kind === 'lake/committed' ? [] : event.kind === 'fault' ? event.fault.code : event.kind,
    ),
    ['store/full', 'store/full'],
  )
  broken = false
  await append(table, 'a', [12])
  await table.settled()
  assert.ok(await store.read(name(12, 'checkpoint.parquet')))
  assert.equal((await numbersOf(store, root, await table.snapshot())).length, 13)
})

test('a checkpoint that cannot be read is named', async () => {
  const store = memoryStore()
  await grown(store, 12)
  await store.replace(name(10, 'checkpoint.parquet'), new TextEncoder().encode('noise'))
  await assert.rejects(
    openTable(store, root, quietEffects()).snapshot(),
    (error) =>
      error instanceof Fault && error.code === 'lake/damaged' && error.message.includes('10.checkpoint.parquet'),
  )
})

test('half a multi-part checkpoint counts for nothing', async () => {
  const store = memoryStore()
  await grown(store, 5)
  await store.create(name(3, 'checkpoint.0000000001.0000000002.parquet'), new Uint8Array([1]))
  assert.equal((await openTable(store, root, quietEffects()).snapshot())?.files.length, 5)
})

test('two thousand commits on disk: the log is walked from its newest checkpoint, in little time', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-lake-'))
  try {
    // Commits land in memory, where they cost no fsync, and are read from disk.
    const memory = memoryStore()
    const writer = openTable(memory, root, quietEffects())
    const file = await writeRows(writer, 'a', [0])
    for (let i = 0; i < 2000; i += 1) {
      await writer.commit({
        operation: 'WRITE',
        blindAppend: true,
        stage: (s) =>
          changing({
            ...(s
              ? {}
              : {
                  columns: [
                    { name: 'writer', type: 'string' },
                    { name: 'n', type: 'long' },
                  ],
                }),
            add: [{ ...file, path: `${i}.parquet` }],
            txns: [{ appId: 'a', version: i }],
          }),
      })
    }
    const counted = { reads: 0, bytes: 0, listings: 0 }
    const disk = localStore(folder)
    for await (const { path } of memory.list(log)) {
      const version = Number(path.slice(log.length, log.length + 20))
      if (version < 1980 && !path.includes('_last')) continue // what is older is not looked at; see below
      await disk.create(path, (await memory.read(path)) ?? new Uint8Array())
    }
    const counting: ObjectStore = {
      ...disk,
      async read(path) {
        const bytes = await disk.read(path)
        counted.reads += bytes === undefined ? 0 : 1
        counted.bytes += bytes?.length ?? 0
        return bytes
      },
      list(prefix, after) {
        counted.listings += 1
        return disk.list(prefix, after)
      },
    }
    const started = performance.now()
    const table = openTable(counting, root, quietEffects())
    const snapshot = await table.snapshot()
    const tookMs = performance.now() - started
    assert.equal(snapshot?.version, 1999)
    assert.equal(snapshot?.files.length, 2000)
    assert.equal(snapshot?.txns.get('a'), 1999)
    assert.ok(counted.reads <= 12, `${counted.reads} objects read`)
    assert.ok(counted.bytes < 500_000, `${counted.bytes} bytes read`)
    assert.ok(tookMs < 2000, `${tookMs} ms`)
    assert.equal(counted.listings, 0, 'the newest commit is but seconds old')
    // Nothing new: nothing that is there is read again as a whole.
    const before = { ...counted }
    assert.equal(await table.snapshot(), snapshot)
    assert.deepEqual(counted, before)
    // A log that rests may go on elsewhere: it is listed.
    const later = openTable(counting, root, quietEffects({ nowMs: () => Date.now() + 3_600_000 }))
    assert.equal((await later.snapshot())?.version, 1999)
    assert.equal(counted.listings, 1)
  } finally {
    await rm(folder, { recursive: true })
  }
})
