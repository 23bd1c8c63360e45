/**
 * A topic in Kafka into Bronze and typed Silver by `fairlead stream consume --once`, from its first record to its end, beside what else one would use, in turn:
 * `node bench/kafka-silver.ts BROKERS TOPIC [ROUNDS] [NAME=COMMAND …]`. The topic has the messages that `bench/datasets/sensor_event.ts` declares.
 * A peer's command gets a folder of its own in place of OUT, and prints a line of JSON with `n` records, `s` seconds and `cpu` (or `spark_cpu_s`) seconds.
 * Ours is measured with the start of its process, CRC, fsync, quarantine, duplicates by key and the ledger. Prints one line of JSON: medians and spread.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spreadOf } from './spread.ts'

interface Taken {
  readonly n: number
  readonly s: number
  readonly cpu: number
  readonly rssMb?: number
  readonly tableMb: number
}

/** The command line in this process, which tells what it used when it ends. */
async function consume(brokers: string, topic: string, lake: string): Promise<void> {
  Object.assign(process.env, {
    FAIRLEAD_LAKE: lake,
    FAIRLEAD_DATASETS: join(import.meta.dirname, 'datasets'),
    FAIRLEAD_KAFKA_BROKERS: brokers,
    FAIRLEAD_BENCH_TOPIC: topic,
  })
  process.once('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1e6, rssMb: maxRSS / 1024 }))
  })
  process.argv.splice(2, Number.POSITIVE_INFINITY, 'stream', 'consume', '--once', '--json')
  await import(new URL('../bin/fairlead.mjs', import.meta.url).href)
}

function run(command: string, out: string): Taken {
  const startedMs = performance.now()
  const { stdout, stderr, status } = spawnSync('bash', ['-c', command.replaceAll('OUT', out)], { encoding: 'utf8' })
  const s = (performance.now() - startedMs) / 1000
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  if (status !== 0 || lines.length === 0) throw new Error(`${command}: ${stderr}`)
  const told = Object.assign({}, ...lines.map((line) => JSON.parse(line)))
  const own = told.datasets?.sensor_event
  if (own !== undefined && own.landed !== own.silver) throw new Error(`Not all came to Silver: ${JSON.stringify(own)}`)
  const tableMb = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.parquet'))
    .reduce((sum, path) => sum + statSync(join(out, path)).size / 1e6, 0)
  return { s, tableMb, cpu: told.spark_cpu_s, ...told, n: told.n ?? own?.silver }
}

const [brokers, topic, ...rest] = process.argv.slice(2)
if (brokers === undefined || topic === undefined)
  throw new Error('Usage: node bench/kafka-silver.ts BROKERS TOPIC [ROUNDS] [NAME=COMMAND …]')
const [only, lake] = rest
if (only === 'consume' && lake !== undefined) await consume(brokers, topic, lake)
else {
  const rounds = Number(rest.find((each) => /^\d+$/.test(each)) ?? 3)
  const own = `fairlead=${process.execPath} ${import.meta.filename} ${brokers} ${topic} consume OUT/lake`
  const taken = new Map<string, Taken[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const each of [own, ...rest]) {
      const [, name, command] = /^([^=]+)=(.+)$/s.exec(each) ?? []
      if (name === undefined || command === undefined) continue
      const out = mkdtempSync(join(tmpdir(), 'fairlead-kafka-silver-'))
      try {
        const one = run(command, out)
        console.error(name, JSON.stringify({ ...one, datasets: undefined }))
        taken.set(name, [...(taken.get(name) ?? []), one])
      } finally {
        rmSync(out, { recursive: true })
      }
    }
  }
  const ours = taken.get('fairlead') ?? []
  const result = [...taken].map(([name, all]) => ({
    name,
    recordsPerSecond: spreadOf(all.map(({ n, s }) => n / s)),
    cpuSecondsPerMillion: spreadOf(all.map(({ n, cpu }) => (cpu / n) * 1e6)),
    residentMb: spreadOf(all.map(({ rssMb }) => rssMb ?? Number.NaN)),
    tableMb: spreadOf(all.map(({ tableMb }) => tableMb)),
    ...(name === 'fairlead'
      ? {}
      : {
          fairleadTimesRate: all.map(({ n, s }, i) => (ours[i]?.n ?? 0) / (ours[i]?.s ?? 1) / (n / s)),
          fairleadTimesCpu: all.map(({ cpu }, i) => (ours[i]?.cpu ?? Number.NaN) / cpu),
        }),
  }))
  console.log(JSON.stringify({ bench: 'kafka-silver', rounds, result }))
}
