import type { Lineage } from '#api'
import { lakeLineage, projectLineage, testLineage, withSqlReader } from '#lineage'
import { placeOrigins } from '#pipeline'
import type { LakeOptions, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { compileProject } from './lineage-project.ts'
import { goldProject, lakeTables } from './project.ts'
import { inThread } from './thread.ts'

export type LineageRequest = Pick<LakeOptions, 'datasets' | 'models' | 'engine'>

/**
 * From the datasets' contracts and the dbt project as it compiles, over empty tables: no lake is read.
 * Faults: those of the contracts and of the model runner, `machine/library`.
 */
export async function readLineage(options: LineageRequest, effects: WorkEffects): Promise<Lineage> {
  const contracts = await listDatasets(options)
  const tables = lakeTables(contracts)
  const lake = lakeLineage(contracts, tables, placeOrigins)
  const { models, tests } = await compileProject(goldProject(options, process.env), tables, options, effects)
  return withSqlReader(async (reader) => {
    const all = [...lake, ...projectLineage(models, lake, reader)]
    return { tables: all, tests: testLineage(tests, all, reader) }
  })
}

/** The same in a thread of its own, which ends with all the memory that the library took. */
export function lineageInThread(options: LineageRequest, effects: WorkEffects): Promise<Lineage> {
  return inThread(new URL('./lineage-worker.ts', import.meta.url), options, effects)
}
