import type { ColumnSpec, Contract } from '#contract'
import type { Column, PrimitiveType } from '#port'

/** The contract's columns that have values, in order; those that privacy drops stay in Bronze. */
export function keptColumns(contract: Contract): readonly (readonly [string, ColumnSpec])[] {
  return Object.entries(contract.columns).filter(([, spec]) => spec.privacy !== 'drop')
}

export function wideColumns(contract: Contract): readonly (readonly [string, ColumnSpec])[] {
  return keptColumns(contract).filter(([, spec]) => spec.wide !== false)
}

export function storedType(spec: ColumnSpec): PrimitiveType {
  return spec.type === 'tract_2010' || spec.type === 'tract_2020' ? 'string' : spec.type
}

const coordinates: readonly Column[] = [
  { name: 'source', type: 'string', comment: 'Hash of the decoded records of the file, or the topic’s id' },
  { name: 'partition', type: 'integer', comment: 'Partition of the source; 0 for a file' },
  { name: 'offset', type: 'long', comment: 'Number of the record in its partition, from 0' },
  { name: 'event_ts', type: 'timestamp', comment: 'When the record was made or its file last modified, UTC' },
  { name: 'ingest_ts', type: 'timestamp', comment: 'When the record was landed, UTC' },
]

/** Where a record's coordinates stand in Bronze. */
export const bronzeOfCoordinate: Readonly<Record<string, string>> = {
  source: 'source',
  partition: 'partition',
  offset: 'offset',
  event_ts: 'timestamp',
  ingest_ts: 'ingest_ts',
}

/** Columns of the dataset's Silver table. */
export function silverColumns(contract: Contract): readonly Column[] {
  return [
    ...wideColumns(contract).map(([name, spec]) => ({
      name,
      type: storedType(spec),
      comment: `${spec.about} (${spec.unit})`,
    })),
    ...coordinates,
    {
      name: 'missing',
      type: 'string',
      comment: 'JSON: what stood where a column is null; null where nothing was missing',
    },
    {
      name: 'warnings',
      type: 'string',
      comment: 'Rules that the row breaks and is kept all the same, joined by commas',
    },
  ]
}

/** Columns of the dataset's long table of measures: the key, what was measured, the value. */
export function measureColumns(contract: Contract): readonly Column[] {
  return [
    ...silverColumns(contract).filter(({ name }) => contract.key.includes(name)),
    { name: 'measure', type: 'string', comment: 'Name of the measure' },
    { name: 'respondent', type: 'string', comment: 'Who was asked: student, teacher, family, school' },
    { name: 'construct', type: 'string', comment: 'What was asked about' },
    { name: 'scale', type: 'string', comment: 'rate (fraction 0–1), score_1_5 or percent_positive (0–100)' },
    { name: 'value', type: 'double', comment: 'On the measure’s own scale; null where missing' },
    { name: 'missing_reason', type: 'string', comment: 'What was published instead of a value: blank, N/A…' },
    ...coordinates,
  ]
}
