/** Real files replace a sample of which a season was played and a dataset replayed: nothing of either comes back. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSampleFolder } from '#platform'
import type { RecordLog, Topic } from '#port'
import { runToEnd } from './fleet.ts'
import { asking } from './stream-truth.ts'

export const season = { topic: 'school_climate_stream', dataset: 'survey_live', records: 400 }
export const replayed = 'demographics'

export interface SampleTopics {
  readonly lake: string
  /** Topics as they stood before the real files came. */
  readonly before: readonly Topic[]
  readonly ask: ReturnType<typeof asking>
}

/** `openLog` opens the log that commands find by `env`, or beside the lake. */
export async function replaceSample(
  env: Readonly<Record<string, string>>,
  openLog: (lake: string) => Promise<RecordLog>,
  check: (topics: SampleTopics) => Promise<void>,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-sample-'))
  const [lake, real] = [join(root, 'lake'), join(root, 'real')]
  const command = (...argv: string[]) => runToEnd([...argv, '--lake', lake, '--quiet'], env)
  const play = (seed: number) => command('stream', 'season', '--rate', '400', '--seconds', '1', '--seed', String(seed))
  try {
    await command('start', '--once', '--schools', '40')
    await play(1)
    await command('stream', 'replay', replayed)
    await command('stream', 'consume', '--once')
    const log = await openLog(lake)
    const topics = await Promise.all([season.topic, replayed].map((name) => log.topic(name)))
    await log.close()
    const before = topics.filter((topic) => topic !== undefined)
    assert.equal(before.length, 2)

    await writeSampleFolder(real, { schools: 50, seed: 7 }, { report: () => {}, signal: new AbortController().signal })
    rmSync(join(real, 'fairlead-sample.json'))
    await command('run', '--from', real)
    await command('stream', 'consume', '--once')
    const ask = asking(lake)
    const files = await ask('SELECT count(DISTINCT source) FROM bronze.file')
    assert.ok(Number(files[0]?.[0]) > 0)
    const strange = `SELECT count(*) FROM bronze.${replayed} WHERE source NOT IN (SELECT source FROM bronze.file)`
    assert.deepEqual(
      (await ask(strange)).map((row) => row.map(Number)),
      [[0]],
      'no record of the sample came back',
    )

    await play(2)
    await command('stream', 'consume', '--once')
    const landed = await ask(`SELECT count(*), count(DISTINCT ("partition", "offset")) FROM bronze.${season.dataset}`)
    assert.deepEqual(
      landed.map((row) => row.map(Number)),
      [[season.records, season.records]],
      'the new season, and it alone',
    )
    await check({ lake, before, ask })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
