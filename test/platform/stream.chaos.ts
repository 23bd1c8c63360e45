/**
 * `kill -9` of producer, consumers and server, one by one and all at once, at every named place and at random moments, with maintenance on; then every record
 * of the log is in the lake once, and Gold is what the log makes it. Real processes on a real disk.
 * `FAIRLEAD_STREAM_KILLS` says how many cycles end at a random moment.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { consumerPoints, ended, makeLake, newFleet, producerPoints, runToEnd, seldomMet } from './fleet.ts'
import { checkStream, readTopic } from './stream-truth.ts'

const kills = Number(process.env.FAIRLEAD_STREAM_KILLS ?? 50)
const dataset = 'survey_live'
const topic = 'school_climate_stream'

type Role = 'producer' | 'consumer' | 'other consumer' | 'server'

describe('a stream whose processes are killed', { timeout: 1_800_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-stream-'))
  const lake = join(root, 'lake')
  const log = join(root, 'log')
  let rounds = 0

  const common = ['--lake', lake, '--quiet']
  const season = (seed: number) => ['--rate', '400', '--seconds', '6', '--seed', String(seed), '--log', log]
  const argv: Record<Role, () => string[]> = {
    producer: () => ['stream', 'season', ...common, ...season(rounds)],
    consumer: () => ['stream', 'consume', ...common, '--log', log],
    'other consumer': () => ['stream', 'consume', ...common, '--log', log],
    server: () => ['serve', ...common, '--log', log, '--port', '0'],
  }
  const { running, start, kill } = newFleet<Role>((role) => argv[role](), {})

  /** As a writer leaves it that died long ago, before its commit. */
  function leaveFile(table: string): void {
    const path = join(table, `part-00000-${randomUUID()}-c000.zstd.parquet`)
    writeFileSync(path, 'half of a file')
    const hourAgoS = Date.now() / 1000 - 3600
    utimesSync(path, hourAgoS, hourAgoS)
  }

  /** Whatever was left undone is done, and all of it is checked. */
  async function settleAndCheck(): Promise<number> {
    await kill([...running.keys()])
    assert.equal(await ended(start('producer')), 0)
    await runToEnd(['stream', 'consume', '--once', ...common, '--log', log])
    return checkStream(lake, await readTopic(join(log, 'log.sqlite'), topic), dataset)
  }

  before(() => makeLake(lake, dataset))
  after(async () => {
    await kill([...running.keys()])
    rmSync(root, { recursive: true, force: true })
  })

  for (const [role, points] of [
    ['producer', producerPoints],
    ['consumer', consumerPoints],
  ] as const) {
    for (const point of points) {
      test(`the ${role} at ${point}`, async () => {
        await kill([...running.keys()])
        rounds += 1
        if (point === 'maintain/vacuumed') leaveFile(join(lake, 'bronze', dataset))
        if (role === 'consumer') start('producer')
        const child = start(role, point)
        const end = await Promise.race([ended(child), sleep(20_000).then(() => 'late')])
        if (!seldomMet.has(point)) assert.equal(end, 'SIGKILL', 'the place was met')
        await settleAndCheck()
      })
    }
  }

  test(`at ${kills} random moments, each of them and all at once`, async (t) => {
    rounds += 1
    const roles: readonly Role[] = ['producer', 'consumer', 'other consumer', 'server']
    let killed = 0
    for (let cycle = 0; cycle < kills; cycle += 1) {
      for (const role of roles) if (!running.has(role)) start(role)
      // A producer that has sent its season is followed by the next one.
      await sleep(700 + Math.random() * 1_800)
      const all = cycle % 5 === 4
      const victims = all ? roles : [roles[cycle % roles.length] ?? 'consumer']
      killed += victims.filter((role) => running.has(role)).length
      await kill(victims)
      if (!running.has('producer') && Math.random() < 0.5) rounds += 1
    }
    const total = await settleAndCheck()
    t.diagnostic(`${killed} processes killed in ${kills} cycles, ${total} records, each in the lake once`)
  })
})
