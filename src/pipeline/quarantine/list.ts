import { attachSnapshot } from '../exchange.ts'
import { fileColumns } from '../land/index.ts'
import type { QuarantineFilter } from './filter.ts'
import { recordId } from './record.ts'
import type { LookEffects } from './rejected.ts'
import { attachRejected } from './rejected.ts'

/** Records of one source that broke one rule. Printed as it is by `quarantine list --json`. */
export interface QuarantineGroup {
  readonly dataset: string
  readonly topic: string
  readonly source: string
  /** Name of the file, or of the topic. */
  readonly name: string
  readonly stage: string
  readonly rule: string
  readonly column: string | null
  readonly records: number
  /** Of these, how many a replay has taken. */
  readonly replayed: number
  /** Of these, how many have no mended record in their place. */
  readonly open: number
  readonly firstLandedAt: string
  readonly lastLandedAt: string
  readonly example: { readonly record: string; readonly received: string | null; readonly message: string | null }
}

const schema = 'quarantine_list'

/** The quarantine by source and rule, most records first. */
export async function listRejected(
  filter: QuarantineFilter,
  effects: LookEffects,
): Promise<readonly QuarantineGroup[]> {
  const rejected = await attachRejected(schema, filter, effects)
  const file = effects.table('bronze/file')
  await attachSnapshot(`${schema}.file`, file, await file.snapshot(), fileColumns, effects)
  const { rows } = await effects.engine.query(`
    WITH grouped AS (
      SELECT dataset, topic, source, stage, rule, "column", count(*) AS records, count(*) FILTER (WHERE replays > 0) AS replayed, count(*) FILTER (WHERE mended = 0) AS open,
        min(ingest_ts) AS first_at, max(ingest_ts) AS last_at,
        arg_min(struct_pack("partition" := "partition", "offset" := "offset", received := received, message := message), ("partition", "offset")) AS example
      FROM (${rejected}) GROUP BY ALL
    ), named AS (SELECT dataset, source, min(name) AS name FROM ${schema}.file GROUP BY dataset, source)
    SELECT dataset, topic, source, COALESCE(name, topic), stage, rule, "column", records, replayed, open, first_at, last_at,
      example."partition", example."offset", example.received, example.message
    FROM grouped LEFT JOIN named USING (dataset, source)
    ORDER BY records DESC, dataset, source, rule, "column"`)
  return rows.map(
    ([
      dataset,
      topic,
      source,
      name,
      stage,
      rule,
      column,
      records,
      replayed,
      open,
      first,
      last,
      partition,
      offset,
      ...told
    ]) => ({
      dataset: String(dataset),
      topic: String(topic),
      source: String(source),
      name: String(name),
      stage: String(stage),
      rule: String(rule),
      column: textOf(column),
      records: Number(records),
      replayed: Number(replayed),
      open: Number(open),
      firstLandedAt: String(first),
      lastLandedAt: String(last),
      example: {
        record: recordId({
          dataset: String(dataset),
          source: String(source),
          partition: Number(partition),
          offset: Number(offset),
        }),
        received: textOf(told[0]),
        message: textOf(told[1]),
      },
    }),
  )
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
