import type { GatherWriter, Value } from '../src/parquet/index.ts'

/** The columns of a writer that gathers, as plain values. */
export interface PlainColumns extends Pick<GatherWriter, 'spans' | 'numbers' | 'runs' | 'pairs'> {
  /** Throws where a column was not given so many rows. */
  values(name: string, rows: number): readonly Value[]
}

const decoder = new TextDecoder()
const neverOpen = { openBytes: 0, end: () => noChunk() }

export function plainColumns(): PlainColumns {
  const columns = new Map<string, Value[]>()
  function column(name: string): Value[] {
    const made: Value[] = []
    columns.set(name, made)
    return made
  }
  return {
    spans(name) {
      const into = column(name)
      return {
        ...neverOpen,
        add({ bytes, spans, stride, first, count }) {
          for (let i = 0; i < count; i += 1) into.push(part(bytes, spans, first + i * stride))
        },
      }
    },
    numbers(name) {
      const into = column(name)
      return {
        ...neverOpen,
        add(values, factor) {
          for (const value of values) into.push(Number.isNaN(value) ? null : value * factor)
        },
      }
    },
    runs(name) {
      const into = column(name)
      return {
        ...neverOpen,
        add(value, count) {
          for (let i = 0; i < count; i += 1) into.push(value)
        },
      }
    },
    pairs(name) {
      const into = column(name)
      return {
        openBytes: 0,
        end: () => noChunk(),
        add(rows, ends, spans, bytes) {
          for (let row = 0, pair = 0; row < rows; row += 1) {
            const list: Value[] = []
            for (; pair < (ends?.[row] ?? 0); pair += 1) {
              const key = part(bytes, spans, pair * 4)
              list.push({ key: key && decoder.decode(key), value: part(bytes, spans, pair * 4 + 2) })
            }
            into.push(list)
          }
        },
      }
    },
    values(name, rows) {
      const values = columns.get(name)
      if (values?.length !== rows)
        throw new TypeError(`column ${name} was given ${values?.length ?? 'no'} rows, and there are ${rows}`)
      return values
    },
  }
}

/** A copy, as whoever gathered may go on to use the memory. */
function part(bytes: Uint8Array, spans: Int32Array, at: number): Uint8Array | null {
  const [start = 0, length = -1] = [spans[at], spans[at + 1]]
  return length < 0 ? null : bytes.slice(start, start + length)
}

function noChunk(): never {
  throw new TypeError('a plain column has no chunk')
}
