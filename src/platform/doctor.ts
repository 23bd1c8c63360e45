import { existsSync } from 'node:fs'
import { access, constants, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { isAddress } from '#config'
import { kafkaLog } from '#log'
import { findDbt, installDbt } from '#model'
import { Fault, noFailpoint } from '#port'
import type { Check, DoctorOptions } from './api.ts'
import { listDatasets } from './contracts.ts'
import { kafkaOptions } from './kafka.ts'
import { existingLake } from './lake.ts'
import { dbtPlaces } from './model-runner.ts'
import { lookAtWarehouse } from './snowflake.ts'

const oldestNode = [24, 6] as const
/** A year of the city's publications takes some tens of megabytes, and each version of a table is kept. */
/** Longest that installing dbt may take, milliseconds. */
const installMs = 900_000
const leastFreeBytes = 1024 ** 3

/** Everything Fairlead needs of the machine, each with what mends it. */
export async function doctor(options: DoctorOptions): Promise<readonly Check[]> {
  const dbt = await dbtCheck(options)
  return [
    nodeCheck(),
    await diskCheck(options.lake),
    await faultCheck('lake', 'the lake’s format is known', async () => {
      const lake = await existingLake(options.lake, { report: () => {}, failpoint: noFailpoint })
      return lake === undefined
        ? 'no lake there yet; the first run makes it'
        : `a lake of a format this version knows, in ${lake.store.name}`
    }),
    await faultCheck('datasets', 'contracts', async () => {
      const contracts = await listDatasets(options)
      return `${contracts.length} datasets are declared: ${contracts.map(({ name }) => name).join(', ')}`
    }),
    ...(await brokerChecks(options.kafka)),
    ...dbt,
    ...(await warehouseChecks(options.snowflake)),
    await portCheck(options.port),
    bundleCheck(),
  ]
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
  return {
    name: 'node',
    ok,
    what: `Node ${process.versions.node} at ${process.execPath}`,
    mend: ok ? null : `Install Node ${oldestNode.join('.')} or newer, or run npm ci, which brings one.`,
  }
}

async function diskCheck(lake: string): Promise<Check> {
  if (isAddress(lake)) return { name: 'disk', ok: true, what: `the lake stands in ${lake.split('?')[0]}`, mend: null }
  let folder = lake
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    await access(folder, constants.W_OK)
    const { bavail, bsize } = await statfs(folder)
    const ok = bavail * bsize >= leastFreeBytes
    return {
      name: 'disk',
      ok,
      what: `${((bavail * bsize) / 1024 ** 3).toFixed(1)} GB free at ${folder}`,
      mend: ok ? null : 'Free at least 1 GB there, or put the lake on another disk with --lake.',
    }
  } catch {
    return {
      name: 'disk',
      ok: false,
      what: `${folder} cannot be written to`,
      mend: 'Give this user the right, or choose another folder with --lake.',
    }
  }
}

/** One check, where brokers are named. */
async function brokerChecks(kafka: DoctorOptions['kafka']): Promise<readonly Check[]> {
  if (kafka === undefined || kafka.brokers.length === 0) return []
  return [
    await faultCheck('kafka', 'the brokers', async () => {
      const log = await kafkaLog(await kafkaOptions(kafka), { report: () => {} })
      try {
        await log.topic('fairlead-producers')
        return `${log.name} answers${kafka.mechanism === undefined ? '' : `, signed in by ${kafka.mechanism}`}`
      } finally {
        await log.close()
      }
    }),
  ]
}

/** Installs dbt where that is asked for. Checked where it was, or where a program is configured: nothing else needs it. */
async function dbtCheck({ dbt, fix }: DoctorOptions): Promise<readonly Check[]> {
  if (fix === undefined && dbt === undefined) return []
  if (fix !== undefined && fix !== 'dbt') {
    throw new Fault('usage/fix', `${fix} is nothing that can be installed.`, { mend: 'Write --fix dbt.' })
  }
  const places = dbtPlaces(fix === undefined ? dbt : undefined, process.env)
  const python = process.platform === 'win32' ? 'python' : 'python3'
  return [
    await faultCheck('dbt', 'dbt itself', async () => {
      const look =
        fix === undefined ? findDbt(places) : installDbt(places, { python, signal: AbortSignal.timeout(installMs) })
      const { program, core, duckdbAdapter } = await look
      return `dbt-core ${core} with dbt-duckdb ${duckdbAdapter} at ${program}`
    }),
  ]
}

/** One check, where an account is named. */
async function warehouseChecks(snowflake: DoctorOptions['snowflake']): Promise<readonly Check[]> {
  if (snowflake?.account === undefined) return []
  return [await faultCheck('snowflake', 'the warehouse', () => lookAtWarehouse(snowflake))]
}

async function faultCheck(name: string, about: string, look: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, what: await look(), mend: null }
  } catch (error) {
    if (error instanceof Fault) return { name, ok: false, what: error.message, mend: error.mend }
    return { name, ok: false, what: `${about}: ${String(error)}`, mend: 'Look at the folder with fairlead status.' }
  }
}

async function portCheck(port: number): Promise<Check> {
  const taken = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)))
  })
  return taken === undefined
    ? { name: 'port', ok: true, what: port === 0 ? 'any free port will be taken' : `port ${port} is free`, mend: null }
    : {
        name: 'port',
        ok: false,
        what: `port ${port} on 127.0.0.1 cannot be had (${taken})`,
        mend: 'Stop what listens there, or choose another with --port.',
      }
}

function bundleCheck(): Check {
  const ok = existsSync(join(import.meta.dirname, '../../web/dist/index.html'))
  return {
    name: 'dashboard',
    ok,
    what: ok ? 'the dashboard is built' : 'the dashboard is not built',
    mend: ok ? null : 'Run npm run build.',
  }
}
