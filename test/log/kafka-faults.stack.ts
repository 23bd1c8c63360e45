import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Producer } from '@platformatic/kafka'
import type { NewRecord, RecordLog, Topic } from '#port'
import { Fault, recordsOf } from '#port'
import { bed, landedIn, topicName } from '../pipeline/stream-fixture.ts'
import { isFault, record, valuesFrom } from './conformance.ts'
import type { TestBroker } from './kafka-broker.ts'
import { newBroker, openKafka, whyNoBroker } from './kafka-broker.ts'

const limits = { maxBytes: 1 << 20, maxRecords: 10_000 }
const text = (value: Uint8Array | null): string | null => value && new TextDecoder().decode(value)

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  let broker: TestBroker
  before(async () => {
    broker = await newBroker()
    await broker.start()
  })
  after(() => broker.remove())

  const check = (what: string, body: (log: RecordLog, topic: Topic) => Promise<void>): void => {
    test(`kafka: ${what}`, async () => {
      const log = await openKafka(broker.address)
      try {
        await log.removeTopic('f')
        await body(log, await log.createTopic('f', 2))
      } finally {
        await log.close()
      }
    })
  }
  const admin = async (body: (admin: Admin) => Promise<unknown>): Promise<void> => {
    const client = new Admin({ clientId: 'test', bootstrapBrokers: [broker.address] })
    await body(client).finally(() => client.close())
  }

  check('records of every codec, of other clients, are read as they were sent', async (log, topic) => {
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.address] })
    const sent: string[] = []
    try {
      for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'none'] as const) {
        const values = Array.from({ length: 200 }, (_, i) => `${compression} ${i} ${'x'.repeat(i)}`)
        sent.push(...values)
        const messages = values.map((value) => ({
          ...{ topic: 'f', partition: 0, key: Buffer.from(compression), value: Buffer.from(value) },
          headers: new Map([[Buffer.from('codec'), Buffer.from(compression)]]),
        }))
        await producer.send({ messages, compression })
      }
    } finally {
      await producer.close()
    }
    assert.deepEqual(await valuesFrom(log, topic), sent)
    assert.deepEqual(await valuesFrom(log, topic, 0, 777), sent.slice(777))
    const some = recordsOf(await log.read(topic, 0, 333, { maxBytes: 1 << 20, maxRecords: 5 }))
    assert.deepEqual(
      some.map(({ offset }) => offset),
      [333, 334, 335, 336, 337],
    )
    assert.deepEqual(
      some[0]?.headers.map(({ key, value }) => [key, text(value)]),
      [['codec', 'gzip']],
    )
  })

  /** Once nothing is open any more. */
  async function settled(log: RecordLog, topic: Topic): Promise<{ readonly end: number }> {
    for (;;) {
      const [range] = await log.ranges(topic)
      if (range !== undefined && range.written === undefined) return range
      await sleep(20)
    }
  }

  check('what a transaction wrote is read once it is committed, and never where it is aborted', async (log, topic) => {
    const producer = new Producer({
      ...{ clientId: 'test', bootstrapBrokers: [broker.address], idempotent: true, transactionalId: 'theirs' },
    })
    const send = (value: string) => ({
      messages: [{ topic: 'f', partition: 0, key: Buffer.from('k'), value: Buffer.from(value) }],
    })
    try {
      await log.append(topic, [record('before')])
      const aborted = await producer.beginTransaction()
      await aborted.send(send('aborted'))
      await log.append(topic, [record('after')])
      assert.deepEqual(await valuesFrom(log, topic), ['before'], 'nobody knows yet what becomes of it')
      assert.deepEqual((await log.ranges(topic))[0], { partition: 0, start: 0, end: 1, written: 3 })
      const waiting = log.waitBeyond(topic, new Map([[0, 1]]), AbortSignal.timeout(10_000))
      await aborted.abort()
      await waiting
      assert.deepEqual(await valuesFrom(log, topic), ['before', 'after'])
      // Of one producer, several in one answer.
      for (let again = 0; again < 3; again += 1) {
        const other = await producer.beginTransaction()
        await other.send(send(`aborted again ${again}`))
        await other.abort()
      }
      const committed = await producer.beginTransaction()
      await committed.send(send('committed'))
      await committed.commit()
      const { end } = await settled(log, topic)
      assert.deepEqual(await valuesFrom(log, topic), ['before', 'after', 'committed'])
      for (let from = 0; from < end; from += 1) {
        const values = await valuesFrom(log, topic, 0, from)
        assert.deepEqual(values, ['before', 'after', 'committed'].slice(-values.length || 3), `from ${from}`)
      }
    } finally {
      await producer.close()
    }
  })

  test('kafka: to drain a topic lands what stands behind a transaction that is open, once it ends', async () => {
    const log = await openKafka(broker.address)
    const producer = new Producer({
      ...{ clientId: 'test', bootstrapBrokers: [broker.address], idempotent: true, transactionalId: 'slow' },
    })
    const { consumer, table, store, events } = bed({ log })
    try {
      const topic = await log.createTopic(topicName, 1)
      await log.append(topic, [record('before')])
      const open = await producer.beginTransaction()
      const messages = [{ topic: topicName, partition: 0, key: Buffer.from('k'), value: Buffer.from('theirs') }]
      await open.send({ messages })
      await log.append(topic, [record('acknowledged')])
      const draining = consumer().land()
      await sleep(1_000)
      await open.commit()
      assert.equal(await draining, 3)
      assert.deepEqual(await landedIn(table(), store), ['0:0=before', '0:1=theirs', '0:2=acknowledged'])
      assert.ok(!events.some(({ kind }) => kind === 'fault'))
    } finally {
      await Promise.all([log.close(), producer.close()])
    }
  })

  check('an append of many parts is in as a whole, whatever its size', async (log, topic) => {
    const large = Array.from({ length: 5 }, (_, i) => ({
      ...record('', i % 2),
      value: new Uint8Array(800_000).fill(i),
    }))
    await log.append(topic, large, { id: 'p', sequence: 0 })
    const sizes: number[] = []
    for (const partition of [0, 1]) {
      for (let next = 0; ; ) {
        const answer = await log.read(topic, partition, next, limits)
        if (answer.next === next) break
        next = answer.next
        sizes.push(...recordsOf(answer).map(({ value }) => value?.length ?? -1))
      }
    }
    assert.deepEqual(sizes, Array(5).fill(800_000))
    assert.equal(await log.sequenceOf(topic, 'p'), 5)
  })

  check('a record over what the broker takes is a fault, and nothing of its append is written', async (log, topic) => {
    const huge = { ...record('', 1), value: new Uint8Array(2_000_000) }
    const batch: readonly NewRecord[] = [record('small'), huge]
    await assert.rejects(log.append(topic, [huge]), isFault('log/too-large'))
    await assert.rejects(log.append(topic, batch, { id: 'p', sequence: 0 }), isFault('log/too-large'))
    assert.deepEqual(await valuesFrom(log, topic), [])
    assert.equal(await log.sequenceOf(topic, 'p'), 0)
    assert.deepEqual(await log.append(topic, [record('a')], { id: 'p', sequence: 0 }), { outcome: 'appended' })
    assert.deepEqual(await valuesFrom(log, topic), ['a'])
  })

  check('records that were deleted are out of range, told with where the log begins', async (log, topic) => {
    for (const value of ['a', 'b', 'c']) await log.append(topic, [record(value)])
    await admin((client) =>
      client.deleteRecords({ topics: [{ name: 'f', partitions: [{ partition: 0, offset: 2n }] }] }),
    )
    assert.deepEqual((await log.ranges(topic))[0], { partition: 0, start: 2, end: 3 })
    const facts = { partition: 0, offset: 1, start: 2, end: 3 }
    await assert.rejects(log.read(topic, 0, 1, limits), isFault('log/out-of-range', facts))
    await log.waitBeyond(topic, new Map([[0, 1]]), AbortSignal.timeout(5_000))
    assert.deepEqual(await valuesFrom(log, topic, 0, 2), ['c'])
  })

  check(
    'a topic that is made anew while it is read is told, and what was read of it stays its own',
    async (log, topic) => {
      await log.append(topic, [record('a')])
      await log.read(topic, 0, 0, limits)
      const waiting = log.waitBeyond(topic, new Map([[0, 1]]), AbortSignal.timeout(20_000))
      await admin(async (client) => {
        await client.deleteTopics({ topics: ['f'] })
        await sleep(500)
        await client.createTopics({ topics: ['f'], partitions: 1, replicas: 1 })
      })
      await waiting
      await assert.rejects(log.read(topic, 0, 1, limits), isFault('log/topic-anew', { asked: topic.id }))
      await assert.rejects(log.append(topic, [record('b')], { id: 'p', sequence: 0 }), isFault('log/topic-anew'))
      assert.equal((await log.topic('f'))?.partitions, 1)
    },
  )

  check('partitions that are added are seen when the topic is asked for again', async (log, topic) => {
    await assert.rejects(log.read(topic, 3, 0, limits), isFault('log/no-partition', { partition: 3, partitions: 2 }))
    await admin((client) => client.createPartitions({ topics: [{ name: 'f', count: 4, assignments: undefined }] }))
    for (let look = 0; look < 100 && (await log.topic('f'))?.partitions !== 4; look += 1) await sleep(50)
    assert.deepEqual(await log.topic('f'), { ...topic, partitions: 4 })
    await log.append(topic, [record('new', 3)])
    assert.deepEqual(await valuesFrom(log, topic, 3), ['new'])
  })

  check(
    'two processes of one name: the newer ends what the older began, and each record is in once',
    async (log, topic) => {
      const other = await openKafka(broker.address)
      try {
        let [sequence, taken] = [0, 0]
        const values = Array.from({ length: 12 }, (_, i) => `${i}`)
        while (sequence < values.length) {
          const next = (each: RecordLog, by: string) =>
            each.append(topic, [record(`${values[sequence]} by ${by}`)], { id: 'p', sequence })
          const outcomes = await Promise.all([next(log, 'one'), next(other, 'other')])
          taken += outcomes.filter(({ outcome }) => outcome === 'appended').length
          sequence += 1
        }
        const read = await valuesFrom(log, topic)
        assert.deepEqual(
          read.map((value) => value?.split(' ')[0]),
          values,
        )
        assert.equal(taken, values.length)
        assert.equal(await other.sequenceOf(topic, 'p'), values.length)
      } finally {
        await other.close()
      }
    },
  )

  check('a reader that stood under another leadership than the log had is told', async (log, topic) => {
    await log.append(topic, [record('a')])
    await broker.stop()
    await broker.start()
    const again = await openKafka(broker.address)
    try {
      await again.append(topic, [record('b')])
      const { blocks } = await again.read(topic, 0, 0, limits)
      const epochs = blocks.map(({ epoch }) => epoch)
      assert.equal(epochs.length, 2, `epochs ${epochs.join(', ')}`)
      const [first = -1, second = -1] = epochs
      assert.ok(second > first)
      const from = (afterEpoch: number) => again.read(topic, 0, 2, { ...limits, afterEpoch })
      assert.deepEqual(await from(second), { blocks: [], next: 2, epoch: second })
      await assert.rejects(from(first), isFault('log/diverged', { partition: 0, offset: 2 }))
      await assert.rejects(from(second + 7), isFault('log/diverged', { partition: 0, offset: 2 }))
    } finally {
      await again.close()
    }
  })

  test('kafka: a broker that dies while records go in and out loses none, and none is in twice', async () => {
    const [log, reader] = [await openKafka(broker.address), await openKafka(broker.address)]
    try {
      await log.removeTopic('f')
      const topic = await log.createTopic('f', 2)
      let [sequence, weather] = [0, 0]
      let killsAreOver = false
      let total = Number.POSITIVE_INFINITY
      const read: (string | null)[] = []
      const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
        for (let left = 60; ; left -= 1) {
          try {
            return await work()
          } catch (error) {
            if (!(error instanceof Fault) || !error.retry || left === 0) throw error
            assert.equal(error.code, 'log/unreachable')
            weather += 1
            await sleep(250)
          }
        }
      }
      const writing = (async () => {
        try {
          while (!killsAreOver) {
            const batch = Array.from({ length: 5 }, (_, i) => record(`${sequence + i}`, (sequence + i) % 2))
            const outcome = await patiently(() => log.append(topic, batch, { id: 'p', sequence }))
            sequence = outcome.outcome === 'moved' ? outcome.sequence : sequence + 5
            await sleep(20)
          }
        } finally {
          total = sequence
        }
      })()
      const reading = (async () => {
        const next = [0, 0]
        while (read.length < total) {
          for (const partition of [0, 1]) {
            const answer = await patiently(() => reader.read(topic, partition, next[partition] ?? 0, limits))
            next[partition] = answer.next
            read.push(...recordsOf(answer).map(({ value }) => text(value)))
          }
          const ends = new Map(next.map((at, partition) => [partition, at]))
          await patiently(() => reader.waitBeyond(topic, ends, AbortSignal.timeout(500)))
        }
      })()
      try {
        for (let kill = 0; kill < 2; kill += 1) {
          await sleep(1_500)
          await broker.kill()
          await sleep(500)
          await broker.start()
        }
      } finally {
        killsAreOver = true
      }
      await Promise.all([writing, reading])
      assert.deepEqual(
        read.toSorted((a, b) => Number(a) - Number(b)),
        Array.from({ length: total }, (_, i) => `${i}`),
      )
      assert.ok(weather > 0, 'the broker was missed')
    } finally {
      await Promise.all([log.close(), reader.close()])
    }
  })

  test('kafka: brokers that nobody answers for are unreachable', async () => {
    const log = await openKafka('127.0.0.1:1')
    await assert.rejects(log.topic('t'), (error) => isFault('log/unreachable')(error) && (error as Fault).retry)
    await log.close()
  })
}
