import {
  cleanIsStale,
  isCurrent,
  newestPublication,
  placesAreStale,
  planLanding,
  runLine,
  sourceSnapshots,
  sourceVersions,
} from '#pipeline'
import { noFailpoint } from '#port'
import type { PlannedStep, RunOptions, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { folderFiles } from './files.ts'
import { emptyMemoryLake, existingLake } from './lake.ts'
import { batchTables, goldProject, hashProject } from './project.ts'

/** What a run would do and why, in order. Reads files and lake, changes neither. */
export async function planRun(options: RunOptions, { report, signal }: WorkEffects): Promise<readonly PlannedStep[]> {
  const contracts = await listDatasets(options)
  const lake = (await existingLake(options.lake, { report, failpoint: noFailpoint })) ?? emptyMemoryLake()
  const steps: PlannedStep[] = []
  const lands = new Set<string>()
  const files = options.from === undefined ? [] : await folderFiles(options.from)
  for (const { file, outcome, dataset, why } of await planLanding(files, contracts, { ...lake, signal })) {
    if (outcome !== 'new' && outcome !== 'quarantine') continue
    steps.push({ stage: 'land', what: file, why })
    if (dataset !== null) lands.add(dataset)
  }
  for (const contract of contracts) {
    const landed = lands.has(contract.name)
    if (options.full || landed || (await cleanIsStale(contract, lake))) {
      const why = options.full
        ? 'all is made anew'
        : landed
          ? 'files are landed for it'
          : 'Bronze or the contract has moved on'
      steps.push({ stage: 'clean', what: contract.name, why })
    }
  }
  const cleaned = new Set(steps.filter(({ stage }) => stage === 'clean').map(({ what }) => what))
  if (cleaned.has('school_location') || cleaned.has('boundary') || (await placesAreStale(lake))) {
    steps.push({ stage: 'place', what: 'school_place, tract_place', why: 'locations or boundaries move on' })
  }
  const standing = await newestPublication(runLine, lake)
  const projectHash = await hashProject(goldProject(options, process.env), contracts)
  const sources = batchTables(contracts)
  const snapshots = await sourceSnapshots(sources, lake)
  const empty = steps.length === 0 && ![...snapshots.values()].some((snapshot) => snapshot !== undefined)
  const current = isCurrent(standing, projectHash, sourceVersions(sources, snapshots))
  if (empty || (steps.length === 0 && current && !options.full)) return steps
  const why =
    standing === undefined
      ? 'nothing is published yet'
      : standing.projectHash !== projectHash
        ? 'the dbt project or a contract has changed'
        : 'Silver moves on'
  steps.push({ stage: 'build', what: 'gold', why }, { stage: 'publish', what: 'gold', why: 'where its tests pass' })
  return steps
}
