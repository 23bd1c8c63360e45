import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedLog, machineId } from '#log'
import { replaceSample, replayed, season } from './sample-topics.ts'

const openLog = (lake: string) =>
  embeddedLog(
    { file: join(`${lake}-log`, 'log.sqlite'), keepHours: 1, maxMb: 16 },
    { nowMs: Date.now, newId: randomUUID, report: () => {}, machineId },
  )

test('where real files replace the sample, the topics of its own log go with it', { timeout: 120_000 }, async () => {
  await replaceSample({}, openLog, async ({ lake, before }) => {
    const log = await openLog(lake)
    try {
      assert.equal(await log.topic(replayed), undefined)
      const old = before.find(({ name }) => name === season.topic)
      assert.notEqual((await log.topic(season.topic))?.id, old?.id)
    } finally {
      await log.close()
    }
  })
})
