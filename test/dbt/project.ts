import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import { embeddedRunner } from '#model'
import type { BuildResult, Row, SqlEngine } from '#port'

export const projectFolder = join(import.meta.dirname, '../../dbt')

export interface Workshop {
  readonly engine: SqlEngine
  /** Removed afterwards. */
  readonly folder: string
  build(how?: BuildHow): Promise<BuildResult>
  rows(sql: string): Promise<readonly Row[]>
}

export interface BuildHow {
  readonly folder?: string
  readonly extraModelFolders?: readonly string[]
  readonly fullRefresh?: boolean
  /** Default: all but the live models, as a run builds them. */
  readonly select?: readonly string[]
  readonly exclude?: readonly string[]
  readonly vars?: Readonly<Record<string, unknown>>
}

const live = ['tag:live']

/** An engine of its own and the project to build in it, for as long as `work` takes. */
export async function inWorkshop(work: (workshop: Workshop) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'fairlead-dbt-'))
  const engine = await duckdbEngine({ memoryMb: 512, threads: 1, spillFolder: join(scratch, 'spill') })
  const runner = embeddedRunner({ report: () => {}, nowMs: Date.now, newId: () => crypto.randomUUID() })
  try {
    await work({
      engine,
      folder: scratch,
      build: ({ folder = projectFolder, extraModelFolders = [], fullRefresh = false, vars = {}, ...how } = {}) =>
        runner.build(
          {
            folder,
            extraModelFolders,
            fullRefresh,
            ...(how.select === undefined ? { exclude: how.exclude ?? live } : { select: how.select }),
            target: 'duckdb',
            vars,
            env: {},
            targetFolder: join(scratch, 'target'),
          },
          engine,
        ),
      rows: async (sql) => (await engine.query(sql)).rows,
    })
  } finally {
    await engine.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Names of what did not go well, so that a test says which. */
export function troubles(result: BuildResult): readonly string[] {
  return result.nodes
    .filter(({ status }) => status !== 'success' && status !== 'pass')
    .map(({ name, status, message }) => (status === 'error' ? `${name}: ${message}` : name))
}
