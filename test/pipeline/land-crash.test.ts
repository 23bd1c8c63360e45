import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { landFiles } from '#pipeline'
import type { FailpointName } from '#port'
import { Fault, failpoints } from '#port'
import { memoryStore } from '#storage'
import { Died, storeDyingAt, storeFullAt, storeLosingAnswerAt } from '../storage/doubles.ts'
import { contracts, essence, fileOf, lander, listing, rowsOf } from './land-fixture.ts'

const files = [
  fileOf('a.csv', 'Name,Legs\nant,6\nbee,6\n'),
  fileOf('animals-bad.csv', 'No,Fit\n'),
  fileOf('b.csv.gz', gzipSync('Name,Legs\nant,6\nbee,6\n')),
  fileOf('m.csv', 'Mineral,Hardness\nopal,6\n'),
]

async function quietEssence(): Promise<readonly string[]> {
  const { store, effects } = lander()
  await landFiles(files, contracts, effects)
  return await essence(store)
}

const met = failpoints.filter(
  (name) => name.startsWith('land/') || name === 'lake/data-written' || name === 'lake/commit-created',
)

for (const name of met) {
  test(`dying at ${name}, each time it is met, and landing again ends as a quiet landing`, async () => {
    const quiet = await quietEssence()
    for (let nth = 1; ; nth += 1) {
      const store = memoryStore()
      let left = nth
      const failpoint = (at: FailpointName) => {
        if (at === name && --left === 0) throw new Died()
      }
      let died = false
      await landFiles(files, contracts, lander(store, { failpoint }).effects).catch((error: unknown) => {
        if (!(error instanceof Died)) throw error
        died = true
      })
      if (!died) {
        assert.ok(nth > 1, `${name} is never met`)
        break
      }
      await landFiles(files, contracts, lander(store).effects)
      assert.deepEqual(await essence(store), quiet)
    }
  })
}

test('a store that dies or loses an answer at any write leaves nothing that landing again does not mend', async () => {
  const quiet = await quietEssence()
  const all = storeFullAt(memoryStore(), Number.POSITIVE_INFINITY)
  await landFiles(files, contracts, lander(all).effects)
  for (let nth = 1; nth <= all.writes; nth += 1) {
    for (const breaking of ['before', 'after', 'lost'] as const) {
      const store = memoryStore()
      const broken = breaking === 'lost' ? storeLosingAnswerAt(store, nth) : storeDyingAt(store, nth, breaking)
      await landFiles(files, contracts, lander(broken).effects).catch((error: unknown) => {
        if (!(error instanceof Died) && !(error instanceof Fault)) throw error
      })
      await landFiles(files, contracts, lander(store).effects)
      assert.deepEqual(await essence(store), quiet, `write ${nth}, ${breaking}`)
    }
  }
})

test('a full store is a fault, and nothing is in by half', async () => {
  const quiet = await quietEssence()
  const all = storeFullAt(memoryStore(), Number.POSITIVE_INFINITY)
  await landFiles(files, contracts, lander(all).effects)
  for (let nth = 1; nth <= all.writes; nth += 1) {
    const store = memoryStore()
    await assert.rejects(landFiles(files, contracts, lander(storeFullAt(store, nth)).effects), { code: 'store/full' })
    await landFiles(files, contracts, lander(store).effects)
    assert.deepEqual(await essence(store), quiet, `write ${nth}`)
  }
})

test('landers that race end as one, and the loser leaves no data files behind', async () => {
  const quiet = await quietEssence()
  for (let round = 0; round < 5; round += 1) {
    const store = memoryStore()
    const landings = await Promise.all([1, 2, 3].map(() => landFiles(files, contracts, lander(store).effects)))
    assert.deepEqual(await essence(store), quiet)
    const added = landings.map(({ datasets }) => datasets.animal?.['a.csv']?.added ?? 0)
    assert.equal(
      added.reduce((sum, each) => sum + each, 0),
      2,
    )
    const data = (await listing(store)).filter((path) => /^bronze\/(animal|mineral)\/.*\.parquet$/.test(path))
    assert.equal(data.length, 3)
    assert.equal((await rowsOf(store, 'bronze/file')).length, 4)
  }
})

test('names that race for the same records agree on who was first', async () => {
  const store = memoryStore()
  const text = 'Name,Legs\nant,6\n'
  await Promise.all(
    ['x.csv', 'y.csv', 'z.csv'].map((name) => landFiles([fileOf(name, text)], contracts, lander(store).effects)),
  )
  const rows = await rowsOf(store, 'bronze/file')
  const [first, ...others] = rows.filter(({ same_as }) => same_as === null)
  assert.equal(others.length, 0)
  for (const row of rows) assert.ok(row.same_as === null || row.same_as === first?.name)
  assert.equal((await rowsOf(store, 'bronze/animal')).length, 1)
})
