import assert from 'node:assert/strict'
import { test } from 'node:test'
import { neverCrashed, summarise } from '../../sim/report.ts'
import type { SeedOutcome } from '../../sim/seed.ts'
import { runSeed } from '../../sim/seed.ts'

const seeds = Array.from({ length: 12 }, (_, at) => at + 1)

test('a few seeds hold, with every file in Parquet, and all that goes wrong in them is counted', async () => {
  const outcomes: SeedOutcome[] = []
  for (const seed of seeds) outcomes.push(await runSeed(seed))
  const summary = summarise(outcomes)
  assert.deepEqual(summary.broken, [])
  assert.equal(summary.seeds, seeds.length)
  assert.ok(summary.counting >= seeds.length / 2, `${summary.counting} seeds count`)
  for (const name of ['crashes', 'conflicts', 'lost answers', 'rebalances', 'landed', 'cleaned', 'compacts'])
    assert.ok((summary.totals[name] ?? 0) > 0, name)
  assert.ok(summary.landed > 100)
  assert.ok(neverCrashed(summary).length < Object.keys(summary.met).length)
})

test('an await at which no seed crashed is named', () => {
  const met = { 'work: disk sync, before': 3, 'work: disk sync, after': 2 }
  assert.deepEqual(neverCrashed({ met, crashed: { 'work: disk sync, before': 1 } }), ['work: disk sync, after'])
})

test('a seed is the same each time, turn for turn', async () => {
  const [one, other] = [await runSeed(4), await runSeed(4)]
  assert.deepEqual(other, one)
  assert.notDeepEqual((await runSeed(5)).story, one.story)
})
