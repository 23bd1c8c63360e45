/**
 * Resident memory while a topic of 5,000,000 records is drained into Bronze, and one of ten times as many: `node bench/memory.ts [RECORDS] [TIMES]`. The larger needs
 * 240 bytes of the broker's disk a record. What runs of broker, and what else can be told: `stack.ts`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row } from './result.ts'
import { tell } from './result.ts'
import { median } from './spread.ts'
import { broker, measured, versions } from './stack.ts'
import { fillTopic, hasTopic, makeTopic } from './topic.ts'

const lookEveryMs = 250
const kind = 'compressible'

if (process.argv[2] === 'drain') console.log(JSON.stringify(await drain(process.argv[3] ?? '', process.argv[4] ?? '')))
else await compare(Number(process.argv[2] ?? 5_000_000), Number(process.argv[3] ?? 10))

async function drain(address: string, topic: string) {
  const lake = mkdtempSync(join(tmpdir(), 'fairlead-memory-'))
  try {
    const argv = [join(import.meta.dirname, 'landing.ts'), address, topic, lake, 'drain']
    const startedMs = performance.now()
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
    const rssMb: number[] = []
    const timer = setInterval(() => {
      const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]
      if (kilobytes !== undefined) rssMb.push(Number(kilobytes) / 1024)
    }, lookEveryMs)
    child.on('exit', () => clearInterval(timer))
    let printed = ''
    child.stdout.on('data', (bytes) => (printed += bytes))
    await once(child, 'close')
    return { ...JSON.parse(printed), s: (performance.now() - startedMs) / 1000, rss: rssMb }
  } finally {
    rmSync(lake, { recursive: true })
  }
}

async function compare(records: number, times: number): Promise<void> {
  const { address, stop } = await broker()
  try {
    const rows: Row[] = []
    for (const size of [records, records * times]) {
      const topic = `bench-${kind}-${size}`
      if (!(await hasTopic(address, topic))) {
        await makeTopic(address, topic)
        await fillTopic(address, topic, kind, size)
      }
      const [program = '', ...argv] = measured([process.execPath, import.meta.filename, 'drain', address, topic])
      const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
      let printed = ''
      child.stdout.on('data', (bytes) => (printed += bytes))
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`Draining ${topic} failed.`)
      const { n, s, cpu, rssMb, rss } = JSON.parse(printed)
      if (n !== size) throw new Error(`${n} of ${size} records came.`)
      const quarter = (i: number) =>
        median(rss.slice(Math.floor((rss.length * i) / 4), Math.floor((rss.length * (i + 1)) / 4)))
      const figures = {
        rssMb,
        rssByQuarterMb: [0, 1, 2, 3].map(quarter),
        recordsPerS: n / s,
        cpuSPerMillion: (cpu / n) * 1e6,
      }
      rows.push({ name: `${size.toLocaleString('en')} records`, figures })
    }
    tell({ rows, settings: { kind, bytesARecord: 210, partitions: 3 }, versions: { Kafka: versions.kafka } })
  } finally {
    await stop()
  }
}
