import type { ReadAnswer, ReadLimits, RecordBlock } from '#port'
import type { BlockBuilder, BlockKind } from './block.ts'
import { blockBuilder } from './block.ts'
import type { Batch, BatchTools, OpenBatch } from './kafka-batch.ts'
import { BatchError, openBatch, readBatch, readRecords } from './kafka-batch.ts'
import type { AbortedTransaction } from './kafka-fetch.ts'

/** What a Fetch brought of one partition, taken from it piece by piece. */
export interface Batches {
  /** Offset of the next record, or of what follows the last one. */
  readonly next: number
  /** Epoch of the last record that was passed; -1 before the first. */
  readonly epoch: number
  readonly isEmpty: boolean
  /** Throws `BatchError`, `EpochError`. */
  take(limits: Pick<ReadLimits, 'maxBytes' | 'maxRecords'>): ReadAnswer
}

/** A batch of an older leadership follows one of a newer. */
export class EpochError extends Error {}

export interface BatchSource {
  readonly partition: number
  /** Batches lie from `start` to `end`, and nothing else needs this memory. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** First offset that is wanted; the first batch may begin before it. */
  readonly from: number
  /** Epoch of the record before it; -1 where nobody knows. */
  readonly epoch: number
  readonly aborted: readonly AbortedTransaction[]
}

/** Records that are read while they are where they came: each block has its memory for itself, so that whoever takes it owns it. */
export function batchesOf(source: BatchSource, tools: BatchTools): Batches {
  const { partition, from } = source
  let { bytes, start: at, end, epoch } = source
  /** Of what stands before `next`; a batch that was looked into may be of a newer one. */
  let passed = source.epoch
  /** The same memory, as it is handed out. */
  let memory = plain(bytes)
  let next = from
  let current: OpenBatch | undefined
  /** A block was made over these bytes: what is left must move before another one is. */
  let isLent = false
  const aborted = [...source.aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const skipped = new Set<bigint>()

  /** The next batch with records in it that are to be read. */
  function advance(): OpenBatch | undefined {
    for (;;) {
      const first = at === source.start && bytes === source.bytes
      const batch = readBatch(bytes, at, end, tools)
      if (batch === undefined) {
        if (first && end > at) throw new BatchError('not one batch is whole')
        at = end
        return undefined
      }
      if (isWanted(batch)) return openBatch(batch, bytes, memory, tools)
      at = batch.end
    }
  }

  function isWanted(batch: Batch): boolean {
    while (aborted[0] !== undefined && aborted[0].firstOffset <= batch.lastOffset) {
      skipped.add(aborted[0].producerId)
      aborted.shift()
    }
    // The marker that ends a transaction stands behind its last batch.
    if (batch.isControl) skipped.delete(batch.producerId)
    if (batch.lastOffset < from) return false
    if (next > from && batch.baseOffset < next) throw new BatchError('offsets of batches do not rise')
    if (batch.epoch < epoch) throw new EpochError(`epoch ${batch.epoch} follows ${epoch}`)
    epoch = batch.epoch
    const isSkipped = batch.isControl || (batch.isTransactional && skipped.has(batch.producerId)) || batch.count === 0
    if (isSkipped) {
      next = batch.lastOffset + 1
      passed = epoch
    }
    return !isSkipped
  }

  /** What was not read yet, in memory of its own. */
  function moveOn(): void {
    const kept = Buffer.from(new Uint8Array(bytes.subarray(at, end)).buffer)
    const keptMemory = plain(kept)
    if (current !== undefined && current.batch.codec === 0) {
      const moved = { ...current.batch, start: current.batch.start - at, end: current.batch.end - at }
      current = { ...current, batch: moved, bytes: keptMemory, at: current.at - at, end: current.end - at }
    } else if (current !== undefined) {
      current = { ...current, batch: { ...current.batch, end: current.batch.end - at } }
    }
    bytes = kept
    memory = keptMemory
    at = 0
    end = kept.length
    isLent = false
  }

  function take({ maxBytes, maxRecords }: Pick<ReadLimits, 'maxBytes' | 'maxRecords'>): ReadAnswer {
    const blocks: RecordBlock[] = []
    let block: BlockBuilder | undefined
    let kind: BlockKind | undefined
    let [records, sizeBytes] = [0, 0]
    const finish = (): void => {
      if (block !== undefined && block.count > 0) {
        records += block.count
        sizeBytes += block.sizeBytes
        blocks.push(block.build())
        if (kind?.bytes === memory) isLent = true
      }
      block = undefined
    }
    for (;;) {
      current ??= advance()
      if (current === undefined) break
      const { batch } = current
      if (kind?.bytes !== current.bytes || kind.epoch !== batch.epoch || kind.timestampType !== batch.timestampType) {
        finish()
        if (isLent && current.bytes === memory) moveOn()
        kind = { partition, bytes: current.bytes, epoch: batch.epoch, timestampType: batch.timestampType }
      }
      block ??= blockBuilder(kind, expectedRecords(current, end))
      const before = block.count
      const isDone = readRecords(current, block, from, {
        ...{ records: maxRecords - records, bytes: maxBytes - sizeBytes, mayBeNone: blocks.length > 0 },
      })
      next = Math.max(next, isDone ? current.batch.lastOffset + 1 : current.least)
      if (isDone || block.count > before) passed = batch.epoch
      if (!isDone) break
      at = current.batch.end
      current = undefined
    }
    finish()
    // Now, because the taker may hand the memory on.
    if (isLent && (current !== undefined || at < end)) moveOn()
    if (current !== undefined && current.batch.codec !== 0 && blocks.at(-1)?.bytes === current.bytes) {
      const { bytes: lent, at: from, end: to } = current
      current = { ...current, bytes: new Uint8Array(lent.subarray(from, to)), at: 0, end: to - from }
    }
    return { blocks, next, ...(passed < 0 ? {} : { epoch: passed }) }
  }

  return {
    get next() {
      return next
    },
    get epoch() {
      return passed
    },
    get isEmpty() {
      return current === undefined && at >= end
    },
    take,
  }
}

/** As many as there are if all batches of the memory are like this one; a little more, so that one more than that finds room. */
function expectedRecords({ batch, end: recordsEnd, at }: OpenBatch, end: number): number {
  if (batch.codec !== 0) return batch.count
  return Math.ceil((batch.count * (Math.max(end, recordsEnd) - at) * 1.05) / Math.max(1, batch.end - batch.start))
}

function plain(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
