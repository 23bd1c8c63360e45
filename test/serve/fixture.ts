import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LineageView } from '#api'
import { duckdbEngine } from '#engine'
import type { LakeReader, LiveReader, OpenPublication } from '#platform'
import { noMeasures } from '#platform'
import type { DatasetAbout } from '#serve'
import { tables } from './fixture-tables.ts'

type Publication = OpenPublication['publication']
type Run = NonNullable<Awaited<ReturnType<LakeReader['lastRun']>>>

/** A lake of hand-made tables in memory, which a test publishes to. */
export interface FixtureLake {
  readonly reader: LakeReader
  /** Publishes; every student rate is moved by this many points, so that a new publication shows other numbers. */
  publish(rateShift?: number): void
  /** Empties the lake: what is published next counts from 0 again. */
  empty(): void
  /** A run whose tests failed: the publication before it stays. */
  hold(): void
  /** Versions opened and not yet closed. */
  readonly open: ReadonlySet<number>
  end(): Promise<void>
}

export async function fixtureLake({ schools = 1_800, sample = true, live = noStream } = {}): Promise<FixtureLake> {
  const spillFolder = await mkdtemp(join(tmpdir(), 'fairlead-serve-'))
  const watchers = new Set<() => void>()
  const open = new Set<number>()
  const shifts = new Map<number, number>()
  let newest: Publication | undefined
  let run: Run | undefined
  let runs = 0

  function ran(outcome: Run['outcome'], failed: Run['failed']): string {
    runs += 1
    const runId = `run-${runs}`
    run = {
      runId,
      startedAt: new Date(Date.UTC(2026, 10, 23, 9, runs)).toISOString(),
      tookMs: 2_140,
      outcome,
      failed,
      fault: null,
    }
    return runId
  }

  function tell(): void {
    for (const watcher of watchers) watcher()
  }

  return {
    open,
    publish(rateShift = 0) {
      const version = (newest?.version ?? -1) + 1
      shifts.set(version, rateShift)
      const runId = ran('published', [])
      newest = {
        version,
        runId,
        publishedAt: new Date(Date.UTC(2026, 10, 23, 9, runs)).toISOString(),
        projectHash: 'fixture',
        gold: [
          { table: 'school_climate_snapshot', version, rows: schools * 3 },
          { table: 'climate_measure', version, rows: schools * 32 },
          { table: 'climate_vulnerability', version, rows: schools * 6 },
          { table: 'equity_gap', version, rows: 68 },
        ],
        silver: [{ table: 'school_survey', version }],
        tests: { passed: 61, failed: 0, warned: 2 },
        sample,
      }
      tell()
    },
    empty() {
      newest = undefined
    },
    hold() {
      const id = 'test.fairlead.rates_between_0_and_1'
      ran('held', [{ id, message: 'Got 3 results, configured to fail if != 0', failures: 3 }])
      tell()
    },
    async end() {
      await rm(spillFolder, { recursive: true, force: true })
    },
    reader: {
      newest: async () => newest,
      lastRun: async () => run,
      close: async () => {},
      async open(publication) {
        const engine = await duckdbEngine({ memoryMb: 400, threads: 1, spillFolder })
        await engine.run(tables({ schools, rateShift: shifts.get(publication.version) ?? 0 }))
        open.add(publication.version)
        return {
          publication,
          engine,
          async close() {
            open.delete(publication.version)
            await engine.close()
          },
        }
      },
      watch(onChange, signal) {
        watchers.add(onChange)
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            watchers.delete(onChange)
            resolve()
          })
        })
      },
      live,
      standing: async () => standing,
    },
  }
}

const standing: Awaited<ReturnType<LakeReader['standing']>> = {
  tables: ['bronze.survey_live', 'silver.survey_live', 'silver.quarantine'].map((table) => ({
    ...{ table, version: 41, files: 7, sizeBytes: 70_000 },
  })),
  publications: [],
  topics: [
    {
      topic: 'school_climate_stream',
      table: 'bronze.survey_live',
      partitions: [
        { partition: 0, landed: 30, end: 42 },
        { partition: 1, landed: 30, end: 30 },
      ],
    },
  ],
}

/** A server that did nothing but serve. */
export const unmeasured = () => noMeasures

const column = (name: string, from: LineageView['lineage']['tables'][number]['columns'][number]['from']) => ({
  ...{ name, type: 'double', about: '', from, chosenBy: [] },
})
const made = { about: '', uses: [], untraced: null } as const

/** One column's way through three tables, and one beside it. */
export const fixtureLineage = async (): Promise<LineageView> => ({
  lineage: {
    tables: [
      {
        ...{ ...made, name: 'bronze.svi', layer: 'bronze', madeBy: 'file', reads: [] },
        columns: [column('RPL_THEMES', []), column('FIPS', [])],
      },
      {
        ...{ ...made, name: 'silver.svi', layer: 'silver', madeBy: 'contract', reads: ['bronze.svi'] },
        uses: [{ how: 'FILTER', table: 'bronze.svi', column: 'FIPS' }],
        columns: [
          {
            ...column('rpl_themes', [{ kind: 'copied', table: 'bronze.svi', column: 'RPL_THEMES' }]),
            chosenBy: [{ how: 'JOIN', table: 'bronze.svi', column: 'FIPS' }],
          },
          column('svi_year', [{ kind: 'constant', value: '2022' }]),
        ],
      },
      {
        ...{ ...made, name: 'gold.svi_by_district', layer: 'gold', madeBy: 'table', reads: ['silver.svi'] },
        columns: [
          column('median_svi', [{ kind: 'aggregated', table: 'silver.svi', column: 'rpl_themes' }]),
          column('tracts', [{ kind: 'rows', table: 'silver.svi' }]),
        ],
      },
      {
        ...{ ...made, name: 'gold.dim_bucket', layer: 'seed', madeBy: 'seed', reads: [] },
        columns: [column('label', [])],
      },
    ],
    tests: [{ id: 't', name: 'median_is_a_rank', reads: [{ table: 'gold.svi_by_district', columns: ['median_svi'] }] }],
    pages: [
      {
        name: 'Vulnerability',
        path: '/vulnerability',
        reads: [{ table: 'gold.svi_by_district', columns: ['median_svi'] }],
      },
    ],
  },
  layout: {
    ...{ width: 620, height: 140 },
    boxes: [
      { table: 'bronze.svi', layer: 'bronze', x: 10, y: 10, width: 120, height: 40 },
      { table: 'silver.svi', layer: 'silver', x: 200, y: 10, width: 120, height: 40 },
      { table: 'gold.svi_by_district', layer: 'gold', x: 390, y: 10, width: 210, height: 40 },
      { table: 'gold.dim_bucket', layer: 'seed', x: 10, y: 80, width: 150, height: 40 },
    ],
    ways: [
      { from: 'bronze.svi', to: 'silver.svi', path: 'M130 30C165 30 165 30 200 30' },
      { from: 'silver.svi', to: 'gold.svi_by_district', path: 'M320 30C355 30 355 30 390 30' },
    ],
  },
})

const noStream: LiveReader = {
  state: async () => undefined,
  watch: (_onChange, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
}

export const datasets: readonly DatasetAbout[] = [
  {
    name: 'school_survey',
    title: 'NYC School Survey',
    about: 'Response rates and results of the yearly survey of students, teachers and families, by school.',
    publisher: 'NYC Department of Education',
    licence: 'Free use with attribution',
    attribution: 'NYC Department of Education, NYC School Survey',
    url: 'https://data.cityofnewyork.us/',
  },
  {
    name: 'svi',
    title: 'Social Vulnerability Index',
    about: 'Ranks of census tracts within New York State.',
    publisher: 'CDC/ATSDR',
    licence: 'Public domain',
    attribution: 'CDC/ATSDR Social Vulnerability Index',
    url: 'https://www.atsdr.cdc.gov/place-health/php/svi/',
  },
  {
    name: 'school_location',
    title: 'School locations',
    about: 'Where each school stands.',
    publisher: 'NYC Department of Education',
    licence: 'Free use with attribution',
    attribution: 'NYC Open Data, School Locations',
    url: 'https://data.cityofnewyork.us/',
  },
]
