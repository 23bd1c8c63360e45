import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { StageEffects } from '#pipeline'
import { cleanDataset, cleanIsStale, replayAsTheyAre, replayMended } from '#pipeline'
import { failpoints, replayFailpoints } from '#port'
import { storeDyingAt } from '../storage/doubles.ts'
import type { Bench } from './clean-fixture.ts'
import { bench, countingWorker, dieAt, land, withBench } from './clean-fixture.ts'
import { checkLaw, files, looser, mendedLines, shown, tellAll, visit } from './quarantine-fixture.ts'

const places = [
  ...replayFailpoints,
  ...failpoints.filter((name) => /^clean\/|^lake\/(?:data-written|commit-created)$/.test(name)),
]

/** A replay of each kind; the mended records are one that passes, one of a key that stands in Silver, and one that is rejected again. */
const kinds = [
  {
    name: 'of mended records',
    contract: visit,
    async replay(effects: StageEffects) {
      const values: Record<string, object> = {
        not_a_number: { Place: 'b', Visits: '2', Trust: '60' },
        too_many: { Place: 'a', Visits: '9', Trust: '60' },
        no_id: { Place: '', Visits: '7' },
      }
      const lines = mendedLines(
        (await shown(effects)).filter(({ topic }) => topic === 'visit'),
        ({ rule }) => values[rule],
      )
      return replayMended(visit, lines, { dryRun: false }, effects)
    },
  },
  {
    name: 'of records as they are',
    contract: looser,
    replay: (effects: StageEffects) => replayAsTheyAre(looser, { open: false }, { dryRun: false }, effects),
  },
] as const

for (const { name, contract, replay } of kinds) {
  describe(`a replay ${name}`, () => {
    let base: Bench
    let expected: Record<string, readonly string[]> = {}
    before(async () => {
      base = await bench()
      const worker = await base.worker()
      await land(files, [visit], worker)
      await cleanDataset(visit, worker)
      await withBench(async (at) => {
        const quiet = await at.worker()
        await replay(quiet)
        expected = await tellAll(quiet)
        await checkLaw(contract, quiet)
      }, base)
      assert.ok((expected.replay ?? []).length > 0)
    })
    after(() => base.end())

    const asOnce = async (at: Bench, how: string): Promise<void> => {
      const worker = await at.worker()
      await replay(worker)
      assert.equal(await cleanIsStale(contract, worker), false, how)
      assert.deepEqual(await tellAll(worker), expected, how)
    }

    test('twice is once', () =>
      withBench(async (at) => {
        await replay(await at.worker())
        await asOnce(at, 'twice')
      }, base))

    test('by three at once is once', () =>
      withBench(async (at) => {
        const workers = [await at.worker(), await at.worker(), await at.worker()]
        await Promise.all(workers.map((worker) => replay(worker)))
        await asOnce(at, 'at once')
      }, base))

    for (const place of places)
      test(`that dies at ${place} is done by the next one, whoever else cleans`, () =>
        withBench(async (at) => {
          const dying = replay(await at.worker({ failpoint: dieAt(place) }))
          const isUnmet = contract === looser && /^replay\/.*-land$/.test(place)
          if (isUnmet) await dying
          else await assert.rejects(dying, /killed/)
          await replay(await at.worker({ failpoint: dieAt(place) })).catch(() => {})
          // Where the contract is another, whoever cleans takes from the quarantine what a replay that marked nothing yet was to take.
          if (contract === visit) await cleanDataset(contract, await at.worker())
          await asOnce(at, place)
          await checkLaw(contract, await at.worker())
        }, base))

    // The longer of the two: it lands, marks and cleans.
    if (contract === visit)
      test('that dies after any of its writes is done by the next one', async () => {
        let writes = 0
        await withBench(async (at) => {
          const counting = await countingWorker(at)
          await replay(counting.worker)
          writes = counting.writes()
        }, base)
        assert.ok(writes > 8)
        // What stands before a write is what stood after the one before it.
        for (let write = 1; write <= writes; write += 1)
          await withBench(async (at) => {
            await replay(await at.worker({ through: (store) => storeDyingAt(store, write, 'after') })).catch(() => {})
            await asOnce(at, `after write ${write}`)
          }, base)
      })

    test('a clean that comes after the records are in leaves nothing for the replay but to say so', () =>
      withBench(async (at) => {
        const place = contract === looser ? 'replay/after-mark' : 'replay/after-land'
        await assert.rejects(replay(await at.worker({ failpoint: dieAt(place) })), /killed/)
        const cleaner = await at.worker()
        await cleanDataset(contract, cleaner)
        assert.deepEqual(await tellAll(cleaner), expected)
      }, base))
  })
}

test('two at once whose files overlap land each mended record once', async () => {
  for (let round = 0; round < 3; round += 1)
    await withBench(async (at) => {
      const worker = await at.worker()
      await land(files, [visit], worker)
      await cleanDataset(visit, worker)
      const lines = mendedLines(await shown(worker), ({ offset, rule }) => ({
        Place: `${rule}-${offset}`,
        Visits: '1',
      }))
      const two = [lines.slice(0, 2), lines.slice(1)]
      const replays = await Promise.all(
        two.map(async (some) => replayMended(visit, some, { dryRun: false }, await at.worker())),
      )
      assert.equal(
        replays.reduce((sum, { taken }) => sum + taken, 0),
        3,
      )
      assert.deepEqual(
        replays.map(({ passed, now }) => [passed, now?.silver]),
        [
          [2, 2],
          [2, 2],
        ],
      )
      const told = await tellAll(worker)
      assert.equal(told.replay?.length, 3)
      assert.equal(told.visit?.length, 5)
      await checkLaw(visit, worker)
    })
})
