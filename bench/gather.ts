/**
 * Records in memory into Parquet as Bronze has it, without a log and without a disk: `node bench/gather.ts [ROUNDS]`. Files of 75,000 records as a drained topic's
 * are; what is read is the same 30,000 records again and again.
 */
import { memoryLog } from '#log'
import { newBatch } from '../src/pipeline/stream/batch.ts'
import { tell } from './result.ts'
import { recordValue } from './topic.ts'

const rounds = Number(process.argv[2] ?? 5)
const readRecords = 5_000
const reads = 6
const readsAFile = 15
const files = 20

const rows = []
for (const kind of ['compressible', 'random'] as const) {
  const log = memoryLog()
  const topic = await log.createTopic('bench', 1)
  const records = Array.from({ length: readRecords * reads }, (_, i) => ({
    ...{ partition: 0, key: Buffer.from(`k${i % 1607}`), headers: [] },
    value: Buffer.from(recordValue(kind, i, 1_700_000_000_000)),
  }))
  await log.append(topic, records)
  const answers = []
  for (let read = 0; read < reads; read += 1) {
    answers.push(await log.read(topic, 0, read * readRecords, { maxBytes: 2 ** 30, maxRecords: readRecords }))
  }
  const recordsPerS: number[] = []
  const cpuSPerMillion: number[] = []
  // The first round compiles.
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage()
    const startedMs = performance.now()
    let written = 0
    for (let file = 0; file < files; file += 1) {
      const batch = newBatch(topic)
      for (let read = 0; read < readsAFile; read += 1) batch.take(answers[read % reads] ?? raise(), 0, 0)
      written += batch.rows
      batch.finish()
    }
    const s = (performance.now() - startedMs) / 1000
    const { user, system } = process.cpuUsage(before)
    if (round === 0) continue
    recordsPerS.push(written / s)
    cpuSPerMillion.push((user + system) / written)
  }
  rows.push({ name: `${kind} values`, figures: { recordsPerS, cpuSPerMillion } })
}
tell({ rows, settings: { bytesARecord: 210, rounds }, versions: {} })

function raise(): never {
  throw new Error('The log answered fewer reads than were asked.')
}
