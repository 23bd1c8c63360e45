import { after, before, test } from 'node:test'
import { testRecordLog } from './conformance.ts'
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

  testRecordLog(
    'kafka',
    async () => {
      const log = await openKafka(broker.address)
      for (const name of ['t', 'one', 'other']) await log.removeTopic(name)
      return { log }
    },
    { hasMarks: true },
  )
}
