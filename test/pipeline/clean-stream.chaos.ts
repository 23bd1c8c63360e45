import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanDataset } from '#pipeline'
import { failpoints } from '#port'
import { storeDyingAt } from '../storage/doubles.ts'
import type { Bench } from './clean-fixture.ts'
import { bench, countingWorker, dieAt, landMessages, withBench } from './clean-fixture.ts'
import { batch, before, measured, reading, tellAll, topic } from './clean-stream-fixture.ts'

const places = failpoints.filter((name) => name.startsWith('clean/'))

test('a process that dies at any place or write of a batch loses and doubles nothing', async () => {
  for (const contract of [reading, measured]) {
    const base = await bench()
    try {
      const first = await base.worker()
      await landMessages(contract.name, topic, before, first)
      await cleanDataset(contract, first)
      await landMessages(contract.name, topic, batch, first)
      let writes = 0
      const expected = await withBench(async (at) => {
        const { worker, writes: written } = await countingWorker(at)
        await cleanDataset(contract, worker)
        writes = written()
        return tellAll(contract, worker)
      }, base)
      assert.ok(expected[contract.name]?.some((row) => row.startsWith('["back",null,1') && row.includes(',0,1,"19')))
      const again = async (at: Bench, how: string): Promise<void> => {
        const worker = await at.worker()
        await cleanDataset(contract, worker)
        assert.deepEqual(await tellAll(contract, worker), expected, how)
      }
      for (const place of places)
        await withBench(async (at) => {
          const died = cleanDataset(contract, await at.worker({ failpoint: dieAt(place) }))
          if (place === 'clean/after-measure' && contract.measureTable === undefined) await died
          else await assert.rejects(died, /killed/)
          await again(at, place)
        }, base)
      // `measured` has all of the tables that `reading` has.
      for (let write = 1; contract === measured && write <= writes; write += 1)
        for (const when of ['before', 'after'] as const)
          await withBench(async (at) => {
            const dying = await at.worker({ through: (store) => storeDyingAt(store, write, when) })
            await cleanDataset(contract, dying).catch(() => {})
            await again(at, `${when} write ${write}`)
          }, base)
    } finally {
      await base.end()
    }
  }
})
