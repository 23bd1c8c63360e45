import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { duckdbEngine } from '#engine'
import { diffTable } from '../../src/platform/diff-table.ts'

const engine = await duckdbEngine({ memoryMb: 256, threads: 1, spillFolder: join(tmpdir(), 'fairlead-diff-spill') })
after(() => engine.close())

async function compared(old: string, now: string, grain: readonly string[] | null) {
  await engine.run(`CREATE SCHEMA IF NOT EXISTS before; CREATE SCHEMA IF NOT EXISTS after;
    CREATE OR REPLACE TABLE before.t AS ${old}; CREATE OR REPLACE TABLE after.t AS ${now}`)
  const columns = { before: await engine.describe('FROM before.t'), after: await engine.describe('FROM after.t') }
  return diffTable({ table: 't', grain, movers: 2, ...columns }, engine)
}

test('without a grain, rows are a bag: each is added or removed as often as it is', async () => {
  const diff = await compared('VALUES (1, 2), (1, 2), (3, NULL)', 'VALUES (1, 2), (3, NULL), (4, 4)', null)
  assert.deepEqual([diff.grain, diff.added, diff.removed, diff.changed, diff.status], [null, 1, 1, 0, 'changed'])
})

test('a grain that one side does not have is none', async () => {
  const diff = await compared('SELECT 1 AS k, 2 AS v', 'SELECT 2 AS v', ['k'])
  assert.deepEqual([diff.grain, diff.added, diff.removed, diff.columns.removed], [null, 0, 0, ['k']])
})

test('a null in the grain is a value like any other', async () => {
  const diff = await compared('SELECT NULL::INT AS k, 2 AS v', 'SELECT NULL::INT AS k, 5 AS v', ['k'])
  assert.deepEqual(diff.changes, [{ column: 'v', rows: 1, movers: [{ key: [null], before: 2, after: 5, change: 3 }] }])
})

test('columns that came, went or have another type are named, and compared no further', async () => {
  const diff = await compared("SELECT 1 AS k, 2 AS v, 'x' AS gone", "SELECT 1 AS k, '2' AS v, 'y' AS new", ['k'])
  assert.deepEqual(diff.columns.added, ['new'])
  assert.deepEqual(diff.columns.removed, ['gone'])
  assert.deepEqual(diff.columns.retyped, [{ name: 'v', before: 'integer', after: 'string' }])
  assert.deepEqual([diff.changed, diff.status], [0, 'changed'])
})

test('doubles a billionth apart are equal, and a number that became null has changed without having moved', async () => {
  const diff = await compared(
    'FROM (VALUES (1, 1e6::DOUBLE), (2, 1::DOUBLE), (3, 1::DOUBLE)) t(k, v)',
    'FROM (VALUES (1, 1e6::DOUBLE + 1e-5), (2, NULL), (3, 1::DOUBLE + 1e-6)) t(k, v)',
    ['k'],
  )
  assert.deepEqual([diff.changed, diff.changes[0]?.rows], [2, 2])
  assert.deepEqual(
    diff.changes[0]?.movers.map(({ key }) => key),
    [[3]],
  )
})
