/**
 * delta-rs, which shares no code with us, reads every table of a lake and finds the same rows. Needs Python 3 and its package registry; the packages stay
 * in `FAIRLEAD_STACK_CACHE` (default `~/.cache/fairlead-stack`). `FAIRLEAD_CHAOS_FROM` names a folder of files to use instead of the sample.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  checkpointTable,
  checkTable,
  compactTable,
  consume,
  playSeason,
  runOnce,
  vacuumTable,
  writeSampleFolder,
} from '#platform'
import { lakeHash } from './lake-hash.ts'
import { lakeOptions } from './options.ts'
import { pythonWithDeltaRs } from './python.ts'

const effects = { report: () => {}, signal: new AbortController().signal }

const bin = pythonWithDeltaRs()

test('delta-rs finds the same rows in every table', {
  skip: bin === undefined && 'no Python with delta-rs here',
  timeout: 300_000,
}, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-delta-rs-'))
  try {
    let from = process.env.FAIRLEAD_CHAOS_FROM
    if (from === undefined) {
      from = join(root, 'files')
      await writeSampleFolder(from, { schools: 60, seed: 7 }, effects)
    }
    const lake = join(root, 'lake')
    await runOnce({ ...lakeOptions(lake), from, full: false }, effects)
    const stream = { cadenceMs: 100, flushMs: 100, flushMb: 1, maintainEveryMs: 1_000, memoryMb: 1024 }
    const shares = { late: 0.02, repeated: 0.01, malformed: 0.01 }
    const season = { rate: 500, seconds: 3, seed: 7, shares }
    await playSeason({ ...lakeOptions(lake), stream, season }, effects)
    await consume({ ...lakeOptions(lake), stream, once: true, allow: [] }, effects)
    const script = join(import.meta.dirname, 'delta-rs.py')
    const theirs: Record<string, string> = JSON.parse(execFileSync(bin ?? '', [script, lake], { encoding: 'utf8' }))
    const all = Object.entries(await lakeHash(lake, { schemas: ['bronze', 'silver', 'gold'], columns: '*' }))
    const stands = ([name]: [string, string]) => existsSync(join(lake, name.replace('.', '/'), '_delta_log'))
    const ours = Object.fromEntries(all.filter(stands))
    assert.deepEqual(theirs, ours)
    // What can be asked for before it was ever written to: nothing was replayed here.
    assert.deepEqual(
      all.filter((each) => !stands(each)),
      [['silver.replay', '0 rows ']],
    )
    t.diagnostic(`${Object.keys(ours).length} tables`)

    // The same rows when small files are put together, a checkpoint stands, and what was replaced is gone.
    let removed = 0
    for (const name of Object.keys(ours)) {
      const folder = join(lake, name.replace('.', '/'))
      removed += (await compactTable({ folder, targetBytes: 2 ** 27, engine: { memoryMb: 512 } }, effects)).removed
      await checkpointTable(folder, effects)
      await vacuumTable({ folder, retainHours: 0, evenIfReadersAndUploadsBreak: true, remove: true }, effects)
      assert.deepEqual((await checkTable(folder, effects)).problems, [])
    }
    assert.ok(removed > 0)
    assert.deepEqual(JSON.parse(execFileSync(bin ?? '', [script, lake], { encoding: 'utf8' })), ours)
    t.diagnostic(`${removed} files put together`)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
