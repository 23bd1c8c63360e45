import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { duckdbEngine } from '#engine'
import { inSessions } from '#pipeline'

test('as many pieces of work run at once as there are sessions, one in each, in order of asking', async () => {
  const engine = await duckdbEngine({ memoryMb: 100, threads: 1, spillFolder: '' })
  const begun: number[] = []
  const busy = new Set<unknown>()
  let most = 0
  try {
    const settled = await inSessions(engine, 3, (use) =>
      Promise.allSettled(
        [30, 1, 20, 1, 1, 10, 1].map((ms, at) =>
          use(async (session) => {
            begun.push(at)
            assert.ok(!busy.has(session))
            busy.add(session)
            most = Math.max(most, busy.size)
            await setTimeout(ms)
            busy.delete(session)
            return (await session.query('select 1')).rows[0]?.[0]
          }),
        ),
      ),
    )
    assert.equal(most, 3)
    assert.deepEqual(begun, [0, 1, 2, 3, 4, 5, 6])
    assert.ok(settled.every((each) => each.status === 'fulfilled' && each.value === 1))
  } finally {
    await engine.close()
  }
})

test('once a piece has failed none is begun any more, and what waits fails as it did', async () => {
  const engine = await duckdbEngine({ memoryMb: 100, threads: 1, spillFolder: '' })
  const begun: number[] = []
  try {
    const settled = await inSessions(engine, 2, (use) =>
      Promise.allSettled(
        [0, 1, 2, 3].map((at) =>
          use(async () => {
            begun.push(at)
            await setTimeout(at === 0 ? 1 : 20)
            if (at === 0) throw new Error('the first')
          }),
        ),
      ),
    )
    assert.deepEqual(begun, [0, 1])
    assert.deepEqual(
      settled.map((each) => (each.status === 'fulfilled' ? 'done' : String(each.reason.message))),
      ['the first', 'done', 'the first', 'the first'],
    )
  } finally {
    await engine.close()
  }
})
