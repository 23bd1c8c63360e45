/**
 * How fast the embedded log takes and gives records of 210 bytes, in batches of 1, 100 and 5,000 over three partitions; medians of some rounds, each in a new file.
 * Every append is durable when it is answered. Usage: node bench/log.ts [ROUNDS] [FOLDER]
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedLog, machineId } from '#log'
import type { NewRecord } from '#port'
import type { Row } from './result.ts'
import { tell } from './result.ts'

const rounds = Number(process.argv[2] ?? 5)
const folder = process.argv[3] ?? tmpdir()
const partitions = 3
const value = new Uint8Array(210).fill(120)
const limits = { maxBytes: 1_000_000, maxRecords: 10_000 }

interface Round {
  readonly appendsPerS: number
  readonly readsPerS: number
  readonly appendCpuS: number
  readonly readCpuS: number
  readonly fileMb: number
  readonly rssMb: number
}

function records(count: number, from: number): readonly NewRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const key = new TextEncoder().encode(String((from + i) % 997))
    return { partition: (from + i) % partitions, key, value, headers: [] }
  })
}

function cpuS(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1e6
}

async function round(batch: number, total: number): Promise<Round> {
  const own = await mkdtemp(join(folder, 'fairlead-log-'))
  const file = join(own, 'log.sqlite')
  const effects = { nowMs: Date.now, newId: randomUUID, report: console.error, machineId }
  const log = await embeddedLog({ file, keepHours: 168, maxMb: 100_000 }, effects)
  try {
    const topic = await log.createTopic('t', partitions)
    const given = records(batch, 0)
    const cpuBefore = process.cpuUsage()
    const appending = performance.now()
    for (let i = 0; i < total / batch; i += 1) await log.append(topic, batch === 1 ? records(1, i) : given)
    const appendS = (performance.now() - appending) / 1000
    const appendCpuS = cpuS(cpuBefore)
    const cpuBetween = process.cpuUsage()
    const reading = performance.now()
    let read = 0
    for (let partition = 0; partition < partitions; partition += 1) {
      for (let offset = 0; ; ) {
        const got = await log.read(topic, partition, offset, limits)
        if (got.next === offset) break
        read += got.blocks.reduce((sum, { count }) => sum + count, 0)
        offset = got.next
      }
    }
    const readS = (performance.now() - reading) / 1000
    if (read !== total) throw new Error(`${read} of ${total} records were read.`)
    return {
      appendsPerS: total / appendS,
      readsPerS: total / readS,
      appendCpuS: (appendCpuS / total) * 1e6,
      readCpuS: (cpuS(cpuBetween) / total) * 1e6,
      fileMb: (await stat(file)).size / 1e6,
      rssMb: process.memoryUsage.rss() / 1e6,
    }
  } finally {
    await log.close()
    await rm(own, { recursive: true })
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

const rows: Row[] = []
for (const [batch, total] of [
  [1, 3_000],
  [100, 100_000],
  [5_000, 500_000],
] as const) {
  const results: Round[] = []
  for (let i = 0; i < rounds; i += 1) results.push(await round(batch, total))
  const all = (figure: keyof Round) => results.map((result) => result[figure])
  rows.push({
    name: `batches of ${batch}`,
    figures: { appendsPerS: all('appendsPerS'), readsPerS: all('readsPerS'), rssMb: all('rssMb') },
  })
  const of = (figure: keyof Round) => median(results.map((result) => result[figure]))
  console.log(
    `batches of ${batch}: ${of('appendsPerS').toFixed(0)} appends/s (${of('appendCpuS').toFixed(2)} CPU-s per 1 M), ` +
      `${of('readsPerS').toFixed(0)} reads/s (${of('readCpuS').toFixed(2)} CPU-s per 1 M), ` +
      `file ${of('fileMb').toFixed(1)} MB for ${((total * 210) / 1e6).toFixed(1)} MB of values, RSS ${of('rssMb').toFixed(0)} MB`,
  )
}
tell({ rows, settings: { bytesARecord: 210, partitions, rounds }, versions: {} })
