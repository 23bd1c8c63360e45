import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { LogRecord, NewRecord, ReadAnswer } from '#port'
import { recordsOf } from '#port'
import type { Batches, BatchSource } from '../../src/log/kafka-answer.ts'
import { batchesOf, EpochError } from '../../src/log/kafka-answer.ts'
import { BatchError } from '../../src/log/kafka-batch.ts'
import { parseFetch } from '../../src/log/kafka-fetch.ts'
import { loadKafka } from '../../src/log/kafka-library.ts'
import { encodeBatch } from '../../src/log/kafka-record.ts'

const { tools, module } = await loadKafka()
const wide = { maxBytes: 1 << 30, maxRecords: 1 << 30 }
const text = (value: Uint8Array | null): string | null => value && new TextDecoder().decode(value)

function record(value: string): NewRecord {
  return { partition: 0, key: null, value: Buffer.from(value), headers: [] }
}

interface Shape {
  readonly base: number
  readonly values: readonly string[]
  readonly epoch?: number
  /** 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly codec?: number
  readonly producerId?: bigint
  readonly isTransactional?: boolean
  readonly isControl?: boolean
  readonly isAppendTime?: boolean
}

/** A batch as a broker would hand it on: with its offsets, epoch and attributes, and the checksum of these. */
function batch(shape: Shape): Buffer {
  const { base, values, epoch = 0, codec = 0, producerId = -1n, isTransactional = false } = shape
  const producer = { producerId, producerEpoch: 0, sequence: 0, isTransactional }
  const plain = encodeBatch(values.map(record), 1_700_000_000_000, producer, tools.crc32c)
  const records = codec === 0 ? plain.subarray(61) : compressed(codec, plain.subarray(61))
  const bytes = Buffer.concat([plain.subarray(0, 61), records])
  bytes.writeBigInt64BE(BigInt(base), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt32BE(epoch, 12)
  const flags = (isTransactional ? 16 : 0) | (shape.isControl ? 32 : 0) | (shape.isAppendTime ? 8 : 0)
  bytes.writeInt16BE(codec | flags, 21)
  return signed(bytes)
}

function signed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(tools.crc32c(bytes.subarray(21)), 17)
  return bytes
}

function compressed(codec: number, bytes: Buffer): Uint8Array {
  const own = Buffer.from(bytes)
  if (codec === 1) return gzipSync(own)
  if (codec === 4) return zstdCompressSync(own)
  const name = codec === 2 ? 'snappy' : 'lz4'
  return module.compressionsAlgorithms[name].compressSync(own)
}

function open(batches: readonly Buffer[], source: Partial<BatchSource> = {}): Batches {
  const bytes = Buffer.from(new Uint8Array(Buffer.concat(batches)).buffer)
  return batchesOf(
    { partition: 0, bytes, start: 0, end: bytes.length, from: 0, epoch: -1, aborted: [], ...source },
    tools,
  )
}

function valuesOf(answer: ReadAnswer): (string | null)[] {
  return recordsOf(answer).map(({ value }) => text(value))
}

test('batches of any codec are read as they were written, uncompressed ones in one block', () => {
  const plain = [batch({ base: 0, values: ['a', 'b'] }), batch({ base: 2, values: ['c'] })]
  const answer = open(plain).take(wide)
  assert.equal(answer.blocks.length, 1)
  assert.deepEqual(valuesOf(answer), ['a', 'b', 'c'])
  assert.deepEqual([...(answer.blocks[0]?.offsets ?? [])], [0, 1, 2])
  assert.equal(answer.next, 3)
  const mixed = [0, 1, 2, 3, 4, 0].map((codec, i) =>
    batch({ base: i * 2, values: [`${codec} x`, `${codec} y`], codec }),
  )
  const all = open(mixed).take(wide)
  assert.deepEqual(
    valuesOf(all),
    [0, 1, 2, 3, 4, 0].flatMap((codec) => [`${codec} x`, `${codec} y`]),
  )
  const memories = all.blocks.map(({ bytes }) => bytes.buffer)
  assert.equal(new Set(memories).size, memories.length, 'each block has its memory for itself')
})

test('reading begins and ends inside a batch, whatever the limits, and each block is its taker’s alone', () => {
  for (const codec of [0, 1, 4]) {
    const shapes = [0, 1, 2].map((i) => ({
      base: i * 10,
      values: Array.from({ length: 10 }, (_, k) => `${i * 10 + k}`),
    }))
    const batches = open(
      shapes.map((shape) => batch({ ...shape, codec })),
      { from: 7 },
    )
    const read: LogRecord[] = []
    while (!batches.isEmpty) {
      const answer = batches.take({ maxBytes: 1_000, maxRecords: 3 })
      assert.ok(answer.blocks.reduce((sum, { count }) => sum + count, 0) <= 3)
      const records = recordsOf(answer)
      assert.equal(answer.next, (records.at(-1)?.offset ?? 0) + 1)
      read.push(...records.map((each) => ({ ...each, value: each.value?.slice() ?? null })))
      for (const { bytes } of answer.blocks) structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
    }
    assert.deepEqual(
      read.map(({ offset }) => offset),
      Array.from({ length: 23 }, (_, i) => i + 7),
    )
    assert.deepEqual(
      read.map(({ value }) => text(value)),
      Array.from({ length: 23 }, (_, i) => `${i + 7}`),
    )
  }
})

test('control batches and aborted transactions are passed over, and reading goes on beyond them', () => {
  const own = { producerId: 7n, isTransactional: true }
  const answer = open(
    [
      batch({ base: 0, values: ['aborted'], ...own }),
      batch({ base: 1, values: ['other'] }),
      batch({ base: 2, values: ['marker'], ...own, isControl: true }),
      batch({ base: 3, values: ['committed'], ...own }),
      batch({ base: 4, values: ['marker'], ...own, isControl: true }),
    ],
    { aborted: [{ producerId: 7n, firstOffset: 0 }] },
  ).take(wide)
  assert.deepEqual(valuesOf(answer), ['other', 'committed'])
  assert.equal(answer.next, 5)
  const only = open([batch({ base: 5, values: ['marker'], ...own, isControl: true })], { from: 5 }).take(wide)
  assert.deepEqual(only, { blocks: [], next: 6, epoch: 0 })
})

test('a newer leadership begins a block, an older one is a fault', () => {
  const rising = open([batch({ base: 0, values: ['a'], epoch: 3 }), batch({ base: 1, values: ['b'], epoch: 4 })])
  const answer = rising.take(wide)
  assert.deepEqual(
    answer.blocks.map(({ epoch }) => epoch),
    [3, 4],
  )
  assert.deepEqual(valuesOf(answer), ['a', 'b'])
  assert.notEqual(answer.blocks[0]?.bytes.buffer, answer.blocks[1]?.bytes.buffer)
  const falling = [batch({ base: 0, values: ['a'], epoch: 4 }), batch({ base: 1, values: ['b'], epoch: 3 })]
  assert.throws(() => open(falling).take(wide), EpochError)
  assert.throws(() => open([batch({ base: 9, values: ['a'], epoch: 1 })], { from: 9, epoch: 2 }).take(wide), EpochError)
})

test('the leadership told is that of what stands before the next offset, be it a marker, and not of a batch that was only looked into', () => {
  const own = { producerId: 7n, isTransactional: true }
  const batches = open([
    batch({ base: 0, values: ['a', 'b'], epoch: 3, ...own }),
    batch({ base: 2, values: ['marker'], epoch: 4, ...own, isControl: true }),
    batch({ base: 3, values: ['c'], epoch: 5 }),
  ])
  const told = Array.from({ length: 4 }, () => {
    const { next, epoch } = batches.take({ ...wide, maxRecords: 1 })
    assert.equal(batches.epoch, epoch)
    return [next, epoch]
  })
  assert.deepEqual(told, [
    [1, 3],
    [3, 4],
    [4, 5],
    [4, 5],
  ])
  const marked = open([batch({ base: 5, values: ['marker'], epoch: 9, ...own, isControl: true })], {
    from: 5,
    epoch: 8,
  })
  assert.deepEqual(marked.take(wide), { blocks: [], next: 6, epoch: 9 })
  assert.deepEqual(open([], { from: 5, epoch: 8 }).take(wide), { blocks: [], next: 5, epoch: 8 })
})

test('who set the timestamps is told, and -1 is none', () => {
  const appended = open([batch({ base: 0, values: ['a'], isAppendTime: true })]).take(wide)
  assert.equal(appended.blocks[0]?.timestampType, 'log_append_time')
  const none = batch({ base: 0, values: ['a'] })
  none.writeBigInt64BE(-1n, 27)
  assert.deepEqual([...(open([signed(none)]).take(wide).blocks[0]?.timestampsMs ?? [])], [Number.NaN])
})

test('a batch cut off at the end of an answer is left for the next one; one that is not whole at all is a fault', () => {
  const [first, second] = [batch({ base: 0, values: ['a'] }), batch({ base: 1, values: ['b'] })]
  const cut = open([first, second.subarray(0, second.length - 3)])
  assert.deepEqual(cut.take(wide).next, 1)
  assert.ok(cut.isEmpty)
  assert.throws(() => open([first.subarray(0, first.length - 3)]).take(wide), BatchError)
})

test('a compacted batch has fewer records than offsets, and reading goes on behind its last offset', () => {
  const bytes = batch({ base: 10, values: ['a', 'b'] })
  bytes.writeInt32BE(8, 23)
  const answer = open([signed(bytes)], { from: 10 }).take(wide)
  assert.deepEqual(valuesOf(answer), ['a', 'b'])
  assert.equal(answer.next, 19)
})

test('any flipped bit is found by the checksum; with a checksum made to fit, bytes are read exactly or are a fault', () => {
  const headers = [
    { key: 'h', value: Buffer.from('v') },
    { key: '', value: null },
  ]
  const records = ['one', 'two', 'three'].map((value) => ({ ...record(value), key: Buffer.from('k'), headers }))
  const producer = { producerId: -1n, producerEpoch: -1, sequence: -1, isTransactional: false }
  const good = encodeBatch(records, 1_700_000_000_000, producer, tools.crc32c)
  for (let bit = 16 * 8; bit < good.length * 8; bit += 1) {
    const flipped = Buffer.from(good)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    assert.throws(() => open([flipped]).take(wide), BatchError)
    if (bit < 21 * 8) continue
    const answer = takeOrFault(signed(flipped))
    for (const { count, bytes, offsets, spans, headerSpans } of answer?.blocks ?? []) {
      assert.equal(spans.length, count * 4)
      for (let i = 0; i < count; i += 1) assert.ok((offsets[i] ?? -1) > (i === 0 ? -1 : (offsets[i - 1] ?? 0)))
      for (const all of [spans, headerSpans])
        for (let i = 0; i < all.length; i += 2) {
          const [start = -1, length = -2] = all.subarray(i, i + 2)
          assert.ok(length >= -1 && (length <= 0 || (start >= 61 && start + length <= bytes.length)))
        }
    }
  }
})

test('random bytes with a right checksum are a fault or are read within their bounds, and never hang', () => {
  let seed = 42
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((seed / 2 ** 32) * below)
  }
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = batch({ base: 0, values: Array.from({ length: 1 + random(5) }, (_, i) => `value ${i}`) })
    for (let change = 1 + random(6); change > 0; change -= 1) bytes[57 + random(bytes.length - 57)] = random(256)
    const size = bytes.length - random(10)
    bytes.writeInt32BE(size - 12, 8)
    takeOrFault(signed(Buffer.from(bytes.subarray(0, size))))
  }
})

function takeOrFault(bytes: Buffer): ReadAnswer | undefined {
  try {
    return open([bytes]).take(wide)
  } catch (error) {
    assert.ok(error instanceof BatchError || error instanceof EpochError, String(error))
    return undefined
  }
}

test('a Fetch answer is read to its end, or is a fault wherever it is cut', () => {
  const { Writer } = module
  const written = Writer.create()
    .appendInt32(0)
    .appendInt16(0)
    .appendInt32(0)
    .appendArray([0], (writer) => {
      writer.appendUUID('00000000-0000-0000-0000-000000000001').appendArray([3], (inner, index) => {
        inner.appendInt32(index).appendInt16(0).appendInt64(9n).appendInt64(8n).appendInt64(1n)
        inner.appendArray([5n], (each, id) => each.appendInt64(id).appendInt64(4n))
        inner.appendInt32(-1).appendUnsignedVarInt(4).append(Buffer.from('abc'))
      })
    })
    .appendTaggedFields()
  const bytes = Buffer.from(written.buffer)
  const as = { log: 'kafka://test', what: 'reading t' }
  const { errorCode, partitions } = parseFetch(bytes, as)
  assert.equal(errorCode, 0)
  const [only] = partitions
  assert.deepEqual(
    [only?.partition, only?.lastStableOffset, only?.aborted],
    [3, 8, [{ producerId: 5n, firstOffset: 4 }]],
  )
  assert.equal(bytes.toString('utf8', only?.start, only?.end), 'abc')
  for (let length = 0; length < bytes.length; length += 1) {
    assert.throws(() => parseFetch(bytes.subarray(0, length), as), { code: 'log/damaged' })
  }
})

test('the client library is the version whose messages are known', async () => {
  const file = new URL('../../node_modules/@platformatic/kafka/package.json', import.meta.url)
  assert.equal(JSON.parse(await readFile(file, 'utf8')).version, '2.12.1')
  assert.deepEqual([module.fetchV13.api.key, module.fetchV13.api.version], [1, 13])
  assert.deepEqual([module.produceV9.api.key, module.produceV9.api.version], [0, 9])
})
