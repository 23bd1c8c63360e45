import type { Snapshot, Table } from '#lake'
import { openParquet, writeParquet } from '#parquet'
import type { Column, ObjectStore } from '#port'
import type { Publication, PublicationLine, RunRecord } from './publication.ts'

/** The publication table: one row a commit, so that its version numbers the publications. */
export const publicationColumns: readonly Column[] = [
  { name: 'run_id', type: 'string', comment: 'The run that published' },
  { name: 'published_at', type: 'timestamp', comment: 'When, UTC' },
  { name: 'project_hash', type: 'string', comment: 'The dbt project, its vars and the contracts it was built with' },
  { name: 'gold', type: 'string', comment: 'JSON: each Gold table with its version and rows' },
  {
    name: 'silver',
    type: 'string',
    comment: 'JSON: each source table with the version that was read; -1 where it did not exist',
  },
  { name: 'tests', type: 'string', comment: 'JSON: tests passed, failed, warned' },
  { name: 'sample', type: 'boolean', comment: 'True where any source is generated sample data' },
]

/** The run table: one row for each run that did something. */
const runColumns: readonly Column[] = [
  { name: 'run_id', type: 'string', comment: 'The run' },
  { name: 'started_at', type: 'timestamp', comment: 'When it began, UTC' },
  { name: 'took_ms', type: 'long', comment: 'How long it took, milliseconds' },
  { name: 'outcome', type: 'string', comment: 'published, unchanged, held (tests failed) or failed' },
  { name: 'failed', type: 'string', comment: 'JSON: models and tests that failed' },
  { name: 'fault', type: 'string', comment: 'JSON: the fault that ended it' },
]

export function publicationFile(publication: Omit<Publication, 'version'>): Uint8Array {
  return writeParquet(
    publicationColumns,
    [
      [publication.runId],
      [micros(publication.publishedAt)],
      [publication.projectHash],
      [JSON.stringify(publication.gold)],
      [JSON.stringify(publication.silver)],
      [JSON.stringify(publication.tests)],
      [publication.sample],
    ],
    1,
  )
}

/** The publication of a snapshot of its line. */
export async function readPublication(
  store: ObjectStore,
  table: Table,
  snapshot: Snapshot | undefined,
): Promise<Publication | undefined> {
  const row = await newestRow(store, table, snapshot)
  if (row === undefined || snapshot === undefined) return undefined
  return {
    version: snapshot.version,
    runId: String(row.run_id),
    publishedAt: iso(row.published_at),
    projectHash: String(row.project_hash),
    gold: JSON.parse(String(row.gold)),
    silver: JSON.parse(String(row.silver)),
    tests: JSON.parse(String(row.tests)),
    sample: row.sample === true,
  }
}

/** The newest publication of a line; undefined where it has none. */
export async function newestPublication(
  { root }: PublicationLine,
  { store, table }: { readonly store: ObjectStore; readonly table: (root: string) => Table },
): Promise<Publication | undefined> {
  const history = table(root)
  return readPublication(store, history, await history.snapshot())
}

/** Writes the run's row; a run is its own id, so that a repeated write is none. */
export async function recordRun(table: Table, run: RunRecord): Promise<void> {
  const file = await table.writeFile(
    writeParquet(
      runColumns,
      [
        [run.runId],
        [micros(run.startedAt)],
        [run.tookMs],
        [run.outcome],
        [JSON.stringify(run.failed)],
        [run.fault === null ? null : JSON.stringify(run.fault)],
      ],
      1,
    ),
  )
  await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage: () => ({ columns: runColumns, add: [file], remove: [], txns: [] }),
  })
}

/** The newest run that did something. */
export async function readLastRun(store: ObjectStore, table: Table): Promise<RunRecord | undefined> {
  const row = await newestRow(store, table, await table.snapshot())
  if (row === undefined) return undefined
  return {
    runId: String(row.run_id),
    startedAt: iso(row.started_at),
    tookMs: Number(row.took_ms),
    outcome: String(row.outcome) as RunRecord['outcome'],
    failed: JSON.parse(String(row.failed)),
    fault: row.fault === null || row.fault === undefined ? null : JSON.parse(String(row.fault)),
  }
}

/** The row of the newest commit; each commit of these tables adds one file of one row. */
async function newestRow(store: ObjectStore, table: Table, snapshot: Snapshot | undefined) {
  if (snapshot === undefined) return undefined
  const [file] = (await table.dataChangesBetween(snapshot.version - 1, snapshot.version)).added
  if (file === undefined) return undefined
  const path = `${table.root}/${file.path}`
  const bytes = await store.read(path)
  if (bytes === undefined) return undefined
  const [row] = await (await openParquet(bytes, path)).read()
  return row
}

function micros(instant: string): number {
  return Date.parse(instant) * 1_000
}

function iso(value: unknown): string {
  return new Date(Number(value) / 1_000).toISOString()
}
