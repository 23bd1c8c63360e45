import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOf, isParted, leaderAt, newLeaderships } from '../../sim/leadership.ts'

/** Ten records under one leader; the next lacks four of them and takes three. */
function twoLeaders() {
  const leaderships = newLeaderships()
  leaderships.elect('p', 6, 10)
  return { led: leaderships.of('p'), appended: 13 }
}

test('what a new leader takes stands where the records stood that it lacked', () => {
  const { led, appended } = twoLeaders()
  assert.equal(endOf(led, appended), 9)
  assert.deepEqual(leaderAt(led, 5, appended), { epoch: 0, start: 0, shift: 0, end: 6 })
  assert.deepEqual(leaderAt(led, 6, appended), { epoch: 1, start: 6, shift: 4, end: 9 })
})

test('who read what a new leader lacks is told, and who did not goes on', () => {
  const { led, appended } = twoLeaders()
  assert.equal(isParted(led, { epoch: 0, offset: 6 }, appended), false)
  assert.equal(isParted(led, { epoch: 0, offset: 7 }, appended), true)
  assert.equal(isParted(led, { epoch: 1, offset: 9 }, appended), false)
  assert.equal(isParted(led, { epoch: 1, offset: 10 }, appended), true)
  assert.equal(isParted(led, { epoch: 2, offset: 6 }, appended), true)
})

test('a leader that lost everything that the one before it took leaves no trace of that one', () => {
  const leaderships = newLeaderships()
  leaderships.elect('p', 6, 10)
  leaderships.elect('p', 5, 13)
  assert.deepEqual(
    leaderships.of('p').map(({ epoch, start, shift }) => [epoch, start, shift]),
    [
      [0, 0, 0],
      [2, 5, 8],
    ],
  )
  assert.equal(isParted(leaderships.of('p'), { epoch: 1, offset: 5 }, 13), true)
})
