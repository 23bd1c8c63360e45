import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import type { Table } from '#lake'
import { openTable } from '#lake'
import { memoryLog } from '#log'
import { newAsking } from '#pipeline'
import type { ObjectStore } from '#port'
import { Fault, noFailpoint } from '#port'
import { memoryStore } from '#storage'
import { Died, storeDyingAt, storeFailingAt, storeFullAt, storeLosingAnswerAt } from '../storage/doubles.ts'
import { bed, dataset, landedIn, newLog, topicName } from './stream-fixture.ts'

const isFault = (code: string) => (error: unknown) => error instanceof Error && 'code' in error && error.code === code

test('records land with their coordinates, null and empty values apart, and once', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 2)
  await send(topic, 0, 'a', null, '')
  await send(topic, 1, 'b')
  assert.equal(await consumer().land(), 4)
  assert.equal(await consumer().land(), 0)
  await send(topic, 1, 'c')
  assert.equal(await consumer().land(), 1)
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=null', '0:2=', '1:0=b', '1:1=c'])
})

test('a topic that is not there is nothing to land, which is said', async () => {
  const { consumer, events } = bed()
  assert.equal(await consumer().land(), 0)
  const said = () => events.map((event) => event.kind === 'fault' && event.fault.code)
  assert.deepEqual(said(), ['stream/no-topic'])
  const stop = new AbortController()
  let looks = 0
  const following = consumer({
    signal: stop.signal,
    async sleep() {
      looks += 1
      if (looks === 40) stop.abort()
    },
  })
  await following.land({ once: false })
  assert.deepEqual(said(), ['stream/no-topic', 'stream/no-topic'], 'once by each')
})

test('a batch whose upload was cleaned up before its commit is read and written again', async () => {
  const { log, store, send, consumer, events } = bed()
  await send(await log.createTopic(topicName, 1), 0, 'a', 'b')
  let nowMs = Date.now()
  let written = 0
  const table = openTable(store, `bronze/${dataset}`, {
    ...{ nowMs: () => nowMs, newId: randomUUID, sleep: async () => {}, random: Math.random, report: () => {} },
    ...{ failpoint: noFailpoint, engineInfo: 'test' },
  })
  const slow: Table = {
    ...table,
    async writeFile(parquet, partition) {
      const file = await table.writeFile(parquet, partition)
      written += 1
      if (written > 1) return file
      await store.remove(`${table.root}/${file.path}`)
      nowMs += 8 * 24 * 3_600_000
      return file
    },
  }
  assert.equal(await consumer({ table: () => slow }).land(), 2)
  assert.equal(written, 2)
  assert.deepEqual(
    events.flatMap((event) => (event.kind === 'retry' ? event.fault.code : [])),
    ['lake/upload-gone'],
  )
  assert.deepEqual(await landedIn(table, store), ['0:0=a', '0:1=b'])
})

test('a batch is committed when it is large enough, however much there is to read', async () => {
  const { log, send, consumer, table } = bed()
  const topic = await log.createTopic(topicName, 1)
  for (let i = 0; i < 20; i += 1) await send(topic, 0, 'x'.repeat(1000))
  await consumer({ memoryIsTight: () => true }).land()
  await send(topic, 0, 'y')
  await consumer().land({ maxBytes: 1 })
  assert.ok(((await table().snapshot())?.version ?? 0) >= 1)
})

test('a follower lands what comes while it waits, and what it has read when it is stopped', async () => {
  const { log, send, consumer, table, store } = bed()
  const stop = new AbortController()
  const follower = consumer({ signal: stop.signal })
  const landed = follower.land({ once: false, maxAgeMs: 60_000 })
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a')
  await new Promise((resolve) => setTimeout(resolve, 30))
  stop.abort()
  await landed
  assert.deepEqual(await landedIn(table(), store), ['0:0=a'])
})

test('records that come one by one while a batch waits for its age are taken in a few looks, and committed with it', async () => {
  const log = newLog()
  let asked = 0
  const counting = {
    ...log,
    read: (...argv: Parameters<typeof log.read>) => {
      asked += 1
      return log.read(...argv)
    },
    waitBeyond: (...argv: Parameters<typeof log.waitBeyond>) => {
      asked += 1
      return log.waitBeyond(...argv)
    },
  }
  const { send, consumer, table, store } = bed({ log })
  const topic = await log.createTopic(topicName, 1)
  const stop = new AbortController()
  const landed = consumer({ log: counting, signal: stop.signal }).land({ once: false, maxAgeMs: 400 })
  const startedMs = performance.now()
  const values = Array.from({ length: 100 }, (_, i) => String(i))
  for (const value of values) {
    await send(topic, 0, value)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  for (let looks = 0; looks < 500 && (await landedIn(table(), store)).length < values.length; looks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  assert.equal((await landedIn(table(), store)).length, values.length)
  const mostAsked = 10 + (performance.now() - startedMs) / 20
  assert.ok(asked < mostAsked, `${asked} requests for ${values.length} records, ${mostAsked} at most`)
  stop.abort()
  await landed
})

test('reading goes on while a commit is under way, and what was read then is dropped with it where another was faster', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b', 'c')
  const held = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const readFrom: number[] = []
  const slow = consumer({
    store: {
      ...store,
      async create(path, bytes) {
        if (path.endsWith('00000000000000000000.json')) {
          begun.resolve()
          await held.promise
        }
        return store.create(path, bytes)
      },
    },
    log: {
      ...log,
      read: (of, partition, offset, limits) => {
        readFrom.push(offset)
        return log.read(of, partition, offset, { ...limits, maxRecords: 1 })
      },
    },
  })
  const landing = slow.land({ maxBytes: 1 })
  await begun.promise
  for (let looks = 0; looks < 100 && !readFrom.includes(2); looks += 1)
    await new Promise((resolve) => setTimeout(resolve, 5))
  assert.ok(readFrom.includes(2), 'the third record is read before the first is in')
  assert.equal(await consumer().land(), 3)
  held.resolve()
  await landing
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=b', '0:2=c'])
})

test('a drain that another consumer overtook at its end lands what that one left', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b', 'c')
  let raced = false
  const slow = consumer({
    log: {
      ...log,
      async read(of, partition, offset, limits) {
        const answer = await log.read(of, partition, offset, limits)
        if (!raced) {
          raced = true
          const brief: typeof log = {
            ...log,
            ranges: async (asked) => (await log.ranges(asked)).map((range) => ({ ...range, end: 2 })),
            read: (...argv) => log.read(argv[0], argv[1], argv[2], { ...argv[3], maxRecords: 2 }),
          }
          assert.equal(await consumer({ log: brief }).land(), 2)
        }
        return answer
      },
    },
  })
  await slow.land()
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=b', '0:2=c'])
})

test('what was read is committed when it is asked for, and asking waits for nobody where nothing lands', async () => {
  const { log, send, consumer, table, store } = bed()
  const flushing = newAsking()
  await flushing.ask()
  const stop = new AbortController()
  const topic = await log.createTopic(topicName, 1)
  const landed = consumer({ signal: stop.signal, flushing }).land({ once: false, maxAgeMs: 60_000 })
  for (const value of ['a', 'b', 'c']) {
    await send(topic, 0, value)
    await new Promise((resolve) => setTimeout(resolve, 20))
    await flushing.ask()
    assert.ok((await landedIn(table(), store)).at(-1)?.endsWith(value))
  }
  await flushing.ask()
  stop.abort()
  await landed
  await flushing.ask()
  assert.equal((await table().snapshot())?.version, 2)
})

test('of two consumers that read the same records one lands them, and the other is fenced by name and goes on', async () => {
  const { log, send, consumer, table, store, events } = bed()
  const topic = await log.createTopic(topicName, 2)
  await send(topic, 0, 'a', 'b')
  await send(topic, 1, 'c')
  let raced = false
  const slow = consumer({
    store: {
      ...store,
      // The other lands between this one's data file and its commit.
      async create(path, bytes) {
        const outcome = await store.create(path, bytes)
        if (path.endsWith('.parquet') && !raced) {
          raced = true
          await consumer().land()
          await send(topic, 0, 'd')
        }
        return outcome
      },
    },
  })
  await slow.land()
  const fenced = events.filter(({ kind }) => kind === 'stream/fenced')
  assert.deepEqual(fenced, [
    { kind: 'stream/fenced', dataset: 'visit', topic: topicName, partition: 0, from: 0, standing: 2 },
    { kind: 'stream/fenced', dataset: 'visit', topic: topicName, partition: 1, from: 0, standing: 1 },
  ])
  await consumer().land()
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=b', '0:2=d', '1:0=c'])
})

test('ten consumers at once land every record once', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 3)
  const expected: string[] = []
  for (let i = 0; i < 60; i += 1) {
    await send(topic, i % 3, `v${i}`)
    expected.push(`${i % 3}:${Math.floor(i / 3)}=v${i}`)
  }
  await Promise.all(Array.from({ length: 10 }, () => consumer().land({ maxBytes: 300 })))
  assert.deepEqual(
    await landedIn(table(), store),
    expected.sort((a, b) => order(a) - order(b)),
  )
})

function order(text: string): number {
  const [partition = '', rest = ''] = text.split(':')
  return Number(partition) * 1e9 + Number(rest.split('=')[0])
}

test('wherever the store dies, fills up, fails or loses an answer, every record lands once in the end', async () => {
  const breakages: Readonly<Record<string, (store: ObjectStore, n: number) => ObjectStore>> = {
    'dies before': (store, n) => storeDyingAt(store, n, 'before'),
    'dies after': (store, n) => storeDyingAt(store, n, 'after'),
    fails: (store, n) => storeFailingAt(store, n),
    'is away': (store, n) => storeFailingAt(store, n, { retry: true }),
    'loses the answer': storeLosingAnswerAt,
    'is full': storeFullAt,
  }
  for (const [how, broken] of Object.entries(breakages)) {
    for (let n = 1; n <= 12; n += 1) {
      const under = memoryStore()
      const { log, send, consumer, table } = bed({ store: under })
      const topic = await log.createTopic(topicName, 2)
      for (let i = 0; i < 4; i += 1) await send(topic, i % 2, `v${i}`)
      const first = bed({ log, store: broken(under, n) }).consumer()
      await first.land({ maxBytes: 100 }).catch((error: unknown) => {
        if (!(error instanceof Died) && !(error instanceof Fault)) throw error
      })
      await consumer().land()
      assert.deepEqual(await landedIn(table(), under), ['0:0=v0', '0:1=v2', '1:0=v1', '1:1=v3'], `${how} at ${n}`)
    }
  }
})

test('a topic made anew is not taken for the old one, unless a person says so', async () => {
  const { log, send, consumer, table, store } = bed()
  const old = await log.createTopic(topicName, 1)
  await send(old, 0, 'a')
  await consumer().land()
  await log.removeTopic(topicName)
  const anew = await log.createTopic(topicName, 1)
  await send(anew, 0, 'b')
  await assert.rejects(consumer().land(), isFault('stream/topic-anew'))
  await consumer().land({ allow: ['topic-anew'] })
  await consumer().land()
  assert.deepEqual((await landedIn(table(), store)).toSorted(), ['0:0=a', '0:0=b'])
})

test('a log that ends before the lake’s position is refused', async () => {
  const { log, send, consumer, store } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b')
  await consumer().land()
  const copy = newLog()
  await copy.createTopic(topicName, 1)
  const older = { ...copy, topic: async () => topic, ranges: async () => [{ partition: 0, start: 0, end: 1 }] }
  await assert.rejects(bed({ log: older, store }).consumer().land(), isFault('stream/log-behind'))
})

test('records that the log lost before they were landed are named, and left out only where a person says so', async () => {
  const { log, send, consumer, store, table } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a')
  await consumer().land()
  await send(topic, 0, 'b', 'c', 'd')
  const cut = { ...log, ranges: async () => [{ partition: 0, start: 3, end: 4 }] }
  const on = bed({ log: cut, store })
  await assert.rejects(on.consumer().land(), isFault('stream/truncated'))
  await on.consumer().land({ allow: ['gap'] })
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:3=d'])
})

test('a partition that does not answer keeps no other waiting, and lands once it does', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 3)
  await send(topic, 0, 'slow')
  await send(topic, 1, 'a')
  await send(topic, 2, 'b')
  const answers = Promise.withResolvers<void>()
  const stop = new AbortController()
  const slow: typeof log = {
    ...log,
    async read(...call) {
      if (call[1] === 0) await answers.promise
      return log.read(...call)
    },
  }
  const landed = consumer({ log: slow, signal: stop.signal }).land({ once: false, maxAgeMs: 5 })
  while ((await landedIn(table(), store)).length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
  await send(topic, 1, 'c')
  while ((await landedIn(table(), store)).length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  answers.resolve()
  while ((await landedIn(table(), store)).length < 4) await new Promise((resolve) => setTimeout(resolve, 5))
  stop.abort()
  await landed
  assert.deepEqual(await landedIn(table(), store), ['0:0=slow', '1:0=a', '1:1=c', '2:0=b'])
})

test('weather over one partition is waited out while the others land', async () => {
  const { log, send, consumer, table, store, events } = bed()
  const topic = await log.createTopic(topicName, 2)
  await send(topic, 0, 'rain')
  await send(topic, 1, 'sun')
  let failures = 3
  const rainy: typeof log = {
    ...log,
    async read(...call) {
      if (call[1] === 0 && failures > 0) {
        failures -= 1
        throw new Fault('log/unreachable', 'It rains.', { mend: 'Wait.', retry: true })
      }
      return log.read(...call)
    },
  }
  const waits: number[] = []
  const after = (ms: number, ring: () => void) => {
    waits.push(ms)
    queueMicrotask(ring)
    return () => {}
  }
  assert.equal(await consumer({ log: rainy, after }).land(), 2)
  assert.equal(events.filter(({ kind }) => kind === 'retry').length, 3)
  assert.deepEqual(await landedIn(table(), store), ['0:0=rain', '1:0=sun'])
})

test('a log that answers what was not asked for is refused, and nothing of it lands', async () => {
  const { log, send, consumer, table } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b', 'c')
  await consumer().land()
  const repeating: typeof log = {
    ...log,
    read: async (topic, partition, offset, limits) => log.read(topic, partition, Math.max(0, offset - 1), limits),
  }
  await send(topic, 0, 'd')
  await assert.rejects(consumer({ log: repeating }).land(), isFault('log/damaged'))
  assert.equal((await table().snapshot())?.version, 0)
})

test('offsets that a log left out are passed over, and what it keeps for itself at the end is', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b')
  // Twice the offset, and a marker after each record, as transactions have it.
  const marked: typeof log = {
    ...log,
    async read(topic, partition, offset, limits) {
      const { blocks, next } = await log.read(topic, partition, Math.ceil(offset / 2), limits)
      const spread = blocks.map((block) => ({ ...block, offsets: block.offsets.map((at) => at * 2) }))
      return { blocks: spread, next: next * 2 }
    },
    ranges: async (topic) => (await log.ranges(topic)).map((range) => ({ ...range, end: range.end * 2 })),
  }
  assert.equal(await consumer({ log: marked }).land(), 2)
  assert.equal(await consumer({ log: marked }).land(), 0)
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:2=b'])
  assert.equal((await table().snapshot())?.txns.get(`land:visit:${topic.id}:0`), 4)
})

test('to drain a topic waits for the transactions that were open when it began', async () => {
  const { log, send, consumer, table, store, events } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a')
  const before = await log.ranges(topic)
  await send(topic, 0, 'b', 'c')
  let isOpen = true
  const open: typeof log = {
    ...log,
    ranges: async (of) =>
      isOpen ? before.map((range) => ({ ...range, written: range.end + 2 })) : await log.ranges(of),
    read: (of, partition, offset, limits) =>
      isOpen && offset >= 1
        ? Promise.resolve({ blocks: [], next: offset })
        : log.read(of, partition, offset, isOpen ? { ...limits, maxRecords: 1 } : limits),
    async waitBeyond(of, ends, signal) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      isOpen = false
      return log.waitBeyond(of, ends, signal)
    },
  }
  assert.equal(await consumer({ log: open }).land(), 3)
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=b', '0:2=c'])
  assert.ok(!events.some(({ kind }) => kind === 'fault'))
})

test('to drain a topic ends without what a transaction keeps back too long, and says so', async () => {
  const { log, send, consumer, table, store, events } = bed()
  const topic = await log.createTopic(topicName, 2)
  await send(topic, 0, 'a')
  await send(topic, 1, 'b')
  const withheld: typeof log = {
    ...log,
    ranges: async (of) =>
      (await log.ranges(of)).map((range) => (range.partition === 1 ? { ...range, written: 4 } : range)),
    waitBeyond: (_of, _ends, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  }
  let nowMs = Date.now()
  const waits: number[] = []
  const landed = await consumer({
    log: withheld,
    nowMs: () => nowMs,
    after(ms, ring) {
      waits.push(ms)
      nowMs += ms
      setImmediate(ring)
      return () => {}
    },
  }).land()
  assert.equal(landed, 2)
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '1:0=b'])
  assert.ok(Math.max(...waits) > 60_000, 'a producer has its time to end what it began')
  const faults = events.flatMap((event) => (event.kind === 'fault' ? [event.fault] : []))
  assert.deepEqual(
    faults.map(({ code, facts }) => [code, facts]),
    [['stream/withheld', { dataset: 'visit', topic: topicName, partition: 1, from: 1, to: 4 }]],
  )
})

test('to drain a topic goes on where another consumer landed a part of it first', async () => {
  const { log, send, consumer, table, store, events } = bed()
  const topic = await log.createTopic(topicName, 1)
  await send(topic, 0, 'a', 'b', 'c')
  const one: typeof log = {
    ...log,
    ranges: async (of) => (await log.ranges(of)).map((range) => ({ ...range, end: 1 })),
    read: (of, partition, offset, limits) => log.read(of, partition, offset, { ...limits, maxRecords: 1 }),
  }
  let isFirst = true
  const raced: typeof log = {
    ...log,
    async read(of, partition, offset, limits) {
      const answer = await log.read(of, partition, offset, limits)
      if (isFirst) {
        isFirst = false
        await consumer({ log: one }).land()
      }
      return answer
    },
  }
  assert.equal(await consumer({ log: raced }).land(), 2)
  assert.ok(events.some(({ kind }) => kind === 'stream/fenced'))
  assert.deepEqual(await landedIn(table(), store), ['0:0=a', '0:1=b', '0:2=c'])
})

test('the epoch of what was landed is kept, and told to the log', async () => {
  const { log, send, consumer, table } = bed()
  const topic = await log.createTopic(topicName, 1)
  const told: (number | undefined)[] = []
  const led: typeof log = {
    ...log,
    async read(topic, partition, offset, limits) {
      told.push(limits.afterEpoch)
      return { ...(await log.read(topic, partition, offset, limits)), epoch: 7 }
    },
  }
  await send(topic, 0, 'a')
  await consumer({ log: led }).land()
  await send(topic, 0, 'b')
  await consumer({ log: led }).land()
  assert.deepEqual(told, [undefined, 7])
  assert.equal((await table().snapshot())?.txns.get(`epoch:visit:${topic.id}:0`), 7)
})

test('a log that lost what was landed is told, though it ends where the lake stands', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 1)
  let epoch = 7
  const led: typeof log = {
    ...log,
    async read(topic, partition, offset, limits) {
      if (limits.afterEpoch !== undefined && limits.afterEpoch !== epoch)
        throw new Fault('log/diverged', 'What stands before is no longer what was read.', { mend: 'Send it again.' })
      return { ...(await log.read(topic, partition, offset, limits)), epoch }
    },
  }
  await send(topic, 0, 'a')
  await consumer({ log: led }).land()
  assert.equal(await consumer({ log: led }).land(), 0, 'nothing is left, and all is as it was')
  epoch = 8
  await assert.rejects(consumer({ log: led }).land(), { code: 'log/diverged' })
  assert.deepEqual(await landedIn(table(), store), ['0:0=a'])
})

test('a log’s own mark under another leadership moves the epoch too', async () => {
  const { log, send, consumer, table } = bed()
  const topic = await log.createTopic(topicName, 1)
  const told: (number | undefined)[] = []
  // A mark stands between the two records, under the leadership after the first one's.
  const marked: typeof log = {
    ...log,
    async read(topic, partition, offset, limits) {
      told.push(limits.afterEpoch)
      if (offset === 1) return { blocks: [], next: 2, epoch: 8 }
      const { blocks, next } = await log.read(topic, partition, offset === 0 ? 0 : 1, { ...limits, maxRecords: 1 })
      const moved = blocks.map((block) => ({ ...block, offsets: block.offsets.map(() => offset) }))
      return { blocks: moved, next: offset === 0 ? next : offset + blocks.length, epoch: offset === 0 ? 7 : 9 }
    },
    ranges: async () => [{ partition: 0, start: 0, end: 3 }],
  }
  await send(topic, 0, 'a', 'b')
  assert.equal(await consumer({ log: marked }).land(), 2)
  assert.deepEqual(told, [undefined, 7, 8])
  assert.equal((await table().snapshot())?.txns.get(`epoch:visit:${topic.id}:0`), 9)
})

test('partitions that change hands are committed first, and then those that are one’s own are read', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 2)
  let assignment = { generation: 1, partitions: [0] }
  let changing: () => Promise<void> = async () => {}
  const shared: typeof log = {
    ...log,
    async join(_topic, _consumer, change) {
      changing = change
      return { assigned: () => assignment, leave: async () => {} }
    },
  }
  const stop = new AbortController()
  const landed = consumer({ log: shared, signal: stop.signal }).land({ once: false, maxAgeMs: 60_000 })
  await send(topic, 0, 'mine')
  await send(topic, 1, 'not mine')
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.deepEqual(await landedIn(table(), store), [])
  await changing()
  assert.deepEqual(await landedIn(table(), store), ['0:0=mine'])
  assignment = { generation: 2, partitions: [1] }
  await changing()
  await send(topic, 0, 'no more')
  await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  await landed
  assert.deepEqual(await landedIn(table(), store), ['0:0=mine', '1:0=not mine'])
})

test('one long partition does not keep the others waiting', async () => {
  const { log, send, consumer, table, store } = bed()
  const topic = await log.createTopic(topicName, 2)
  for (let i = 0; i < 40; i += 1) await send(topic, 0, 'x'.repeat(100_000))
  await send(topic, 1, 'small')
  await consumer().land({ maxBytes: 1_500_000 })
  const first = await table().snapshotAt(0)
  const [file] = first.files
  assert.ok(file)
  assert.ok((await landedIn(table(), store)).includes('1:0=small'))
  assert.ok(first.txns.size === 2, 'both partitions are in the first commit')
})

test('what landed is told with the age of its newest record, where a record has one', async () => {
  const log = memoryLog({ nowMs: () => sentMs })
  let sentMs = 5_000
  const { send, consumer, events } = bed({ log })
  const topic = await log.createTopic(topicName, 1)
  const land = () => consumer({ nowMs: () => 9_000 }).land()
  const told = () => {
    const event = events.at(-1)
    assert.equal(event?.kind, 'stream/landed')
    return [event.newestMs, event.atMs, event.rows]
  }
  await send(topic, 0, 'a')
  sentMs = 7_000
  await send(topic, 0, 'b')
  sentMs = 6_000
  await send(topic, 0, 'c')
  await land()
  assert.deepEqual(told(), [7_000, 9_000, 3])
  sentMs = Number.NaN
  await send(topic, 0, 'd')
  await land()
  assert.deepEqual(told(), [null, 9_000, 1])
})
