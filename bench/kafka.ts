/**
 * A topic in Kafka into Bronze, from its first record to its end, beside what else one would use, in rotation:
 * `node bench/kafka.ts BROKERS TOPIC [ROUNDS] [NAME=COMMAND …]`.
 * A peer's command gets a folder of its own in place of OUT, and prints a line of JSON with `n` records, `s` seconds and `cpu` seconds.
 * Prints medians and spread of records a second, CPU seconds for a million records, and most memory; ours with the start of its process, fsync and CRC on.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaLog } from '#log'
import { landTopic, newAsking } from '#pipeline'
import type { PlatformEvent } from '#port'
import { noFailpoint } from '#port'
import { openLake } from '../src/platform/lake.ts'

interface Taken {
  readonly n: number
  readonly s: number
  readonly cpu: number
  readonly rssMb?: number
  readonly tableMb?: number
}

const flush = { maxBytes: 16 << 20, maxAgeMs: 600_000 }

async function land(brokers: string, topic: string, lake: string): Promise<void> {
  const report = (event: PlatformEvent) => {
    if (event.kind === 'fault' || event.kind === 'retry') console.error(JSON.stringify(event))
  }
  const { store, table } = await openLake(lake, { report, failpoint: noFailpoint })
  const options = { brokers: [brokers], replication: -1, sessionMs: 10_000, tls: undefined, sasl: undefined }
  const log = await kafkaLog(options, { report })
  const n = await landTopic(
    { dataset: 'message', topic, flush, once: true, allowed: new Set(), consumer: 'bench' },
    {
      ...{ log, store, table, report, nowMs: Date.now, random: Math.random, failpoint: noFailpoint },
      after(ms, ring) {
        const timer = setTimeout(ring, ms)
        return () => clearTimeout(timer)
      },
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      ...{ signal: new AbortController().signal, flushing: newAsking(), memoryIsTight: () => false },
    },
  )
  await log.close()
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(JSON.stringify({ n, cpu: (userCPUTime + systemCPUTime) / 1e6, rssMb: maxRSS / 1024 }))
}

function run(command: readonly string[], out: string): Taken {
  const startedMs = performance.now()
  const { stdout, stderr, status } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' })
  const s = (performance.now() - startedMs) / 1000
  const line = stdout
    .trim()
    .split('\n')
    .findLast((each) => each.startsWith('{'))
  if (status !== 0 || line === undefined) throw new Error(`${command.join(' ')}: ${stderr}`)
  const sizes = readdirSync(out, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.parquet'))
    .map((path) => statSync(join(out, path)).size)
  return { s, tableMb: sizes.reduce((sum, size) => sum + size, 0) / 1e6, ...JSON.parse(line) }
}

function middle(values: readonly number[], digits: number): string {
  const sorted = values.toSorted((a, b) => a - b)
  const of = (at: number) => (sorted[at] ?? Number.NaN).toFixed(digits)
  return `${of(Math.floor(sorted.length / 2))} (${of(0)}…${of(sorted.length - 1)})`
}

const [brokers, topic, ...rest] = process.argv.slice(2)
if (brokers === undefined || topic === undefined)
  throw new Error('Usage: node bench/kafka.ts BROKERS TOPIC [ROUNDS] [NAME=COMMAND …]')
const [only, lake] = rest
if (only === 'land' && lake !== undefined) await land(brokers, topic, lake)
else {
  const rounds = Number(rest.find((each) => /^\d+$/.test(each)) ?? 3)
  const peers = rest.flatMap((each) => {
    const [, name, command] = /^([^=]+)=(.+)$/s.exec(each) ?? []
    return name === undefined || command === undefined ? [] : [{ name, command }]
  })
  const taken = new Map<string, Taken[]>()
  for (let round = 0; round < rounds; round += 1) {
    const own = {
      name: 'fairlead',
      command: `${process.execPath} ${import.meta.filename} ${brokers} ${topic} land OUT`,
    }
    for (const { name, command } of [own, ...peers]) {
      const out = mkdtempSync(join(tmpdir(), 'fairlead-kafka-'))
      try {
        const one = run(['bash', '-c', command.replaceAll('OUT', out)], out)
        console.error(name, JSON.stringify(one))
        taken.set(name, [...(taken.get(name) ?? []), one])
      } finally {
        rmSync(out, { recursive: true })
      }
    }
  }
  for (const [name, all] of taken) {
    console.log(
      `${name.padEnd(14)} ${middle(
        all.map(({ n, s }) => n / s / 1000),
        0,
      )} k records/s   ${middle(
        all.map(({ n, cpu }) => (cpu / n) * 1e6),
        2,
      )} CPU s a million   ${middle(
        all.map(({ rssMb }) => rssMb ?? Number.NaN),
        0,
      )} MB resident   ${middle(
        all.map(({ tableMb }) => tableMb ?? Number.NaN),
        0,
      )} MB on disk`,
    )
  }
}
