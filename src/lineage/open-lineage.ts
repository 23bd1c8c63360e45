import type { Lineage, LineageColumn, LineageKind, LineageTable, LineageUse } from '#api'

/** Field names as OpenLineage 2-0-2 has them, with the facets' own versions. */
const spec = 'https://openlineage.io/spec'
const jobEvent = `${spec}/2-0-2/OpenLineage.json#/$defs/JobEvent`
const schemaFacet = `${spec}/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet`
const columnFacet = `${spec}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet`

const namespace = 'fairlead'

/** What OpenLineage calls each, DIRECT for a value and INDIRECT for rows. */
const subtypes: Readonly<Record<LineageKind | LineageUse['how'], string>> = {
  copied: 'IDENTITY',
  transformed: 'TRANSFORMATION',
  aggregated: 'AGGREGATION',
  join: 'JOIN',
  filter: 'FILTER',
  group: 'GROUP_BY',
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
    dataset: uses.map((use) => inputField(use, { type: 'INDIRECT', subtype: subtypes[use.how] })),
  }
}

function inputFields({ from }: LineageColumn): readonly object[] {
  return from.flatMap((origin) =>
    'column' in origin ? [inputField(origin, { type: 'DIRECT', subtype: subtypes[origin.kind] })] : [],
  )
}

function inputField({ table, column }: { table: string; column: string }, transformation: object): object {
  return { namespace, name: table, field: column, transformations: [{ ...transformation, masking: false }] }
}
