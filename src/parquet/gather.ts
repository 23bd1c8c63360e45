/** Columns gathered straight from pieces of memory: no object a value, no copy but the one into the page. */
import { bitWidth, encodePlain, writeRun } from './encode.ts'
import type { ColumnChunk, Statistics } from './library.ts'
import { ByteWriter } from './library.ts'
import type { Press, PressedPage } from './page.ts'
import { leafPages } from './page.ts'
import type { Leaf } from './shred.ts'
import { boundsOf } from './statistics.ts'

/** One column chunk: its bytes, and its part of the footer with offsets from the chunk's start. */
export interface GatheredChunk {
  readonly pieces: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly chunk: ColumnChunk
}

export interface Gathered {
  /** Bytes of values that wait in a page. */
  readonly openBytes: number
  /** What was gathered since the last call, as one column chunk. */
  end(): GatheredChunk
}

/** Where values lie: `stride` numbers a value, of which two, from `first` on, are a start in `bytes` and a length; -1 is null. */
export interface Spans {
  readonly bytes: Uint8Array
  readonly spans: Int32Array
  readonly stride: number
  readonly first: number
  readonly count: number
}

export interface SpanColumn extends Gathered {
  add(spans: Spans): void
}

/** Below this many bytes a loop beats a call. */
const smallBytes = 24

/** Text or bytes. */
export function spanColumn(leaf: Leaf, press: Press): SpanColumn {
  const pages = leafPages(press, leaf.maxDefinition, leaf.maxRepetition)
  let nulls = 0
  let slots = 0
  return {
    get openBytes() {
      return pages.openBytes
    },
    add({ bytes, spans, stride, first, count }) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      slots += count
      for (let i = 0; i < count; ) {
        const length = spans[first + i * stride + 1] ?? -1
        if (length < 0) {
          nulls += 1
          i += 1
          pages.filled(pages.at, 0, 0, 1)
          continue
        }
        const page = pages.page(4 + length, true)
        const before = i
        let to = pages.at
        for (; i < count; i += 1) {
          const at = first + i * stride
          const length = spans[at + 1] ?? -1
          if (length < 0 || to + 4 + length > page.length) break
          to = putBytes(page, to, source, spans[at] ?? 0, length)
        }
        pages.filled(to, 1, 0, i - before)
      }
    },
    end() {
      const done = { nulls, slots, statistics: {} }
      nulls = 0
      slots = 0
      return chunkOf(leaf, pages.end(), done)
    },
  }
}

/** Four bytes of length, and the bytes. Answers where they end. */
export function putBytes(page: Buffer, position: number, source: Buffer, start: number, length: number): number {
  page[position] = length & 0xff
  page[position + 1] = (length >>> 8) & 0xff
  page[position + 2] = (length >>> 16) & 0xff
  page[position + 3] = length >>> 24
  const to = position + 4
  if (length > smallBytes) source.copy(page, to, start, start + length)
  else for (let i = 0; i < length; i += 1) page[to + i] = source[start + i] ?? 0
  return to + length
}

export interface NumberColumn extends Gathered {
  /** Whole numbers, each times `factor`; NaN is null. */
  add(values: Float64Array, factor: number): void
}

/** Numbers of 64 bits that are safe integers. */
export function numberColumn(leaf: Leaf, press: Press): NumberColumn {
  const pages = leafPages(press, leaf.maxDefinition, leaf.maxRepetition)
  let nulls = 0
  let slots = 0
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  return {
    get openBytes() {
      return pages.openBytes
    },
    add(values, factor) {
      slots += values.length
      for (let i = 0; i < values.length; ) {
        if (Number.isNaN(values[i])) {
          nulls += 1
          i += 1
          pages.filled(pages.at, 0, 0, 1)
          continue
        }
        const page = pages.page(8, true)
        const words = new Uint32Array(page.buffer)
        const before = i
        const most32 = page.length >> 2
        let to = pages.at >> 2
        for (; i < values.length && to + 2 <= most32; i += 1, to += 2) {
          const value = (values[i] ?? 0) * factor
          if (!Number.isSafeInteger(value)) {
            if (Number.isNaN(value)) break
            throw new RangeError(`${leaf.path.join('.')}: ${value} is not a safe integer`)
          }
          if (value < least) least = value
          if (value > most) most = value
          words[to] = value >>> 0
          words[to + 1] = Math.floor(value / 0x1_0000_0000)
        }
        pages.filled(to << 2, 1, 0, i - before)
      }
    },
    end() {
      const bounds = slots > nulls ? { min_value: BigInt(least), max_value: BigInt(most) } : {}
      const done = { nulls, slots, statistics: bounds }
      nulls = 0
      slots = 0
      least = Number.POSITIVE_INFINITY
      most = Number.NEGATIVE_INFINITY
      return chunkOf(leaf, pages.end(), done)
    },
  }
}

export interface RunColumn extends Gathered {
  add(value: string | number, count: number): void
}

/** A column of few values that stand in runs: a dictionary and the lengths of the runs. */
export function runColumn(leaf: Leaf, press: Press): RunColumn {
  let entries = new Map<string | number, number>()
  let runs: { index: number; count: number }[] = []
  let slots = 0
  return {
    get openBytes() {
      return runs.length * 2
    },
    add(value, count) {
      slots += count
      const index = entries.get(value) ?? entries.size
      entries.set(value, index)
      const last = runs.at(-1)
      if (last?.index === index) last.count += count
      else runs.push({ index, count })
    },
    end() {
      const values = [...entries.keys()]
      const dictionary = Buffer.from(encodePlain(leaf.type, leaf.element, values).bytes)
      const width = bitWidth(values.length - 1)
      const body = new ByteWriter(64)
      const levels = new ByteWriter(16)
      writeRun(levels, slots, 1, 1)
      body.appendUint32(levels.offset)
      body.appendBytes(levels.getBytes())
      body.appendUint8(width)
      for (const { index, count } of runs) writeRun(body, count, index, width)
      const sizes = { uncompressed_page_size: 0, compressed_page_size: 0 }
      const pages = [
        press.press(
          {
            ...{ type: 'DICTIONARY_PAGE', ...sizes },
            dictionary_page_header: { num_values: values.length, encoding: 'PLAIN' },
          },
          dictionary,
        ),
        press.press(
          {
            ...{ type: 'DATA_PAGE', ...sizes },
            data_page_header: {
              num_values: slots,
              encoding: 'RLE_DICTIONARY',
              definition_level_encoding: 'RLE',
              repetition_level_encoding: 'RLE',
            },
          },
          Buffer.from(body.getBytes()),
        ),
      ]
      const done = { nulls: 0, slots, statistics: boundsOf(leaf.type, values), dictionary: true }
      entries = new Map()
      runs = []
      slots = 0
      return chunkOf(leaf, pages, done)
    },
  }
}

/** What a chunk's pages hold. */
interface Done {
  readonly nulls: number
  readonly slots: number
  readonly statistics: Statistics
  readonly dictionary?: boolean
}

export function chunkOf(leaf: Leaf, pages: readonly PressedPage[], done: Done): GatheredChunk {
  const sum = (of: (page: PressedPage) => number) => pages.reduce((total, page) => total + of(page), 0)
  const sizeBytes = sum(({ compressedBytes }) => compressedBytes)
  const first = done.dictionary === true ? pages[0]?.compressedBytes : undefined
  return {
    pieces: pages.flatMap(({ pieces }) => pieces),
    sizeBytes,
    chunk: {
      file_offset: 0n,
      meta_data: {
        type: leaf.element.type ?? 'BYTE_ARRAY',
        encodings: first === undefined ? ['PLAIN', 'RLE'] : ['PLAIN', 'RLE', 'RLE_DICTIONARY'],
        path_in_schema: [...leaf.path],
        codec: 'ZSTD',
        num_values: BigInt(done.slots),
        total_uncompressed_size: BigInt(sum(({ uncompressedBytes }) => uncompressedBytes)),
        total_compressed_size: BigInt(sizeBytes),
        data_page_offset: BigInt(first ?? 0),
        ...(first === undefined ? {} : { dictionary_page_offset: 0n }),
        statistics: { ...done.statistics, null_count: BigInt(done.nulls) },
      },
    },
  }
}
