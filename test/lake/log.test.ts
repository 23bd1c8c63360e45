import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, numbersOf, writeRows } from './table.ts'

const root = 't'
const path = (version: number) => `${root}/_delta_log/${String(version).padStart(20, '0')}.json`

/** A table made of commits as another writer might have written them. */
async function logged(commits: readonly (readonly object[])[]): Promise<ObjectStore> {
  const store = memoryStore()
  for (const [version, actions] of commits.entries()) {
    await store.create(
      path(version),
      new TextEncoder().encode(actions.map((action) => JSON.stringify(action)).join('\n')),
    )
  }
  return store
}

const fields = [
  { name: 'writer', type: 'string', nullable: true, metadata: {} },
  { name: 'n', type: 'long', nullable: true, metadata: {} },
]
const protocol = (over: object = {}) => ({ protocol: { minReaderVersion: 1, minWriterVersion: 2, ...over } })
const metaData = (over: object = {}, columns: readonly object[] = fields) => ({
  metaData: {
    id: 'id',
    format: { provider: 'parquet', options: {} },
    schemaString: JSON.stringify({ type: 'struct', fields: columns }),
    partitionColumns: [],
    configuration: {},
    ...over,
  },
})
const add = (file: string, over: object = {}) => ({
  add: { path: file, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true, ...over },
})

async function refuses(commits: readonly (readonly object[])[], code: string, ...words: string[]): Promise<void> {
  await assert.rejects(openTable(await logged(commits), root, quietEffects()).snapshot(), (error) => {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, code)
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`)
    return true
  })
}

test('what a reader would have to know is refused by name', async () => {
  for (const feature of [
    'deletionVectors',
    'columnMapping',
    'v2Checkpoint',
    'typeWidening',
    'variantType',
    'timestampNtz',
    'catalogManaged',
    'unheardOf',
  ]) {
    await refuses(
      [
        [
          protocol({ minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [feature], writerFeatures: [feature] }),
          metaData(),
        ],
      ],
      'lake/unsupported',
      feature,
    )
  }
  await refuses([[protocol({ minReaderVersion: 4 }), metaData()]], 'lake/unsupported', 'reader version 4')
  await refuses(
    [
      [
        protocol({ minReaderVersion: 2, minWriterVersion: 5 }),
        metaData({ configuration: { 'delta.columnMapping.mode': 'name' } }),
      ],
    ],
    'lake/unsupported',
    'columnMapping',
  )
  await refuses(
    [[protocol(), metaData(), add('a', { deletionVector: { storageType: 'u' } })]],
    'lake/unsupported',
    'deletionVectors',
  )
  await refuses([[protocol(), metaData({ format: { provider: 'orc' } })]], 'lake/unsupported', 'orc')
  await refuses(
    [[protocol(), metaData({}, [{ name: 'v', type: 'variant', nullable: true, metadata: {} }])]],
    'lake/unsupported',
    'variant',
  )
  for (const outside of ['/data/x.parquet', 's3://bucket/x.parquet', '../x.parquet', 'file:///x.parquet']) {
    await refuses([[protocol(), metaData(), add(outside)]], 'lake/unsupported', 'outside')
  }
  await refuses([[protocol(), metaData(), add('a', { size: 2 ** 60 })]], 'lake/unsupported', 'size')
})

test('a reader version 3 without features that concern a reader is read', async () => {
  const store = await logged([
    [
      protocol({
        minReaderVersion: 3,
        minWriterVersion: 7,
        readerFeatures: ['vacuumProtocolCheck'],
        writerFeatures: [],
      }),
      metaData(),
      add('a'),
    ],
  ])
  assert.equal((await openTable(store, root, quietEffects()).snapshot())?.files.length, 1)
})

test('damage is named with its file', async () => {
  const good = [protocol(), metaData()]
  await refuses([[metaData()]], 'lake/damaged', 'no protocol')
  await refuses([[protocol()]], 'lake/damaged', 'no metaData')
  await refuses([[...good, { add: { path: 'a' } }]], 'lake/damaged', '0.json', 'size')
  await refuses([[...good, { txn: { appId: 'a', version: 'x' } }]], 'lake/damaged', 'version')
  await refuses([[...good, add('a%zz')]], 'lake/damaged', 'a%zz')
  await refuses([[protocol(), metaData({ schemaString: '{' })]], 'lake/damaged', 'schemaString')
  await refuses([good, []], 'lake/damaged', '1.json')
  const store = await logged([good])
  await store.create(path(1), new TextEncoder().encode('{"add":'))
  await assert.rejects(openTable(store, root, quietEffects()).snapshot(), /1\.json: line 1 is not JSON/)
})

test('a log with a hole is refused, naming the version that is missing', async () => {
  const store = memoryStore()
  const table = openTable(store, root, quietEffects())
  for (let i = 0; i < 5; i += 1) await append(table, 'a', [i])
  await store.remove(path(2))
  await assert.rejects(openTable(store, root, quietEffects()).snapshot(), (error) => {
    assert.ok(error instanceof Fault)
    assert.equal(error.code, 'lake/damaged')
    assert.match(error.message, /version 2 is missing/)
    return true
  })
  await store.remove(path(0))
  await assert.rejects(openTable(store, root, quietEffects()).snapshot(), /version 0 is missing/)
})

test('unknown actions, unknown fields and files that are no log are passed over', async () => {
  const store = await logged([
    [
      protocol({ later: 1 }),
      metaData(),
      add('a'),
      { unheardOf: { x: 1 } },
      { cdc: { path: 'c', size: 1, partitionValues: {}, dataChange: false } },
    ],
  ])
  for (const other of [
    '00000000000000000000.crc',
    '00000000000000000000.00000000000000000004.compacted.json',
    '.tmp',
    'notes.txt',
    'sub/x.json',
  ]) {
    await store.create(`${root}/_delta_log/${other}`, new Uint8Array([1]))
  }
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  assert.equal(snapshot?.version, 0)
  assert.equal(snapshot?.files.length, 1)
})

test('a listing that misses a commit which stands is filled from the store', async () => {
  const store = memoryStore()
  const writer = openTable(store, root, quietEffects())
  for (let i = 0; i < 4; i += 1) await append(writer, 'a', [i])
  // A folder that is read while names are added may show a later name without an earlier one.
  const blinking: ObjectStore = {
    ...store,
    async *list(prefix, after) {
      for await (const info of store.list(prefix, after)) if (info.path !== path(2)) yield info
    },
  }
  assert.deepEqual(
    await numbersOf(store, root, await openTable(blinking, root, quietEffects()).snapshot()),
    [0, 1, 2, 3],
  )
})

test('the latest of each: a path added again, a txn that goes back, a new schema', async () => {
  const store = await logged([
    [protocol(), metaData(), add('a', { size: 1 }), { txn: { appId: 'x', version: 9 } }],
    [{ remove: { path: 'a', dataChange: true } }, add('b')],
    [add('a', { size: 2 }), { txn: { appId: 'x', version: 3 } }],
  ])
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  assert.deepEqual(
    snapshot?.files.map((file) => [file.path, file.sizeBytes]),
    [
      ['b', 1],
      ['a', 2],
    ],
  )
  assert.equal(snapshot?.txns.get('x'), 3)
})

test('tables that ask more of a writer are read, and refused by name when written', async () => {
  const cases: readonly (readonly [object[], string])[] = [
    [[protocol({ minWriterVersion: 3 }), metaData()], '(1,3)'],
    [
      [
        protocol({ minReaderVersion: 3, minWriterVersion: 7, readerFeatures: [], writerFeatures: ['rowTracking'] }),
        metaData(),
      ],
      'rowTracking',
    ],
    [
      [protocol(), metaData({}, [{ ...fields[0], metadata: { 'delta.invariants': '{}' } }, fields[1] ?? {}])],
      'delta.invariants',
    ],
    [[protocol(), metaData({}, [{ ...fields[0], nullable: false }, fields[1] ?? {}])], 'NOT NULL'],
    [
      [protocol(), metaData({ configuration: { 'delta.setTransactionRetentionDuration': 'interval 1 day' } })],
      'setTransactionRetentionDuration',
    ],
  ]
  for (const [actions, word] of cases) {
    const store = await logged([actions])
    const table = openTable(store, root, quietEffects())
    assert.equal((await table.snapshot())?.version, 0)
    await assert.rejects(append(table, 'a', [1]), (error) => {
      assert.ok(error instanceof Fault, String(error))
      assert.equal(error.code, 'lake/unsupported')
      assert.ok(error.message.includes(word), error.message)
      return true
    })
    assert.equal((await table.snapshot())?.version, 0)
  }
})

test('an append-only table takes files and gives none back', async () => {
  const store = await logged([[protocol(), metaData({ configuration: { 'delta.appendOnly': 'true' } })]])
  const table = openTable(store, root, quietEffects())
  await append(table, 'a', [1])
  const file = await writeRows(table, 'a', [1])
  const replace = (operation: string) =>
    table.commit({ operation, blindAppend: false, stage: (s) => changing({ add: [file], remove: s?.files ?? [] }) })
  await assert.rejects(replace('DELETE'), (error) => error instanceof Fault && error.message.includes('appendOnly'))
  await replace('OPTIMIZE') // the same rows in another file
  assert.equal((await table.snapshot())?.version, 2)
})
