/**
 * A whole run on a disk that fails or fills up at its n-th write: a Fault, or an answer, and never half a lake: the next run on a sound
 * disk ends as a quiet one. `FAIRLEAD_CHAOS_WRITES=all` meets every write; by itself a spread of them.
 */
import './failing-disk.ts'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runOnce, writeSampleFolder } from '#platform'
import { Fault } from '#port'
import type { Mishap } from './failing-disk.ts'
import { onFailingDisk } from './failing-disk.ts'
import { lakeHash } from './lake-hash.ts'
import { lakeOptions } from './options.ts'

const effects = { report: () => {}, signal: new AbortController().signal }
const mishaps: readonly Mishap[] = ['fills up', 'fails to make', 'fails to sync', 'fails to name']
/** Of how many writes one is met; each mishap starts at another. */
const stride = process.env.FAIRLEAD_CHAOS_WRITES === 'all' ? 1 : 23

describe('a run on a disk that fails', { timeout: 3_600_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-disk-'))
  const from = join(root, 'files')
  let quiet: Readonly<Record<string, string>> = {}
  let writes = 0
  let lakes = 0
  const newLake = () => join(root, `lake-${++lakes}`)
  /** Faults of single files come with the answer, those of the run are thrown. */
  const run = (lake: string) => runOnce({ ...lakeOptions(lake), full: false, from }, effects)

  before(async () => {
    await writeSampleFolder(from, { schools: 30, seed: 7 }, effects)
    const lake = newLake()
    const { made } = await onFailingDisk(
      { mishap: 'fills up', at: Infinity, under: lake },
      async () => void (await run(lake)),
    )
    writes = made
    quiet = await lakeHash(lake)
    assert.ok(writes > 100 && Object.keys(quiet).length > 15)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  for (const [turn, mishap] of mishaps.entries()) {
    test(`that ${mishap}: a Fault with its mend, and the next run ends as a quiet one`, async (t) => {
      let met = 0
      let stopped = 0
      const codes = new Map<string, number>()
      for (let at = 1 + ((turn * 9) % stride); at <= writes; at += stride) {
        const lake = newLake()
        const { failed } = await onFailingDisk({ mishap, at, under: lake }, async () => {
          const faults = await run(lake).then(
            (result) => result.faults,
            (error: unknown) => {
              if (error instanceof Fault) return [error]
              throw new Error(`at write ${at}`, { cause: error })
            },
          )
          for (const { code, mend } of faults) {
            assert.match(code, /^store\//)
            assert.ok(mend.length > 10)
            codes.set(code, (codes.get(code) ?? 0) + 1)
          }
          if (faults.length > 0) stopped += 1
        })
        if (failed > 0) met += 1
        assert.deepEqual((await run(lake)).faults, [])
        assert.deepEqual(await lakeHash(lake), quiet, `at write ${at}`)
        rmSync(lake, { recursive: true })
      }
      t.diagnostic(
        `${met} of ${writes} writes met, ${stopped} runs stopped: ${[...codes].map(([code, n]) => `${code} ${n}`).join(', ')}`,
      )
      assert.ok(met >= 3 && stopped > 0)
    })
  }
})
