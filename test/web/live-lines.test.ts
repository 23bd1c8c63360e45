import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LivePoint } from '#api'
import { gridOf, linesOf, mostPoints, paceOf } from '../../web/src/chart/live-lines.ts'

const startMs = Date.UTC(2026, 2, 3, 12)

function points(intervals: number, seconds = 10): LivePoint[] {
  return Array.from({ length: intervals }, (_, i) =>
    ['K', 'M'].map((borough) => ({
      at: new Date(startMs + i * seconds * 1_000).toISOString(),
      borough,
      respondent: 'student' as const,
      events: 4,
      invited: 100,
      responded: i % 100,
    })),
  ).flat()
}

test('the newest intervals are drawn as they are, and no more than a screen can show', () => {
  const curve = points(500)
  const grid = gridOf(curve, 10, 'recent')
  assert.ok(grid !== undefined)
  const lines = linesOf(curve, { respondent: 'student', boroughs: [] }, grid)
  assert.deepEqual(
    lines.map(({ borough, points: shown }) => [borough, shown.length]),
    [
      ['K', mostPoints],
      ['M', mostPoints],
    ],
  )
  assert.deepEqual(
    lines[0]?.points.filter(({ filling }) => filling).map(({ at }) => at),
    [startMs + 499 * 10_000],
  )
})

test('a whole season is merged until it fits, and nothing is lost in it', () => {
  const curve = points(1_000)
  const grid = gridOf(curve, 10, 'season')
  assert.ok(grid !== undefined)
  assert.equal(grid.merged, 12)
  const [line] = linesOf(curve, { respondent: 'student', boroughs: ['M'] }, grid)
  assert.equal(line?.borough, 'M')
  assert.ok((line?.points.length ?? 0) <= mostPoints)
  assert.equal(
    line?.points.reduce((sum, { events }) => sum + events, 0),
    4_000,
  )
  assert.equal(
    line?.points.reduce((sum, { responded }) => sum + responded, 0),
    49_500,
  )
})

test('a point is the answers of its interval per person invited, and none where nobody was invited', () => {
  const [one, two] = points(1)
  assert.ok(one !== undefined && two !== undefined)
  const curve = [
    { ...one, invited: 200, responded: 30 },
    { ...two, invited: 0, responded: 0 },
  ]
  const grid = gridOf(curve, 10, 'recent')
  assert.ok(grid !== undefined)
  const lines = linesOf(curve, { respondent: 'student', boroughs: [] }, grid)
  assert.deepEqual(
    lines.map(({ borough, points: shown }) => [borough, shown.map(({ rate }) => rate)]),
    [['K', [0.15]]],
  )
  assert.deepEqual(linesOf(curve, { respondent: 'parent', boroughs: [] }, grid), [])
})

test('without events there is nothing to cut time by', () => {
  assert.equal(gridOf([], 10, 'season'), undefined)
  assert.deepEqual(paceOf([], 10, 60), [])
})

test('the pace of an interval is its events by its seconds, and 0 where there were none', () => {
  const curve = points(5).filter(({ at }) => at !== new Date(startMs + 20_000).toISOString())
  assert.deepEqual(paceOf(curve, 10, 6), [0, 0.8, 0.8, 0, 0.8, 0.8])
})
