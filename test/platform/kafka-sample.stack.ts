import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestBroker } from '../log/kafka-broker.ts'
import { newBroker, openKafka, whyNoBroker } from '../log/kafka-broker.ts'
import { replaceSample, replayed, season } from './sample-topics.ts'

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  let broker: TestBroker
  before(async () => {
    broker = await newBroker()
    await broker.start()
  })
  after(() => broker.remove())

  test('kafka: where real files replace the sample, its topics stay as they are, and nothing of them lands', async () => {
    const env = { FAIRLEAD_KAFKA_BROKERS: broker.address }
    await replaceSample(
      env,
      () => openKafka(broker.address),
      async ({ before: topics }) => {
        const log = await openKafka(broker.address)
        try {
          for (const topic of topics) {
            assert.deepEqual(await log.topic(topic.name), topic, 'a topic of a cluster is nobody’s to remove')
            assert.ok((await log.ranges(topic)).every(({ start }) => start === 0))
          }
          assert.deepEqual(
            topics.map(({ name }) => name),
            [season.topic, replayed],
          )
        } finally {
          await log.close()
        }
      },
    )
  })
}
