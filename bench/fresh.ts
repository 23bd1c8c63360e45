/**
 * From the moment a record is made to the moment its commit is seen, at a steady rate from Kafka: `node bench/fresh.ts [RATE] [SECONDS] [ROUNDS]`.
 * Ours, Python with delta-rs and Spark in turn, each with a topic of its own. A table's log is looked at every two milliseconds; every row counts whose commit
 * is seen eight seconds after sending began or later, by Kafka's CreateTime. What runs of broker and peers, and what else can be told: `stack.ts`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { tell } from './result.ts'
import { median, quantile } from './spread.ts'
import { broker, measured, pythonCommand, spark, sparkCommand, versions } from './stack.ts'
import type { Kind } from './topic.ts'
import { makeTopic } from './topic.ts'

interface Contender {
  readonly name: string
  readonly topic: string
  readonly kind: Kind
  /** For `bash -c`, with a folder of its own in place of OUT. */
  readonly prepare?: string
  readonly command: string
  readonly tables: readonly Watched[]
  /** Time that it may take until it follows. */
  readonly warmMs: number
  /** True where each record has to be there once in the end. */
  readonly exactly: boolean
}

interface Watched {
  readonly name: string
  /** Folder in OUT. */
  readonly folder: string
  /** Column with the record's timestamp. */
  readonly column: string
}

interface Fresh {
  readonly name: string
  readonly rows: number
  readonly commits: number
  readonly gapMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly mostMs: number
  readonly cpuOfACore: number
}

const lookEveryMs = 2
const leaveOutMs = 8_000
/** After the last record, for what is still on its way. */
const afterMs = 4_000
/** The longest that one which lands each record is waited for. */
const mostAfterMs = 60_000
const ticksPerS = 100

const logFile = (table: string, version: number) =>
  join(table, '_delta_log', `${String(version).padStart(20, '0')}.json`)

/** When each version was first seen. */
function watch(table: string): { readonly seen: readonly number[]; stop(): void } {
  const seen: number[] = []
  const timer = setInterval(() => {
    while (existsSync(logFile(table, seen.length))) seen.push(Date.now())
  }, lookEveryMs)
  return { seen, stop: () => clearInterval(timer) }
}

async function latencies(table: string, column: string, seen: readonly number[], fromMs: number) {
  const database = await (await DuckDBInstance.create(':memory:')).connect()
  const found: number[] = []
  const times: number[] = []
  for (const [version, atMs] of seen.entries()) {
    if (atMs < fromMs) continue
    const files = filesOf(table, version)
    if (files.length > 0) times.push(atMs)
    for (const file of files) {
      const read = await database.runAndReadAll(
        `SELECT epoch_us("${column}") FROM read_parquet('${file}', hive_partitioning = false)`,
      )
      for (const [micros] of read.getRows()) found.push(atMs - Number(micros) / 1000)
    }
  }
  database.closeSync()
  return { found, times }
}

interface Add {
  readonly path: string
  readonly dataChange: boolean
  readonly stats: string
}

/** Files with new rows of one version; those of compaction hold none. */
function addsOf(table: string, version: number): Add[] {
  return readFileSync(logFile(table, version), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"add"'))
    .map((line): Add => JSON.parse(line).add)
    .filter(({ dataChange }) => dataChange)
}

function filesOf(table: string, version: number): string[] {
  return addsOf(table, version).map(({ path }) => join(table, decodeURIComponent(path)))
}

/** Rows that versions brought, as their files say. */
function landed(table: string, seen: readonly number[]): number {
  const rows = seen.map((_, version) => addsOf(table, version).map(({ stats }) => Number(JSON.parse(stats).numRecords)))
  return rows.flat().reduce((sum, each) => sum + each, 0)
}

/** Rows and distinct records of a table, by all versions' files with new rows. */
async function counted(table: string, versions: number): Promise<readonly [number, number]> {
  const files = Array.from({ length: versions }, (_, version) => filesOf(table, version)).flat()
  const database = await (await DuckDBInstance.create(':memory:')).connect()
  const list = files.map((file) => `'${file}'`).join()
  const read = await database.runAndReadAll(
    `SELECT count(*), count(DISTINCT (partition, "offset")) FROM read_parquet([${list}], hive_partitioning = false)`,
  )
  const [[rows, distinct] = []] = read.getRows()
  database.closeSync()
  return [Number(rows), Number(distinct)]
}

/** CPU seconds of a process and its children so far. */
function cpuS(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(stat[11]) + Number(stat[12])) / ticksPerS
}

async function follow(contender: Contender, address: string, rate: number, seconds: number): Promise<Fresh[]> {
  const { name, topic, kind, warmMs, exactly } = contender
  const out = mkdtempSync(join(tmpdir(), 'fairlead-fresh-'))
  await makeTopic(address, topic)
  const filled = (command: string) => command.replaceAll('OUT', out)
  if (
    contender.prepare !== undefined &&
    spawnSync('bash', ['-c', filled(contender.prepare)], { stdio: 'ignore' }).status !== 0
  ) {
    throw new Error(`${contender.prepare} failed.`)
  }
  const stdio = ['ignore', 'ignore', 'inherit'] as const
  const child = spawn('bash', ['-c', `exec env ${filled(contender.command)}`], {
    stdio: [...stdio],
    cwd: join(import.meta.dirname, '..'),
  })
  const gone = once(child, 'exit')
  const pid = contender.name.startsWith('Spark')
    ? Number(readFileSync(process.env.SPARK_PID_FILE ?? '', 'utf8'))
    : (child.pid ?? -1)
  try {
    const tables = contender.tables.map((each) => ({ ...each, path: join(out, each.folder) }))
    await sleep(warmMs)
    const watching = tables.map(({ path }) => watch(path))
    const before = cpuS(pid)
    const fromMs = Date.now() + leaveOutMs
    const argv = ['pace', address, topic, kind, String(rate), String(seconds)]
    const producer = spawn(process.execPath, [join(import.meta.dirname, 'topic.ts'), ...argv], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed = ''
    producer.stdout.on('data', (bytes) => (printed += bytes))
    await once(producer, 'close')
    const cpuOfACore = (cpuS(pid) - before) / seconds
    const { sent } = JSON.parse(printed)
    await sleep(afterMs)
    const untilMs = Date.now() + mostAfterMs
    const isIn = () => tables.slice(0, 1).every(({ path }, i) => landed(path, watching[i]?.seen ?? []) >= sent)
    while (exactly && !isIn() && Date.now() < untilMs) await sleep(afterMs / 10)
    child.kill('SIGTERM')
    await gone
    await sleep(10 * lookEveryMs)
    for (const each of watching) each.stop()
    const fresh: Fresh[] = []
    for (const [i, { name: part, path, column }] of tables.entries()) {
      const seen = watching[i]?.seen ?? []
      if (exactly) {
        const [rows, distinct] = await counted(path, seen.length)
        if (rows !== sent || distinct !== sent)
          throw new Error(`${name}: ${sent} sent, ${rows} rows, ${distinct} of them distinct`)
      }
      const { found, times } = await latencies(path, column, seen, fromMs)
      const of = (share: number) => quantile(found, share)
      const gapMs = median(times.slice(1).map((at, n) => at - (times[n] ?? 0)))
      const about = { rows: found.length, commits: times.length, gapMs, cpuOfACore }
      fresh.push({ name: `${name}${part}`, ...about, p50Ms: of(0.5), p99Ms: of(0.99), mostMs: of(1) })
    }
    return fresh
  } finally {
    child.kill('SIGKILL')
    rmSync(out, { recursive: true, force: true })
  }
}

function contendersAt(address: string, seconds: number, hasSpark: boolean): readonly Contender[] {
  const own = process.execPath
  const raw = { kind: 'compressible', exactly: false } as const
  const table = [{ name: '', folder: 't', column: 'timestamp' }]
  const bronze = { name: '', folder: 'bronze/message', column: 'timestamp' }
  const spentS = Math.ceil(seconds + afterMs / 1000)
  const ours: Contender[] = [250, 1000].map((flushMs) => ({
    ...{
      ...raw,
      name: `Fairlead, Bronze, a commit each ${flushMs} ms`,
      topic: `fresh-own-${flushMs}`,
      exactly: true,
      warmMs: 2_000,
    },
    ...{ command: `${own} bench/landing.ts ${address} fresh-own-${flushMs} OUT follow ${flushMs}`, tables: [bronze] },
  }))
  const live = { folder: 'survey_live', name: 'Fairlead, all of `stream consume`, a commit each 250 ms' }
  const all: Contender = {
    ...{ name: live.name, topic: 'school_climate_stream', kind: 'report', warmMs: 4_000, exactly: true },
    prepare: `${own} bin/fairlead.mjs start --once --schools 120 --lake OUT --quiet`,
    command: `FAIRLEAD_KAFKA_BROKERS=${address} FAIRLEAD_STREAM_FLUSH_MS=250 ${own} bin/fairlead.mjs stream consume --lake OUT --quiet`,
    tables: [
      { name: ': Bronze', folder: `bronze/${live.folder}`, column: 'timestamp' },
      { name: ': Silver', folder: `silver/${live.folder}`, column: 'event_ts' },
    ],
  }
  const python: Contender[] = [1, 0.25].flatMap((everyS) => {
    const topic = `fresh-python-${everyS * 1000}`
    const command = pythonCommand(address, `confluent ${topic} OUT/t raw every=${everyS} secs=${spentS + 2}`)
    if (command === undefined) return []
    return [
      {
        ...raw,
        name: `Python and delta-rs, a write each ${everyS * 1000} ms`,
        topic,
        command,
        tables: table,
        warmMs: 2_000,
      },
    ]
  })
  const theirs: Contender[] = hasSpark
    ? [
        {
          ...{ ...raw, name: 'Spark, a trigger each 1,000 ms', topic: 'fresh-spark', tables: table, warmMs: 6_000 },
          command: sparkCommand(address, `stream fresh-spark OUT/t raw ${spentS + 6} '1 second'`),
        },
      ]
    : []
  return [...ours, all, ...python, ...theirs]
}

const [first = '5000', second = '25', third = '3'] = process.argv.slice(2)
if (first === 'round') {
  const [address = '', rate, seconds, names = ''] = process.argv.slice(3)
  const fresh: Fresh[] = []
  for (const contender of contendersAt(address, Number(seconds), process.env.SPARK_REMOTE !== undefined)) {
    if (contender.name.includes(names)) fresh.push(...(await follow(contender, address, Number(rate), Number(seconds))))
  }
  console.log(JSON.stringify(fresh))
} else await compare(Number(first), Number(second), Number(third))

async function compare(rate: number, seconds: number, rounds: number): Promise<void> {
  const { address, stop } = await broker()
  const peer = spark()
  try {
    const round = (names: string): Fresh[] => {
      const of = [address, String(rate), String(seconds), names]
      const [program = '', ...argv] = measured([process.execPath, import.meta.filename, 'round', ...of])
      const ran = spawnSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
      if (ran.status !== 0) throw new Error('A round failed.')
      console.error(ran.stdout.trim())
      return JSON.parse(ran.stdout)
    }
    if (peer !== undefined) round('Spark') // what compiles in it at first is not what is measured
    const taken = Array.from({ length: rounds }, () => round(''))
    const rows = (taken[0] ?? []).map(({ name }, i) => {
      const of = (figure: Exclude<keyof Fresh, 'name'>) => taken.flatMap((one) => one[i]?.[figure] ?? [])
      const figures = {
        p50Ms: of('p50Ms'),
        p99Ms: of('p99Ms'),
        mostMs: of('mostMs'),
        gapMs: of('gapMs'),
        cpuOfACore: of('cpuOfACore'),
      }
      return { name, figures }
    })
    tell({
      rows,
      settings: { recordsPerS: rate, seconds, leftOutS: leaveOutMs / 1000, rounds, bytesARecord: 210, partitions: 3 },
      versions: {
        ...{ Kafka: versions.kafka, Spark: versions.spark, Delta: versions.delta },
        ...{ deltalake: versions.deltalake, 'confluent-kafka': versions.confluent },
      },
    })
  } finally {
    await peer?.stop()
    await stop()
  }
}
