/**
 * `kill -9` of producer, consumers and server, one by one and all at once, at every named place and at random moments, with maintenance on; then every record
 * of the log is in the lake once, and Gold is what the log makes it. Real processes on a real disk.
 * `FAIRLEAD_STREAM_KILLS` says how many cycles end at a random moment.
 */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bronzeColumns } from '#pipeline'
import { failpoints, noFailpoint, streamFailpoints } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import { checkStream } from './stream-truth.ts'

const checkout = join(import.meta.dirname, '../..')
const kills = Number(process.env.FAIRLEAD_STREAM_KILLS ?? 50)
const dataset = 'survey_live'
const topic = 'school_climate_stream'

/** Many small commits, and maintenance that keeps up with them. */
const haste = {
  FAIRLEAD_STREAM_FLUSH_MS: '40',
  FAIRLEAD_STREAM_MAINTAIN_EVERY_MS: '300',
  FAIRLEAD_STREAM_CADENCE_MS: '300',
}
/** So that what a day does happens within the test. */
const briefly = {
  'delta.checkpointInterval': '10',
  'delta.logRetentionDuration': 'interval 20 seconds',
  'delta.deletedFileRetentionDuration': 'interval 20 seconds',
}
/** Met only where writers died before they left a checkpoint themselves, or where maintenance comes by between two checkpoints. */
const seldom = new Set<string>(['maintain/checkpoint-written', 'maintain/log-compacted'])

/** Places of a consumer that a short stream is sure to meet. */
const consumerPoints = [
  ...streamFailpoints.filter((name) => name.startsWith('stream/') || name.startsWith('live/')),
  // A dataset without measures has no table of them.
  ...failpoints.filter((name) => /^(?:clean|lake)\//.test(name) && name !== 'clean/after-measure'),
  ...streamFailpoints.filter((name) => name.startsWith('maintain/')),
]
const producerPoints = streamFailpoints.filter((name) => name.startsWith('produce/'))

type Role = 'producer' | 'consumer' | 'other consumer' | 'server'

describe('a stream whose processes are killed', { timeout: 1_800_000 }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-stream-'))
  const lake = join(root, 'lake')
  const log = join(root, 'log')
  const running = new Map<Role, ChildProcess>()
  let rounds = 0

  const common = ['--lake', lake, '--quiet']
  const season = (seed: number) => ['--rate', '400', '--seconds', '6', '--seed', String(seed), '--log', log]
  const argv: Record<Role, () => string[]> = {
    producer: () => ['stream', 'season', ...common, ...season(rounds)],
    consumer: () => ['stream', 'consume', ...common, '--log', log],
    'other consumer': () => ['stream', 'consume', ...common, '--log', log],
    server: () => ['serve', ...common, '--log', log, '--port', '0'],
  }

  function start(role: Role, failpoint?: string): ChildProcess {
    const child = spawn(process.execPath, ['bin/fairlead.mjs', ...argv[role]()], {
      cwd: checkout,
      env: { ...process.env, ...haste, FAIRLEAD_FAILPOINT: failpoint ?? '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('exit', (code, signal) => {
      if (running.get(role) === child) running.delete(role)
      if (signal !== 'SIGKILL' && code !== 0) console.error(`${role} ended with ${code ?? signal}: ${stderr}`)
    })
    running.set(role, child)
    return child
  }

  function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.signalCode ?? child.exitCode)
    return new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
  }

  async function kill(roles: readonly Role[]): Promise<void> {
    await Promise.all(
      roles.map(async (role) => {
        const child = running.get(role)
        if (child === undefined) return
        child.kill('SIGKILL')
        await ended(child)
      }),
    )
  }

  async function toTheEnd(child: ChildProcess): Promise<void> {
    assert.equal(await ended(child), 0)
  }

  /** Whatever was left undone is done, and all of it is checked. */
  async function settleAndCheck(): Promise<number> {
    await kill([...running.keys()])
    await toTheEnd(start('producer'))
    const drain = spawn(
      process.execPath,
      ['bin/fairlead.mjs', 'stream', 'consume', '--once', ...common, '--log', log],
      {
        cwd: checkout,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    await toTheEnd(drain)
    return checkStream(lake, join(log, 'log.sqlite'), dataset, topic)
  }

  before(async () => {
    const run = spawn(process.execPath, ['bin/fairlead.mjs', 'start', '--once', '--schools', '120', ...common], {
      cwd: checkout,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await toTheEnd(run)
    const { table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
    await table(`bronze/${dataset}`).commit({
      operation: 'CREATE TABLE',
      blindAppend: true,
      stage: () => ({ columns: bronzeColumns, configuration: briefly, add: [], remove: [], txns: [] }),
    })
  })
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
        if (role === 'consumer') start('producer')
        const child = start(role, point)
        const end = await Promise.race([ended(child), sleep(20_000).then(() => 'late')])
        if (!seldom.has(point)) assert.equal(end, 'SIGKILL', 'the place was met')
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
