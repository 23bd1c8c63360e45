import { resolve } from 'node:path'
import type { GoldDiff, LakeStatus, ProduceResult, RunResult, TableReport } from '#platform'
import type { Backend } from '../../src/cli/backend.ts'
import type { CliEffects } from '../../src/cli/cli.ts'
import { runCli } from '../../src/cli/cli.ts'
import { commands } from '../../src/cli/table.ts'

export const published: RunResult = {
  datasets: {
    school_survey: {
      landed: 12,
      silver: 9,
      quarantined: 1,
      duplicates: 2,
      superseded: 0,
      sources: { 'survey.csv': { landed: 12, silver: 9, quarantined: 1, duplicates: 2, superseded: 0, added: 12 } },
    },
  },
  unmatched: ['notes.txt'],
  gold: { climate_vulnerability: { rows: 9 } },
  tests: { passed: 40, failed: 0, warned: 1 },
  published: 3,
  outcome: 'published',
  failed: [],
  faults: [],
  tookMs: 1234,
}

const publishedAt = '2026-01-31T09:30:00.000Z'

export const unchanged: GoldDiff = {
  before: { lake: '/lake', version: 2, publishedAt, sample: false },
  after: { lake: '/lake', version: 3, publishedAt, sample: false },
  tables: [],
}

export const emptyLake: LakeStatus = {
  exists: false,
  sample: false,
  publication: null,
  stale: false,
  lastRun: null,
  datasets: {},
}

const tableReport: TableReport = {
  folder: '/home/ada/lake/silver/school',
  version: 7,
  id: 'x',
  committedAt: '2026-01-01T00:00:00.000Z',
  protocol: { minReaderVersion: 1, minWriterVersion: 2, readerFeatures: [], writerFeatures: [] },
  columns: [{ name: 'n', type: 'long', comment: 'a number' }],
  partitionColumns: [],
  properties: { 'delta.checkpointInterval': '100' },
  files: 2,
  sizeBytes: 1234,
  rows: 3,
  txns: { land: 9 },
  checkpoints: [5],
  log: { from: 2, to: 7 },
}

const produced: ProduceResult = { topic: 'topic', topicId: 'id', sent: 5, total: 7, complete: true, tookMs: 20 }

/** A backend that answers at once and writes down what it was asked. */
export function fakeBackend(changes: Partial<Backend> = {}): { backend: Backend; asked: [string, unknown][] } {
  const asked: [string, unknown][] = []
  const backend: Backend = {
    async runOnce(options, { report }) {
      asked.push(['runOnce', options])
      report({ kind: 'stage/started', stage: 'land', total: 1, unit: 'files' })
      report({
        kind: 'land/file',
        dataset: 'school_survey',
        file: 'survey.csv',
        outcome: 'landed',
        rows: 12,
        tookMs: 5,
      })
      report({ kind: 'stage/ended', stage: 'land', what: '1 file', tookMs: 7 })
      return published
    },
    async planRun(options) {
      asked.push(['planRun', options])
      return [{ stage: 'land', what: 'survey.csv', why: 'not landed yet' }]
    },
    async playSeason(options) {
      asked.push(['playSeason', options])
      return produced
    },
    async replayDataset(options) {
      asked.push(['replayDataset', options])
      return produced
    },
    async consume(options) {
      asked.push(['consume', options])
      const counts = { landed: 12, silver: 9, quarantined: 1, duplicates: 2, superseded: 0 }
      return {
        datasets: { survey_live: { topic: 'school_climate_stream', added: 12, ...counts } },
        published: 4,
        held: false,
        tookMs: 50,
      }
    },
    async loadLake(options) {
      asked.push(['loadLake', options])
      const table = { table: 'silver.svi', outcome: 'loaded', version: 3, rows: 12, added: ['note'] } as const
      return { database: options.snowflake.database, tables: [table], files: 1, sizeBytes: 2048, tookMs: 1500 }
    },
    async warehouseSetup(request) {
      asked.push(['warehouseSetup', request])
      return 'CREATE ROLE A;\n'
    },
    async queryLake(options) {
      asked.push(['queryLake', options])
      return {
        columns: [
          { name: 'dbn', type: 'string' },
          { name: 'rate', type: 'double' },
        ],
        rows: [
          ['01M015', 0.5],
          ['10X477', null],
        ],
        truncated: false,
      }
    },
    async diffGold(options) {
      asked.push(['diffGold', options])
      return unchanged
    },
    async askLineage(ask) {
      asked.push(['askLineage', ask])
      return { whole: { tables: [], tests: [], pages: [] }, picture: ask.picture === undefined ? null : ask.picture }
    },
    async lakeStatus(options) {
      asked.push(['lakeStatus', options])
      return emptyLake
    },
    async doctor(options) {
      asked.push(['doctor', options])
      return [{ name: 'node', ok: true, what: '24.21.0', mend: null }]
    },
    async writeSampleFolder(folder, sample) {
      asked.push(['writeSampleFolder', { folder, sample }])
      return { files: [{ name: 'survey.csv', sizeBytes: 10, rows: 3 }] }
    },
    async inspectTable(folder) {
      asked.push(['inspectTable', folder])
      return tableReport
    },
    async checkTable(folder) {
      asked.push(['checkTable', folder])
      return { ok: true, version: 7, files: 2, problems: [] }
    },
    async checkpointTable(folder) {
      asked.push(['checkpointTable', folder])
      return { version: 7, written: true }
    },
    async compactTable(request) {
      asked.push(['compactTable', request])
      return { version: 8, written: 1, removed: 2 }
    },
    async vacuumTable(request) {
      asked.push(['vacuumTable', request])
      return { removed: request.remove, retainHours: 168, sizeBytes: 10, files: [{ path: 'x.parquet', sizeBytes: 10 }] }
    },
    async readTable(request) {
      asked.push(['readTable', request])
      return { columns: [{ name: 'n', type: 'long' }], rows: [[1], [2]], truncated: false }
    },
    async listQuarantine(options) {
      asked.push(['listQuarantine', options])
      return { records: 0, replayed: 0, open: 0, groups: [] }
    },
    async showQuarantine(options) {
      asked.push(['showQuarantine', options])
      return { records: [], next: null }
    },
    async replayQuarantine(options) {
      asked.push(['replayQuarantine', options])
      return { dryRun: options.dryRun, datasets: [], tookMs: 12 }
    },
    async serveMetrics(options, { report }) {
      asked.push(['serveMetrics', options])
      return {
        url: `http://localhost:${options.port}`,
        report,
        close: async () => {
          asked.push(['close', null])
        },
      }
    },
    async serveLake(options, { report }) {
      asked.push(['serveLake', options])
      return {
        url: `http://localhost:${options.port}`,
        report,
        close: async () => {
          asked.push(['close', null])
        },
      }
    },
    ...changes,
  }
  return { backend, asked }
}

export interface Told {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** One command line against a backend. `width`: stdout and stderr are terminals. */
export async function told(
  argv: readonly string[],
  backend: Backend,
  changes: Partial<CliEffects> & { readonly width?: number } = {},
): Promise<Told> {
  const written = { stdout: '', stderr: '' }
  const output = (name: 'stdout' | 'stderr') => ({
    width: changes.width,
    write: async (text: string) => {
      written[name] += text
    },
  })
  const exitCode = await runCli(argv, commands, {
    backend: async () => backend,
    environment: {},
    configText: () => undefined,
    resolve: (path) => resolve('/home/ada', path),
    stdout: output('stdout'),
    stderr: output('stderr'),
    nowMs: () => 0,
    signal: new AbortController().signal,
    stoppedExitCode: () => 130,
    version: '1.2.3',
    ...changes,
  })
  return { exitCode, ...written }
}
