import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SnowflakeOptions } from '#engine'
import { snowflakeEngine } from '#engine'

const run = promisify(execFile)
const startMs = 300_000
const standing = process.env.SNOWFLAKE_EMULATOR
const scripts =
  process.env.FAIRLEAD_SHARED === undefined ? undefined : join(process.env.FAIRLEAD_SHARED, 'stack/snowflake')

/** The driver asks seven times more where no answer comes, and waits for about a minute in all. Here it does not wait. */
const waits: { sleep: (ms: number) => Promise<void> } = createRequire(import.meta.url)('snowflake-sdk/dist/lib/util.js')
waits.sleep = async () => {}

/** Why there is nothing to stand for Snowflake; undefined where there is. */
export const whyNoEmulator =
  standing !== undefined || (scripts !== undefined && existsSync(join(scripts, 'start')))
    ? undefined
    : 'FAIRLEAD_SHARED names no folder with stack/snowflake/start, which starts an emulator of Snowflake'

export interface Emulator {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  remove(): Promise<void>
}

/** One that stands already (`SNOWFLAKE_EMULATOR`, its address), or one of its own. */
export async function newEmulator(): Promise<Emulator> {
  if (standing !== undefined) return { url: standing, remove: async () => {} }
  if (scripts === undefined) throw new Error(whyNoEmulator)
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-snowflake-'))
  const script = (name: string, ...argv: string[]) =>
    run(join(scripts, name), [folder, ...argv], { timeout: startMs, killSignal: 'SIGKILL' })
  const port = await freePort()
  await script('start', String(port))
  return {
    url: `http://127.0.0.1:${port}`,
    async remove() {
      await script('stop', '-9')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Options for a session at the emulator, which lets everyone in. */
export function sessionOptions(url: string, database: string, scratchFolder: string): SnowflakeOptions {
  return {
    ...{ account: 'fakesnow', url, user: 'fake', identity: { by: 'password', password: 'snow' } },
    ...{ role: 'PIPELINE_ROLE', warehouse: 'PIPELINE_WH', database, schema: 'PUBLIC', readerRole: 'BI_ROLE' },
    scratchFolder,
  }
}

/** A database of its own, with a name that no other test has. */
export async function newDatabase(url: string, scratchFolder: string): Promise<string> {
  const database = `FAIRLEAD_${randomUUID().replaceAll('-', '').slice(0, 12).toUpperCase()}`
  const engine = await snowflakeEngine(sessionOptions(url, 'SNOWFLAKE', scratchFolder))
  try {
    await engine.run(`create database ${database}; create schema if not exists ${database}.PUBLIC`)
  } finally {
    await engine.close()
  }
  return database
}
