/** A log in one SQLite file, as calls that answer when they are done: they belong on a thread of their own. Any number of processes may have the file open. */
import { statSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { AppendOutcome, OffsetRange, ProducerPosition, ReadLimits, Report, Topic } from '#port'
import { Fault } from '#port'
import { noPartition, noTopic, outOfRange, topicAnew } from './fault.ts'
import type { Chunk, StoredChunk } from './record.ts'
import type { DatabaseSync } from './sqlite.ts'
import { damaged, number, reading, writing } from './sqlite.ts'

export interface AppendRequest {
  readonly topic: Topic
  /** All chunks, one after the other. */
  readonly bytes: Uint8Array
  readonly chunks: readonly Chunk[]
  readonly records: number
  readonly nowMs: number
  readonly producer: ProducerPosition | undefined
}

export type LogFile = ReturnType<typeof logFile>

/** A step back of the clock that says nothing: time servers make such, and records are stamped with the newest time until it is passed. */
const clockSlackMs = 60_000

/** The longest pause that ages a record. What is longer may be a clock that was set wrong, and a wrong clock must remove nothing. */
const longestPauseMs = 3_600_000

/** `path` names the log in messages. `report` hears of a clock that fell. */
export function logFile(database: DatabaseSync, path: string, report: Report) {
  const identity = statSync(path, { bigint: true }).ino
  let clockFell = false
  const sql = {
    topic: database.prepare('SELECT key, id, partitions FROM topic WHERE name = ?'),
    insertTopic: database.prepare('INSERT INTO topic (name, id, partitions) VALUES (?, ?, ?)'),
    removeTopic: database.prepare('DELETE FROM topic WHERE key = ?'),
    removeProducers: database.prepare('DELETE FROM producer WHERE topic = ?'),
    removeConsumers: database.prepare('DELETE FROM consumer WHERE topic = ?'),
    insertPartition: database.prepare('INSERT INTO partition VALUES (?, ?, 0, 0, 0)'),
    partitions: database.prepare(
      'SELECT number AS partition, start, next AS "end" FROM partition WHERE topic = ? ORDER BY number',
    ),
    partition: database.prepare('SELECT start, next, newest_ms FROM partition WHERE topic = ? AND number = ?'),
    movePartition: database.prepare('UPDATE partition SET next = ?, newest_ms = ? WHERE topic = ? AND number = ?'),
    insertChunk: database.prepare('INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    chunks: database.prepare(
      'SELECT first, next, timestamp_ms, crc, records FROM chunk WHERE topic = ? AND partition = ? AND next > ? ORDER BY next',
    ),
    sequence: database.prepare('SELECT sequence FROM producer WHERE topic = ? AND id = ?'),
    moveProducer: database.prepare('INSERT OR REPLACE INTO producer VALUES (?, ?, ?)'),
    noteConsumer: database.prepare('INSERT OR REPLACE INTO consumer VALUES (?, ?, ?, ?)'),
    clock: database.prepare('SELECT clock_ms, age_ms FROM log'),
    moveClock: database.prepare('UPDATE log SET clock_ms = ?, age_ms = ?'),
    dataVersion: database.prepare('PRAGMA data_version'),
  }

  /** The topic's key, where it is still the one that is meant. */
  function keyOf(topic: Topic): number {
    const standing = sql.topic.get(topic.name)
    if (standing === undefined) throw noTopic(path, topic.name)
    if (standing.id !== topic.id) throw topicAnew(path, topic, String(standing.id))
    return number(standing, 'key')
  }

  function topicOf(name: string): Topic | undefined {
    const row = sql.topic.get(name)
    return row && { name, id: String(row.id), partitions: number(row, 'partitions') }
  }

  function rangesOf(key: number): readonly OffsetRange[] {
    return sql.partitions.all(key).map((row) => ({
      partition: number(row, 'partition'),
      start: number(row, 'start'),
      end: number(row, 'end'),
    }))
  }

  function sequenceOf(key: number, producer: string): number {
    return number(sql.sequence.get(key, producer), 'sequence')
  }

  /** The log's own time, which moves with the clock but never leaps. */
  function ageAt(nowMs: number): number {
    const row = sql.clock.get()
    const passedMs = nowMs - number(row, 'clock_ms')
    const ageMs = number(row, 'age_ms') + Math.min(Math.max(passedMs, 0), longestPauseMs)
    if (Math.abs(passedMs) >= 1_000) sql.moveClock.run(nowMs, ageMs)
    return ageMs
  }

  function noteClock(nowMs: number, newestMs: number): void {
    const fell = newestMs - nowMs > clockSlackMs
    if (fell && !clockFell) {
      report({
        kind: 'fault',
        fault: new Fault(
          'log/clock',
          `This machine's clock says ${iso(nowMs)}, and ${path} has records of ${iso(newestMs)}. New records are stamped with that time until the clock has passed it.`,
          {
            mend: 'Set the clock right. Where it was wrong when those records were written, make the topic anew to have true times.',
            facts: { file: path, nowMs, newestMs },
          },
        ),
      })
    }
    clockFell = fell
  }

  return {
    database,
    path,

    /** False where the file was removed or replaced since it was opened: what is written here would be lost. */
    stands(): boolean {
      return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino === identity
    },

    topic: topicOf,

    createTopic(name: string, partitions: number, id: string): Topic {
      return writing(database, () => {
        const standing = topicOf(name)
        if (standing !== undefined) return standing
        const key = Number(sql.insertTopic.run(name, id, partitions).lastInsertRowid)
        for (let partition = 0; partition < partitions; partition += 1) sql.insertPartition.run(key, partition)
        return { name, id, partitions }
      })
    },

    /** The records themselves are left to retention, which removes them in small steps. */
    removeTopic(name: string): void {
      writing(database, () => {
        const standing = sql.topic.get(name)
        if (standing === undefined) return
        const key = number(standing, 'key')
        for (const statement of [sql.removeTopic, sql.removeProducers, sql.removeConsumers]) statement.run(key)
      })
    },

    append({ topic, bytes, chunks, records, nowMs, producer }: AppendRequest): AppendOutcome {
      let newestMs = 0
      const outcome = writing(database, (): AppendOutcome => {
        const key = keyOf(topic)
        if (producer !== undefined) {
          const sequence = sequenceOf(key, producer.id)
          if (sequence !== producer.sequence) return { outcome: 'moved', sequence }
          sql.moveProducer.run(key, producer.id, sequence + records)
        }
        const ageMs = ageAt(nowMs)
        let position = 0
        for (const chunk of chunks) {
          const standing = sql.partition.get(key, chunk.partition)
          if (standing === undefined) throw noPartition(path, topic, chunk.partition)
          const first = number(standing, 'next')
          const next = first + chunk.records
          const timestampMs = Math.max(nowMs, number(standing, 'newest_ms'))
          const piece = bytes.subarray(position, position + chunk.sizeBytes)
          position += chunk.sizeBytes
          sql.insertChunk.run(key, chunk.partition, next, first, timestampMs, ageMs, crc32(piece), piece)
          sql.movePartition.run(next, timestampMs, key, chunk.partition)
          newestMs = Math.max(newestMs, timestampMs)
        }
        return { outcome: 'appended' }
      })
      if (chunks.length > 0) noteClock(nowMs, newestMs)
      return outcome
    },

    sequenceOf: (topic: Topic, producer: string): number => reading(database, () => sequenceOf(keyOf(topic), producer)),

    read(
      topic: Topic,
      partition: number,
      offset: number,
      { maxBytes, maxRecords }: ReadLimits,
    ): readonly StoredChunk[] {
      return reading(database, () => {
        const key = keyOf(topic)
        const standing = sql.partition.get(key, partition)
        if (standing === undefined) throw noPartition(path, topic, partition)
        const range = { partition, start: number(standing, 'start'), end: number(standing, 'next') }
        if (offset < range.start || offset > range.end) throw outOfRange(path, topic, offset, range)
        const gone = (from: number, to: number) =>
          damaged(
            path,
            `topic ${topic.name}, partition ${partition}: offsets ${from} to ${to} are not as they were written`,
          )
        const chunks: StoredChunk[] = []
        let sizeBytes = 0
        let expected = offset
        for (const row of sql.chunks.iterate(key, partition, offset)) {
          const first = number(row, 'first')
          const next = number(row, 'next')
          const bytes = row.records
          if (!(bytes instanceof Uint8Array) || crc32(bytes) !== row.crc || first > expected) {
            throw gone(expected, next - 1)
          }
          chunks.push({ partition, first, records: next - first, timestampMs: number(row, 'timestamp_ms'), bytes })
          expected = next
          sizeBytes += bytes.length
          if (sizeBytes >= maxBytes || next - offset >= maxRecords) break
        }
        if (expected === offset && offset < range.end) throw gone(offset, range.end - 1)
        return chunks
      })
    },

    ranges: (topic: Topic): readonly OffsetRange[] => reading(database, () => rangesOf(keyOf(topic))),

    /** See `waitBeyond` of the port. */
    isBeyond(topic: Topic, ends: ReadonlyMap<number, number>): boolean {
      return reading(database, () => {
        const standing = sql.topic.get(topic.name)
        if (standing?.id !== topic.id) return true
        return rangesOf(number(standing, 'key')).some(({ partition, end }) => end > (ends.get(partition) ?? Infinity))
      })
    },

    noteConsumed(topic: Topic, consumer: string, next: ReadonlyMap<number, number>): void {
      writing(database, () => {
        const key = keyOf(topic)
        for (const [partition, offset] of next) sql.noteConsumer.run(key, partition, consumer, offset)
      })
    },

    /** Another number than before where another process has written. */
    dataVersion: (): number => number(sql.dataVersion.get(), 'data_version'),

    close(): void {
      database.close()
    },
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
