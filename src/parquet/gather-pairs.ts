import { isUtf8 } from 'node:buffer'
import type { GatheredChunk } from './gather.ts'
import { chunkOf, putBytes } from './gather.ts'
import type { Press } from './page.ts'
import { leafPages } from './page.ts'
import type { Leaf } from './shred.ts'

export interface PairColumn {
  readonly openBytes: number
  /** `ends[i]` pairs belong to the rows up to and with i: four numbers each, key and value as spans. Undefined: no row has any. */
  add(rows: number, ends: Int32Array | undefined, spans: Int32Array, bytes: Uint8Array): void
  /** Chunks of the key and of the value. */
  end(): readonly GatheredChunk[]
}

/** A list of keys (text) and values (bytes) in each row, never null itself. */
export function pairColumn(key: Leaf, value: Leaf, press: Press): PairColumn {
  const leaves = [key, value].map((leaf) => ({
    leaf,
    pages: leafPages(press, leaf.maxDefinition, leaf.maxRepetition),
    slots: 0,
    nulls: 0,
  }))
  const emptyList = 1
  return {
    get openBytes() {
      return leaves.reduce((sum, { pages }) => sum + pages.openBytes, 0)
    },
    add(rows, ends, spans, bytes) {
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (const [which, each] of leaves.entries()) {
        const { leaf, pages } = each
        if (ends === undefined) {
          pages.filled(pages.at, emptyList, 0, rows)
          each.slots += rows
          each.nulls += rows
          continue
        }
        let pair = 0
        for (let row = 0; row < rows; row += 1) {
          const end = ends[row] ?? pair
          if (pair === end) {
            pages.filled(pages.at, emptyList, 0, 1)
            each.slots += 1
            each.nulls += 1
          }
          for (let inRow = 0; pair < end; pair += 1, inRow += 1) {
            const at = pair * 4 + which * 2
            const start = spans[at] ?? 0
            const length = spans[at + 1] ?? -1
            each.slots += 1
            if (length < 0) {
              each.nulls += 1
              pages.filled(pages.at, leaf.maxDefinition - 1, Math.min(inRow, 1), 1)
              continue
            }
            const text = leaf.type === 'string' ? wellFormed(source, start, length) : undefined
            const page = pages.page(4 + (text?.length ?? length), inRow === 0)
            const to =
              text === undefined
                ? putBytes(page, pages.at, source, start, length)
                : putBytes(page, pages.at, text, 0, text.length)
            pages.filled(to, leaf.maxDefinition, Math.min(inRow, 1), 1)
          }
        }
      }
    },
    end: () =>
      leaves.map((each) => {
        const { leaf, pages, slots, nulls } = each
        each.slots = 0
        each.nulls = 0
        return chunkOf(leaf, pages.end(), { nulls, slots, statistics: {} })
      }),
  }
}

/** Text that is not UTF-8, with replacement characters where it is not; undefined where it is. */
function wellFormed(source: Buffer, start: number, length: number): Buffer | undefined {
  const part = source.subarray(start, start + length)
  return isUtf8(part) ? undefined : Buffer.from(part.toString('utf8'))
}
