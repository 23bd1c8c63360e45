/** Processes of a stream over one lake, started and killed by what they do. */
import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bronzeColumns } from '#pipeline'
import type { FailpointName } from '#port'
import { failpoints, noFailpoint, streamFailpoints } from '#port'
import { openLake } from '../../src/platform/lake.ts'

const checkout = join(import.meta.dirname, '../..')

/** Many small commits, and maintenance that keeps up with them. */
export const haste = {
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
export const seldomMet = new Set<string>(['maintain/checkpoint-written', 'maintain/log-compacted'])

/** Places of a consumer that a short stream is sure to meet. */
export const consumerPoints: readonly FailpointName[] = [
  ...streamFailpoints.filter((name) => name.startsWith('stream/') || name.startsWith('live/')),
  // A dataset without measures has no table of them.
  ...failpoints.filter((name) => /^(?:clean|lake)\//.test(name) && name !== 'clean/after-measure'),
  ...streamFailpoints.filter((name) => name.startsWith('maintain/')),
]
export const producerPoints: readonly FailpointName[] = streamFailpoints.filter((name) => name.startsWith('produce/'))

export interface Fleet<Role extends string> {
  readonly running: ReadonlyMap<Role, ChildProcess>
  start(role: Role, failpoint?: FailpointName): ChildProcess
  /** Of those that run, without a goodbye. */
  kill(roles: Iterable<Role>): Promise<void>
}

/** `argv` is asked at every start. What ends by itself with anything but 0 is told on stderr. */
export function newFleet<Role extends string>(
  argv: (role: Role) => readonly string[],
  env: Readonly<Record<string, string>>,
): Fleet<Role> {
  const running = new Map<Role, ChildProcess>()
  return {
    running,
    start(role, failpoint) {
      const child = spawn(process.execPath, ['bin/fairlead.mjs', ...argv(role)], {
        cwd: checkout,
        env: { ...process.env, ...haste, ...env, FAIRLEAD_FAILPOINT: failpoint ?? '' },
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
    },
    async kill(roles) {
      await Promise.all(
        [...roles].map(async (role) => {
          const child = running.get(role)
          if (child === undefined) return
          child.kill('SIGKILL')
          await ended(child)
        }),
      )
    },
  }
}

export function ended(child: ChildProcess): Promise<NodeJS.Signals | number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.signalCode ?? child.exitCode)
  return new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
}

/** One command to its end, which has to be a good one. */
export async function runToEnd(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(process.execPath, ['bin/fairlead.mjs', ...argv], {
    cwd: checkout,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  assert.equal(await ended(child), 0, argv.join(' '))
}

/** A lake with schools for a season, whose Bronze of the stream is maintained within seconds. */
export async function makeLake(lake: string, dataset: string): Promise<void> {
  await runToEnd(['start', '--once', '--schools', '120', '--lake', lake, '--quiet'])
  const { table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
  await table(`bronze/${dataset}`).commit({
    operation: 'CREATE TABLE',
    blindAppend: true,
    stage: () => ({ columns: bronzeColumns, configuration: briefly, add: [], remove: [], txns: [] }),
  })
}
