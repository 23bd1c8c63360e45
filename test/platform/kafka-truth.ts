/**
 * What a topic in Kafka holds, by Kafka's own client in Java, and how the lake compares with it. Not by the client that the product is built on: its streams
 * hand out the records of aborted transactions too.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Admin } from '@platformatic/kafka'
import { noFailpoint } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import { kafkaClasses } from '../log/kafka-broker.ts'
import type { Sent, TopicRecords } from './stream-truth.ts'
import { asking } from './stream-truth.ts'

const readCommitted = 1
const readAll = 0
const latest = -1n

export interface KafkaTopic extends TopicRecords {
  /** By partition, what Kafka says comes next. */
  readonly ends: readonly number[]
}

export async function readKafkaTopic(broker: string, name: string): Promise<KafkaTopic> {
  const { id, ends: known } = await endsOf(broker, name, readCommitted)
  const ends = known.map(() => -1)
  const partitions: Sent[][] = known.map(() => [])
  const reader = spawn(
    'java',
    [...kafkaClasses, '-Dlog4j2.level=OFF', '-Xmx512m', join(import.meta.dirname, 'ReadTopic.java'), broker, name],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise<number | null>((resolve, reject) => reader.once('error', reject).once('close', resolve))
  for await (const line of createInterface(reader.stdout)) {
    const [partition = '', place = '', last = ''] = line.split(' ')
    if (place === 'end') ends[Number(partition)] = Number(last)
    else {
      const value = last === '-' ? null : Buffer.from(last, 'base64')
      partitions[Number(partition)]?.push({ offset: Number(place), value })
    }
  }
  assert.equal(await ended, 0, 'Kafka’s own client reads the topic')
  assert.deepEqual(ends, known, 'nothing came meanwhile')
  return { id, ends, partitions }
}

/** Offsets that are written and that nobody may read yet, because a transaction is open or about to be marked. */
export async function openOffsets(broker: string, name: string): Promise<number> {
  const [committed, all] = [await endsOf(broker, name, readCommitted), await endsOf(broker, name, readAll)]
  return all.ends.reduce((sum, end, partition) => sum + end - (committed.ends[partition] ?? 0), 0)
}

async function endsOf(
  broker: string,
  name: string,
  isolationLevel: typeof readCommitted | typeof readAll,
): Promise<{ readonly id: string; readonly ends: number[] }> {
  const admin = new Admin({ clientId: 'truth', bootstrapBrokers: [broker] })
  try {
    const found = (await admin.metadata({ topics: [name] })).topics.get(name)
    assert.ok(found, `there is a topic ${name}`)
    const asked = Array.from({ length: found.partitionsCount }, (_, partitionIndex) => ({
      ...{ partitionIndex, timestamp: latest },
    }))
    const [listed] = await admin.listOffsets({ topics: [{ name, partitions: asked }], isolationLevel })
    const ends: number[] = asked.map(() => 0)
    for (const { partitionIndex, offset } of listed?.partitions ?? []) ends[partitionIndex] = Number(offset)
    return { id: found.id, ends }
  } finally {
    await admin.close()
  }
}

export interface Difference {
  readonly records: number
  readonly lost: number
  readonly twice: number
}

/** How Bronze differs from the topic, and that nothing else is amiss: offsets, values, their order, and how far the lake says it is. */
export async function compareBronze(lake: string, topic: KafkaTopic, dataset: string): Promise<Difference> {
  const ask = asking(lake)
  const bronze = `FROM bronze.${dataset} WHERE source = '${topic.id}'`
  const inBronze = await ask(`SELECT "partition", "offset", count(*) ${bronze} GROUP BY ALL`)
  const counts = new Map(inBronze.map(([partition, offset, count]) => [`${partition} ${offset}`, Number(count)]))
  const sent = topic.partitions.flatMap((records, partition) => records.map(({ offset }) => `${partition} ${offset}`))
  const difference = {
    records: sent.length,
    lost: sent.filter((place) => !counts.has(place)).length,
    twice: [...counts.values()].reduce((sum, count) => sum + count - 1, 0),
  }
  if (difference.lost > 0 || difference.twice > 0) {
    const lost = sent.filter((place) => !counts.has(place))
    console.error(`lost: ${lost.slice(0, 20).join(', ')} … ${lost.at(-1)}; the topic ends at ${topic.ends.join(', ')}`)
    return difference
  }
  assert.equal(counts.size, sent.length, 'Bronze has what was sent, and nothing else')

  const values = await ask(
    `SELECT "partition", md5(string_agg(md5(coalesce(value, ''::BLOB)), '' ORDER BY "offset")) ${bronze} GROUP BY 1 ORDER BY 1`,
  )
  assert.deepEqual(
    values.map(([partition, hash]) => [Number(partition), hash]),
    topic.partitions.flatMap((records, partition) => (records.length === 0 ? [] : [[partition, hashOf(records)]])),
    'each offset has the value that was sent there',
  )
  const [[backwards] = []] = await ask(
    `SELECT count(*) FROM (SELECT ingest_ts < lag(ingest_ts) OVER (PARTITION BY "partition" ORDER BY "offset") AS back ${bronze}) WHERE back`,
  )
  assert.equal(Number(backwards), 0, 'records of a partition were landed in their order')
  assert.deepEqual(
    await landedEnds(lake, topic, dataset),
    topic.ends,
    'the lake says it is where Kafka says the topic ends',
  )
  return difference
}

function hashOf(records: readonly Sent[]): string {
  const md5 = createHash('md5')
  for (const { value } of records)
    md5.update(
      createHash('md5')
        .update(value ?? '')
        .digest('hex'),
    )
  return md5.digest('hex')
}

async function landedEnds(lake: string, { id, ends }: KafkaTopic, dataset: string): Promise<number[]> {
  const { table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
  const snapshot = await table(`bronze/${dataset}`).snapshot()
  return ends.map((_, partition) => snapshot?.txns.get(`land:${dataset}:${id}:${partition}`) ?? 0)
}
