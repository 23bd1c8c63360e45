/**
 * A lake whose Gold is published, and a run over newer files that is killed at each named place, or whose models fail a test: until a whole new publication
 * stands, readers have the last good one, each of its files byte for byte and each answer the same. Then one more run publishes what a quiet run would have.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runOnce, writeSampleFolder } from '#platform'
import { failpoints } from '#port'
import type { Standing } from './last-good.ts'
import { standingIn } from './last-good.ts'
import { lakeOptions } from './options.ts'

const checkout = join(import.meta.dirname, '../..')
const effects = { report: () => {}, signal: new AbortController().signal }
/** Reached only by longer histories. */
const unreached = new Set<string>(['lake/checkpoint-written'])

describe('a run that dies over a published lake', { timeout: 1_500_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-last-good-'))
  const [older, newer, good, quiet] = ['older', 'newer', 'good', 'quiet'].map((name) => join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  const run = (lake: string, from: string) => runOnce({ ...lakeOptions(lake), full: false, from }, effects)
  let lastGood: Standing
  let next: Standing
  let lakes = 0

  function copyOfGood(): string {
    const lake = join(root, `lake-${++lakes}`)
    cpSync(good, lake, { recursive: true })
    return lake
  }

  function die(lake: string, failpoint: string): Promise<{ signal: NodeJS.Signals | null; stderr: string }> {
    return new Promise((resolve) => {
      const args = ['bin/fairlead.mjs', 'run', '--from', newer, '--lake', lake, '--quiet', '--json']
      const env = { ...process.env, FAIRLEAD_FAILPOINT: failpoint }
      const child = spawn(process.execPath, args, { cwd: checkout, env, stdio: ['ignore', 'ignore', 'pipe'] })
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      child.on('close', (_code, signal) => resolve({ signal, stderr }))
    })
  }

  before(async () => {
    await writeSampleFolder(older, { schools: 60, seed: 7 }, effects)
    await writeSampleFolder(newer, { schools: 90, seed: 8 }, effects)
    assert.equal((await run(good, older)).outcome, 'published')
    lastGood = await standingIn(good)
    cpSync(good, quiet, { recursive: true })
    assert.equal((await run(quiet, newer)).outcome, 'published')
    next = await standingIn(quiet)
    assert.notDeepEqual(next.answers, lastGood.answers)
    assert.ok(Object.keys(lastGood.files).length > 10)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  for (const failpoint of failpoints.filter((name) => !unreached.has(name))) {
    test(`at ${failpoint}: the last good Gold is read, byte for byte, and the next run publishes`, async () => {
      const lake = copyOfGood()
      const { signal, stderr } = await die(lake, failpoint)
      assert.equal(signal, 'SIGKILL', stderr)
      const left = await standingIn(lake)
      if (failpoint === 'publish/after-publication') assert.deepEqual(left.answers, next.answers)
      else assert.deepEqual(left, lastGood)
      await run(lake, newer)
      assert.deepEqual((await standingIn(lake)).answers, next.answers)
      rmSync(lake, { recursive: true })
    })
  }

  test('models that fail a test: the last good Gold is read, byte for byte, over newer Silver', async () => {
    const lake = copyOfGood()
    const models = join(root, 'models')
    mkdirSync(models)
    writeFileSync(
      join(models, 'planted.sql'),
      "{{ config(materialized='table', schema='gold') }} select cast(null as integer) as n",
    )
    writeFileSync(
      join(models, 'planted.yml'),
      'models: [{name: planted, columns: [{name: n, data_tests: [not_null]}]}]\n',
    )
    const held = await runOnce({ ...lakeOptions(lake), models: [models], full: false, from: newer }, effects)
    assert.equal(held.outcome, 'held')
    assert.deepEqual(await standingIn(lake), lastGood)
    await run(lake, newer)
    assert.deepEqual((await standingIn(lake)).answers, next.answers)
  })
})
