// One of several processes that append to the same log. Prints a line for each batch that the log has answered.
import { randomUUID } from 'node:crypto'
import { embeddedLog } from '#log'
import type { NewRecord } from '#port'

const [file = '', writer = '', batches = '0', size = '1', producer] = process.argv.slice(2)
const log = await embeddedLog(
  { file, keepHours: 168, maxMb: 1_000 },
  { nowMs: Date.now, newId: randomUUID, report: console.error, machineId: () => 'this' },
)
const topic = await log.createTopic('t', 3)

function batchFrom(first: number): readonly NewRecord[] {
  return Array.from({ length: Number(size) }, (_, i) => ({
    partition: (first + i) % 3,
    key: null,
    value: new TextEncoder().encode(`${writer} ${first + i}`),
    headers: [],
  }))
}

const total = Number(batches) * Number(size)
let sequence = producer === undefined ? 0 : await log.sequenceOf(topic, producer)
while (sequence < total) {
  const position = producer === undefined ? undefined : { id: producer, sequence }
  const answer = await log.append(topic, batchFrom(sequence), position)
  sequence = answer.outcome === 'moved' ? answer.sequence : sequence + Number(size)
  process.stdout.write(`${answer.outcome} ${sequence}\n`)
}
await log.close()
