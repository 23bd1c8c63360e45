import { createHash } from 'node:crypto'
import type { Encoding } from '#contract'
import { blockedHeaders } from '#contract'
import { csvRecords, recordWriter } from './csv.ts'
import { asUtf8, chooseEncoding } from './encoding.ts'
import { jsonTable } from './json.ts'
import type { Recognised } from './recognise.ts'
import { jsonText } from './recognise.ts'
import type { Content } from './unpack.ts'

/** A file read through once: how many records, and what they hash to. */
export interface FileRecords {
  readonly encoding: Encoding
  /** Keys of the records, in the order of the file's columns. */
  readonly keys: readonly string[]
  readonly count: number
  /** SHA-256, hex, over the keys and every record: equal records are equal, whatever file, encoding, line end or envelope they came in. */
  readonly source: string
  /** When the publisher last changed the records, where the file says so. */
  readonly publishedMs: number | undefined
  /** JSON texts of records, in order; may be called again. */
  batches(): AsyncIterable<readonly string[]>
}

const batchRows = 2_000

/** Faults: `land/csv`, `land/json`, `land/encoding`, `land/binary`, `land/truncated`, `land/changed`. */
export async function readRecords(content: Content, recognised: Recognised, holdAtMost: number): Promise<FileRecords> {
  const { encoding, keys, publishedMs, batches } = await opened(content, recognised)
  const hash = createHash('sha256')
  hash.update(JSON.stringify(keys))
  let count = 0
  let length = 0
  let held: (readonly string[])[] | undefined = []
  for await (const batch of batches()) {
    for (const text of batch) length += text.length
    if (batch.length > 0) hash.update(`\n${batch.join('\n')}`)
    count += batch.length
    if (length > holdAtMost) held = undefined
    held?.push(batch)
  }
  const kept = held
  return {
    encoding,
    keys,
    count,
    source: hash.digest('hex'),
    publishedMs,
    async *batches() {
      if (kept === undefined) yield* batches()
      else yield* kept
    },
  }
}

type Opened = Pick<FileRecords, 'encoding' | 'keys' | 'publishedMs' | 'batches'>

async function opened(content: Content, recognised: Recognised): Promise<Opened> {
  const { contract, layout, headers } = recognised
  const encoding = await chooseEncoding(content, contract.encodings)
  const keys = blockedHeaders(layout, headers)
  return recognised.table === undefined
    ? {
        encoding,
        keys,
        publishedMs: undefined,
        batches: () => csvBatches(content, encoding, keys, layout.headerRows ?? 1),
      }
    : openedJson(content, recognised, { encoding, keys })
}

async function openedJson(
  content: Content,
  recognised: Recognised,
  { encoding, keys }: Pick<Opened, 'encoding' | 'keys'>,
): Promise<Opened> {
  // The table was read by a guess at the encoding, which holds for UTF-8 and is checked against the contract for the rest.
  const table =
    encoding === 'utf-8' && recognised.table !== undefined
      ? recognised.table
      : jsonTable(await jsonText(content, encoding))
  return {
    encoding,
    keys,
    publishedMs: table.publishedMs,
    async *batches() {
      for (let from = 0; from < table.count; from += batchRows) {
        const batch: string[] = []
        for (let at = from; at < Math.min(table.count, from + batchRows); at += 1) batch.push(table.record(at, keys))
        yield batch
      }
    },
  }
}

async function* csvBatches(
  content: Content,
  encoding: Encoding,
  keys: readonly string[],
  headerRows: number,
): AsyncIterable<readonly string[]> {
  const write = recordWriter(keys)
  let skip = headerRows
  let batch: string[] = []
  for await (const records of csvRecords(asUtf8(content, encoding))) {
    for (const record of records) {
      if (skip > 0) skip -= 1
      else batch.push(write(record))
    }
    if (batch.length < batchRows) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
