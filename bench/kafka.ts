/**
 * A topic in Kafka into Bronze, from its first record to its end, ours and Spark in turn: `node bench/kafka.ts [compressible|random] [RECORDS] [ROUNDS] [bronze|silver]`.
 * `silver`: ours into Bronze and typed Silver, Spark into its Silver alone. Ours with the start of its process, every batch's CRC-32C, fsync of each file and commit; Spark with its server started and six times run before.
 * What runs of broker and Spark, and what else can be told: `stack.ts`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell } from './result.ts'
import type { Peer } from './stack.ts'
import { broker, measured, spark, sparkCommand, versions } from './stack.ts'
import type { Kind } from './topic.ts'
import { fillTopic, hasTopic, makeTopic } from './topic.ts'

interface Taken {
  readonly n: number
  readonly s: number
  readonly cpu: number
  readonly rssMb?: number
  readonly tableMb: number
}

const sparkWarmUps = 6
const mostMs = 330_000

/** What each prints of one drain, by name, in turn. */
function round(contenders: readonly Peer[]): Record<string, Taken> {
  const taken: Record<string, Taken> = {}
  for (const { name, command } of contenders) {
    const out = mkdtempSync(join(tmpdir(), 'fairlead-kafka-'))
    try {
      const startedMs = performance.now()
      const ran = spawnSync('bash', ['-c', command.replaceAll('OUT', out)], { encoding: 'utf8' })
      const s = (performance.now() - startedMs) / 1000
      const line = ran.stdout.split('\n').findLast((each) => each.startsWith('{'))
      if (ran.status !== 0 || line === undefined) throw new Error(`${command}: ${ran.stderr}`)
      const printed: Record<string, number> = JSON.parse(line)
      const sizes = readdirSync(out, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.parquet'))
        .map((path) => statSync(join(out, path)).size)
      const tableMb = sizes.reduce((sum, size) => sum + size, 0) / 1e6
      const { n = 0, cpu = printed.spark_cpu_s ?? Number.NaN, rssMb } = printed
      // A peer that measures itself knows best when its work was done.
      taken[name] = { n, s: printed.s ?? s, cpu, tableMb, ...(rssMb === undefined ? {} : { rssMb }) }
    } finally {
      rmSync(out, { recursive: true })
    }
  }
  return taken
}

/** All rounds in one process, so that whoever waits for a quiet machine waits once; no more of them than fit into five and a half minutes. */
function rounds(contenders: readonly Peer[], times: number): Record<string, Taken>[] {
  const taken: Record<string, Taken>[] = []
  const untilMs = performance.now() + mostMs
  for (let tookMs = 0; taken.length < times && performance.now() + tookMs < untilMs; ) {
    const startedMs = performance.now()
    taken.push(round(contenders))
    tookMs = performance.now() - startedMs
    console.error(JSON.stringify(taken.at(-1)))
  }
  return taken
}

const [first, ...rest] = process.argv.slice(2)
if (first === 'rounds') {
  const { contenders, times } = JSON.parse(rest[0] ?? '')
  console.log(JSON.stringify(rounds(contenders, times)))
} else {
  const [records = 5_000_000, times = 3] = rest.slice(0, 2).map(Number)
  await compare((first ?? 'compressible') as Kind, records, times, rest[2] === 'silver')
}

async function compare(kind: Kind, records: number, times: number, toSilver: boolean): Promise<void> {
  const { address, stop } = await broker()
  const peer = spark()
  try {
    const topic = `bench-${kind}-${records}`
    if (!(await hasTopic(address, topic))) {
      await makeTopic(address, topic)
      await fillTopic(address, topic, kind, records)
    }
    const script = join(import.meta.dirname, toSilver ? 'draining.ts' : 'landing.ts')
    const ours: Peer = { name: 'Fairlead', command: `${process.execPath} ${script} ${address} ${topic} OUT drain` }
    const asked = `batch ${topic} OUT/t ${toSilver ? 'parsed' : 'raw'}`
    const theirs: Peer = { name: 'Spark', command: sparkCommand(address, asked) }
    const contenders = peer === undefined ? [ours] : [ours, theirs]
    for (let run = 0; peer !== undefined && run < sparkWarmUps; run += 1) {
      console.error('warm-up', JSON.stringify(round([theirs])))
    }
    const request = JSON.stringify({ contenders, times })
    const [program = '', ...argv] = measured([process.execPath, import.meta.filename, 'rounds', request])
    const ran = spawnSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    if (ran.status !== 0) throw new Error('A round failed.')
    const taken: Record<string, Taken>[] = JSON.parse(ran.stdout)
    if (taken.some((one) => Object.values(one).some(({ n }) => n !== records))) {
      throw new Error(`Not all of ${records} records came.`)
    }
    const of = (name: string, figure: (of: Taken) => number | undefined) => {
      const values = taken.flatMap((one) => (one[name] === undefined ? [] : [figure(one[name])]))
      return values.every((value) => value !== undefined) ? values : null
    }
    const rows = contenders.map(({ name }) => ({
      name,
      figures: {
        recordsPerS: of(name, ({ n, s }) => n / s),
        cpuSPerMillion: of(name, ({ n, cpu }) => (cpu / n) * 1e6),
        rssMb: of(name, ({ rssMb }) => rssMb),
        tableMb: of(name, ({ tableMb }) => tableMb),
      },
    }))
    const pairs = taken.flatMap(({ Fairlead, Spark }) => (Fairlead && Spark ? [{ a: Fairlead, b: Spark }] : []))
    const ratio = {
      name: 'Fairlead to Spark, by pair',
      figures: {
        recordsPerS: pairs.map(({ a, b }) => a.n / a.s / (b.n / b.s)),
        cpuSPerMillion: pairs.map(({ a, b }) => a.cpu / a.n / (b.cpu / b.n)),
      },
    }
    tell({
      rows: pairs.length === 0 ? rows : [...rows, ratio],
      settings: {
        kind,
        into: toSilver ? 'Bronze and Silver' : 'Bronze',
        records,
        bytesARecord: 210,
        partitions: 3,
        rounds: taken.length,
        sparkWarmUps,
      },
      versions: { Kafka: versions.kafka, Spark: versions.spark, Delta: versions.delta },
    })
  } finally {
    await peer?.stop()
    await stop()
  }
}
