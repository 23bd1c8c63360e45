/**
 * Topics for the benches, by the library's own producer: records of 210 bytes, JSON of seven fields, whose `note` is one alphabet (it compresses well) or random
 * base64 (it does not). `node bench/topic.ts pace BROKERS TOPIC KIND RATE SECONDS` sends at a steady rate, each record with the time at which it was made.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Admin, Producer } from '@platformatic/kafka'

export type Kind = 'compressible' | 'random' | 'report'

const partitions = 3
const batchRecords = 3_000
const mostInFlight = 4
const metrics = ['attendance_rate', 'suspension_count', 'survey_score', 'air_quality_idx']
const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(2)
const respondents = ['student', 'teacher', 'parent']

function school(i: number): string {
  return `${String((i % 32) + 1).padStart(2, '0')}M${String(i % 607).padStart(3, '0')}`
}

function measurement(i: number, atMs: number, note: string): string {
  return `{"event_id":"e${String(i).padStart(12, '0')}","school":"${school(i)}","metric":"${metrics[i % 4]}","value":${((i * 7919) % 10_000) / 100},"produced_ms":${atMs},"source":"sensor-${i % 97}","note":"${note}"}`
}

/** A report as `survey_live` has it, each with an id of its own. */
function report(i: number, atMs: number): string {
  return JSON.stringify({
    event_id: `0197a${String(i).padStart(15, '0')}`,
    dbn: school(i),
    school_year: 2026,
    respondent: respondents[i % 3],
    invited: 100 + (i % 900),
    responded: i % 100,
    event_ts: new Date(atMs).toISOString(),
  })
}

export function recordValue(kind: Kind, i: number, atMs: number): string {
  if (kind === 'report') return report(i, atMs)
  return measurement(
    i,
    atMs,
    kind === 'random' ? randomBytes(48).toString('base64') : alphabet.slice(i % 8, (i % 8) + 64),
  )
}

/** Makes a topic anew. */
export async function makeTopic(address: string, topic: string): Promise<void> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [address] })
  try {
    if ((await admin.listTopics()).includes(topic)) await admin.deleteTopics({ topics: [topic] })
    while ((await admin.listTopics()).includes(topic)) await sleep(100)
    const configs = [{ name: 'segment.bytes', value: '268435456' }]
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs })
  } finally {
    await admin.close()
  }
}

export async function hasTopic(address: string, topic: string): Promise<boolean> {
  const admin = new Admin({ clientId: 'bench', bootstrapBrokers: [address] })
  try {
    return (await admin.listTopics()).includes(topic)
  } finally {
    await admin.close()
  }
}

export async function fillTopic(address: string, topic: string, kind: Kind, count: number): Promise<void> {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: [address], acks: -1 })
  const inFlight = new Set<Promise<void>>()
  for (let from = 0; from < count; from += batchRecords) {
    const size = Math.min(batchRecords, count - from)
    const atMs = Date.now()
    const messages = Array.from({ length: size }, (_, j) => ({
      ...{ topic, partition: Math.floor((j * partitions) / size), key: Buffer.from(`k${(from + j) % 1607}`) },
      value: Buffer.from(recordValue(kind, from + j, atMs)),
    }))
    const sent: Promise<void> = producer.send({ messages }).then(() => void inFlight.delete(sent))
    inFlight.add(sent)
    if (inFlight.size >= mostInFlight) await Promise.race(inFlight)
  }
  await Promise.all(inFlight)
  await producer.close()
}

/** Answers how many were sent. */
async function pace(address: string, topic: string, kind: Kind, rate: number, seconds: number): Promise<number> {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: [address], acks: -1 })
  const inFlight = new Set<Promise<void>>()
  const startMs = Date.now()
  let i = 0
  for (;;) {
    const spentMs = Date.now() - startMs
    const due = Math.floor((Math.min(spentMs, seconds * 1000) * rate) / 1000)
    const messages: { topic: string; partition: number; key: Buffer; value: Buffer; timestamp: bigint }[] = []
    for (; i < due; i += 1) {
      const atMs = Date.now()
      const value = Buffer.from(recordValue(kind, i, atMs))
      messages.push({
        topic,
        partition: i % partitions,
        key: Buffer.from(`k${i % 1607}`),
        value,
        timestamp: BigInt(atMs),
      })
    }
    if (messages.length > 0) {
      const sent: Promise<void> = producer.send({ messages }).then(() => void inFlight.delete(sent))
      inFlight.add(sent)
    }
    if (spentMs >= seconds * 1000) break
    await sleep(10)
  }
  await Promise.all(inFlight)
  await producer.close()
  return i
}

const [verb, address = '', topic = '', kind = 'compressible', rate, seconds] = process.argv.slice(2)
if (import.meta.main && verb === 'pace') {
  console.log(JSON.stringify({ sent: await pace(address, topic, kind as Kind, Number(rate), Number(seconds)) }))
}
