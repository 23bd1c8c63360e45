import type { NewRecord, ReadAnswer } from './record.ts'

/** A topic as it stands. Made anew under the same name it has another `id`, and its offsets begin again. */
export interface Topic {
  readonly name: string
  readonly id: string
  /** Partitions are numbered from 0. */
  readonly partitions: number
}

/** Offsets that can be read: from `start` (inclusive) to `end` (exclusive, the next one to be written). */
export interface OffsetRange {
  readonly partition: number
  readonly start: number
  readonly end: number
  /** Offset after what transactions that are still open have written; given where it lies beyond `end`. */
  readonly written?: number
}

/** Who appends, so that what is sent again is in once. */
export interface ProducerPosition {
  readonly id: string
  /** Number of this batch's first record among all that the producer ever sends to the topic, from 0. */
  readonly sequence: number
}

export type AppendOutcome =
  | { readonly outcome: 'appended' }
  /** The producer stands elsewhere than `sequence`: an earlier call, or another process of the same name, has been here. Nothing was written. */
  | { readonly outcome: 'moved'; readonly sequence: number }

export interface ReadLimits {
  /** At least one record is answered where there is one, however large. */
  readonly maxBytes: number
  readonly maxRecords: number
  /** Epoch of the record before the offset, as the reader kept it: a log that took another one there answers `log/diverged`. Not given: not compared. */
  readonly afterEpoch?: number
}

/** A reader's place among those that share a topic's partitions under one name. */
export interface Membership {
  /** Partitions that are this member's now. The generation is another one each time that they change hands. */
  assigned(): Assignment
  leave(): Promise<void>
}

export interface Assignment {
  readonly generation: number
  readonly partitions: readonly number[]
}

/**
 * An ordered log of records by topic and partition. Delivery is pull, from an explicit offset: where a reader stands is the lake's to know, never the log's.
 * Faults: `log/unreachable` (retry), `log/refused` (permission, or a request that the log never takes), `log/too-large` (a record over what the log takes), `log/full`, `log/damaged`, `log/other-machine` (an embedded log that another machine wrote),
 * `log/no-topic`, `log/topic-anew` (the id is no longer the topic's), `log/out-of-range` (an offset before `start` or after `end`; facts: partition, offset, start, end),
 * `log/no-partition` (facts: partition, partitions), `log/diverged` (the records before an offset are no longer those that were read; facts: partition, offset). Said by an event, because no call fails for them: `log/clock` (the machine's clock fell far behind the log's
 * newest record), `log/dropped` (a hard bound removed what a consumer lacked; facts: topic, partition, from, to).
 */
export interface RecordLog {
  /** For messages: the file, or the brokers. */
  readonly name: string
  topic(name: string): Promise<Topic | undefined>
  /** Makes a topic, or answers the one that stands, whatever its number of partitions. */
  createTopic(name: string, partitions: number): Promise<Topic>
  /** Removes a topic with its records; nothing there is no fault. */
  removeTopic(name: string): Promise<void>
  /** All records or none, in order within each partition; durable once answered. With `producer`, only where the producer stands at that sequence, which moves on in the same step. */
  append(topic: Topic, records: readonly NewRecord[], producer?: ProducerPosition): Promise<AppendOutcome>
  /** Where a producer goes on: 0 where it never appended. */
  sequenceOf(topic: Topic, producer: string): Promise<number>
  /** Records of one partition from `offset` on, in order; none at the end. */
  read(topic: Topic, partition: number, offset: number, limits: ReadLimits): Promise<ReadAnswer>
  /** Of every partition, in order of partition. */
  ranges(topic: Topic): Promise<readonly OffsetRange[]>
  /**
   * Answers once a partition ends beyond the end given (by partition; those not named are not waited for), the topic is another one or gone, or the signal ends
   * the wait; at once where that is so already.
   */
  waitBeyond(topic: Topic, ends: ReadonlyMap<number, number>, signal: AbortSignal): Promise<void>
  /**
   * Joins those that read the topic under the name. A log that shares nothing out gives every member all partitions, for good. `changing` is called before
   * partitions go to another member, and awaited as long as the log allows; and again once another assignment holds.
   * Who still reads what is no longer its own does no harm: the lake takes each record once.
   */
  join(topic: Topic, consumer: string, changing: () => Promise<void>): Promise<Membership>
  /**
   * Notes how far a consumer has made records safe elsewhere: for lag and for retention, never to go on from. Retention keeps what a consumer known this way still
   * lacks, unless a hard bound forces it, which is then said.
   */
  noteConsumed(topic: Topic, consumer: string, next: ReadonlyMap<number, number>): Promise<void>
  close(): Promise<void>
}
