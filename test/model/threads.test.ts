import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { onThreads } from '../../src/model/threads.ts'

interface Step {
  readonly name: number
  readonly after: readonly Step[]
}

/** Steps each of which comes after some earlier ones, by dice that a seed throws. */
function stepsBy(seed: number): readonly Step[] {
  let state = seed
  const dice = (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
  const steps: Step[] = []
  for (let name = 0; name < 30; name += 1) steps.push({ name, after: steps.filter(() => dice(6) === 0) })
  return steps
}

test('no step begins before those that it comes after, each is done once, and a thread does one at a time', async () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const steps = stepsBy(seed)
    const threads = ['a', 'b', 'c'].slice(0, 1 + (seed % 3))
    const done = new Set<Step>()
    const busy = new Set<string>()
    let mostBusy = 0
    await onThreads(steps, threads, async (step, thread) => {
      assert.ok(!busy.has(thread))
      assert.ok(step.after.every((each) => done.has(each)))
      assert.ok(!done.has(step))
      busy.add(thread)
      mostBusy = Math.max(mostBusy, busy.size)
      for (let turns = 1 + ((step.name * seed) % 5); turns > 0; turns -= 1) await setImmediate()
      busy.delete(thread)
      done.add(step)
    })
    assert.equal(done.size, steps.length)
    assert.equal(mostBusy, threads.length)
  }
})

test('on one thread steps are done in their order', async () => {
  const steps = stepsBy(7)
  const seen: number[] = []
  await onThreads(steps, ['a'], async ({ name }) => void seen.push(name))
  assert.deepEqual(
    seen,
    steps.map(({ name }) => name),
  )
})

test('after a step that throws none is begun, those under way are waited for, and the first error is thrown', async () => {
  const begun: number[] = []
  let ended = 0
  const steps = [0, 1, 2, 3].map((name) => ({ name, after: [] }))
  await assert.rejects(
    onThreads(steps, ['a', 'b'], async ({ name }) => {
      begun.push(name)
      if (name === 0) throw new Error('first')
      await setImmediate()
      ended += 1
      throw new Error('second')
    }),
    /first/,
  )
  assert.deepEqual([begun, ended], [[0, 1], 1])
})
