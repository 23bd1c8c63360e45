import {
  attachSnapshot,
  datasetCounts,
  isCurrent,
  newestPublication,
  readLastRun,
  runLine,
  sourceSnapshots,
  sourceVersions,
} from '#pipeline'
import { noFailpoint } from '#port'
import type { LakeOptions, LakeStatus } from './api.ts'
import { listDatasets } from './contracts.ts'
import { existingLake, holdsSample } from './lake.ts'
import { batchTables, goldProject, hashProject } from './project.ts'
import { inWorkshop } from './workshop.ts'

/** What the lake holds and how fresh it is. Changes nothing. */
export async function lakeStatus(options: LakeOptions): Promise<LakeStatus> {
  const lake = await existingLake(options.lake, { report: () => {}, failpoint: noFailpoint })
  if (lake === undefined || (await lake.table('bronze/file').snapshot()) === undefined) return nothing
  const contracts = await listDatasets(options)
  const quiet = { report: () => {}, signal: new AbortController().signal, failpoint: noFailpoint }
  return inWorkshop(lake, options, quiet, async (effects) => {
    const publication = await newestPublication(runLine, lake)
    const sources = batchTables(contracts)
    const projectHash = await hashProject(goldProject(options, process.env), contracts)
    const counts = await datasetCounts(contracts, effects)
    const files = lake.table('bronze/file')
    await attachSnapshot('bronze.file', files, await files.snapshot(), [], effects)
    const { rows } = await effects.engine.query(
      'SELECT dataset, count(*), max(fetched_at) FROM bronze.file GROUP BY dataset',
    )
    const landed = new Map(
      rows.map(([dataset, count, at]) => [dataset, { files: Number(count), landedAt: String(at) }]),
    )
    return {
      exists: true,
      sample: await holdsSample(lake),
      publication:
        publication === undefined
          ? null
          : {
              version: publication.version,
              publishedAt: publication.publishedAt,
              tables: publication.gold.map(({ table, rows: count }) => ({ table, rows: count })),
              tests: publication.tests,
            },
      stale: !isCurrent(publication, projectHash, sourceVersions(sources, await sourceSnapshots(sources, effects))),
      lastRun: (await readLastRun(lake.store, lake.table('run'))) ?? null,
      datasets: Object.fromEntries(
        Object.entries(counts).map(([name, { landed: total, silver, quarantined, duplicates, superseded }]) => [
          name,
          {
            landed: total,
            silver,
            quarantined,
            duplicates,
            superseded,
            files: landed.get(name)?.files ?? 0,
            landedAt: landed.get(name)?.landedAt ?? null,
            conserved: total === silver + quarantined + duplicates + superseded,
          },
        ]),
      ),
    }
  })
}

const nothing: LakeStatus = {
  exists: false,
  sample: false,
  publication: null,
  stale: false,
  lastRun: null,
  datasets: {},
}
