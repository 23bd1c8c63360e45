import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLog, openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, commitLines } from './table.ts'

const root = 't'
const path = (version: number) => `${root}/_delta_log/${String(version).padStart(20, '0')}.crc`

async function checksumOf(store: ObjectStore, version: number): Promise<Record<string, unknown>> {
  return JSON.parse(new TextDecoder().decode(await store.read(path(version))))
}

async function problemsOf(store: ObjectStore): Promise<readonly string[]> {
  return (await Array.fromAsync(checkLog(store, root))).map(({ kind, where, what }) => `${kind} ${where}: ${what}`)
}

async function withChecksums(): Promise<ObjectStore> {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [1], [{ appId: 'land', version: 1 }])
  await table.writeChecksum()
  await append(table, 'b', [2, 3], [{ appId: 'other', version: 7 }])
  const [first] = (await table.snapshot())?.files ?? []
  await table.commit({
    operation: 'DELETE',
    blindAppend: false,
    stage: () => changing({ remove: first === undefined ? [] : [first] }),
  })
  await table.writeChecksum()
  return store
}

test('a checksum says what its version comes to: files, bytes, transactions, columns, protocol, and whose commit it was', async () => {
  const store = await withChecksums()
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  const { metadata, setTransactions, txnId, ...rest } = await checksumOf(store, 2)
  assert.deepEqual(rest, {
    tableSizeBytes: snapshot?.files[0]?.sizeBytes,
    numFiles: 1,
    numMetadata: 1,
    numProtocol: 1,
    protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  })
  const [info] = await commitLines(store, root, 2)
  assert.equal(txnId, info?.commitInfo?.txnId)
  const created = (await commitLines(store, root, 0)).find((line) => line.metaData)?.metaData
  assert.deepEqual(metadata, created)
  assert.deepEqual(
    Object(setTransactions).map((each: { appId: string; version: number }) => [each.appId, each.version]),
    [
      ['land', 1],
      ['other', 7],
    ],
  )
  assert.deepEqual(await problemsOf(store), [])
})

test('one that stands is left as it is', async () => {
  const store = await withChecksums()
  await store.replace(path(2), new TextEncoder().encode('{"by":"another"}'))
  await openTable(store, root, quietEffects()).writeChecksum()
  assert.deepEqual(await checksumOf(store, 2), { by: 'another' })
})

test('a checksum that contradicts its version is told, by what', async () => {
  for (const [change, word] of [
    [{ numFiles: 2 }, /numFiles: 2, the log 1/],
    [{ tableSizeBytes: 1 }, /tableSizeBytes: 1/],
    [{ setTransactions: [] }, /setTransactions/],
    [{ protocol: { minReaderVersion: 1, minWriterVersion: 4 } }, /protocol/],
    [{ txnId: 'mine' }, /txnId: "mine"/],
    [{ metadata: { id: 'x', schemaString: '' } }, /metadata/],
    [{ numFiles: undefined }, /numFiles is missing/],
  ] as const) {
    const store = await withChecksums()
    const changed = { ...(await checksumOf(store, 2)), ...change }
    await store.replace(path(2), new TextEncoder().encode(JSON.stringify(changed)))
    const [problem, ...more] = await problemsOf(store)
    assert.match(problem ?? '', word)
    assert.match(problem ?? '', /^checksum version 2: /)
    assert.deepEqual(more, [])
  }
})

test('what is not JSON is told, and checksums are held against what is left of a log that was cleaned up', async () => {
  const store = await withChecksums()
  const table = openTable(store, root, quietEffects())
  await table.checkpoint()
  await store.remove(`${root}/_delta_log/${'0'.repeat(20)}.json`)
  await append(table, 'c', [4])
  await table.writeChecksum()
  assert.deepEqual(await problemsOf(store), [])
  await store.replace(path(3), new TextEncoder().encode('{'))
  assert.match((await problemsOf(store)).join(), /^checksum version 3: .*is not JSON/)
})

test('a table that we do not write gets none, and a store that is full is a fault that changes nothing', async () => {
  const store = await withChecksums()
  const full: ObjectStore = {
    ...store,
    create: async () => Promise.reject(new Fault('store/full', 'No space.', { mend: 'Free space.' })),
  }
  await append(openTable(store, root, quietEffects()), 'd', [5])
  const isFull = (error: unknown) => error instanceof Fault && error.code === 'store/full'
  await assert.rejects(openTable(full, root, quietEffects()).writeChecksum(), isFull)
  assert.equal(await store.read(path(3)), undefined)
  assert.deepEqual(await problemsOf(store), [])
})
