import type { Dialect } from '#compile'
import type { Coordinates } from './record.ts'

/** Which quarantined records are meant: those that fit all that is said. */
export interface QuarantineFilter {
  readonly dataset?: string | undefined
  readonly rule?: string | undefined
  /** Landed at this instant or later, ISO 8601. */
  readonly since?: string | undefined
  /** Landed before this instant. */
  readonly until?: string | undefined
  readonly record?: Coordinates | undefined
  /** Only records whose place no mended one has taken: they still wait for someone. */
  readonly open: boolean
}

/** Conditions over `silver.quarantine`, and over `mended`, how often a replay took the record mended. */
export function conditionOf(filter: QuarantineFilter, { identifier: id, literal, cast }: Dialect): string {
  const { dataset, rule, since, until, record, open } = filter
  const at = (instant: string): string => cast(literal(instant), 'timestamp')
  return [
    'true',
    ...(dataset === undefined ? [] : [`dataset = ${literal(dataset)}`]),
    ...(rule === undefined ? [] : [`rule = ${literal(rule)}`]),
    ...(since === undefined ? [] : [`ingest_ts >= ${at(since)}`]),
    ...(until === undefined ? [] : [`ingest_ts < ${at(until)}`]),
    ...(record === undefined
      ? []
      : [
          `dataset = ${literal(record.dataset)} AND source = ${literal(record.source)} AND ${id('partition')} = ${record.partition} AND ${id('offset')} = ${record.offset}`,
        ]),
    ...(open ? ['mended = 0'] : []),
  ].join(' AND ')
}
