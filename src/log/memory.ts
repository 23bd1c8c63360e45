import { randomUUID } from 'node:crypto'
import type { LogRecord, NewRecord, RecordBlock, RecordHeader, RecordLog, Topic } from '#port'
import { blockBuilder } from './block.ts'
import { noPartition, noTopic, outOfRange, topicAnew } from './fault.ts'
import { wholeTopic } from './membership.ts'
import { sizeOf } from './record.ts'

interface HeldTopic {
  readonly topic: Topic
  readonly partitions: readonly LogRecord[][]
  readonly producers: Map<string, number>
}

/** Topics in this process's memory: the reference that other adapters are compared with, and what tests use. It keeps everything, so it needs no consumer's word. */
export function memoryLog({ nowMs = Date.now, newId = randomUUID as () => string } = {}): RecordLog {
  const name = 'memory:'
  const topics = new Map<string, HeldTopic>()
  /** Called after every change. */
  const watchers = new Set<() => void>()
  const changed = () => {
    for (const look of watchers) look()
  }

  function held(topic: Topic): HeldTopic {
    const found = topics.get(topic.name)
    if (found === undefined) throw noTopic(name, topic.name)
    if (found.topic.id !== topic.id) throw topicAnew(name, topic, found.topic.id)
    return found
  }

  function partitionOf({ topic, partitions }: HeldTopic, partition: number): LogRecord[] {
    const records = partitions[partition]
    if (records === undefined) throw noPartition(name, topic, partition)
    return records
  }

  function isBeyond(topic: Topic, ends: ReadonlyMap<number, number>): boolean {
    const found = topics.get(topic.name)
    if (found?.topic.id !== topic.id) return true
    return found.partitions.some((records, partition) => records.length > (ends.get(partition) ?? Infinity))
  }

  return {
    name,
    async topic(name) {
      return topics.get(name)?.topic
    },
    async createTopic(name, partitions) {
      const standing = topics.get(name)
      if (standing !== undefined) return standing.topic
      const topic = { name, id: newId(), partitions }
      topics.set(name, { topic, partitions: Array.from({ length: partitions }, () => []), producers: new Map() })
      changed()
      return topic
    },
    async removeTopic(name) {
      topics.delete(name)
      changed()
    },
    async append(topic, records, producer) {
      const found = held(topic)
      const sequence = producer === undefined ? 0 : (found.producers.get(producer.id) ?? 0)
      if (producer !== undefined && producer.sequence !== sequence) return { outcome: 'moved', sequence }
      for (const { partition } of records) partitionOf(found, partition)
      if (producer !== undefined) found.producers.set(producer.id, sequence + records.length)
      const now = nowMs()
      for (const record of records) {
        const into = partitionOf(found, record.partition)
        const timestampMs = Math.max(now, into.at(-1)?.timestampMs ?? 0)
        into.push({ ...copyOf(record), offset: into.length, timestampMs })
      }
      changed()
      return { outcome: 'appended' }
    },
    async sequenceOf(topic, producer) {
      return held(topic).producers.get(producer) ?? 0
    },
    async read(topic, partition, offset, { maxBytes, maxRecords }) {
      const records = partitionOf(held(topic), partition)
      const range = { partition, start: 0, end: records.length }
      if (offset < range.start || offset > range.end) throw outOfRange(name, topic, offset, range)
      let sizeBytes = 0
      const within = records.slice(offset, offset + maxRecords)
      const over = within.findIndex((record, i) => {
        sizeBytes += sizeOf(record)
        return i > 0 && sizeBytes > maxBytes
      })
      const answer = over < 0 ? within : within.slice(0, over)
      return { blocks: answer.length === 0 ? [] : [blockOf(partition, answer)], next: offset + answer.length }
    },
    async ranges(topic) {
      return held(topic).partitions.map((records, partition) => ({ partition, start: 0, end: records.length }))
    },
    waitBeyond(topic, ends, signal) {
      return new Promise((resolve) => {
        const look = () => {
          if (!signal.aborted && !isBeyond(topic, ends)) return
          watchers.delete(look)
          signal.removeEventListener('abort', look)
          resolve()
        }
        watchers.add(look)
        signal.addEventListener('abort', look)
        look()
      })
    },
    async join(topic) {
      return wholeTopic(held(topic).topic)
    },
    async noteConsumed(topic) {
      held(topic)
    },
    async close() {},
  }
}

/** Bytes of its own, so that changing what was handed over or answered changes nothing here. */
function copyOf({ partition, key, value, headers }: NewRecord): NewRecord {
  const copies: readonly RecordHeader[] = headers.map((header) => ({
    key: header.key,
    value: header.value?.slice() ?? null,
  }))
  return { partition, key: key?.slice() ?? null, value: value?.slice() ?? null, headers: copies }
}

/** The records as a block, with a copy of their bytes. */
function blockOf(partition: number, records: readonly LogRecord[]): RecordBlock {
  const bytes = new Uint8Array(records.reduce((sum, record) => sum + sizeOf(record), 0))
  const block = blockBuilder({ partition, bytes, timestampType: 'log_append_time', epoch: -1 }, records.length)
  let position = 0
  const put = (part: Uint8Array | null): readonly [number, number] => {
    if (part === null) return [position, -1]
    bytes.set(part, position)
    position += part.length
    return [position - part.length, part.length]
  }
  for (const { offset, timestampMs, key, value, headers } of records) {
    block.add(offset, timestampMs, ...put(key), ...put(value))
    for (const header of headers) block.addHeader(...put(Buffer.from(header.key)), ...put(header.value))
  }
  return block.build()
}
