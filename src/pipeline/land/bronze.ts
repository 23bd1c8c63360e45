import type { DataFile, Table } from '#lake'
import { withColumns } from '#lake'
import type { ColumnValues } from '#parquet'
import { writeParquet } from '#parquet'
import type { Column, Failpoint, ObjectStore } from '#port'

/** One record of a file or a topic, as it came. A file is a topic partition that ends. */
export const bronzeColumns: readonly Column[] = [
  { name: 'topic', type: 'string', comment: 'Dataset, or topic, that the record was sent to' },
  { name: 'source', type: 'string', comment: 'SHA-256 of the records of a file, or id of a topic' },
  { name: 'partition', type: 'integer', comment: '0 for a file' },
  { name: 'offset', type: 'long', comment: 'Position in the partition; row number of a file, from 0' },
  { name: 'timestamp', type: 'timestamp', comment: 'When the record was published, as timestamp_type says' },
  { name: 'timestamp_type', type: 'string', comment: 'file_modified, publisher, create_time or log_append_time' },
  { name: 'key', type: 'binary' },
  { name: 'value', type: 'binary', comment: 'The message, or a row as a JSON object: header to text as read' },
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
    comment:
      'sample: seed of generated data. error: why a file could not be read. replay-of: the rejected record that this one was made from',
  },
  { name: 'ingest_ts', type: 'timestamp', comment: 'When the record was landed' },
]

/** What all records of one file have in common. */
export interface BronzeSource {
  readonly dataset: string
  readonly source: string
  readonly timestampMs: number
  readonly timestampType: 'file_modified' | 'publisher'
  readonly headers: Readonly<Record<string, string>>
  readonly ingestMs: number
}

export interface BronzeEffects {
  readonly store: ObjectStore
  readonly table: (root: string) => Table
  readonly failpoint: Failpoint
  /** Throws where the person wants to stop. */
  readonly checkStop: () => void
}

/** Rows and characters of values that one Parquet file takes, so that memory stays bounded whatever a file's size. */
const fileRows = 200_000
const fileCharacters = 48 * 1024 * 1024

/** The transaction that says how far a source's partition has been landed: the next offset. */
export function bronzeTxn(dataset: string, source: string, partition = 0): string {
  return `land:${dataset}:${source}:${partition}`
}

/**
 * Appends a file's records in one commit that also says they are in, so that they are in once. Answers the records added:
 * none where the table has them already, or another lander was first.
 */
export async function appendRecords(
  from: BronzeSource,
  count: number,
  batches: AsyncIterable<readonly (string | null)[]>,
  { store, table: open, failpoint, checkStop }: BronzeEffects,
): Promise<number> {
  const table = open(`bronze/${from.dataset}`)
  const txn = { appId: bronzeTxn(from.dataset, from.source), version: count }
  const isIn = (txns: ReadonlyMap<string, number> | undefined) => txns?.has(txn.appId) === true
  if (isIn((await table.snapshot())?.txns)) return 0

  const files = await writeFiles(from, batches, table, checkStop)
  failpoint('land/before-commit')
  let live: ReadonlySet<string> = new Set()
  const { outcome } = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage: (newest) => {
      if (isIn(newest?.txns)) {
        live = new Set(newest?.files.map(({ path }) => path))
        return undefined
      }
      return { ...withColumns(newest, bronzeColumns), add: files, remove: [], txns: [txn] }
    },
  })
  failpoint('land/after-commit')
  if (outcome === 'committed') return count
  for (const { path } of files) if (!live.has(path)) await store.remove(`${table.root}/${path}`)
  return 0
}

async function writeFiles(
  from: BronzeSource,
  batches: AsyncIterable<readonly (string | null)[]>,
  table: Table,
  checkStop: () => void,
): Promise<readonly DataFile[]> {
  const files: DataFile[] = []
  let values: (string | null)[] = []
  let characters = 0
  let offset = 0
  const flush = async () => {
    files.push(await table.writeFile(writeParquet(bronzeColumns, columnsOf(from, values, offset), values.length)))
    offset += values.length
    values = []
    characters = 0
    checkStop()
  }
  for await (const batch of batches) {
    for (const value of batch) {
      values.push(value)
      characters += value?.length ?? 0
    }
    if (values.length >= fileRows || characters >= fileCharacters) await flush()
  }
  if (values.length > 0) await flush()
  return files
}

function columnsOf(from: BronzeSource, values: readonly (string | null)[], offset: number): readonly ColumnValues[] {
  const headers = Object.entries(from.headers).map(([key, value]) => ({ key, value }))
  const all = (constant: unknown) => ({ constant })
  return [
    all(from.dataset),
    all(from.source),
    all(0),
    Array.from(values, (_, at) => offset + at),
    all(from.timestampMs * 1000),
    all(from.timestampType),
    all(null),
    values,
    all(headers),
    all(from.ingestMs * 1000),
  ]
}
