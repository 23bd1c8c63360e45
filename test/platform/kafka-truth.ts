/** What a topic in Kafka holds, by a client that shares nothing with ours but the wire, and how the lake compares with it. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Admin, Consumer } from '@platformatic/kafka'
import { noFailpoint } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import type { Sent, TopicRecords } from './stream-truth.ts'
import { asking } from './stream-truth.ts'

const readCommitted = 1
const readAll = 0
const latest = -1n
/** A reader that got nothing for so long is at the end; that it is, the ends say. */
const quietMs = 4_000

export interface KafkaTopic extends TopicRecords {
  /** By partition, what Kafka says comes next. */
  readonly ends: readonly number[]
}

export async function readKafkaTopic(broker: string, name: string): Promise<KafkaTopic> {
  const { id, ends } = await endsOf(broker, name, readCommitted)
  const partitions: Sent[][] = ends.map(() => [])
  const consumer = new Consumer({ groupId: 'truth', clientId: 'truth', bootstrapBrokers: [broker] })
  const stream = await consumer.consume({
    ...{ topics: [name], mode: 'manual', isolationLevel: readCommitted, autocommit: false, maxWaitTime: 100 },
    offsets: ends.map((_, partition) => ({ topic: name, partition, offset: 0n })),
  })
  let quiet = setTimeout(() => {}, 0)
  const wait = () => {
    clearTimeout(quiet)
    quiet = setTimeout(() => stream.destroy(), quietMs)
  }
  wait()
  try {
    for await (const { partition, offset, value } of stream) {
      partitions[partition]?.push({ offset: Number(offset), value: value ?? null })
      wait()
    }
  } catch (error) {
    if (!(error instanceof Error && Reflect.get(error, 'code') === 'ERR_STREAM_PREMATURE_CLOSE')) throw error
  } finally {
    clearTimeout(quiet)
    await consumer.close(true)
  }
  for (const [partition, records] of partitions.entries()) {
    // The last offset is that of the mark which ends the last transaction.
    const last = records.at(-1)?.offset ?? -1
    assert.ok(last === -1 || (ends[partition] ?? 0) - last <= 2, `partition ${partition} was read to its end`)
  }
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
