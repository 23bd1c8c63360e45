/** Pages gathered value by value: what is held of a page that is full is its compressed form alone. */
import { constants, zstdCompressSync } from 'node:zlib'
import { bitWidth, writeRun } from './encode.ts'
import type { PageHeader } from './library.ts'
import { ByteWriter, writePageHeader } from './library.ts'

/** Three times as fast as level 3 on JSON text, and a tenth larger. */
const params = { [constants.ZSTD_c_compressionLevel]: 1 }
/** Memory that a page is compressed into: as much as it will need, because what is asked for in vain, or put together from pieces, has the collector run more. */
const leastPiece = 1024
const firstShare = 0.5
const roomToSpare = 1.125

/** Values of a page, uncompressed. */
const pageBytes = 1 << 20
/** What a page begins with: most files of a slow stream need no more. */
const firstBytes = 16 * 1024
/** Room for levels before the values: a multiple of 8, so that numbers lie aligned. */
const reserveBytes = 64

export interface PressedPage {
  readonly pieces: readonly Uint8Array[]
  readonly compressedBytes: number
  readonly uncompressedBytes: number
}

/** Compresses, on the thread that gathers: handing pages to another costs half as much again, and the cores are busy without. */
export interface Press {
  /** Bytes of compressed pages so far. */
  readonly heldBytes: number
  /** `share` of its size is what the page is thought to take up compressed. */
  press(header: PageHeader, body: Uint8Array, share?: number): PressedPage
}

export function newPress(): Press {
  let heldBytes = 0
  return {
    get heldBytes() {
      return heldBytes
    },
    press(header, body, share = firstShare) {
      const chunkSize = Math.max(leastPiece, Math.ceil(Math.min(1, share) * roomToSpare * body.length))
      const answered = zstdCompressSync(body, { params, chunkSize })
      // A small view would keep all of the memory that it was answered in.
      const compressed = answered.length * 2 < answered.buffer.byteLength ? Buffer.from(answered) : answered
      const head = new ByteWriter(64)
      const sizes = { uncompressed_page_size: body.length, compressed_page_size: compressed.length }
      writePageHeader(head, { ...header, ...sizes })
      const compressedBytes = head.offset + compressed.length
      heldBytes += compressedBytes
      return {
        pieces: [head.getBytes(), compressed],
        compressedBytes,
        uncompressedBytes: head.offset + body.length,
      }
    },
  }
}

/** The levels of one page as runs. */
interface Levels {
  push(level: number, count: number): void
  /** With the four bytes of length before them; empty again afterwards. */
  take(): Uint8Array
}

function levelsUpTo(max: number): Levels {
  const width = bitWidth(max)
  let runs = new ByteWriter(32)
  let level = 0
  let count = 0
  const endRun = () => {
    if (count > 0) writeRun(runs, count, level, width)
    count = 0
  }
  return {
    push(next, times) {
      if (next !== level) endRun()
      level = next
      count += times
    },
    take() {
      endRun()
      const bytes = new ByteWriter(4 + runs.offset)
      bytes.appendUint32(runs.offset)
      bytes.appendBytes(runs.getBytes())
      runs = new ByteWriter(32)
      return bytes.getBytes()
    },
  }
}

export interface LeafPages {
  /** The page that is being gathered, with room for so many bytes at least: where there is none, it is ended first, if `mayEnd`, or grows. */
  page(bytes: number, mayEnd: boolean): Buffer<ArrayBuffer>
  /** Where the next value goes in the page. */
  readonly at: number
  /** Values were written up to `at`; they and the nulls among them take up `count` slots of one level, each beginning a row where `repetition` is 0. */
  filled(at: number, definition: number, repetition: number, count: number): void
  /** Bytes in the page. */
  readonly openBytes: number
  /** All pages; nothing is left. */
  end(): readonly PressedPage[]
}

/** The data pages (version 1, plain) of one leaf. */
export function leafPages(press: Press, maxDefinition: number, maxRepetition: number): LeafPages {
  const definitions = levelsUpTo(maxDefinition)
  const repetitions = maxRepetition === 0 ? undefined : levelsUpTo(maxRepetition)
  let pages: PressedPage[] = []
  let page = Buffer.allocUnsafeSlow(firstBytes)
  let share: number | undefined
  let at = reserveBytes
  let slots = 0

  function endPage(): void {
    if (slots === 0) return
    const levels = [...(repetitions === undefined ? [] : [repetitions.take()]), definitions.take()]
    const levelBytes = levels.reduce((sum, { length }) => sum + length, 0)
    const header: PageHeader = {
      type: 'DATA_PAGE',
      uncompressed_page_size: 0,
      compressed_page_size: 0,
      data_page_header: {
        num_values: slots,
        encoding: 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    }
    let body: Buffer
    if (levelBytes <= reserveBytes) {
      let start = reserveBytes - levelBytes
      body = page.subarray(start, at)
      for (const each of levels) {
        page.set(each, start)
        start += each.length
      }
    } else body = Buffer.concat([...levels, page.subarray(reserveBytes, at)])
    const pressed = press.press(header, body, share)
    share = pressed.compressedBytes / pressed.uncompressedBytes
    pages.push(pressed)
    if (page.length > pageBytes + reserveBytes) page = Buffer.allocUnsafeSlow(firstBytes) // one large value made it grow
    at = reserveBytes
    slots = 0
  }

  return {
    get openBytes() {
      return at - reserveBytes
    },
    get at() {
      return at
    },
    page(bytes, mayEnd) {
      if (mayEnd && at + bytes > pageBytes + reserveBytes) endPage()
      if (at + bytes > page.length) {
        const most = mayEnd ? pageBytes + reserveBytes : Number.POSITIVE_INFINITY
        const larger = Buffer.allocUnsafeSlow(Math.max(at + bytes, Math.min(page.length * 4, most)))
        page.copy(larger, 0, 0, at)
        page = larger
      }
      return page
    },
    filled(to, definition, repetition, count) {
      at = to
      definitions.push(definition, count)
      repetitions?.push(repetition, count)
      slots += count
    },
    end() {
      endPage()
      const all = pages
      pages = []
      return all
    },
  }
}
