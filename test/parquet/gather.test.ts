import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Field, Value } from '#parquet'
import { gatherWriter, openParquet, writeParquet } from '#parquet'

const fields: readonly Field[] = [
  { name: 'topic', type: 'string' },
  { name: 'partition', type: 'integer' },
  { name: 'at', type: 'timestamp' },
  { name: 'offset', type: 'long' },
  { name: 'key', type: 'binary' },
  {
    name: 'headers',
    type: {
      type: 'array',
      elementType: {
        type: 'struct',
        fields: [
          { name: 'key', type: 'string' },
          { name: 'value', type: 'binary' },
        ],
      },
    },
  },
]

interface Row {
  readonly topic: string
  readonly partition: number
  readonly atMs: number | null
  readonly offset: number
  readonly key: Uint8Array | null
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
}

/** Rows as a log would hand them over: parts lying in one piece of memory, not in order and with bytes between them. */
function gather(blocks: readonly (readonly Row[])[]): Uint8Array {
  const file = gatherWriter(fields)
  const column = {
    ...{ topic: file.runs('topic'), partition: file.runs('partition'), at: file.numbers('at') },
    ...{ offset: file.numbers('offset'), key: file.spans('key'), headers: file.pairs('headers') },
  }
  for (const rows of blocks) {
    const parts: Uint8Array[] = [Uint8Array.from([1, 2, 3])]
    let position = 3
    const put = (part: Uint8Array | null): [number, number] => {
      if (part === null) return [0, -1]
      parts.push(part, Uint8Array.from([9]))
      position += part.length + 1
      return [position - part.length - 1, part.length]
    }
    const spans = Int32Array.from(rows.flatMap(({ key }) => [7, ...put(key)]))
    const pairs = rows.flatMap(({ headers }) =>
      headers.flatMap((each) => [...put(Buffer.from(each.key)), ...put(each.value)]),
    )
    let end = 0
    const ends = rows.map(({ headers }) => {
      end += headers.length
      return end
    })
    const bytes = Uint8Array.from(Buffer.concat(parts))
    for (const row of rows) {
      column.topic.add(row.topic, 1)
      column.partition.add(row.partition, 1)
    }
    column.at.add(
      Float64Array.from(rows, ({ atMs }) => atMs ?? Number.NaN),
      1000,
    )
    column.offset.add(
      Float64Array.from(rows, ({ offset }) => offset),
      1,
    )
    column.key.add({ bytes, spans, stride: 3, first: 1, count: rows.length })
    column.headers.add(rows.length, end === 0 ? undefined : Int32Array.from(ends), Int32Array.from(pairs), bytes)
    file.added(rows.length, bytes.length)
  }
  return file.finish()
}

function columnsOf(rows: readonly Row[]) {
  return [
    rows.map(({ topic }) => topic),
    rows.map(({ partition }) => partition),
    rows.map(({ atMs }) => atMs && atMs * 1000),
    rows.map(({ offset }) => offset),
    rows.map(({ key }) => key),
    rows.map(({ headers }) => headers),
  ]
}

async function readBack(parquet: Uint8Array): Promise<readonly Readonly<Record<string, Value>>[]> {
  return (await openParquet(parquet, 'test')).read()
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function rowsFrom(seed: number, count: number, longest: number): readonly Row[] {
  const pick = random(seed)
  const bytes = (length: number) => Uint8Array.from({ length }, () => pick(256))
  return Array.from({ length: count }, (_, i) => ({
    topic: 'öffentlich',
    partition: pick(3),
    atMs: pick(9) === 0 ? null : 1_700_000_000_000 + pick(1e9),
    offset: i * 3 + 2 ** 40,
    key: pick(5) === 0 ? null : bytes(pick(longest)),
    headers: Array.from({ length: pick(4) === 0 ? pick(5) : 0 }, () => ({
      key: 'k'.repeat(pick(4)),
      value: pick(3) === 0 ? null : bytes(pick(40)),
    })),
  }))
}

test('what is gathered reads as what is written row by row', async () => {
  for (let seed = 1; seed <= 30; seed += 1) {
    const rows = rowsFrom(seed, 1 + seed * 13, seed % 3 === 0 ? 4_000 : 40)
    const third = Math.ceil(rows.length / 3)
    const blocks = [rows.slice(0, third), rows.slice(third, third * 2), rows.slice(third * 2)].filter(
      (block) => block.length > 0,
    )
    const plain = writeParquet(fields, columnsOf(rows), rows.length)
    assert.deepEqual(await readBack(gather(blocks)), await readBack(plain), `seed ${seed}`)
  }
})

test('many pages and row groups read whole, and the footer’s bounds hold', async () => {
  const blocks = Array.from({ length: 30 }, (_, block) =>
    rowsFrom(block, 5_000, 60).map((row, i) => ({ ...row, offset: block * 5_000 + i, partition: block % 2 })),
  )
  const file = await openParquet(gather(blocks), 'test')
  assert.equal(file.rows, 150_000)
  assert.ok(file.groupStarts.length > 1)
  const offsets = file.statistics.find(({ path }) => path.join('.') === 'offset')
  assert.deepEqual([offsets?.min, offsets?.max, offsets?.nullCount], [0n, 149_999n, 0])
  const rows = await file.read()
  const given = blocks.flat()
  for (const at of [0, 1, 4_999, 5_000, 122_879, 122_880, 149_999]) {
    assert.deepEqual(rows[at]?.key, given[at]?.key, `row ${at}`)
    assert.equal(Number(rows[at]?.offset), at)
  }
})

test('a value larger than a page stands whole among small ones', async () => {
  const large = Uint8Array.from({ length: 5_000_000 }, (_, i) => i * 31)
  const row = { topic: 't', partition: 0, atMs: 0, headers: [] }
  const keys = [Uint8Array.of(1), large, null, Uint8Array.of(), large, Uint8Array.of(2)]
  const rows = keys.map((key, offset) => ({ ...row, offset, key }))
  const back = await readBack(gather([rows.slice(0, 2), rows.slice(2)]))
  assert.deepEqual(
    back.map(({ key }) => key),
    keys,
  )
})

test('a header’s name that is no text becomes text, and the record stays', async () => {
  const file = gatherWriter([fields[5] as Field])
  const headers = file.pairs('headers')
  headers.add(1, Int32Array.of(1), Int32Array.of(0, 2, 2, 1), Uint8Array.of(0xff, 0x61, 7))
  file.added(1, 3)
  assert.deepEqual(await readBack(file.finish()), [{ headers: [{ key: '\ufffda', value: Uint8Array.of(7) }] }])
})

test('a number that is not safe is refused, not rounded', () => {
  const file = gatherWriter([{ name: 'offset', type: 'long' }])
  assert.throws(() => file.numbers('offset').add(Float64Array.of(2 ** 60), 1), /offset: .* is not a safe integer/)
})
