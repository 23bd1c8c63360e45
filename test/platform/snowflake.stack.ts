/**
 * The whole way: a lake, loaded into an emulator of Snowflake, where dbt itself builds Gold, which is then compared with the lake's own, row by row. Both are
 * started where `FAIRLEAD_SHARED` names a folder with the scripts for them.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { snowflakeEngine } from '#engine'
import type { SnowflakeSettings } from '#platform'
import { consume, doctor, loadLake, playSeason, queryLake, runOnce, warehouseSetup, writeSampleFolder } from '#platform'
import type { Cell, Column, Row, SqlEngine } from '#port'
import { Fault } from '#port'
import type { Emulator } from '../engine/snowflake-emulator.ts'
import { newDatabase, newEmulator, sessionOptions, whyNoEmulator } from '../engine/snowflake-emulator.ts'
import { proxyOf } from '../engine/snowflake-proxy.ts'
import { lakeOptions } from './options.ts'

const run = promisify(execFile)
const effects = { report: () => {}, signal: new AbortController().signal }
const limits = { memoryMb: 512, timeoutMs: 60_000, maxRows: 1_000_000 }
const shared = process.env.FAIRLEAD_SHARED ?? ''
const whyNoDbt = existsSync(join(shared, 'stack/dbt/install'))
  ? undefined
  : 'FAIRLEAD_SHARED names no folder with stack/dbt/install, which installs dbt'
const realFiles = join(shared, 'data')
const secret = 'pass-which-nobody-may-see'

describe('Snowflake', { skip: whyNoEmulator ?? false }, () => {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-snowflake-'))
  const lake = lakeOptions(join(root, 'lake'))
  let emulator: Emulator
  let settings: SnowflakeSettings
  const stream = { cadenceMs: 100, flushMs: 100, flushMb: 1, maintainEveryMs: 60_000, memoryMb: 1024 }

  before(async () => {
    emulator = await newEmulator()
    const database = await newDatabase(emulator.url, root)
    settings = {
      ...{ account: 'fakesnow', url: emulator.url, user: 'fake', password: secret, database },
      ...{ warehouse: 'PIPELINE_WH', role: 'PIPELINE_ROLE', readerRole: 'BI_ROLE' },
    }
    const from = join(root, 'files')
    await writeSampleFolder(from, { schools: 60, seed: 7 }, effects)
    await runOnce({ ...lake, from, full: false }, effects)
  })
  after(async () => {
    await emulator.remove()
    rmSync(root, { recursive: true, force: true })
  })

  const inWarehouse = async <T>(database: string, work: (engine: SqlEngine<'snowflake'>) => Promise<T>): Promise<T> => {
    const engine = await snowflakeEngine(sessionOptions(emulator.url, database, root))
    try {
      return await work(engine)
    } finally {
      await engine.close()
    }
  }

  test('the statements that make everything are taken one by one, twice', async () => {
    const sql = await warehouseSetup({ ...lake, snowflake: settings, developers: ['ada'] })
    await inWarehouse(settings.database, async (engine) => {
      await engine.run(sql)
      await engine.run(sql)
    })
    assert.match(sql, /CREATE SCHEMA IF NOT EXISTS "[^"]+"."DBT_ADA"/)
  })

  test('Gold that dbt builds there is the lake’s own, row by row, also when it is built again', {
    skip: whyNoDbt ?? false,
    timeout: 900_000,
  }, async (t) => {
    const shares = { late: 0.02, repeated: 0.01, malformed: 0.01 }
    await playSeason({ ...lake, stream, season: { rate: 300, seconds: 2, seed: 7, shares } }, effects)
    await consume({ ...lake, stream, once: true, allow: [] }, effects)
    // The ledger has the stream's records too, since the batch half was published.
    await runOnce({ ...lake, full: true }, effects)
    const loaded = await loadLake({ ...lake, snowflake: settings, full: false }, effects)
    assert.ok(loaded.tables.every(({ outcome }) => outcome !== 'newer'))
    for (const time of ['first', 'second']) t.diagnostic(`${time} build: ${await builtTheSame(lake, settings)}`)
  })

  test('Gold of the published files, which dbt builds there, is the lake’s own, row by row', {
    skip: whyNoDbt ?? (existsSync(realFiles) ? false : 'FAIRLEAD_SHARED names no folder with the published files'),
    timeout: 900_000,
  }, async (t) => {
    const real = lakeOptions(join(root, 'real'))
    const warehouse = { ...settings, database: await newDatabase(emulator.url, root) }
    await runOnce({ ...real, from: realFiles, full: false }, effects)
    const setup = await warehouseSetup({ ...real, snowflake: warehouse, developers: [] })
    await inWarehouse(warehouse.database, (engine) => engine.run(setup))
    await loadLake({ ...real, snowflake: warehouse, full: false }, effects)
    t.diagnostic(await builtTheSame(real, warehouse))
  })

  /** Builds Gold in the warehouse and fails with what differs from the lake's; what was compared, in words. */
  async function builtTheSame(of: ReturnType<typeof lakeOptions>, warehouse: SnowflakeSettings): Promise<string> {
    const startedMs = performance.now()
    await dbtBuild(root, warehouse)
    const tookS = Math.round((performance.now() - startedMs) / 1000)
    const { tables, rows, largest, problems } = await inWarehouse(warehouse.database, (engine) =>
      compareGold(of, (sql) => engine.query(sql)),
    )
    assert.deepEqual(problems, [])
    return `${tables} tables, ${rows} rows, largest difference of a double ${largest}; dbt took ${tookS} s`
  }

  test('a login that fails, a role without a right and a lost connection are faults that show no secret', async () => {
    const quoting = `Incorrect username or password was specified: fake / ${secret}`
    const door = await proxyOf(emulator.url, () => undefined, { code: '390100', message: quoting })
    const loading = (url: string) => loadLake({ ...lake, snowflake: { ...settings, url }, full: true }, effects)
    await assert.rejects(loading(door.url), isFault('engine/sign-in'))
    const [check] = (await doctor({ ...lake, port: 0, snowflake: { ...settings, url: door.url } })).filter(
      ({ name }) => name === 'snowflake',
    )
    assert.equal(check?.ok, false)
    assert.ok(!JSON.stringify(check).includes(secret))
    await door.close()

    const refusal = {
      code: '003001',
      message: 'SQL access control error: Insufficient privileges to operate on schema SILVER',
    }
    const narrow = await proxyOf(emulator.url, (_, sql) => (sql.startsWith('DELETE') ? refusal : undefined))
    await assert.rejects(loading(narrow.url), isFault('engine/privilege'))
    await narrow.close()

    const nowhere = await proxyOf(emulator.url, (_, sql) =>
      sql.startsWith('SHOW DATABASES')
        ? { code: '002043', message: 'Object does not exist, or operation cannot be performed.' }
        : undefined,
    )
    await assert.rejects(loading(nowhere.url), isFault('engine/missing'))
    await nowhere.close()
    await assert.rejects(loading('http://127.0.0.1:9'), isFault('engine/connection'))
    await assert.rejects(loading(`https://fake:${secret}@example.invalid`), isFault('config/snowflake'))
    const { password: _, ...none } = settings
    await assert.rejects(loadLake({ ...lake, snowflake: none, full: false }, effects), isFault('config/snowflake'))
    const key = { ...none, privateKey: `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----` }
    await assert.rejects(loadLake({ ...lake, snowflake: key, full: false }, effects), isFault('config/snowflake'))
  })
})

const isFault = (code: string) => (error: unknown) => {
  assert.ok(error instanceof Fault, String(error))
  assert.equal(error.code, code)
  let told = ''
  for (let each: unknown = error; each instanceof Error; each = each.cause) told += `${each.message}${each.stack}`
  assert.ok(!`${told}${JSON.stringify(error)}`.includes(secret))
  return true
}

async function dbtBuild(root: string, { database, url }: SnowflakeSettings): Promise<void> {
  const { stdout } = await run(join(shared, 'stack/dbt/install'), { timeout: 300_000 })
  const profile = {
    ...{
      type: 'snowflake',
      account: 'fakesnow',
      host: '127.0.0.1',
      port: Number(new URL(url ?? '').port),
      protocol: 'http',
    },
    ...{ user: 'fake', password: 'snow', role: 'PIPELINE_ROLE', database, warehouse: 'PIPELINE_WH', schema: 'main' },
    ...{ threads: 1, connect_retries: 0 },
  }
  writeFileSync(
    join(root, 'profiles.yml'),
    JSON.stringify({ fairlead: { target: 'snowflake', outputs: { snowflake: profile } } }),
  )
  const project = join(import.meta.dirname, '../../dbt')
  const folders = ['--profiles-dir', root, '--target-path', join(root, 'target'), '--log-path', join(root, 'logs')]
  const argv = ['build', '--project-dir', project, ...folders, '--vars', '{check_sources: true}']
  await run(stdout.trim(), argv, { timeout: 600_000, maxBuffer: 2 ** 26 }).catch((error: { stdout?: string }) => {
    throw new Error(error.stdout?.split('\n').slice(-60).join('\n') ?? String(error))
  })
}

interface Comparison {
  readonly tables: number
  readonly rows: number
  readonly largest: number
  readonly problems: readonly string[]
}

/** Every Gold table of the lake against the warehouse's: the same rows, doubles to 1e-9 of their size. */
async function compareGold(
  lake: ReturnType<typeof lakeOptions>,
  query: (sql: string) => Promise<{ columns: readonly Column[]; rows: readonly Row[] }>,
): Promise<Comparison> {
  const ask = (sql: string) => queryLake({ ...lake, sql, limits }, effects)
  const { rows: names } = await ask(
    "select table_name from information_schema.tables where table_schema = 'gold' order by 1",
  )
  const problems: string[] = []
  let [counted, largest] = [0, 0]
  for (const [name] of names) {
    const ours = await ask(`select * from gold."${name}"`)
    const list = ours.columns.map((column) => `"${column.name.toUpperCase()}"`).join(', ')
    const theirs = await query(`select ${list} from gold.${name}`)
    const doubles = ours.columns.map(({ type }) => type === 'double' || String(type).startsWith('decimal'))
    const keyOf = (row: Row) => JSON.stringify(row.filter((_, i) => !doubles[i]))
    const sorted = (rows: readonly Row[]) => [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const [left, right] = [sorted(ours.rows), sorted(theirs.rows)]
    counted += left.length
    if (left.length !== right.length) problems.push(`${name}: ${left.length} rows here, ${right.length} there`)
    for (const [i, row] of left.entries()) {
      for (const [at, cell] of row.entries()) {
        const other = right[i]?.[at] ?? null
        const gap = doubles[at] ? relativeGap(cell, other) : cell === other ? 0 : Number.POSITIVE_INFINITY
        largest = Math.max(largest, gap)
        if (gap > 1e-9)
          problems.push(`${name}.${ours.columns[at]?.name}: ${cell} here, ${other} there, in ${keyOf(row)}`)
      }
    }
  }
  return { tables: names.length, rows: counted, largest, problems: problems.slice(0, 20) }
}

function relativeGap(left: Cell, right: Cell): number {
  if (left === null || right === null) return left === right ? 0 : Number.POSITIVE_INFINITY
  return Math.abs(Number(left) - Number(right)) / Math.max(1, Math.abs(Number(left)))
}
