import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Lineage, LineageOrigin, LineageTable } from '#api'
import { datasets } from '#datasets'
import { openLineageEvents, traceColumn, withSqlReader } from '#lineage'
import { Fault } from '#port'
import { readLineage } from '../../src/platform/lineage.ts'
import { compileProject } from '../../src/platform/lineage-project.ts'
import { goldProject, lakeTables } from '../../src/platform/project.ts'

let lineage: Lineage
let tables: ReadonlyMap<string, LineageTable>

before(async () => {
  const effects = { report: () => {}, signal: new AbortController().signal }
  lineage = await readLineage({ datasets: [], models: [], engine: { memoryMb: 512 } }, effects)
  tables = new Map(lineage.tables.map((table) => [table.name, table]))
})

const originsOf = (table: string, column: string): readonly LineageOrigin[] =>
  tables.get(table)?.columns.find(({ name }) => name === column)?.from ?? []

const said = (origins: readonly LineageOrigin[]): readonly string[] =>
  origins
    .map((origin) => {
      if (origin.kind === 'constant') return `constant ${origin.value}`
      return 'column' in origin ? `${origin.kind} ${origin.table}.${origin.column}` : `rows ${origin.table}`
    })
    .sort()

test('every table is traced, and stands after what it reads', () => {
  const seen = new Set<string>()
  for (const { name, reads, untraced } of lineage.tables) {
    assert.equal(untraced, null, name)
    for (const read of reads) assert.ok(seen.has(read), `${name} reads ${read}`)
    seen.add(name)
  }
  assert.ok(lineage.tables.filter(({ layer }) => layer === 'gold').length >= 16)
})

test('each column of Gold, and of what lies between, has origins that exist', () => {
  let checked = 0
  for (const { name, layer, columns } of lineage.tables) {
    if (layer === 'bronze' || layer === 'seed') continue
    for (const column of columns) {
      checked += 1
      assert.notEqual(column.from.length, 0, `${name}.${column.name} comes from nothing`)
      for (const origin of column.from) {
        if (origin.kind === 'constant') continue
        const table = tables.get(origin.table)
        assert.ok(table, `${name}.${column.name} comes from ${origin.table}`)
        if (!('column' in origin)) continue
        const there = table.columns.some((each) => each.name === origin.column)
        assert.ok(there, `${name}.${column.name} comes from ${origin.table}.${origin.column}`)
      }
    }
  }
  assert.ok(checked > 800, `${checked} columns`)
})

test('put together, the parts of a model name the columns that the library names for the whole of it', async () => {
  const project = goldProject({ models: [] }, {})
  const effects = { report: () => {}, signal: new AbortController().signal }
  const { models } = await compileProject(project, lakeTables(datasets), { engine: { memoryMb: 512 } }, effects)
  await withSqlReader(async (reader) => {
    for (const { name, sql, reads, columns } of models) {
      if (sql === undefined) continue
      const schema = { tables: reads.map((read) => schemaTable(tables.get(read) ?? assert.fail(read))) }
      const whole = reader.analyse(sql, schema)
      assert.ok('analysis' in whole, name)
      const { projections } = whole.analysis
      assert.deepEqual(
        projections.map((projection) => projection.name),
        columns.map((column) => column.name),
        name,
      )
      for (const { name: column = '', upstream } of projections) {
        const theirs = upstream.flatMap((each) =>
          each.sourceKind === 'table' ? [`${each.sourceName}.${each.column}`] : [],
        )
        const ours = originsOf(name, column).flatMap((each) =>
          'column' in each ? [`${each.table}.${each.column}`] : [],
        )
        assert.deepEqual([...new Set(ours)].sort(), [...new Set(theirs)].sort(), `${name}.${column}`)
      }
    }
  })
})

function schemaTable({ name, columns }: LineageTable) {
  const [schema = '', table = ''] = name.split('.')
  return { schema, name: table, columns: columns.map((column) => ({ name: column.name, type: column.type })) }
}

test('each column of Gold ends in Bronze, in a seed, or in a constant', () => {
  const ends = (origins: readonly LineageOrigin[]): boolean =>
    origins.some((origin) => {
      if (origin.kind === 'constant') return true
      const table = tables.get(origin.table)
      if (table === undefined) return false
      if (table.reads.length === 0) return table.layer === 'bronze' || table.layer === 'seed'
      return 'column' in origin ? ends(originsOf(origin.table, origin.column)) : true
    })
  for (const { name, layer, columns } of lineage.tables) {
    if (layer !== 'gold') continue
    for (const column of columns) assert.ok(ends(column.from), `${name}.${column.name}`)
  }
})

/** Read by hand from the models and contracts. */
const byHand: readonly [table: string, column: string, origins: readonly string[]][] = [
  ['gold.climate_vulnerability', 'svi_overall', ['copied dbt_silver.tract_rank.svi_overall']],
  ['dbt_silver.tract_rank', 'svi_overall', ['copied dbt_bronze.stg_svi.svi_overall']],
  ['dbt_bronze.stg_svi', 'svi_overall', ['copied silver.svi.rpl_themes']],
  ['dbt_bronze.stg_svi', 'residents', ['transformed silver.svi.e_totpop']],
  ['silver.svi', 'rpl_themes', ['copied bronze.svi.RPL_THEMES']],
  ['silver.svi', 'svi_year', ['constant 2018', 'constant 2022']],
  ['silver.svi', 'tract_2010', ['transformed bronze.svi.FIPS']],
  ['silver.svi', 'event_ts', ['copied bronze.svi.timestamp']],
  ['gold.svi_by_district', 'tracts', ['rows dbt_silver.tract_rank']],
  ['gold.svi_by_district', 'median_svi', ['aggregated dbt_silver.tract_rank.svi_overall']],
  ['gold.measure_change', 'median_change', ['aggregated dbt_silver.school_measure.value']],
  ['gold.climate_measure', 'program', ['transformed dbt_bronze.stg_survey_measure.dbn']],
  ['gold.live_progress', 'events', ['rows silver.survey_live']],
  ['gold.live_progress', 'first_event_at', ['aggregated silver.survey_live.event_at']],
  ['gold.live_response', 'simulated', ['constant TRUE']],
  [
    'gold.live_response',
    'student_response_rate',
    [
      'aggregated gold.live_progress.dbn',
      'aggregated gold.live_progress.event_at',
      'aggregated gold.live_progress.event_offset',
      'aggregated gold.live_progress.partition',
      'aggregated gold.live_progress.respondent',
      'aggregated gold.live_progress.source',
      'aggregated gold.live_progress.invited',
      'aggregated gold.live_progress.responded',
    ].sort(),
  ],
  ['dbt_silver.rank_correlation', 'program', ["constant 'all'", 'copied dbt_silver.ranked_measure.program']],
  ['dbt_silver.rank_correlation', 'n', ['rows dbt_silver.ranked_measure']],
  ['gold.data_quality', 'landed', ['copied dbt_bronze.stg_ledger.landed']],
]

for (const [table, column, origins] of byHand) {
  test(`${table}.${column} comes from what its model says`, () => {
    assert.deepEqual(said(originsOf(table, column)), origins)
  })
}

test('a column is followed to the header of its file', () => {
  const { lineage: way } = traceColumn(lineage, 'gold.climate_vulnerability.svi_overall')
  assert.deepEqual(
    way.tables.map(({ name, columns }) => `${name}.${columns.map((column) => column.name)}`),
    [
      'bronze.svi.RPL_THEMES',
      'silver.svi.rpl_themes',
      'dbt_bronze.stg_svi.svi_overall',
      'dbt_silver.tract_rank.svi_overall',
      'gold.climate_vulnerability.svi_overall',
    ],
  )
})

test('a name that is none is told with those that are near', () => {
  const mendOf = (name: string): string => {
    try {
      traceColumn(lineage, name)
    } catch (error) {
      if (error instanceof Fault && error.code === 'usage/bad-value') return error.mend
      throw error
    }
    return ''
  }
  assert.match(mendOf('gold.climate_vulnerability.svi_overal'), /Did you mean gold\.climate_vulnerability\.svi_overall/)
  assert.match(mendOf('gold.svi.rpl_themes'), /silver\.svi\.rpl_themes/)
  assert.match(mendOf('gold.equity_gap'), /gold\.equity_gap\.measure/)
})

test('as OpenLineage, each table that is made is a job with its schema and the lineage of its columns', () => {
  const events = openLineageEvents(lineage, {
    at: new Date('2026-01-31T09:30:00Z'),
    producer: 'urn:fairlead',
  }) as JobEvent[]
  assert.equal(events.length, lineage.tables.filter(({ reads }) => reads.length > 0).length)
  for (const { eventTime, producer, schemaURL, job, inputs, outputs, ...rest } of events) {
    assert.deepEqual(rest, {})
    assert.equal(eventTime, '2026-01-31T09:30:00.000Z')
    assert.equal(new URL(producer).protocol, 'urn:')
    assert.equal(schemaURL, 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent')
    assert.deepEqual(Object.keys(job).sort(), ['facets', 'name', 'namespace'])
    const [output] = outputs
    assert.equal(outputs.length, 1)
    assert.equal(output?.name, job.name)
    for (const { namespace, name, facets } of [...inputs, ...outputs]) {
      assert.equal(namespace, 'fairlead')
      assert.ok(tables.has(name))
      assert.match(facets.schema._schemaURL, /SchemaDatasetFacet$/)
      for (const field of facets.schema.fields) assert.equal(typeof field.name, 'string')
    }
    const names = new Set(inputs.map(({ name }) => name))
    const { fields, dataset, _producer, _schemaURL } = output?.facets.columnLineage ?? assert.fail()
    assert.equal(_producer, producer)
    assert.match(_schemaURL, /1-2-0\/ColumnLineageDatasetFacet\.json/)
    assert.deepEqual(
      Object.keys(fields),
      output?.facets.schema.fields.map(({ name }) => name),
    )
    for (const { name, transformations } of Object.values(fields).flatMap(({ inputFields }) => inputFields)) {
      assert.ok(names.has(name), `${job.name} reads ${name}`)
      for (const { type, subtype } of transformations) {
        const known = type === 'DIRECT' ? ['IDENTITY', 'TRANSFORMATION', 'AGGREGATION'] : ['JOIN']
        assert.ok(known.includes(subtype), `${type} ${subtype}`)
      }
    }
    for (const { name, transformations } of dataset) {
      assert.ok(names.has(name), `${job.name} uses ${name}`)
      assert.equal(transformations[0]?.type, 'INDIRECT')
      assert.ok(['JOIN', 'FILTER', 'GROUP_BY'].includes(transformations[0]?.subtype ?? ''))
    }
  }
})

interface InputField {
  readonly namespace: string
  readonly name: string
  readonly field: string
  readonly transformations: readonly { readonly type: string; readonly subtype: string }[]
}

interface Dataset {
  readonly namespace: string
  readonly name: string
  readonly facets: {
    readonly schema: { readonly _schemaURL: string; readonly fields: readonly { readonly name: string }[] }
    readonly columnLineage?: {
      readonly _producer: string
      readonly _schemaURL: string
      readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>
      readonly dataset: readonly InputField[]
    }
  }
}

interface JobEvent {
  readonly eventTime: string
  readonly producer: string
  readonly schemaURL: string
  readonly job: { readonly namespace: string; readonly name: string; readonly facets: object }
  readonly inputs: readonly Dataset[]
  readonly outputs: readonly Dataset[]
}
