import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { memoryLog } from '#log'
import type { RecordLog } from '#port'
import { Fault } from '#port'
import { logGlance } from '../../src/platform/log-glance.ts'

const silence = new Fault('log/unreachable', 'The brokers did not answer.', { mend: 'Wait.', retry: true })

async function oneRecord(): Promise<{ log: RecordLog; more: () => Promise<unknown> }> {
  const log = memoryLog({ nowMs: Date.now, newId: randomUUID })
  const topic = await log.createTopic('t', 1)
  const more = () => log.append(topic, [{ partition: 0, key: null, value: null, headers: [] }])
  await more()
  return { log, more }
}
const endIn = async (glance: ReturnType<typeof logGlance>) => (await glance.topic('t'))?.ranges[0]?.end

test('where the log answers, what stands now is told', async () => {
  const { log, more } = await oneRecord()
  const glance = logGlance(async () => log, Date.now)
  assert.equal(await endIn(glance), 1)
  await more()
  assert.equal(await endIn(glance), 2)
  assert.equal((await glance.topic('none'))?.topic, undefined)
  assert.equal(glance.fault(), undefined)
})

test('a log that hangs keeps nobody longer than a moment, and then nobody at all; what it said last is told until it answers', async () => {
  const { log, more } = await oneRecord()
  let holding = false
  const held = Promise.withResolvers<void>()
  const hanging: RecordLog = {
    ...log,
    async topic(name) {
      if (holding) await held.promise
      return log.topic(name)
    },
  }
  const glance = logGlance(async () => hanging, Date.now)
  assert.equal(await endIn(glance), 1)
  holding = true
  await more()
  const startedMs = performance.now()
  assert.equal(await endIn(glance), 1)
  const firstMs = performance.now() - startedMs
  assert.ok(firstMs < 2_000, `${firstMs} ms`)
  for (let look = 0; look < 20; look += 1) assert.equal(await endIn(glance), 1)
  assert.ok(performance.now() - startedMs < firstMs + 400, 'later looks wait for nothing')
  assert.equal(glance.fault()?.code, 'log/unreachable')
  holding = false
  held.resolve()
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await endIn(glance), 2)
  assert.equal(glance.fault(), undefined)
})

test('a log that fails is let rest, says why, and is asked again', async () => {
  const { log, more } = await oneRecord()
  let isDown = false
  let asked = 0
  const failing: RecordLog = {
    ...log,
    async topic(name) {
      asked += 1
      if (isDown) throw silence
      return log.topic(name)
    },
  }
  let nowMs = 10_000
  const glance = logGlance(
    async () => failing,
    () => nowMs,
  )
  assert.equal(await endIn(glance), 1)
  isDown = true
  await more()
  for (let look = 0; look < 10; look += 1) assert.equal(await endIn(glance), 1)
  assert.equal(asked, 2)
  assert.equal(glance.fault(), silence)
  isDown = false
  nowMs += 5_000
  await endIn(glance)
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.equal(await endIn(glance), 2)
  assert.equal(glance.fault(), undefined)
})

test('where there is no log to ask, nothing is told of it, and why not; our own bugs are thrown', async () => {
  assert.equal(await logGlance(async () => undefined, Date.now).topic('t'), undefined)
  const refused = logGlance(() => Promise.reject(silence), Date.now)
  assert.equal(await refused.topic('t'), undefined)
  assert.equal(refused.fault(), silence)
  const { log } = await oneRecord()
  const broken = logGlance(async () => ({ ...log, topic: () => Promise.reject(new TypeError('ours')) }), Date.now)
  await broken.topic('t')
  await assert.rejects(broken.topic('t'), TypeError)
})
