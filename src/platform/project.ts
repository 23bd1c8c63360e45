import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { findVintageJoins, measureColumns, silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { SourceTable } from '#pipeline'
import {
  bronzeColumns,
  displacedColumns,
  fileColumns,
  ledgerColumns,
  quarantineColumns,
  replayColumns,
  schoolPlaceColumns,
  tractPlaceColumns,
} from '#pipeline'
import type { ModelProject } from '#port'
import { Fault } from '#port'
import type { LakeOptions } from './api.ts'
import { fingerprints } from './contracts.ts'

/** Where dbt and the tools of the checkout leave what they made; none of it is the project. */
const made = new Set(['target', 'logs', 'dbt_packages', 'node_modules'])

/** The dataset of the live half of Gold, and which models those are, in dbt's words. */
export const liveDataset = 'survey_live'
export const liveSelect = ['tag:live']
/** What a run leaves out: the live half, and unit tests, which try the models' code on made rows and say nothing about the lake's. */
export const runExclude = [...liveSelect, 'tag:unit']
export const liveTables = ['live_progress', 'live_curve', 'live_response']

export function goldProject({ models }: Pick<LakeOptions, 'models'>, environment: NodeJS.ProcessEnv): ModelProject {
  return {
    folder: join(import.meta.dirname, '../../dbt'),
    target: 'duckdb',
    // Silver was just written by this product; its own rules are tested again with Gold.
    vars: { check_sources: true },
    env: environment,
    extraModelFolders: models,
  }
}

/** Changes with any file of the project, its vars, and any contract whose rows it reads. */
export async function hashProject(project: ModelProject, contracts: readonly Contract[]): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of [project.folder, ...(project.extraModelFolders ?? [])]) {
    for (const file of await projectFiles(folder)) {
      hash.update(`${relative(folder, file).split(sep).join('/')}\0`).update(await readFile(file))
    }
  }
  hash.update(JSON.stringify([project.target, project.vars, fingerprints(contracts)]))
  return hash.digest('hex')
}

/**
 * Refuses a model that takes tracts of one census for those of another, where it is written. Tests are let be: they may have to compare both.
 * Faults: `model/vintage`.
 */
export async function checkVintages({ folder, extraModelFolders = [] }: ModelProject): Promise<void> {
  for (const models of [join(folder, 'models'), ...extraModelFolders]) {
    for (const file of await projectFiles(models)) {
      if (!file.endsWith('.sql')) continue
      const name = relative(join(models, '..'), file).split(sep).join('/')
      const [finding, ...others] = findVintageJoins(await readFile(file, 'utf8'), name)
      if (finding === undefined) continue
      throw new Fault('model/vintage', `${finding.file}:${finding.line}: ${finding.text}`, {
        mend: finding.mend,
        facts: { file, line: finding.line, others: others.length },
      })
    }
  }
}

async function projectFiles(folder: string): Promise<readonly string[]> {
  const files: string[] = []
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new Fault('model/project', `The project's folder ${folder} cannot be read.`, {
      mend: 'Check that it is there and may be read.',
      cause,
      facts: { folder },
    })
  })
  for (const entry of entries) {
    if (entry.name.startsWith('.') || made.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(await projectFiles(path)))
    else files.push(path)
  }
  return files.sort()
}

/** Marks say nothing of what a record is, so that no model has to be built anew for one. */
const replays = 'silver.replay'

/** What a run builds Gold from: all but what comes by a topic of its own, which has a publication of its own. */
export function batchTables(contracts: readonly Contract[]): readonly SourceTable[] {
  const byFile = contracts.filter(({ stream }) => stream === undefined)
  const of = byFile.map(({ name }) => name)
  const shared = new Set(['silver.quarantine', 'silver.displaced', 'silver.ledger'])
  return lakeTables(byFile)
    .filter(({ name }) => name !== replays)
    .map((table) => (shared.has(table.name) ? { ...table, of } : table))
}

/** What a warehouse gets: the sources of the dbt project. Records as they came stay in the lake. */
export function warehouseTables(contracts: readonly Contract[]): readonly SourceTable[] {
  return lakeTables(contracts).filter(
    ({ name }) => name === 'bronze.file' || (name.startsWith('silver.') && name !== replays),
  )
}

/** Every table of Bronze and Silver that there can be, with the columns it has before anything is in it. */
export function lakeTables(contracts: readonly Contract[]): readonly SourceTable[] {
  return [
    { name: 'bronze.file', columns: fileColumns },
    ...contracts.flatMap((contract) => [
      { name: `bronze.${contract.name}`, columns: bronzeColumns },
      { name: `silver.${contract.name}`, columns: silverColumns(contract) },
      ...(contract.measureTable === undefined
        ? []
        : [{ name: `silver.${contract.measureTable}`, columns: measureColumns(contract) }]),
    ]),
    { name: 'silver.school_place', columns: schoolPlaceColumns },
    { name: 'silver.tract_place', columns: tractPlaceColumns },
    { name: 'silver.quarantine', columns: quarantineColumns },
    { name: 'silver.displaced', columns: displacedColumns },
    { name: 'silver.ledger', columns: ledgerColumns },
    { name: replays, columns: replayColumns },
  ]
}
