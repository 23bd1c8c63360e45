/**
 * `kill -9` of a replay at every named place and at random moments, then the same replay again: the lake is what one quiet replay makes of it. Two and three at
 * once, too. Real processes on a real disk. `FAIRLEAD_QUARANTINE_KILLS` says how many are killed at a random moment.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { runOnce, showQuarantine } from '#platform'
import { failpoints, replayFailpoints } from '#port'
import { lakeHash } from './lake-hash.ts'
import { lakeOptions } from './options.ts'
import { asking } from './stream-truth.ts'

const checkout = join(import.meta.dirname, '../..')
const kills = Number(process.env.FAIRLEAD_QUARANTINE_KILLS ?? 10)
const dataset = 'school_survey'
const effects = { report: () => {}, signal: new AbortController().signal }

/** Places that a replay of this size is sure to meet. */
const places = [
  ...replayFailpoints,
  ...failpoints.filter((name) => /^(?:clean|lake)\//.test(name) && name !== 'lake/checkpoint-written'),
]

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly tookMs: number
  readonly stderr: string
}

describe('a replay that is killed and made again', { timeout: 900_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-quarantine-'))
  const base = join(root, 'base')
  const mended = join(root, 'mended.ndjson')
  const kinds = [
    { name: 'of mended records', argv: ['--from', mended], met: places },
    // The same contract judges the same, so that nothing is landed and nothing has to be cleaned.
    {
      name: 'of records as they are',
      argv: ['--dataset', dataset],
      met: ['replay/before-mark', 'replay/after-mark', 'lake/data-written', 'lake/commit-created'] as const,
    },
  ]
  let lakes = 0

  function newLake(): string {
    lakes += 1
    const lake = join(root, `lake-${lakes}`)
    cpSync(base, lake, { recursive: true })
    return lake
  }

  function replay(
    lake: string,
    argv: readonly string[],
    { failpoint, killAfterMs }: { failpoint?: string; killAfterMs?: number } = {},
  ): Promise<Ended> {
    const startedMs = performance.now()
    return new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['bin/fairlead.mjs', 'quarantine', 'replay', ...argv, '--lake', lake, '--quiet', '--json'],
        {
          cwd: checkout,
          env: { ...process.env, FAIRLEAD_FAILPOINT: failpoint ?? '' },
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

  function hashOf(lake: string): Promise<Readonly<Record<string, string>>> {
    return lakeHash(lake, { schemas: ['silver'], columns: "columns(c -> c NOT IN ('ingest_ts', 'replayed_at'))" })
  }

  /** Every record of Bronze in exactly one place, by coordinates and by the ledger. */
  async function checkLaw(lake: string): Promise<void> {
    const ask = asking(lake)
    const [counts = []] = await ask(`WITH places AS (
        SELECT source, "partition", "offset" FROM silver.${dataset}
        UNION ALL SELECT source, "partition", "offset" FROM silver.quarantine WHERE dataset = '${dataset}'
        UNION ALL SELECT source, "partition", "offset" FROM silver.displaced WHERE dataset = '${dataset}')
      SELECT (SELECT count(*) FROM bronze.${dataset}), (SELECT count(*) FROM places), (SELECT count(*) FROM (SELECT DISTINCT * FROM places)),
        (SELECT sum(landed) FROM silver.ledger WHERE dataset = '${dataset}' AND rule = ''),
        (SELECT sum(silver + quarantined + duplicates + superseded) FROM silver.ledger WHERE dataset = '${dataset}' AND rule = '')`)
    assert.deepEqual(counts.map(Number), Array<number>(5).fill(Number(counts[0])))
  }

  before(async () => {
    const options = lakeOptions(base)
    await runOnce({ ...options, sample: { schools: 40, seed: 7 }, full: false }, effects)
    const page = { limit: 12 }
    const { records } = await showQuarantine({ ...options, filter: { dataset, open: false }, page }, effects)
    assert.equal(records.length, 12)
    // Ten that pass, one that is rejected again, one that was not touched.
    const lines = records.map((record, at) => {
      const dbn = at === 10 ? 'nowhere' : `01M${900 + at}`
      return at === 11 ? record : { ...record, value: { ...Object(record.value), DBN: dbn } }
    })
    writeFileSync(mended, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  for (const { name, argv, met } of kinds) {
    describe(name, () => {
      let quiet: Readonly<Record<string, string>> = {}
      let quietMs = 0

      async function sameAsQuiet(lake: string): Promise<void> {
        const again = await replay(lake, argv)
        assert.equal(again.code, 1, `some are rejected again: ${again.stderr}`)
        assert.deepEqual(await hashOf(lake), quiet)
        await checkLaw(lake)
        rmSync(lake, { recursive: true })
      }

      before(async () => {
        const lake = newLake()
        const ended = await replay(lake, argv)
        assert.equal(ended.code, 1, ended.stderr)
        quietMs = ended.tookMs
        quiet = await hashOf(lake)
        await checkLaw(lake)
        assert.notEqual(quiet['silver.replay'], '0 rows ')
        await sameAsQuiet(lake)
      })

      for (const failpoint of met) {
        test(`at ${failpoint}`, async () => {
          const lake = newLake()
          const killed = await replay(lake, argv, { failpoint })
          assert.equal(killed.signal, 'SIGKILL', killed.stderr)
          await sameAsQuiet(lake)
        })
      }

      test(`at ${kills} random moments`, async () => {
        for (let kill = 0; kill < kills; kill += 1) {
          const lake = newLake()
          const killAfterMs = Math.round(Math.random() * quietMs)
          await replay(lake, argv, { killAfterMs })
          await sameAsQuiet(lake).catch((error: unknown) => {
            throw new Error(`killed after ${killAfterMs} ms`, { cause: error })
          })
        }
      })

      test('three at once end as one', async () => {
        const lake = newLake()
        const ended = await Promise.all([replay(lake, argv), replay(lake, argv), replay(lake, argv)])
        for (const { code, stderr } of ended) assert.equal(code, 1, stderr)
        await sameAsQuiet(lake)
      })
    })
  }
})
