import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryLog } from '#log'
import type { ReplayEffects } from '#pipeline'
import { landFiles, landTopic, newAsking, replayDataset } from '#pipeline'
import type { LogRecord, ObjectStore } from '#port'
import { animals, fileOf, lander, rowsOf } from './land-fixture.ts'
import type { TestLog } from './produce-log.ts'
import { testLog } from './produce-log.ts'
import { ringAfter } from './stream-fixture.ts'

const csv = (rows: number, from = 0): string =>
  `Name,Legs\n${Array.from({ length: rows }, (_, at) => `animal ${from + at},${at % 9}\n`).join('')}`

async function landed(files: Readonly<Record<string, string | Uint8Array>>): Promise<ObjectStore> {
  const { effects, store } = lander()
  const sources = Object.entries(files).map(([name, content]) => fileOf(name, content))
  await landFiles(sources, [animals], effects)
  return store
}

function replayer(store: ObjectStore, { log }: Pick<TestLog, 'log'>, more: Partial<ReplayEffects> = {}): ReplayEffects {
  return {
    ...lander(store).effects,
    log,
    sleep: async () => {},
    random: () => 0.5,
    ...more,
  }
}

const header = ({ headers }: LogRecord, name: string): string | undefined =>
  headers.flatMap(({ key, value }) => (key === name && value !== null ? Buffer.from(value).toString() : []))[0]

const files = {
  'animals-1.csv': csv(700),
  'animals-2.csv': csv(1_600, 1_000),
  'animals-3.json': JSON.stringify({
    meta: {
      view: {
        columns: [
          { name: 'Name', fieldName: 'name' },
          { name: 'Legs', fieldName: 'legs' },
        ],
      },
    },
    data: [['cat', '4']],
  }),
}

test('a landed dataset is sent to a topic of its name: the same bytes in the same order, with layout and origin', async () => {
  const store = await landed(files)
  const log = testLog(Date.now)
  const replayed = await replayDataset(animals, replayer(store, log))
  const bronze = [...(await rowsOf(store, 'bronze/animal'))].sort(
    (a, b) =>
      (String(a.source) < String(b.source) ? -1 : a.source === b.source ? 0 : 1) || Number(a.offset) - Number(b.offset),
  )
  const records = await log.records('animal')
  assert.equal(records.length, 2_301)
  assert.deepEqual(
    { sent: replayed.sent, leftOut: replayed.leftOut, complete: replayed.complete },
    { sent: 2_301, leftOut: 0, complete: true },
  )
  assert.deepEqual(
    records.map(({ value }) => Buffer.from(value ?? []).toString()),
    bronze.map(({ value }) => Buffer.from(value instanceof Uint8Array ? value : []).toString()),
  )
  assert.deepEqual(
    records.map((record) => header(record, 'origin')),
    bronze.map(({ source }) => source),
  )
  const layouts = new Set(records.map((record) => header(record, 'layout')))
  assert.deepEqual([...layouts].sort(), ['plain', 'portal'])
})

test('sent again it sends nothing, and of what was landed since only what is new', async () => {
  const store = await landed({ 'animals-1.csv': csv(5) })
  const log = testLog(Date.now)
  assert.equal((await replayDataset(animals, replayer(store, log))).sent, 5)
  assert.equal((await replayDataset(animals, replayer(store, log))).sent, 0)
  await landFiles([fileOf('animals-2.csv', csv(3, 10))], [animals], lander(store).effects)
  const { sent, total } = await replayDataset(animals, replayer(store, log))
  assert.deepEqual([sent, total], [3, 8])
})

test('what the same lake landed of it again is not sent once more, by this topic or by another', async () => {
  const store = await landed({ 'animals-1.csv': csv(5) })
  const log = memoryLog()
  const stream = { topic: 'animal', partitions: 1 }
  assert.equal((await replayDataset({ ...animals, stream }, replayer(store, { log }))).sent, 5)
  const effects = replayer(store, { log })
  const options = {
    ...{ dataset: 'animal', topic: 'animal', once: true, consumer: 'a lake', allowed: new Set<never>() },
    flush: { maxBytes: 1_000_000, maxAgeMs: 1_000 },
  }
  assert.equal(
    await landTopic(options, { ...effects, after: ringAfter, flushing: newAsking(), memoryIsTight: () => false }),
    5,
  )
  assert.equal((await rowsOf(store, 'bronze/animal')).length, 10)
  assert.equal((await replayDataset({ ...animals, stream }, replayer(store, { log }))).sent, 0)
  const elsewhere = { topic: 'zoo', partitions: 1 }
  assert.equal((await replayDataset({ ...animals, stream: elsewhere }, replayer(store, { log }))).sent, 5)
})

test('killed between batches it goes on, and every record is in once and in order', async () => {
  const store = await landed(files)
  const log = testLog(Date.now)
  let meets = 0
  const failpoint = (): void => {
    meets += 1
    if (meets === 2 || meets === 5) throw new Error('killed')
  }
  await assert.rejects(replayDataset(animals, replayer(store, log, { failpoint })), /killed/)
  await assert.rejects(replayDataset(animals, replayer(store, log, { failpoint })), /killed/)
  const last = await replayDataset(animals, replayer(store, log, { failpoint }))
  assert.equal(last.total, 2_301)
  assert.ok(last.sent < 2_301)
  const whole = testLog(Date.now)
  await replayDataset(animals, replayer(store, whole))
  assert.deepEqual(
    (await log.records('animal')).map(({ value }) => value),
    (await whole.records('animal')).map(({ value }) => value),
  )
})

test('a batch that came through before the weather is not sent twice', async () => {
  const store = await landed(files)
  const log = testLog(Date.now)
  log.failNext(2, 'after')
  assert.equal((await replayDataset(animals, replayer(store, log))).total, 2_301)
  assert.equal((await log.records('animal')).length, 2_301)
})

test('records of files that cannot be read are left out and counted', async () => {
  const store = await landed({ 'animals-1.csv': csv(4), 'animals-broken.json': '[{"Name":' })
  const log = testLog(Date.now)
  const { sent, leftOut } = await replayDataset(animals, replayer(store, log))
  assert.deepEqual([sent, leftOut], [4, 1])
})

test('the contract’s own topic is used where it names one, and a file keeps to one partition', async () => {
  const store = await landed(files)
  const log = testLog(Date.now)
  const stream = { topic: 'zoo', partitions: 3 }
  await replayDataset({ ...animals, stream }, replayer(store, log))
  const records = await log.records('zoo')
  assert.equal(records.length, 2_301)
  const partitionsOf = new Map<string, Set<number>>()
  for (const record of records) {
    const origin = header(record, 'origin') ?? ''
    partitionsOf.set(origin, (partitionsOf.get(origin) ?? new Set()).add(record.partition))
  }
  assert.ok([...partitionsOf.values()].every(({ size }) => size === 1))
})

test('a dataset of which nothing was landed is a fault with what mends it', async () => {
  const { store } = lander()
  await assert.rejects(replayDataset(animals, replayer(store, testLog(Date.now))), { code: 'stream/nothing' })
})
