/**
 * `kill -9` at every named place and at random moments, then one more run: every table of Silver and Gold is what a quiet run makes.
 * Real processes on a real disk. `FAIRLEAD_CHAOS_FROM` names a folder of files to use instead of the sample, `FAIRLEAD_CHAOS_KILLS` how many random kills.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { writeSampleFolder } from '#platform'
import { failpoints } from '#port'
import { lakeHash } from './lake-hash.ts'

const checkout = join(import.meta.dirname, '../..')
const kills = Number(process.env.FAIRLEAD_CHAOS_KILLS ?? 20)
/** Reached only by what a first run of this size does not do, or never in this order. */
const unreached = new Set<string>(['lake/checkpoint-written'])

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly tookMs: number
  readonly stderr: string
}

describe('a run that is killed and run again', { timeout: 1_500_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-chaos-'))
  let from = process.env.FAIRLEAD_CHAOS_FROM ?? ''
  let quiet: Readonly<Record<string, string>> = {}
  let quietMs = 0
  let lakes = 0
  function newLake(): string {
    lakes += 1
    return join(root, `lake-${lakes}`)
  }

  function run(
    lake: string,
    { failpoint, killAfterMs }: { failpoint?: string; killAfterMs?: number } = {},
  ): Promise<Ended> {
    const startedMs = performance.now()
    return new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['bin/fairlead.mjs', 'run', '--from', from, '--lake', lake, '--quiet', '--json'],
        {
          cwd: checkout,
          env: { ...process.env, ...(failpoint === undefined ? {} : { FAIRLEAD_FAILPOINT: failpoint }) },
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      )
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text
      })
      if (killAfterMs !== undefined) void sleep(killAfterMs).then(() => child.kill('SIGKILL'))
      child.on('close', (code, signal) => resolve({ code, signal, tookMs: performance.now() - startedMs, stderr }))
    })
  }

  async function sameAsQuiet(lake: string): Promise<void> {
    const again = await run(lake)
    assert.equal(again.code, 0, again.stderr)
    assert.deepEqual(await lakeHash(lake), quiet)
    rmSync(lake, { recursive: true })
  }

  before(async () => {
    if (from === '') {
      from = join(root, 'files')
      const effects = { report: () => {}, signal: new AbortController().signal }
      // Large enough that files land on a thread of their own.
      await writeSampleFolder(from, { schools: 260, seed: 7 }, effects)
    }
    const lake = newLake()
    const ended = await run(lake)
    assert.equal(ended.code, 0, ended.stderr)
    quietMs = ended.tookMs
    quiet = await lakeHash(lake)
    assert.ok(Object.keys(quiet).length > 15)
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  for (const failpoint of failpoints) {
    test(`at ${failpoint}`, async () => {
      const lake = newLake()
      const killed = await run(lake, { failpoint })
      if (unreached.has(failpoint) && killed.code === 0) return
      assert.equal(killed.signal, 'SIGKILL', killed.stderr)
      await sameAsQuiet(lake)
    })
  }

  test(`at ${kills} random moments`, async (t) => {
    let survived = 0
    for (let kill = 0; kill < kills; kill += 1) {
      const lake = newLake()
      const killAfterMs = Math.round(Math.random() * quietMs)
      const killed = await run(lake, { killAfterMs })
      if (killed.signal === null) survived += 1
      await sameAsQuiet(lake).catch((error: unknown) => {
        throw new Error(`killed after ${killAfterMs} ms`, { cause: error })
      })
    }
    t.diagnostic(`${kills - survived} of ${kills} runs were killed before their end`)
  })

  test('two at once end as one', async () => {
    const lake = newLake()
    const [one, other] = await Promise.all([run(lake), run(lake)])
    assert.deepEqual([one.code, other.code], [0, 0], one.stderr + other.stderr)
    assert.deepEqual(await lakeHash(lake), quiet)
    rmSync(lake, { recursive: true })
  })
})
