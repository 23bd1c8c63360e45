import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLog, openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { memoryStore } from '#storage'
import { quietEffects } from './effects.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from './table.ts'

const root = 't'
const log = `${root}/_delta_log/`
const digits = (version: number) => String(version).padStart(20, '0')
const compacted = (from: number, to: number) => `${log}${digits(from)}.${digits(to)}.compacted.json`
const bytes = (text: string) => new TextEncoder().encode(text)

/** Appends, and every third time a replacement of all that stands, with a checkpoint each hundred versions. */
async function grown(store: ObjectStore, commits: number): Promise<void> {
  const table = openTable(store, root, quietEffects())
  const configuration = { 'delta.checkpointInterval': '100' }
  for (let n = ((await table.snapshot())?.version ?? -1) + 1; n < commits; n += 1) {
    const file = await writeRows(table, 'a', [n])
    await table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage: (newest) =>
        changing({
          ...(newest ? {} : { columns, configuration }),
          add: [file],
          remove: n % 3 === 2 ? (newest?.files ?? []) : [],
          txns: [{ appId: `app ${n % 2}`, version: n }],
        }),
    })
  }
}

/** A store that counts what is read of the log. */
function counting(store: ObjectStore): { store: ObjectStore; paths: string[] } {
  const paths: string[] = []
  return {
    paths,
    store: {
      ...store,
      read: (path) => {
        paths.push(path.slice(log.length))
        return store.read(path)
      },
    },
  }
}

async function problemsOf(store: ObjectStore): Promise<readonly string[]> {
  return (await Array.fromAsync(checkLog(store, root))).map(({ kind, what }) => `${kind}: ${what}`)
}

test('commits that were compacted open a table with two reads, and it is the same to the letter', async () => {
  const store = memoryStore()
  await grown(store, 50)
  const before = await openTable(store, root, quietEffects()).snapshot()
  assert.deepEqual(await openTable(store, root, quietEffects()).compactLog(10), { from: 0, to: 49 })
  const counted = counting(store)
  const after = await openTable(counted.store, root, quietEffects()).snapshot()
  assert.deepEqual(
    counted.paths.filter((path) => path !== '_last_checkpoint'),
    [`${digits(0)}.${digits(49)}.compacted.json`, `${digits(49)}.json`],
  )
  assert.deepEqual(after?.files, before?.files)
  assert.deepEqual(after?.txns, before?.txns)
  assert.deepEqual(after?.columns, before?.columns)
  assert.equal(after?.committedMs, before?.committedMs)
  assert.equal(after?.version, 49)
  assert.deepEqual(await problemsOf(store), [])
})

test('a compacted file has one action for each path and app, removes too, and no commitInfo', async () => {
  const store = memoryStore()
  await grown(store, 9)
  await openTable(store, root, quietEffects()).compactLog(4)
  const text = new TextDecoder().decode(await store.read(compacted(0, 8)))
  const kinds = text
    .trimEnd()
    .split('\n')
    .map((line) => Object.keys(JSON.parse(line))[0])
  const counts = Object.fromEntries(
    [...new Set(kinds)].map((kind) => [kind, kinds.filter((each) => each === kind).length]),
  )
  assert.deepEqual(counts, { protocol: 1, metaData: 1, txn: 2, add: 1, remove: 8 })
})

test('what follows is compacted apart, from a checkpoint on or from the last compaction; too few are left', async () => {
  const store = memoryStore()
  await grown(store, 30)
  const table = openTable(store, root, quietEffects())
  assert.deepEqual(await table.compactLog(20), { from: 0, to: 29 })
  assert.equal(await table.compactLog(1), undefined, 'nothing new')
  await grown(store, 45)
  assert.equal(await table.compactLog(20), undefined, 'too few')
  assert.deepEqual(await table.compactLog(15), { from: 30, to: 44 })
  await table.checkpoint()
  await grown(store, 70)
  assert.deepEqual(await table.compactLog(20), { from: 45, to: 69 })
  const counted = counting(store)
  const snapshot = await openTable(counted.store, root, quietEffects()).snapshot()
  assert.ok(counted.paths.includes(`${digits(45)}.${digits(69)}.compacted.json`))
  assert.ok(counted.paths.length <= 4, counted.paths.join())
  assert.deepEqual(await numbersOf(store, root, snapshot), [68, 69])
  // A version within what was compacted reads from its commits, one beyond it from both.
  assert.deepEqual(await numbersOf(store, root, await table.snapshotAt(49)), [47, 48, 49])
  assert.deepEqual(await problemsOf(store), [])
})

test('a compacted file that is damaged or goes away meanwhile is passed over in favour of its commits', async () => {
  for (const damage of ['', 'noise\n', '{"add":{"path":"%E0%A4%A","size":1}}\n', '{"add":5}\n', undefined]) {
    const store = memoryStore()
    await grown(store, 20)
    const before = await openTable(store, root, quietEffects()).snapshot()
    await openTable(store, root, quietEffects()).compactLog(10)
    if (damage !== undefined) await store.replace(compacted(0, 19), bytes(damage))
    const read: ObjectStore['read'] = (path) =>
      damage === undefined && path === compacted(0, 19) ? Promise.resolve(undefined) : store.read(path)
    const after = await openTable({ ...store, read }, root, quietEffects()).snapshot()
    assert.deepEqual(after?.files, before?.files, `damage ${damage}`)
    assert.deepEqual(after?.txns, before?.txns)
    assert.equal(after?.committedMs, before?.committedMs)
    if (damage !== undefined) assert.match((await problemsOf(store)).join(), /^compacted: .*0 to 19 cannot be read/)
  }
})

test('a check tells where compacted commits do not say what the commits say', async () => {
  const store = memoryStore()
  await grown(store, 12)
  await openTable(store, root, quietEffects()).compactLog(10)
  const text = new TextDecoder().decode(await store.read(compacted(0, 11)))
  const without = text.split('\n').filter((line) => !line.startsWith('{"add"'))
  await store.replace(compacted(0, 11), bytes(without.join('\n').replace('"version":11', '"version":7')))
  const problems = await problemsOf(store)
  assert.ok(problems.some((each) => /^compacted: .* do not add part-/.test(each)))
  assert.ok(problems.some((each) => /do not have app 1 at 11/.test(each)))
})

test('a commit that comes while the log is compacted, and a lost answer, change nothing', async () => {
  const store = memoryStore()
  await grown(store, 20)
  let lost = true
  const flaky: ObjectStore = {
    ...store,
    async create(path, content) {
      const outcome = await store.create(path, content)
      if (!path.includes('.compacted.') || !lost) return outcome
      lost = false
      await append(openTable(store, root, quietEffects()), 'b', [99])
      throw new Fault('store/unreachable', 'The answer was lost.', { mend: 'Try again.', retry: true })
    },
  }
  assert.deepEqual(await openTable(flaky, root, quietEffects()).compactLog(10), { from: 0, to: 19 })
  assert.deepEqual(
    await numbersOf(store, root, await openTable(store, root, quietEffects()).snapshot()),
    [17, 18, 19, 99],
  )
  assert.equal((await pathsIn(store, log)).filter((path) => path.includes('compacted')).length, 1)
})
