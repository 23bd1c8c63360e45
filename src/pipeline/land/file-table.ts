import type { Snapshot, Table } from '#lake'
import { withColumns } from '#lake'
import type { Value } from '#parquet'
import { writeParquet } from '#parquet'
import type { Column } from '#port'
import { Fault } from '#port'

/** One row for each file that was landed, under each name and with each content it ever had. */
export const fileColumns: readonly Column[] = [
  { name: 'dataset', type: 'string' },
  { name: 'source', type: 'string', comment: 'Hash of its records; joins to bronze.<dataset>' },
  { name: 'name', type: 'string', comment: 'Path relative to the folder it was landed from' },
  { name: 'url', type: 'string', comment: 'Where it was fetched from, where that is known' },
  { name: 'sha256', type: 'string', comment: 'Hash of its bytes, which are kept under it' },
  { name: 'size_bytes', type: 'long' },
  { name: 'modified_at', type: 'timestamp' },
  { name: 'fetched_at', type: 'timestamp' },
  { name: 'format', type: 'string', comment: 'csv, socrata, geojson or topojson; +gzip where it was packed' },
  { name: 'encoding', type: 'string' },
  { name: 'layout', type: 'string', comment: "The contract's layout that took it; null where the file cannot be read" },
  { name: 'headers', type: 'string', comment: 'JSON array: keys of its records, in order' },
  { name: 'records', type: 'long', comment: 'Records in Bronze under this source' },
  { name: 'sample', type: 'string', comment: 'Seed of generated data; null for real data' },
  { name: 'error', type: 'string', comment: 'Why it cannot be read, and what mends it' },
  { name: 'same_as', type: 'string', comment: 'Name of the file that brought the same records first' },
]

export interface FileRow {
  readonly dataset: string
  readonly source: string
  readonly name: string
  readonly url: string | null
  readonly sha256: string
  readonly sizeBytes: number
  readonly modifiedMs: number
  readonly fetchedMs: number
  readonly format: string | null
  readonly encoding: string | null
  readonly layout: string | null
  readonly keys: readonly string[]
  readonly records: number
  readonly sample: string | null
  readonly error: string | null
}

/** What the table's transaction ids tell without reading a row. */
export interface KnownFiles {
  /** Sources that a file's bytes were landed as, newest reading last. */
  sourcesOf(dataset: string, sha256: string): readonly { readonly source: string; readonly records: number }[]
  isRecorded(row: Pick<FileRow, 'dataset' | 'sha256' | 'name' | 'layout'>): boolean
  /** Name of the file that brought these records first. */
  firstName(dataset: string, source: string): string | undefined
  /** Whether the lake holds generated data, or real; undefined where it holds neither. */
  readonly kind: Kind | undefined
}

type Kind = 'sample' | 'real'

/** An unreadable file is recorded once, and once more when a new contract can read it. */
const unreadable = 1
const readable = 2

function recordedTxn({ dataset, sha256, name }: Pick<FileRow, 'dataset' | 'sha256' | 'name'>): string {
  return `file:${dataset}:${sha256}:${name}`
}

/** `records:<dataset>:<sha256>:<source>:<name of the file that brought them first>`, version = how many records. */
const recordsTxn = /^records:([^:]+):([0-9a-f]{64}):([0-9a-f]{64}):(.*)$/s

export function knownFiles(snapshot: Snapshot | undefined): KnownFiles {
  const txns = snapshot?.txns ?? new Map<string, number>()
  const sources = new Map<string, { source: string; records: number }[]>()
  const names = new Map<string, string>()
  for (const [appId, records] of txns) {
    const [, dataset, sha256, source, name] = recordsTxn.exec(appId) ?? []
    if (dataset === undefined || sha256 === undefined || source === undefined || name === undefined) continue
    const key = `${dataset}:${sha256}`
    sources.set(key, [...(sources.get(key) ?? []), { source, records }])
    names.set(`${dataset}:${source}`, name)
  }
  return {
    sourcesOf: (dataset, sha256) => sources.get(`${dataset}:${sha256}`) ?? [],
    isRecorded: (row) => (txns.get(recordedTxn(row)) ?? 0) >= (row.layout === null ? unreadable : readable),
    firstName: (dataset, source) => names.get(`${dataset}:${source}`),
    kind: txns.has('kind:sample') ? 'sample' : txns.has('kind:real') ? 'real' : undefined,
  }
}

/** Records a file, once. Fault `land/sample-and-real` where the lake holds the other kind of data. */
export async function recordFile(row: FileRow, table: Table): Promise<void> {
  const kind: Kind = row.sample === null ? 'real' : 'sample'
  await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage: async (newest) => {
      const known = knownFiles(newest)
      checkKind(kind, known)
      if (known.isRecorded(row)) return undefined
      const first = known.firstName(row.dataset, row.source)
      const sameAs = first === undefined || first === row.name ? null : first
      const file = await table.writeFile(parquetOf(row, sameAs))
      return {
        ...withColumns(newest, fileColumns),
        add: [file],
        remove: [],
        txns: [
          { appId: recordedTxn(row), version: row.layout === null ? unreadable : readable },
          {
            appId: `records:${row.dataset}:${row.sha256}:${row.source}:${first ?? row.name}`,
            version: row.records,
          },
          { appId: `kind:${kind}`, version: 1 },
        ],
      }
    },
  })
}

export function checkKind(kind: Kind, known: KnownFiles): void {
  if (known.kind === undefined || known.kind === kind) return
  const [holds, brings] =
    kind === 'real' ? ['generated sample data', 'real data'] : ['real data', 'generated sample data']
  throw new Fault('land/sample-and-real', `This lake holds ${holds}, and these files are ${brings}.`, {
    mend: 'Use another lake for them: --lake DIR.',
    facts: { holds: known.kind },
  })
}

function parquetOf(row: FileRow, sameAs: string | null): Uint8Array {
  const values: readonly Value[] = [
    row.dataset,
    row.source,
    row.name,
    row.url,
    row.sha256,
    row.sizeBytes,
    row.modifiedMs * 1000,
    row.fetchedMs * 1000,
    row.format,
    row.encoding,
    row.layout,
    JSON.stringify(row.keys),
    row.records,
    row.sample,
    row.error,
    sameAs,
  ]
  return writeParquet(
    fileColumns,
    values.map((value) => [value]),
    1,
  )
}
