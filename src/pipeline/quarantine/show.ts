import { dialects } from '#compile'
import type { Cell } from '#port'
import type { QuarantineFilter } from './filter.ts'
import type { Coordinates, QuarantinedRecord, Replayed, ShownHeader } from './record.ts'
import { recordId, shownBytes } from './record.ts'
import type { LookEffects } from './rejected.ts'
import { attachRejected } from './rejected.ts'

export interface QuarantinePage {
  readonly records: readonly QuarantinedRecord[]
  /** Id of the last record, to go on after; null where there are no more. */
  readonly next: string | null
}

export interface PageOptions {
  readonly limit: number
  /** Begin after this record. */
  readonly after?: Coordinates | undefined
}

const schema = 'quarantine_show'

/** Rejected records with their coordinates, in order of dataset, source, partition and offset. */
export async function showRejected(
  filter: QuarantineFilter,
  { limit, after }: PageOptions,
  effects: LookEffects,
): Promise<QuarantinePage> {
  const { identifier: id, literal } = dialects[effects.engine.dialect]
  const rejected = await attachRejected(schema, filter, effects)
  const order = ['dataset', 'source', 'partition', 'offset'].map(id).join(', ')
  const beyond =
    after === undefined
      ? ''
      : `WHERE (${order}) > (${literal(after.dataset)}, ${literal(after.source)}, ${after.partition}, ${after.offset})`
  const { rows } = await effects.engine.query(`
    WITH page AS (SELECT * FROM (${rejected}) ${beyond} ORDER BY ${order} LIMIT ${limit + 1}),
    marks AS (
      SELECT dataset, source, "partition", "offset", list(struct_pack(replay := replay, at := replayed_at, contract := contract, source := as_source, "offset" := as_offset) ORDER BY replayed_at, replay) AS marks
      FROM ${schema}.replay GROUP BY dataset, source, "partition", "offset"
    )
    SELECT dataset, source, "partition", "offset", topic, "timestamp", ingest_ts, stage, rule, "column", received, message, contract, key, value, headers, marks
    FROM page LEFT JOIN marks USING (dataset, source, "partition", "offset") ORDER BY ${order}`)
  const records = rows.slice(0, limit).map(recordOf)
  return { records, next: rows.length > limit ? (records.at(-1)?.record ?? null) : null }
}

function recordOf([dataset, source, partition, offset, topic, timestamp, landedAt, ...rest]: readonly Cell[]) {
  const [stage, rule, column, received, message, contract, key, value, headers, marks] = rest
  const at = { dataset: String(dataset), source: String(source), partition: Number(partition), offset: Number(offset) }
  return {
    record: recordId(at),
    dataset: at.dataset,
    topic: String(topic),
    source: at.source,
    partition: at.partition,
    offset: at.offset,
    timestamp: textOf(timestamp),
    landedAt: String(landedAt),
    stage: String(stage),
    rule: String(rule),
    column: textOf(column),
    received: textOf(received),
    message: textOf(message),
    contract: String(contract),
    replays: itemsOf(marks).map((mark) => replayedOf(at.dataset, mark)),
    key: shownBytes(bytesOfCell(key)),
    headers: headersOfCell(headers).map(
      ({ key: name, value: bytes }): ShownHeader => ({
        key: name,
        value: shownBytes(bytes),
      }),
    ),
    value: shownBytes(bytesOfCell(value)),
  }
}

function replayedOf(dataset: string, mark: Readonly<Record<string, unknown>>): Replayed {
  const as = { dataset, source: String(mark.source), partition: 0, offset: Number(mark.offset) }
  return {
    replay: String(mark.replay),
    at: String(mark.at),
    contract: String(mark.contract),
    as: mark.source === null ? null : recordId(as),
  }
}

/** The engine answers bytes as base64. */
export function bytesOfCell(cell: unknown): Uint8Array | null {
  return typeof cell === 'string' ? Buffer.from(cell, 'base64') : null
}

export function headersOfCell(cell: unknown): readonly { readonly key: string; readonly value: Uint8Array | null }[] {
  return itemsOf(cell).map(({ key, value }) => ({ key: String(key), value: bytesOfCell(value) }))
}

function itemsOf(cell: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(cell) ? cell : []
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
