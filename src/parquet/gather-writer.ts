import type { GatheredChunk, NumberColumn, RunColumn, SpanColumn } from './gather.ts'
import { numberColumn, runColumn, spanColumn } from './gather.ts'
import type { PairColumn } from './gather-pairs.ts'
import { pairColumn } from './gather-pairs.ts'
import type { RowGroup, SchemaElement } from './library.ts'
import { ByteWriter, writeMetadata } from './library.ts'
import { newPress } from './page.ts'
import type { Field } from './schema.ts'
import { elementsOf } from './schema.ts'
import type { Leaf } from './shred.ts'
import { leavesOf } from './shred.ts'

const magic = 0x31524150 // "PAR1"

/** Engines read row groups in parallel. As many rows as DuckDB takes at once, or as many bytes as keep a thread busy for a while. */
const groupRows = 122_880
const groupBytes = 32 << 20

/** A Parquet file gathered from pieces of memory, one column at a time; what is held is compressed but for the page that each column is at. */
export interface GatherWriter {
  /** The writer of a column, by its name and kind; every column of the file has to be asked for once, and given the same rows as all others. */
  spans(name: string): SpanColumn
  numbers(name: string): NumberColumn
  runs(name: string): RunColumn
  pairs(name: string): PairColumn
  /** So many rows are in all columns. */
  added(rows: number, sizeBytes: number): void
  /** Bytes of memory. */
  readonly heldBytes: number
  finish(): Uint8Array
}

interface Column {
  readonly openBytes: number
  end(): readonly GatheredChunk[]
}

export function gatherWriter(fields: readonly Field[]): GatherWriter {
  const press = newPress()
  const columns = new Map<string, Column>()
  const out: Uint8Array[] = []
  const groups: RowGroup[] = []
  let position = 0
  let written = 0
  let rows = 0
  let rowBytes = 0

  function put(bytes: Uint8Array): void {
    out.push(bytes)
    position += bytes.length
  }

  function leavesNamed(name: string): readonly Leaf[] {
    const field = fields.find((each) => each.name === name)
    if (field === undefined) throw new TypeError(`no column ${name}`)
    return leavesOf(field)
  }

  function single<C extends { readonly openBytes: number; end(): GatheredChunk }>(name: string, column: C): C {
    columns.set(name, {
      get openBytes() {
        return column.openBytes
      },
      end: () => [column.end()],
    })
    return column
  }

  function only(name: string): Leaf {
    const [leaf, ...others] = leavesNamed(name)
    if (leaf === undefined || others.length > 0) throw new TypeError(`column ${name} has more than one leaf`)
    return leaf
  }

  function endGroup(): void {
    if (rows === 0) return
    const groupStart = position
    const chunks: RowGroup['columns'] = []
    for (const { name } of fields) {
      const column = columns.get(name)
      if (column === undefined) throw new TypeError(`column ${name} was given no rows`)
      for (const { pieces, chunk } of column.end()) {
        const start = BigInt(position)
        const { meta_data: meta } = chunk
        if (meta === undefined) throw new TypeError('a chunk without its part of the footer')
        if (meta.dictionary_page_offset !== undefined) meta.dictionary_page_offset += start
        meta.data_page_offset += start
        chunks.push({ ...chunk, file_offset: start })
        for (const piece of pieces) put(piece)
      }
    }
    groups.push({
      columns: chunks,
      num_rows: BigInt(rows),
      total_byte_size: chunks.reduce((sum, { meta_data: meta }) => sum + (meta?.total_uncompressed_size ?? 0n), 0n),
      total_compressed_size: BigInt(position - groupStart),
    })
    written += rows
    rows = 0
    rowBytes = 0
  }

  const start = new ByteWriter(4)
  start.appendUint32(magic)
  put(start.getBytes())

  return {
    spans: (name) => single(name, spanColumn(only(name), press)),
    numbers: (name) => single(name, numberColumn(only(name), press)),
    runs: (name) => single(name, runColumn(only(name), press)),
    pairs(name) {
      const [key, value, ...others] = leavesNamed(name)
      if (key === undefined || value === undefined || others.length > 0)
        throw new TypeError(`${name} is no list of pairs`)
      const column = pairColumn(key, value, press)
      columns.set(name, column)
      return column
    },
    added(count, sizeBytes) {
      rows += count
      rowBytes += sizeBytes
      if (rows >= groupRows || rowBytes >= groupBytes) endGroup()
    },
    get heldBytes() {
      let open = press.heldBytes
      for (const column of columns.values()) open += column.openBytes
      return open
    },
    finish() {
      endGroup()
      const footer = new ByteWriter(4096)
      const schema: SchemaElement[] = [
        { name: 'schema', num_children: fields.length },
        ...fields.flatMap((field) => elementsOf(field)),
      ]
      writeMetadata(
        footer,
        {
          ...{ version: 2, created_by: 'fairlead', schema, num_rows: BigInt(written), row_groups: groups },
          metadata_length: 0,
        },
        Number.POSITIVE_INFINITY,
      )
      footer.appendUint32(magic)
      put(footer.getBytes())
      return Buffer.concat(out, position)
    },
  }
}
