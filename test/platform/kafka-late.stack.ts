import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { noFailpoint } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import type { TestBroker } from '../log/kafka-broker.ts'
import { newBroker, whyNoBroker } from '../log/kafka-broker.ts'
import { ended, newFleet, runToEnd } from './fleet.ts'

const untilMs = 60_000

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-late-'))
  let broker: TestBroker
  before(async () => {
    broker = await newBroker()
  })
  after(async () => {
    await broker.remove()
    rmSync(root, { recursive: true, force: true })
  })

  test('kafka: who follows a topic may be there before the brokers and the topic are', async () => {
    const lake = join(root, 'lake')
    const env = { FAIRLEAD_KAFKA_BROKERS: broker.address }
    await runToEnd(['start', '--once', '--schools', '20', '--lake', lake, '--quiet'])
    const fleet = newFleet<'consumer'>(() => ['stream', 'consume', '--lake', lake, '--quiet'], env)
    const consumer = fleet.start('consumer')
    try {
      await sleep(3_000)
      await broker.start()
      await runToEnd(['stream', 'season', '--rate', '100', '--seconds', '1', '--lake', lake, '--quiet'], env)
      const { table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
      const landed = async () => {
        const txns = [...((await table('bronze/survey_live').snapshot())?.txns ?? [])]
        return txns.filter(([appId]) => appId.startsWith('land:')).length
      }
      for (const startedMs = Date.now(); (await landed()) < 3; await sleep(100)) {
        assert.ok(Date.now() - startedMs < untilMs, 'every partition lands')
        assert.equal(consumer.exitCode, null, 'it is still there')
      }
      consumer.kill('SIGINT')
      assert.equal(await ended(consumer), 0)
    } finally {
      await fleet.kill(['consumer'])
    }
  })
}
