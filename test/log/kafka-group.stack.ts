import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import type { Membership } from '#port'
import { record } from './conformance.ts'
import type { TestBroker } from './kafka-broker.ts'
import { newBroker, openKafka, whyNoBroker } from './kafka-broker.ts'

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  let broker: TestBroker
  before(async () => {
    broker = await newBroker()
    await broker.start()
  })
  after(() => broker.remove())

  const partsOf = (...members: readonly Membership[]) => members.map((member) => member.assigned().partitions.join(' '))
  /** Until it holds, for at most 40 seconds. */
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let look = 0; look < 800; look += 1) {
      if (holds()) return
      await sleep(50)
    }
    assert.fail(`${what}: ${holds()}`)
  }

  test('kafka: members share a topic, let go before partitions change hands, and take over from who leaves', async () => {
    const [one, other] = [await openKafka(broker.address), await openKafka(broker.address)]
    try {
      const topic = await one.createTopic('shared', 4)
      const calls: string[] = []
      const flushing = Promise.withResolvers<void>()
      const first = await one.join(topic, '/lake', async () => {
        calls.push(`first had ${first.assigned().partitions.join(' ')}`)
        await flushing.promise
      })
      assert.deepEqual(partsOf(first), ['0 1 2 3'])
      const before = first.assigned().generation
      const joining = other.join(topic, '/lake', async () => void calls.push('second'))
      await until('the first is asked', () => calls.length === 1)
      await sleep(300)
      assert.deepEqual(partsOf(first), ['0 1 2 3'], 'it is still letting go')
      flushing.resolve()
      const second = await joining
      await until('each has half', () => partsOf(first, second).toSorted().join(',') === '0 1,2 3')
      assert.notEqual(first.assigned().generation, before)
      assert.deepEqual(calls, ['first had 0 1 2 3'])

      const stranger = await other.join(topic, '/another-lake', async () => {})
      assert.deepEqual(partsOf(stranger), ['0 1 2 3'], 'who reads for another lake shares nothing')

      await second.leave()
      await until('the first has all', () => partsOf(first)[0] === '0 1 2 3')
      assert.deepEqual(partsOf(second), [''])
      await stranger.leave()
      await first.leave()
    } finally {
      await Promise.all([one.close(), other.close()])
    }
  })

  test('kafka: who dies without a goodbye is missed after its session, and its partitions are read by the others', async () => {
    const session = { sessionMs: 3_000 }
    const [one, other] = [await openKafka(broker.address, session), await openKafka(broker.address, session)]
    const topic = await one.createTopic('missed', 2)
    const first = await one.join(topic, '/lake', async () => {})
    await other.join(topic, '/lake', async () => {})
    await until('they share', () => partsOf(first)[0]?.length === 1)
    await other.close() // its heartbeats end with its connections
    const silentMs = performance.now()
    await until('the first has all', () => partsOf(first)[0] === '0 1')
    assert.ok(performance.now() - silentMs < 8_000, 'no longer than the session and a round of the group')
    await first.leave()
    await one.close()
  })

  test('kafka: how far a consumer is stands in its group for lag tools, whether or not it is a member', async () => {
    const log = await openKafka(broker.address)
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.address] })
    try {
      const topic = await log.createTopic('noted', 2)
      await log.append(topic, [record('a'), record('b')])
      const committed = async (): Promise<(string | undefined)[]> => {
        const groups = [...(await admin.listGroups()).keys()].filter((group) =>
          group.startsWith('fairlead.noted.lake.'),
        )
        const [found] = await admin.listConsumerGroupOffsets({ groups })
        const partitions = found?.topics.find(({ name }) => name === 'noted')?.partitions ?? []
        return [0, 1].map((index) =>
          partitions.find(({ partitionIndex }) => partitionIndex === index)?.committedOffset.toString(),
        )
      }
      await log.noteConsumed(topic, 'lake', new Map([[0, 1]]))
      assert.equal((await committed())[0], '1')
      const member = await log.join(topic, 'lake', async () => {})
      await log.noteConsumed(
        topic,
        'lake',
        new Map([
          [0, 2],
          [1, 0],
        ]),
      )
      assert.deepEqual(await committed(), ['2', '0'])
      const stranger = await openKafka(broker.address)
      await stranger.noteConsumed(topic, 'lake', new Map([[0, 1]]))
      assert.deepEqual(await committed(), ['2', '0'], 'the members have the word')
      await stranger.close()
      await member.leave()
    } finally {
      await admin.close()
      await log.close()
    }
  })

  test('kafka: a member outlives its broker', async () => {
    const log = await openKafka(broker.address)
    const topic = await log.createTopic('outlived', 2)
    const member = await log.join(topic, 'lake', async () => {})
    await broker.kill()
    await sleep(1_000)
    await broker.start()
    await until('it has all again', () => partsOf(member)[0] === '0 1')
    const other = await openKafka(broker.address)
    const second = await other.join(topic, 'lake', async () => {})
    await until('they share', () => partsOf(member, second).toSorted().join(',') === '0,1')
    await second.leave()
    await member.leave()
    await Promise.all([log.close(), other.close()])
  })
}
