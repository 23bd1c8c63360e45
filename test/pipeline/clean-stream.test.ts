import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineContract } from '#contract'
import { cleanDataset, datasetCounts } from '#pipeline'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { cleanBy } from '../../src/pipeline/clean.ts'
import type { Judge } from '../../src/pipeline/clean-judge.ts'
import { sqlJudge } from '../../src/pipeline/clean-sql.ts'
import type { Bench, Message } from './clean-fixture.ts'
import { land, landMessages, rowsOf, textFile, withBench } from './clean-fixture.ts'
import { before, measured, message, reading, tellAll, topic } from './clean-stream-fixture.ts'

/** Takes down in which order folders were synced and commits made. */
function watched(store: ObjectStore, deeds: string[]): ObjectStore {
  return {
    ...store,
    async sync(folder) {
      await store.sync(folder)
      deeds.push(`sync ${folder}`)
    },
    async create(path, bytes) {
      if (path.endsWith('.json')) deeds.push(`commit ${path.slice(0, path.lastIndexOf('/'))}`)
      return store.create(path, bytes)
    },
  }
}

/** Numbers from 0 to 1 that a seed decides. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Texts that statistics cut, order otherwise than JavaScript does, or that a hash might run together. */
const ids = [
  ...['a', 'b', 'ab', '\u{1f600}', '\uffee', '\ud7ff', 'é', '\u0001\u001e', 'a\u001fb'],
  ...['y', 'z', 'z\u{10ffff}', `z${'\u{10ffff}'.repeat(30)}`].map((end) => `${'long '.repeat(8)}${end}`),
  '\u{10ffff}'.repeat(40),
]
const parts = [undefined, '', 'b', '\u001e', '\u{1f600}']

function messagesOf(seed: number, count: number): readonly Message[] {
  const next = random(seed)
  const one = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)]
  const broken = ['{"id": ', '[1]', '{"count": 1}', '{"id": "a", "count": "x"}', new Uint8Array([0xff, 0xfe]), null]
  return Array.from({ length: count }, (_, at) => {
    const value = JSON.stringify({ id: one(ids), part: one(parts), count: one([1, 2, 101]), trust: one([1, 2]) })
    return {
      partition: at % 3,
      offset: Math.floor(at / 3),
      atMs: 1_000_000 + Math.floor(next() * 50),
      value: next() < 0.15 ? (one(broken) ?? null) : value,
    }
  })
}

test('in whatever batches and order records come, the same stands, and the ledger says what a full count says', async (t) => {
  const seed = Date.now() % 100_000
  t.diagnostic(`seed ${seed}`)
  const next = random(seed)
  for (const contract of [reading, measured]) {
    const all = messagesOf(seed, 150)
    const expected = await withBench(async (at) => {
      const worker = await at.worker({ threads: 2 })
      await landMessages(contract.name, topic, all, worker)
      await cleanDataset(contract, worker)
      return tellAll(contract, worker)
    })
    assert.ok((expected.displaced?.length ?? 0) > 50 && (expected.quarantine?.length ?? 0) > 5)
    for (let cut = 0; cut < 4; cut += 1)
      await withBench(async (at) => {
        const worker = await at.worker({ threads: 2 })
        const rest =
          cut === 0 ? all.toReversed() : all.map((each) => ({ each, by: next() })).sort((a, b) => a.by - b.by)
        const queue = rest.map((each) => ('each' in each ? each.each : each))
        while (queue.length > 0) {
          await landMessages(contract.name, topic, queue.splice(0, 1 + Math.floor(next() * 40)), worker)
          if (next() < 0.8) await cleanDataset(contract, worker)
        }
        await cleanDataset(contract, worker)
        assert.deepEqual(await tellAll(contract, worker), expected, `cut ${cut}`)
        await cleanDataset(contract, worker, { recount: true })
        assert.deepEqual(await rowsOf('ledger', worker), expected.ledger)
      })
  }
})

test('a backlog is cleaned in batches within the limits, and comes to what one batch comes to', async () => {
  for (const contract of [reading, measured]) {
    const all = messagesOf(7, 160)
    const landed = async (at: Bench) => {
      const worker = await at.worker()
      for (let from = 0; from < all.length; from += 10)
        await landMessages(contract.name, topic, all.slice(from, from + 10), worker)
      return worker
    }
    const expected = await withBench(async (at) => {
      const worker = await landed(at)
      await cleanDataset(contract, worker)
      assert.equal((await worker.table(`silver/${contract.name}`).snapshot())?.version, 0)
      return tellAll(contract, worker)
    })
    await withBench(async (at) => {
      const worker = await landed(at)
      // More batches than a process may lose to others.
      await cleanDataset(contract, worker, { limits: { records: 5, sizeBytes: 1 << 20 } })
      assert.equal((await worker.table(`silver/${contract.name}`).snapshot())?.version, 15)
      // Each batch was added, the first too: to count the tables takes as long as they are large.
      assert.equal((await worker.table('silver/ledger').snapshot())?.version, 15)
      assert.deepEqual(await tellAll(contract, worker), expected)
      // Rows of another contract stand until all of them are replaced.
      const another = defineContract({ ...contract, missing: ['nothing'] })
      await cleanDataset(another, worker, { limits: { records: 35, sizeBytes: 1 << 20 } })
      assert.equal((await worker.table(`silver/${contract.name}`).snapshot())?.version, 16)
      for (let from = 0; from < 60; from += 10)
        await landMessages(
          contract.name,
          { ...topic, id: '0197a000-0000-7000-8000-00000000000b' },
          all.slice(from, from + 10),
          worker,
        )
      await cleanDataset(another, worker, { limits: { records: 35, sizeBytes: 1 << 20 } })
      assert.equal((await worker.table(`silver/${contract.name}`).snapshot())?.version, 18)
    })
  }
})

test('a record that is sent again leaves Silver’s files as they were', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await landMessages('reading', topic, before, worker)
    await cleanDataset(reading, worker)
    const files = async () => (await worker.table('silver/reading').snapshot())?.files.map(({ path }) => path)
    const stood = await files()
    await landMessages('reading', topic, [message(20, 20, 'a', 1), message(21, 20, 'back', 2)], worker)
    await cleanDataset(reading, worker)
    assert.deepEqual(await files(), stood)
    const displaced = (await rowsOf('displaced', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(
      displaced.map((row) => [row[1], row[4], row[8], row[10]]).filter(([, offset]) => Number(offset) >= 20),
      [
        ['readings', 20, 'duplicate', 0],
        ['readings', 21, 'duplicate', 2],
      ],
    )
  }))

test('two that clean a stream at once end as one', async () => {
  const all = messagesOf(7, 120)
  const expected = await withBench(async (at) => {
    const worker = await at.worker()
    await landMessages('reading', topic, all, worker)
    await cleanDataset(reading, worker)
    return tellAll(reading, worker)
  })
  await withBench(async (at) => {
    const workers = [await at.worker({ threads: 2 }), await at.worker({ threads: 2 })]
    const landing = await at.worker()
    for (let from = 0; from < all.length; from += 30) {
      await landMessages('reading', topic, all.slice(from, from + 30), landing)
      await Promise.all(workers.map((worker) => cleanDataset(reading, worker)))
    }
    assert.deepEqual(await tellAll(reading, await at.worker()), expected)
  })
})

test('a batch reads no file of Silver that cannot hold its keys, and none of Bronze that was cleaned', () =>
  withBench(async (at) => {
    const read: string[] = []
    const worker = await at.worker({ read })
    const filesOf = async (root: string) =>
      ((await worker.table(root).snapshot())?.files ?? []).map(({ path }) => `${root}/${path}`)
    for (const [n, id] of ['k1', 'k2', 'k3', 'k4'].entries()) {
      await landMessages('reading', topic, [message(n, n, id, n)], worker)
      await cleanDataset(reading, worker)
    }
    const old = [...(await filesOf('bronze/reading')), ...(await filesOf('silver/reading'))]
    const [held] = (await filesOf('silver/reading')).slice(1)
    await landMessages('reading', topic, [message(9, 9, 'k2', 1), message(10, 9, 'k5', 1)], worker)
    read.length = 0
    await cleanDataset(reading, worker)
    assert.deepEqual(
      read.filter((path) => old.includes(path)),
      [held],
    )
  }))

test('a message is bound by its contract, or by the layout of the file that it was sent again from', async () => {
  const rows = [
    ['x', '1'],
    ['y', '2'],
    ['y', '2'],
    ['z', 'n'],
  ] as const
  const sheet = textFile('sheet.csv', `Reading,Total\n${rows.map((row) => row.join(',')).join('\n')}\n`, 5)
  const again = rows.map(([id, count], offset) => ({
    ...{ partition: 0, offset, atMs: 10, layout: 'sheet' },
    value: JSON.stringify({ Reading: id, Total: count }),
  }))
  const told: unknown[] = []
  for (const fileFirst of [true, false])
    await withBench(async (at) => {
      const worker = await at.worker()
      const steps = [() => land([sheet], [reading], worker), () => landMessages('reading', topic, again, worker)]
      for (const step of fileFirst ? steps : steps.toReversed()) {
        await step()
        await cleanDataset(reading, worker)
      }
      const { reading: counts } = await datasetCounts([reading], worker)
      assert.deepEqual(counts, {
        ...{ landed: 8, silver: 2, quarantined: 2, duplicates: 4, superseded: 0 },
        sources: {
          'sheet.csv': { landed: 4, silver: 2, quarantined: 1, duplicates: 1, superseded: 0 },
          readings: { landed: 4, silver: 0, quarantined: 1, duplicates: 3, superseded: 0 },
        },
      })
      const topics = (await rowsOf('displaced', worker)).map((row): unknown[] => JSON.parse(row))
      assert.deepEqual(
        topics.map(([, name, source]) => [name, source === topic.id]).filter(([name]) => name === 'readings'),
        Array.from({ length: 3 }, () => ['readings', true]),
      )
      told.push(await tellAll(reading, worker))
    })
  assert.deepEqual(told[0], told[1])
})

test('a message without a value, without a layout, or of no JSON says so, under its topic', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    const bad = [
      message(0, 1, 'a', 1),
      { partition: 0, offset: 1, atMs: 1, value: null },
      { partition: 0, offset: 2, atMs: 1, value: `no JSON ${'x'.repeat(600)}` },
      { partition: 0, offset: 3, atMs: 1, value: '{"id": "a"}', layout: 'unheard of' },
      { partition: 0, offset: 4, atMs: 1, value: null, layout: 'sheet' },
    ]
    await landMessages('reading', topic, bad, worker)
    await cleanDataset(reading, worker)
    const quarantine = (await rowsOf('quarantine', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(
      quarantine.map((row) => [row[1], row[4], row[9], row[10], String(row[12]).length, row[13]]),
      [
        ['readings', 1, 'clean', 'no_value', 4, 'the message has no value'],
        ['readings', 2, 'clean', 'not_json', 500, 'the record is not a JSON object'],
        [
          'readings',
          3,
          'clean',
          'unknown_layout',
          4,
          'the record came in a shape that no layout of the contract takes',
        ],
        ['readings', 4, 'clean', 'no_value', 4, 'the message has no value'],
      ],
    )
    const filesOnly = defineContract({
      ...reading,
      name: 'filed',
      layouts: reading.layouts.slice(0, 1),
      stream: undefined as never,
    })
    await landMessages('filed', topic, [message(0, 1, 'a', 1)], worker)
    await cleanDataset(filesOnly, worker)
    assert.ok(
      (await rowsOf('quarantine', worker)).some((row) => row.includes('"filed"') && row.includes('unknown_layout')),
    )
  }))

test('a topic that is made anew has a line of its own, and what it displaces keeps its topic', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await landMessages('reading', { topic: 'older', id: 'older-id' }, [message(0, 1, 'a', 1)], worker)
    await cleanDataset(reading, worker)
    await landMessages('reading', topic, [message(0, 2, 'a', 2), message(1, 2, 'b', 2)], worker)
    await cleanDataset(reading, worker)
    const displaced = (await rowsOf('displaced', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(
      displaced.map(([, name, source, , , , , , fate]) => [name, source, fate]),
      [['older', 'older-id', 'superseded']],
    )
    const { reading: counts } = await datasetCounts([reading], worker)
    assert.deepEqual(counts?.sources.older, { landed: 1, silver: 0, quarantined: 0, duplicates: 0, superseded: 1 })
    assert.deepEqual(counts?.sources.readings, { landed: 2, silver: 2, quarantined: 0, duplicates: 0, superseded: 0 })
  }))

test('what a batch rests on is synced before it is committed: another process may have died over its commit', async () => {
  await withBench(async (at) => {
    await landMessages('reading', topic, messagesOf(1, 60), await at.worker())
    const deeds: string[] = []
    await cleanDataset(reading, await at.worker({ through: (store) => watched(store, deeds) }))
    const before = (what: string, then: string): void => {
      const [first, second] = [deeds.indexOf(what), deeds.indexOf(then)]
      assert.ok(first >= 0 && first < second, `${what} before ${then}: ${deeds.join(', ')}`)
    }
    for (const name of ['quarantine', 'displaced', 'reading']) {
      before('sync bronze/reading/_delta_log', `commit silver/${name}/_delta_log`)
      if (name !== 'reading') before(`sync silver/${name}/_delta_log`, 'commit silver/reading/_delta_log')
    }
  })
})

test('a batch that others cleaned, and whose commits they cleaned up, is looked at again; where nobody did, the log is short', async () => {
  await withBench(async (at) => {
    const messages = messagesOf(2, 60)
    const worker = await at.worker()
    await landMessages('reading', topic, messages.slice(0, 30), worker)
    await cleanDataset(reading, worker)
    await landMessages('reading', topic, messages.slice(30), worker)
    const judge = sqlJudge(reading, worker)
    let gone = 0
    const late = (meanwhile: () => Promise<unknown>): Judge => ({
      ...judge,
      async batch(...asked) {
        if (gone > 0) return judge.batch(...asked)
        gone += 1
        await meanwhile()
        throw new Fault('lake/no-version', 'Commits are no longer all there.', { mend: 'Look again.' })
      },
    })
    const alone = late(async () => {})
    await assert.rejects(cleanBy(alone, reading, worker), { code: 'lake/no-version' })
    gone = 0
    const overtaken = late(async () => cleanDataset(reading, await at.worker()))
    await cleanBy(overtaken, reading, worker)
    const counts = (await datasetCounts([reading], worker)).reading
    assert.equal(counts?.landed, messages.length)
    assert.equal(counts.landed, counts.silver + counts.quarantined + counts.duplicates + counts.superseded)
  })
})
