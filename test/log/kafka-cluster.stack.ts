import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Connection, createTopicsV7 } from '@platformatic/kafka'
import type { RecordLog, Topic } from '#port'
import { Fault } from '#port'
import { bed, landedIn, topicName } from '../pipeline/stream-fixture.ts'
import { isFault, record } from './conformance.ts'
import { openKafka, whyNoBroker } from './kafka-broker.ts'
import type { TestCluster } from './kafka-cluster.ts'
import { newCluster } from './kafka-cluster.ts'

const untilMs = 60_000

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  let cluster: TestCluster
  before(async () => {
    cluster = await newCluster()
    await cluster.start()
  })
  after(() => cluster.remove())

  /** The number of the broker that leads; undefined while nobody does. */
  async function leaderOf(name: string, partition: number, from = cluster.addresses): Promise<number | undefined> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...from] })
    try {
      const { topics } = await admin.metadata({ topics: [name], forceUpdate: true })
      const leader = topics.get(name)?.partitions[partition]?.leader ?? -1
      return leader < 0 ? undefined : leader
    } catch {
      return undefined // A cluster in which somebody just died says so by errors.
    } finally {
      await admin.close()
    }
  }

  /** Weather is waited out by the caller here; landing does so itself. */
  async function patiently<T>(work: () => Promise<T>): Promise<T> {
    for (const startedMs = Date.now(); ; await sleep(200)) {
      try {
        return await work()
      } catch (error) {
        if (!(error instanceof Fault) || !error.retry || Date.now() - startedMs > untilMs) throw error
      }
    }
  }

  async function send(log: RecordLog, topic: Topic, from: number, records: number): Promise<void> {
    for (let sequence = from; sequence < from + records; ) {
      const size = Math.min(10, from + records - sequence)
      const batch = Array.from({ length: size }, (_, i) => record(`${sequence + i}`, (sequence + i) % topic.partitions))
      const outcome = await patiently(() => log.append(topic, batch, { id: 'p', sequence }))
      sequence = outcome.outcome === 'moved' ? outcome.sequence : sequence + size
      await sleep(10)
    }
  }

  test('kafka: leaders that die, and that hand over, while a topic is landed cost no record, and none comes twice', async () => {
    const [writer, reader] = [await openKafka(cluster.addresses), await openKafka(cluster.addresses)]
    const { consumer, table, store, events } = bed({ log: reader })
    const stop = new AbortController()
    const underWay: Promise<unknown>[] = []
    try {
      const topic = await writer.createTopic(topicName, 2)
      const follower = consumer({ signal: stop.signal, sleep: async (ms) => void (await sleep(ms)) })
      const landing = follower.land({ once: false })
      const total = 900
      const shaking = (async () => {
        await sleep(1_000)
        const first = await leaderOf(topicName, 0)
        assert.ok(first !== undefined)
        await cluster.kill(first)
        await sleep(5_000)
        await cluster.start(first)
        await sleep(2_000)
        const second = await leaderOf(topicName, 0)
        assert.ok(second !== undefined && second !== first, `broker ${second} took over`)
        await cluster.stop(second)
        await sleep(1_000)
        await cluster.start(second)
      })()
      underWay.push(landing, shaking)
      for (const each of underWay) each.catch(() => {}) // told below
      for (let sent = 0; sent < total; sent += 100) await send(writer, topic, sent, 100)
      await shaking
      await send(writer, topic, total, 100)
      const values = async () => (await landedIn(table(), store)).map((each) => Number(each.split('=')[1]))
      for (const startedMs = Date.now(); Date.now() - startedMs < untilMs; await sleep(200)) {
        if ((await values()).length >= total + 100) break
      }
      stop.abort()
      await landing
      assert.deepEqual(
        (await values()).toSorted((a, b) => a - b),
        Array.from({ length: total + 100 }, (_, i) => i),
      )
      const places = (await landedIn(table(), store)).map((each) => each.split('=')[0])
      assert.equal(new Set(places).size, places.length)
      assert.ok(!events.some(({ kind }) => kind === 'fault'), 'nothing was said to be amiss but the weather')
    } finally {
      stop.abort()
      await Promise.allSettled(underWay) // told above; the next test finds a cluster at rest
      await Promise.all([writer.close(), reader.close()])
    }
  })

  test('kafka: a leader that lacks records which were landed is noticed, before and after others stand in their place', async () => {
    const log = await openKafka(cluster.addresses)
    await patiently(() => log.removeTopic(topicName))
    const connection = new Connection('test')
    const [, port = ''] = cluster.addresses[0]?.split(':') ?? []
    await connection.connect('127.0.0.1', Number(port))
    const assignments = [{ partitionIndex: 0, brokerIds: [1, 2] }]
    const configs = Object.entries({ 'unclean.leader.election.enable': 'true', 'min.insync.replicas': '1' })
    const request = { name: topicName, numPartitions: -1, replicationFactor: -1, assignments }
    const named = configs.map(([name, value]) => ({ name, value }))
    await createTopicsV7.api.async(connection, [{ ...request, configs: named }], 15_000, false)
    await connection.close()
    const { consumer } = bed({ log })
    const land = () => consumer().land()
    try {
      const topic = await patiently(async () => {
        const found = await log.topic(topicName)
        if (found === undefined) throw new Fault('log/unreachable', 'Not yet.', { mend: 'Wait.', retry: true })
        return found
      })
      assert.equal(await leaderOf(topicName, 0), 1)
      await log.append(topic, [record('both have it')])
      assert.equal(await land(), 1)
      await cluster.kill(2)
      // Until the leader alone is in sync.
      await patiently(() => log.append(topic, [record('one has it'), record('one has this too')]))
      assert.equal(await land(), 2)
      await cluster.kill(1)
      await cluster.start(2)
      for (const startedMs = Date.now(); (await leaderOf(topicName, 0, cluster.addresses.slice(1))) !== 2; ) {
        assert.ok(Date.now() - startedMs < untilMs, 'the other one leads')
        await sleep(200)
      }
      // What it lacks is missed at once.
      await assert.rejects(land(), isFault('stream/log-behind'))
      await patiently(() => log.append(topic, [record('another'), record('and another'), record('and more')]))
      await assert.rejects(land(), isFault('log/diverged'))
    } finally {
      await log.close()
    }
  })
}
