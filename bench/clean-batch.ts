/**
 * What a batch of a stream costs to clean, against a Silver that is already large: one warm engine, a local disk with fsync, records of `survey_live`
 * of which 1 % were sent before and 0.5 % are malformed. Prints one line for each size of Silver and of batch, and what many batches do to the memory.
 * Usage: node bench/clean-batch.ts [BATCHES [MANY]]
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silverColumns } from '#compile'
import { fingerprint } from '#contract'
import { datasets } from '#datasets'
import { duckdbEngine } from '#engine'
import type { DataFile, Table } from '#lake'
import { openTable } from '#lake'
import { writeParquet } from '#parquet'
import type { StageEffects } from '#pipeline'
import { bronzeColumns, cleanDataset, ledgerColumns } from '#pipeline'
import { noFailpoint } from '#port'
import { localStore } from '#storage'

const measured = Number(process.argv[2] ?? 20)
const many = Number(process.argv[3] ?? 500)
const contract = datasets.find(({ name }) => name === 'survey_live') ?? raise()
const { topic } = contract.stream ?? raise()
const source = '0197a000-0000-7000-8000-000000000001'
const startMs = Date.UTC(2026, 2, 1)
const perRecordMs = 2

async function lakeIn(folder: string): Promise<StageEffects & { end(): Promise<void> }> {
  const scratch = await mkdtemp(join(folder, 'scratch-'))
  const store = localStore(join(folder, 'lake'))
  const engine = await duckdbEngine({ memoryMb: 800, threads: 2, spillFolder: join(scratch, 'spill') })
  const tables = new Map<string, Table>()
  const effects = {
    nowMs: () => Date.now(),
    newId: () => randomUUID(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    report: () => {},
    failpoint: noFailpoint,
    engineInfo: 'bench',
  }
  return {
    ...effects,
    store,
    engine,
    table(root) {
      const table = tables.get(root) ?? openTable(store, root, effects)
      tables.set(root, table)
      return table
    },
    scratch: {
      folder: scratch,
      read: async (path) => new Uint8Array(await readFile(path)),
      remove: (path) => rm(path, { force: true }),
      localPaths: async (objects) => objects.map((object) => join(folder, 'lake', object)),
    },
    signal: new AbortController().signal,
    end: () => engine.close(),
  }
}

const id = (n: number): string => `0197a${String(n).padStart(15, '0')}`
const atMicros = (n: number): number => (startMs + n * perRecordMs) * 1000

/** Silver as `files` batches of a stream would have left it, `rows` in all, and a ledger that says so. */
async function standUp(effects: StageEffects, rows: number, files: number): Promise<void> {
  const print = fingerprint(contract)
  const name = 'survey_live'
  const txns = [
    { appId: `clean:${name}:${print}`, version: 0 },
    { appId: `contract:${name}`, version: Number.parseInt(print.slice(0, 12), 16) },
  ]
  const silver = effects.table(`silver/${name}`)
  const each = Math.ceil(rows / files)
  const add: DataFile[] = []
  for (let start = 0; start < rows; start += each) {
    const numbers = Array.from({ length: Math.min(each, rows - start) }, (_, i) => start + i)
    const columns: Readonly<Record<string, readonly unknown[] | { readonly constant: unknown }>> = {
      event_id: numbers.map(id),
      dbn: { constant: '01M015' },
      school_year: { constant: 2026 },
      respondent: numbers.map((n) => ['student', 'teacher', 'parent'][n % 3]),
      invited: numbers.map((n) => 100 + (n % 900)),
      responded: numbers.map((n) => n % 100),
      event_at: numbers.map(atMicros),
      source: { constant: source },
      partition: numbers.map((n) => n % 3),
      offset: numbers.map((n) => Math.floor(n / 3)),
      event_ts: numbers.map(atMicros),
      ingest_ts: { constant: startMs * 1000 },
      missing: { constant: null },
      warnings: { constant: null },
    }
    const values = silverColumns(contract).map((column) => columns[column.name] ?? raise())
    add.push(await silver.writeFile(writeParquet(silverColumns(contract), values as never, numbers.length)))
  }
  await silver.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () => ({ columns: silverColumns(contract), add, remove: [], txns }),
  })
  const ledger = effects.table('silver/ledger')
  const counts = { dataset: name, source, file_name: topic, rule: '', landed: rows, silver: rows }
  const row: Readonly<Record<string, string | number>> = counts
  const entry = await ledger.writeFile(
    writeParquet(
      ledgerColumns,
      ledgerColumns.map((column) => [row[column.name] ?? 0]),
      1,
    ),
  )
  await ledger.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () => ({ columns: ledgerColumns, add: [entry], remove: [], txns }),
  })
  await effects.table(`bronze/${name}`).commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () => ({ columns: bronzeColumns, add: [], remove: [], txns: [] }),
  })
}

function raise(): never {
  throw new Error('survey_live is not as this bench has it')
}

/** What a consumer lands in a second: new records, every hundredth one that was sent before, every two hundredth broken. */
async function landBatch(effects: StageEffects, from: number, count: number): Promise<void> {
  const table = effects.table(`bronze/survey_live`)
  const numbers = Array.from({ length: count }, (_, i) => from + i)
  const value = (n: number): string => {
    if (n % 200 === 7) return '{"event_id": broken'
    const of = n % 100 === 3 ? n - 1000 - (n % 5) : n
    return JSON.stringify({
      event_id: id(of),
      dbn: '01M015',
      school_year: 2026,
      respondent: ['student', 'teacher', 'parent'][of % 3],
      invited: 100 + (of % 900),
      responded: of % 100,
      event_ts: new Date(atMicros(of) / 1000).toISOString(),
    })
  }
  const file = await table.writeFile(
    writeParquet(
      bronzeColumns,
      [
        { constant: topic },
        { constant: source },
        numbers.map((n) => n % 3),
        numbers.map((n) => Math.floor(n / 3)),
        numbers.map(atMicros),
        { constant: 'log_append_time' },
        { constant: null },
        numbers.map(value),
        { constant: [] },
        { constant: Date.now() * 1000 },
      ],
      count,
    ),
  )
  await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () => ({ add: [file], remove: [], txns: [] }),
  })
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor((sorted.length - 1) * q)] ?? 0

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MB`

async function memory({ engine }: StageEffects): Promise<string> {
  const { rows } = await engine.query(
    'SELECT sum(memory_usage_bytes), (SELECT count(*) FROM duckdb_tables()), (SELECT count(*) FROM duckdb_views() WHERE NOT internal) FROM duckdb_memory()',
  )
  const [held, tables, views] = (rows[0] ?? []).map(Number)
  return `resident ${megabytes(process.memoryUsage().rss)}, of it DuckDB ${megabytes(held ?? 0)}, in ${tables} tables and ${views} views`
}

/** Batches of `size` records, one after the other; answers sorted wall and CPU times, the first ones left out. */
async function cleanBatches(effects: StageEffects, from: number, size: number, count: number, warm: number) {
  const tookMs: number[] = []
  const cpuMs: number[] = []
  for (let batch = 0; batch < warm + count; batch += 1) {
    await landBatch(effects, from + batch * size, size)
    const started = performance.now()
    const before = process.cpuUsage()
    await cleanDataset(contract, effects)
    const { user, system } = process.cpuUsage(before)
    if (batch < warm) continue
    tookMs.push(performance.now() - started)
    cpuMs.push((user + system) / 1000)
  }
  const sorted = (list: number[]): number[] => list.sort((a, b) => a - b)
  return { next: from + (warm + count) * size, tookMs: sorted(tookMs), cpuMs: sorted(cpuMs) }
}

const told = (list: readonly number[]): string =>
  `${[0.5, 0, 0.9].map((q) => quantile(list, q).toFixed(0)).join(' / ')} ms`

for (const [rows, files] of [
  [10_000, 100],
  [300_000, 300],
  [300_000, 3_000],
  [3_000_000, 3_000],
] as const) {
  const folder = await mkdtemp(join(tmpdir(), 'clean-batch-'))
  const effects = await lakeIn(folder)
  try {
    await standUp(effects, rows, files)
    let from: number = rows
    for (const size of [500, 5_000]) {
      const { next, tookMs, cpuMs } = await cleanBatches(effects, from, size, measured, 5)
      from = next
      console.log(
        `Silver ${rows.toLocaleString('en')} rows in ${files.toLocaleString('en')} files, ${size} records: wall ${told(tookMs)}, CPU ${told(cpuMs)} (median / least / p90 of ${measured})`,
      )
    }
    if (rows === 10_000 && many > 0) {
      console.log(`before ${many} batches: ${await memory(effects)}`)
      for (let done = 0; done < many; done += 100) {
        const { next, tookMs, cpuMs } = await cleanBatches(effects, from, 500, 100, 0)
        from = next
        console.log(`after ${done + 100}: ${await memory(effects)}; wall ${told(tookMs)}, CPU ${told(cpuMs)}`)
      }
    }
  } finally {
    await effects.end()
    await rm(folder, { recursive: true, force: true })
  }
}
