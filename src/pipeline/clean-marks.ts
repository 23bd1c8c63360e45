import type { Contract } from '#contract'
import type { DataFile, RowOf, Snapshot } from '#lake'
import { readRows } from '#lake'
import type { Value } from '#parquet'
import { writeParquet } from '#parquet'
import type { Column } from '#port'
import { filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import { discard } from './clean-commit.ts'
import type { StageEffects } from './effects.ts'

type MarkEffects = Pick<StageEffects, 'store' | 'table' | 'failpoint'>

export const replayRoot = 'silver/replay'

/** One row for each time that a replay took a quarantined record. */
export const replayColumns: readonly Column[] = [
  { name: 'dataset', type: 'string', comment: 'Dataset' },
  { name: 'topic', type: 'string', comment: 'Topic of the record that was rejected' },
  { name: 'source', type: 'string', comment: 'Its source' },
  { name: 'partition', type: 'integer', comment: 'Its partition' },
  { name: 'offset', type: 'long', comment: 'Its offset' },
  { name: 'rule', type: 'string', comment: 'Rule that it had broken' },
  { name: 'rejected_by', type: 'string', comment: 'Fingerprint of the contract that had rejected it' },
  { name: 'replay', type: 'string', comment: 'The replay that took it: a hash of what it brought' },
  { name: 'replayed_at', type: 'timestamp', comment: 'When, UTC' },
  { name: 'contract', type: 'string', comment: 'Fingerprint of the contract that judged it again' },
  {
    name: 'as_source',
    type: 'string',
    comment: 'Source under which it was landed mended; null where it was judged again as it is',
  },
  { name: 'as_offset', type: 'long', comment: 'Its offset there; the partition is 0' },
]

/** The header of a mended record that names the record it was made from, as JSON. */
export const replayOf = 'replay-of'

/** What it says. */
export interface Origin {
  readonly topic: string
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly rule: string
  /** Fingerprint of the contract that had rejected the record. */
  readonly rejectedBy: string
  /** Fingerprint of the contract when the mended one was landed. */
  readonly contract: string
}

/** Says in Bronze that a replay's records are in, and in the table of marks that they are marked. */
export function replayTxn(dataset: string, replay: string): string {
  return `replay:${dataset}:${replay}`
}

/** A dataset's replays that a table knows of. */
export function replaysIn(snapshot: Snapshot | undefined, dataset: string): ReadonlySet<string> {
  const prefix = replayTxn(dataset, '')
  const known = [...(snapshot?.txns.keys() ?? [])].filter((appId) => appId.startsWith(prefix))
  return new Set(known.map((appId) => appId.slice(prefix.length)))
}

/** Replays that are landed and not marked yet. */
export async function unmarkedReplays(
  dataset: string,
  bronze: Snapshot | undefined,
  { table }: Pick<StageEffects, 'table'>,
): Promise<readonly string[]> {
  const landed = replaysIn(bronze, dataset)
  if (landed.size === 0) return []
  const marked = replaysIn(await table(replayRoot).snapshot(), dataset)
  return [...landed].filter((replay) => !marked.has(replay))
}

/** Marks the records that landed replays have taken. What is marked follows from Bronze, so whoever cleans next does what a replay that died has left. */
export async function markLanded(
  { name: dataset }: Contract,
  bronze: Snapshot | undefined,
  effects: MarkEffects,
): Promise<boolean> {
  const replays = await unmarkedReplays(dataset, bronze, effects)
  if (replays.length === 0 || bronze === undefined) return false
  const { store, table } = effects
  const files = filesThatMayHold(bronze.files, [soughtTexts('source', replays)])
  const wanted = ['source', 'offset', 'headers', 'ingest_ts']
  const marks = new Map<string, Value[][]>(replays.map((replay) => [replay, []]))
  for await (const rows of readRows(store, `bronze/${dataset}`, { ...bronze, files }, wanted))
    for (const row of rows) marks.get(String(row.source))?.push(markOf(dataset, row))
  for (const [replay, rows] of marks) {
    const columns = replayColumns.map((_, at) => rows.map((row) => row[at] ?? null))
    const add = await table(replayRoot).writeFile(writeParquet(replayColumns, columns, rows.length))
    await commitMarks(dataset, replay, [add], effects)
  }
  return true
}

/** In the order of `replayColumns`. */
function markOf(dataset: string, { source, offset, headers, ingest_ts: at }: RowOf): Value[] {
  const { topic, rule, rejectedBy, contract, ...of } = originIn(headers)
  return [
    ...[dataset, topic, of.source, of.partition, of.offset, rule, rejectedBy],
    ...[source ?? null, at ?? null, contract, source ?? null, offset ?? null],
  ]
}

function originIn(headers: Value | undefined): Origin {
  const named = Array.isArray(headers)
    ? headers.find((header) => Reflect.get(Object(header), 'key') === replayOf)
    : null
  const value: unknown = Reflect.get(Object(named), 'value')
  if (!(value instanceof Uint8Array)) throw new TypeError(`a replay landed a record without ${replayOf}`)
  return JSON.parse(Buffer.from(value).toString('utf8'))
}

/** Commits a replay's marks, once. 'moved': there are not `known` replays of the dataset any more, which the marks were chosen by. */
export async function commitMarks(
  dataset: string,
  replay: string,
  add: readonly DataFile[],
  effects: MarkEffects,
  known?: number,
): Promise<'done' | 'moved'> {
  const table = effects.table(replayRoot)
  const appId = replayTxn(dataset, replay)
  let moved = false
  effects.failpoint('replay/before-mark')
  const { outcome } = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage(newest) {
      moved = known !== undefined && replaysIn(newest, dataset).size !== known
      if (moved || newest?.txns.has(appId)) return undefined
      const made = newest === undefined ? { columns: replayColumns } : {}
      return { ...made, add, remove: [], txns: [{ appId, version: 1 }] }
    },
  })
  if (outcome === 'unneeded') await discard(table, add, effects)
  effects.failpoint('replay/after-mark')
  return moved ? 'moved' : 'done'
}
