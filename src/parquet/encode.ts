import type { PrimitiveType } from '#port'
import type { ColumnChunk, SchemaElement } from './library.ts'
import { ByteWriter, writePageHeader, writeRleBitPackedHybrid } from './library.ts'
import { decimalOf } from './schema.ts'
import type { LeafValues } from './shred.ts'
import { boundsOf } from './statistics.ts'
import { unscaled } from './unscaled.ts'

export type Compress = {
  readonly codec: 'ZSTD' | 'SNAPPY' | 'UNCOMPRESSED'
  readonly compress: (bytes: Uint8Array) => Uint8Array
}

/** Uncompressed bytes of values that a page aims at. */
const pageBytes = 1 << 20

/** A dictionary larger than this is slower than plain values. */
const maxDictionary = 1 << 16

/** Plain-encoded values, each page of which is a run of the bytes. */
interface Encoded {
  readonly bytes: Uint8Array
  /** Where value i starts; where i is the count, the end. */
  startOf(i: number): number
}

/** Writes one column chunk (data pages of version 1) and answers its part of the footer. */
export function writeChunk(out: ByteWriter, leaf: LeafValues, { codec, compress }: Compress): ColumnChunk {
  const start = out.offset
  let uncompressed = 0
  const page = (header: Parameters<typeof writePageHeader>[1], body: Uint8Array): void => {
    const compressed = compress(body)
    const before = out.offset
    writePageHeader(out, { ...header, uncompressed_page_size: body.length, compressed_page_size: compressed.length })
    uncompressed += out.offset - before + body.length
    out.appendBytes(compressed)
  }

  const dictionary = dictionaryOf(leaf)
  let dictionaryOffset: bigint | undefined
  if (dictionary) {
    dictionaryOffset = BigInt(out.offset)
    const { bytes } = encodePlain(leaf.type, leaf.element, dictionary.entries)
    page(
      {
        type: 'DICTIONARY_PAGE',
        uncompressed_page_size: 0,
        compressed_page_size: 0,
        dictionary_page_header: { num_values: dictionary.entries.length, encoding: 'PLAIN' },
      },
      bytes,
    )
  }
  const plain = dictionary || leaf.type === 'boolean' ? undefined : encodePlain(leaf.type, leaf.element, leaf.values)
  const encoding = dictionary ? 'RLE_DICTIONARY' : 'PLAIN'
  const dataOffset = BigInt(out.offset)
  for (const part of pagesOf(leaf, plain)) {
    const body = new ByteWriter(4096)
    if (leaf.maxRepetition > 0) writeLevels(body, leaf.repetition, part, leaf.maxRepetition, 0)
    if (leaf.maxDefinition > 0) writeLevels(body, leaf.definition, part, leaf.maxDefinition, leaf.maxDefinition)
    if (dictionary) writeIndexes(body, dictionary, part.firstValue, part.endValue)
    else if (plain) body.appendBytes(plain.bytes.subarray(plain.startOf(part.firstValue), plain.startOf(part.endValue)))
    else body.appendBytes(encodeBooleans(leaf.values, part.firstValue, part.endValue))
    page(
      {
        type: 'DATA_PAGE',
        uncompressed_page_size: 0,
        compressed_page_size: 0,
        data_page_header: {
          num_values: part.end - part.start,
          encoding,
          definition_level_encoding: 'RLE',
          repetition_level_encoding: 'RLE',
        },
      },
      body.getBytes(),
    )
  }
  const distinct = dictionary?.entries ?? leaf.values
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: leaf.element.type ?? 'BYTE_ARRAY',
      encodings: dictionary ? ['PLAIN', 'RLE', 'RLE_DICTIONARY'] : ['PLAIN', 'RLE'],
      path_in_schema: [...leaf.path],
      codec,
      num_values: BigInt(leaf.slots),
      total_uncompressed_size: BigInt(uncompressed),
      total_compressed_size: BigInt(out.offset - start),
      data_page_offset: dataOffset,
      ...(dictionaryOffset === undefined ? {} : { dictionary_page_offset: dictionaryOffset }),
      statistics: { ...boundsOf(leaf.type, distinct), null_count: BigInt(leaf.slots - leaf.values.length) },
    },
  }
}

interface PagePart {
  /** Slots are values and the nulls between them. */
  readonly start: number
  readonly end: number
  readonly firstValue: number
  readonly endValue: number
}

/** Cuts a chunk into pages that each start with a row. */
function* pagesOf(leaf: LeafValues, plain: Encoded | undefined): Iterable<PagePart> {
  const { slots, definition, repetition, maxDefinition, values } = leaf
  const small = plain ? plain.startOf(values.length) <= pageBytes : slots <= pageBytes
  if (small) {
    yield { start: 0, end: slots, firstValue: 0, endValue: values.length }
    return
  }
  let start = 0
  let firstValue = 0
  let value = 0
  for (let slot = 0; slot < slots; slot += 1) {
    const size = plain ? plain.startOf(value) - plain.startOf(firstValue) : slot - start
    if (size >= pageBytes && (repetition === undefined || repetition[slot] === 0)) {
      yield { start, end: slot, firstValue, endValue: value }
      start = slot
      firstValue = value
    }
    if (definition === undefined || definition[slot] === maxDefinition) value += 1
  }
  yield { start, end: slots, firstValue, endValue: value }
}

/** Levels of a version 1 page: four bytes of length, then runs. Without levels all slots have `constant`. */
function writeLevels(
  body: ByteWriter,
  levels: readonly number[] | undefined,
  { start, end }: PagePart,
  max: number,
  constant: number,
): void {
  const runs = new ByteWriter(64)
  if (levels === undefined) writeRun(runs, end - start, constant, bitWidth(max))
  else
    writeRleBitPackedHybrid(
      runs,
      start === 0 && end === levels.length ? [...levels] : levels.slice(start, end),
      bitWidth(max),
    )
  body.appendUint32(runs.offset)
  body.appendBytes(runs.getBytes())
}

/** One run of a hybrid of runs and packed bits. */

export function writeRun(out: ByteWriter, count: number, value: number, width: number): void {
  out.appendVarInt(count << 1)
  for (let bits = 0; bits < width; bits += 8) out.appendUint8((value >> bits) & 0xff)
}

export function bitWidth(max: number): number {
  return 32 - Math.clz32(max)
}

interface Dictionary {
  readonly entries: readonly unknown[]
  /** Undefined: every value is the one entry. */
  readonly indexes: number[] | undefined
}

function writeIndexes(body: ByteWriter, { entries, indexes }: Dictionary, start: number, end: number): void {
  const width = bitWidth(entries.length - 1)
  body.appendUint8(width)
  if (start === end) return
  if (indexes === undefined) writeRun(body, end - start, 0, width)
  else writeRleBitPackedHybrid(body, start === 0 && end === indexes.length ? indexes : indexes.slice(start, end), width)
}

/** Columns whose values repeat are written as a dictionary; text and numbers only, as a JavaScript Map compares those by value. */
function dictionaryOf({ type, values, constant }: LeafValues): Dictionary | undefined {
  if (values.length === 0 || type === 'boolean') return undefined
  if (constant) return { entries: [values[0]], indexes: undefined }
  if (type === 'binary' || values.length < 8) return undefined
  const entryOf = new Map<unknown, number>()
  const indexes: number[] = new Array(values.length)
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]
    let index = entryOf.get(value)
    if (index === undefined) {
      index = entryOf.size
      if (index >= maxDictionary || (index >= 256 && index * 2 > i)) return undefined
      entryOf.set(value, index)
    }
    if (Object.is(value, -0)) return undefined // a Map takes it for 0
    indexes[i] = index
  }
  return entryOf.size * 2 <= values.length ? { entries: [...entryOf.keys()], indexes } : undefined
}

export function encodePlain(type: PrimitiveType, element: SchemaElement, values: ArrayLike<unknown>): Encoded {
  switch (element.type) {
    case 'INT32':
    case 'FLOAT':
      return fixed(4, values, int32Or(type === 'float', decimalScale(type)))
    case 'INT64':
      return fixed(8, values, int64(decimalScale(type)))
    case 'DOUBLE':
      return fixed(8, values, (view, at, value) => view.setFloat64(at, Number(value), true))
    case 'FIXED_LEN_BYTE_ARRAY': {
      const width = element.type_length ?? 16
      const scale = decimalScale(type) ?? 0
      return fixed(width, values, (view, at, value) => {
        let rest = unscaled(value, scale)
        for (let i = width - 1; i >= 0; i -= 1) {
          view.setUint8(at + i, Number(rest & 0xffn))
          rest >>= 8n
        }
      })
    }
    default:
      return encodeByteArrays(values)
  }
}

function fixed(
  width: number,
  values: ArrayLike<unknown>,
  set: (view: DataView, at: number, value: unknown) => void,
): Encoded {
  const bytes = new Uint8Array(values.length * width)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i += 1) set(view, i * width, values[i])
  return { bytes, startOf: (i) => i * width }
}

function int32Or(float: boolean, scale: number | undefined) {
  if (float) return (view: DataView, at: number, value: unknown) => view.setFloat32(at, Number(value), true)
  return (view: DataView, at: number, value: unknown) => {
    const number = scale === undefined ? Number(value) : Number(unscaled(value, scale))
    if (number !== (number | 0)) throw new RangeError(`${String(value)} is not a 32-bit integer`)
    view.setInt32(at, number, true)
  }
}

function int64(scale: number | undefined) {
  return (view: DataView, at: number, value: unknown): void => {
    if (typeof value === 'number' && scale === undefined) {
      if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a safe integer`)
      view.setUint32(at, value >>> 0, true)
      view.setInt32(at + 4, Math.floor(value / 0x1_0000_0000), true)
      return
    }
    const integer = scale === undefined ? BigInt(String(value)) : unscaled(value, scale)
    if (BigInt.asIntN(64, integer) !== integer) throw new RangeError(`${integer} is not a 64-bit integer`)
    view.setBigInt64(at, integer, true)
  }
}

function decimalScale(type: PrimitiveType): number | undefined {
  return decimalOf(type)?.scale
}

function encodeBooleans(values: ArrayLike<unknown>, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array((end - start + 7) >> 3)
  for (let i = start; i < end; i += 1) {
    if (values[i]) bytes[(i - start) >> 3] = (bytes[(i - start) >> 3] ?? 0) | (1 << ((i - start) & 7))
  }
  return bytes
}

/** Four bytes of length before each value. */
function encodeByteArrays(values: ArrayLike<unknown>): Encoded {
  const starts = new Float64Array(values.length + 1)
  let most = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]
    most += 4 + (typeof value === 'string' ? value.length * 3 : value instanceof Uint8Array ? value.length : 0)
  }
  const buffer = Buffer.allocUnsafe(most)
  let at = 0
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]
    starts[i] = at
    let length: number
    if (typeof value === 'string') length = buffer.write(value, at + 4, 'utf8')
    else if (value instanceof Uint8Array) {
      buffer.set(value, at + 4)
      length = value.length
    } else throw new TypeError(`text or bytes expected, not ${typeof value}`)
    buffer.writeUInt32LE(length, at)
    at += 4 + length
  }
  starts[values.length] = at
  return { bytes: buffer.subarray(0, at), startOf: (i) => starts[i] ?? at }
}
