import type { Lineage, LineageColumn, LineageKind, LineageTable } from '#api'

/** Field names as OpenLineage 2-0-2 has them, with the facets' own versions. */
const spec = 'https://openlineage.io/spec'
const jobEvent = `${spec}/2-0-2/OpenLineage.json#/$defs/JobEvent`
const schemaFacet = `${spec}/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet`
const columnFacet = `${spec}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet`

const namespace = 'fairlead'

/** What OpenLineage calls a value that is taken. */
const subtypes: Readonly<Record<LineageKind, string>> = {
  copied: 'IDENTITY',
  transformed: 'TRANSFORMATION',
  aggregated: 'AGGREGATION',
}

/** One JobEvent for each table that is made from others: lineage as designed, without a run. */
export function openLineageEvents(
  lineage: Lineage,
  { at, producer }: { at: Date; producer: string },
): readonly object[] {
  const tables = new Map(lineage.tables.map((table) => [table.name, table]))
  return lineage.tables
    .filter(({ reads }) => reads.length > 0)
    .map((table) => ({
      eventTime: at.toISOString(),
      producer,
      schemaURL: jobEvent,
      job: { namespace, name: table.name, facets: {} },
      inputs: table.reads.flatMap((name) => {
        const read = tables.get(name)
        return read === undefined ? [] : [dataset(read, { schema: schemaOf(read, producer) })]
      }),
      outputs: [dataset(table, { schema: schemaOf(table, producer), columnLineage: columnLineageOf(table, producer) })],
    }))
}

const dataset = ({ name }: LineageTable, facets: object): object => ({ namespace, name, facets })

function schemaOf({ columns }: LineageTable, producer: string): object {
  const fields = columns.map(({ name, type, about }) => ({
    name,
    type,
    ...(about === '' ? {} : { description: about }),
  }))
  return { _producer: producer, _schemaURL: schemaFacet, fields }
}

function columnLineageOf({ columns, uses }: LineageTable, producer: string): object {
  return {
    _producer: producer,
    _schemaURL: columnFacet,
    fields: Object.fromEntries(columns.map((column) => [column.name, { inputFields: inputFields(column) }])),
    dataset: uses.map((use) => inputField(use, [{ type: 'INDIRECT', subtype: use.how }])),
  }
}

/** Each input once, with all that is done with it. */
function inputFields({ from, chosenBy }: LineageColumn): readonly object[] {
  const found = new Map<string, { readonly field: Field; readonly transformations: readonly Transformation[] }>()
  const add = (field: Field, transformation: Transformation): void => {
    const key = `${field.table}.${field.column}`
    found.set(key, { field, transformations: [...(found.get(key)?.transformations ?? []), transformation] })
  }
  for (const origin of from) if ('column' in origin) add(origin, { type: 'DIRECT', subtype: subtypes[origin.kind] })
  for (const use of chosenBy) add(use, { type: 'INDIRECT', subtype: use.how })
  return [...found.values()].map(({ field, transformations }) => inputField(field, transformations))
}

interface Field {
  readonly table: string
  readonly column: string
}

interface Transformation {
  readonly type: 'DIRECT' | 'INDIRECT'
  readonly subtype: string
}

function inputField({ table, column }: Field, transformations: readonly Transformation[]): object {
  const done = transformations.map((each) => ({ ...each, masking: false }))
  return { namespace, name: table, field: column, transformations: done }
}
