import { randomUUID } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Contract } from '#contract'
import type { Landing, Publication, RunRecord, SourceFile, StageEffects } from '#pipeline'
import {
  buildGold,
  datasetCounts,
  failedNodes,
  isCurrent,
  manifestName,
  newestPublication,
  planLanding,
  publish,
  recordRun,
  runLine,
  sourceSnapshots,
  sourceVersions,
} from '#pipeline'
import type { ModelRunner } from '#port'
import { Fault } from '#port'
import type { DatasetCounts, RunOptions, RunResult, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import { folderFiles } from './files.ts'
import type { Lake } from './lake.ts'
import { holdsSample, openLake } from './lake.ts'
import { makeRoom } from './make-room.ts'
import { modelRunner } from './model-runner.ts'
import { batchTables, checkVintages, goldProject, hashProject, runExclude } from './project.ts'
import { fillSampleFolder } from './sample.ts'
import { landAndClean } from './schedule.ts'
import { allButOneThread, inWorkshop } from './workshop.ts'

/** Land, clean, place, build, publish: each only what is stale. */
export async function runOnce(options: RunOptions, { report, signal }: WorkEffects): Promise<RunResult> {
  const startedMs = Date.now()
  const failpoint = failpointFrom(process.env)
  const contracts = await listDatasets(options)
  const files = options.from === undefined ? undefined : await folderFiles(options.from)
  let lake = await openLake(options.lake, { report, failpoint })
  if (files !== undefined && (await bringsReal(files, contracts, lake, signal))) {
    lake = await makeRoom(lake, contracts, options, { report, failpoint })
  }
  const engine = { ...options.engine, threads: allButOneThread() }
  return inWorkshop(lake, { engine }, { report, signal, failpoint }, async (effects) => {
    const from = options.from ?? (await sampleFor(lake, options, effects))
    const found = files ?? (from === undefined ? [] : await folderFiles(from))
    const worth = from !== undefined && (await unheardOfBytes(found, lake)) >= threadWorthBytes
    const thread = worth ? { lake: options.lake, from, datasets: options.datasets } : undefined
    const runner = modelRunner(options, { report, signal })
    const landingNow = landAndClean({ files: found, thread }, contracts, options, effects)
    landingNow.catch(() => {}) // awaited below
    // While the first files land there is nothing to clean yet, and time to read the project. What is wrong with it is told where it is built.
    if (thread !== undefined && options.builder !== 'dbt') {
      // Reading keeps this thread busy, and the one that lands is started from here.
      await setImmediate()
      await runner.plan(goldProject(options, process.env)).catch(() => {})
    }
    const landing = await landingNow
    if (files !== undefined) await checkSomethingLanded(options, landing, effects)
    const published = await buildAndPublish(lake, contracts, { ...options, startedMs, runner }, effects)
    return summarize(landing, contracts, published, startedMs, effects)
  })
}

/** True where the lake holds the sample and these files have real data that a dataset takes: a folder of anything else must not cost the sample. */
async function bringsReal(
  files: readonly SourceFile[],
  contracts: readonly Contract[],
  lake: Lake,
  signal: AbortSignal,
): Promise<boolean> {
  if (files.some(({ name }) => name.endsWith(manifestName)) || !(await holdsSample(lake))) return false
  const planned = await planLanding(files, contracts, { table: lake.table, signal })
  return planned.some(({ outcome }) => outcome === 'new')
}

/** Starting the landing thread takes about as long as landing this much. */
const threadWorthBytes = 1024 * 1024

/** Bytes of files whose name was never landed; the others most likely have nothing new. */
async function unheardOfBytes(files: readonly SourceFile[], { table }: Lake): Promise<number> {
  const landed = [...((await table('bronze/file').snapshot())?.txns.keys() ?? [])]
  return files
    .filter(({ name }) => !landed.some((appId) => appId.endsWith(`:${name}`)))
    .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
}

/** A folder of sample files for a lake that holds nothing yet; any other stays as it is. */
async function sampleFor(
  lake: Lake,
  { sample }: RunOptions,
  { scratch, signal }: StageEffects,
): Promise<string | undefined> {
  if (sample === undefined || (await lake.table('bronze/file').snapshot()) !== undefined) return undefined
  const folder = join(scratch.folder, 'sample')
  await mkdir(folder)
  await fillSampleFolder(folder, sample, signal)
  return folder
}

async function checkSomethingLanded({ from }: RunOptions, landing: Landing, { table }: StageEffects): Promise<void> {
  const [first] = landing.faults
  if ((await table('bronze/file').snapshot()) !== undefined) return
  if (first !== undefined) throw first.fault
  const found = landing.unmatched.length
  throw new Fault('land/nothing', `${from} has no file that a dataset takes (${found} looked at).`, {
    mend: 'Put the published files there, or see docs/datasets for what each dataset looks like; fairlead sample DIR writes an example.',
    facts: { files: found },
  })
}

interface Published {
  readonly outcome: RunRecord['outcome']
  readonly publication: Publication | undefined
  readonly failed: RunRecord['failed']
  readonly tests: RunResult['tests']
}

async function buildAndPublish(
  lake: Lake,
  contracts: readonly Contract[],
  options: RunOptions & { readonly startedMs: number; readonly runner: ModelRunner },
  effects: StageEffects,
): Promise<Published> {
  const { table, report, nowMs, failpoint } = effects
  const { full, startedMs, runner } = options
  const runId = randomUUID()
  const standing = await newestPublication(runLine, effects)
  const record = (outcome: RunRecord['outcome'], failed: RunRecord['failed'], fault: Fault | null) =>
    recordRun(table('run'), {
      runId,
      startedAt: new Date(startedMs).toISOString(),
      tookMs: nowMs() - startedMs,
      outcome,
      failed,
      fault: fault === null ? null : { code: fault.code, what: fault.message, mend: fault.mend },
    })
  try {
    const project = goldProject(options, process.env)
    const projectHash = await hashProject(project, contracts)
    const sources = batchTables(contracts)
    const snapshots = await sourceSnapshots(sources, effects)
    const versions = sourceVersions(sources, snapshots)
    if (![...snapshots.values()].some((snapshot) => snapshot !== undefined)) {
      return { outcome: 'unchanged', publication: standing, failed: [], tests: noTests }
    }
    if (!full && isCurrent(standing, projectHash, versions)) {
      return { outcome: 'unchanged', publication: standing, failed: [], tests: standing?.tests ?? noTests }
    }
    await checkVintages(project)
    const targetFolder = join(effects.scratch.folder, 'target')
    const build = { project, exclude: runExclude, targetFolder, projectHash, sources, standing, full }
    const built = await buildGold(build, snapshots, runner, effects)
    await keepArtifacts(targetFolder, effects)
    if (!built.ok) {
      const failed = failedNodes(built)
      report({ kind: 'publish/held', failed: failed.map(({ id }) => id) })
      await record('held', failed, null)
      return { outcome: 'held', publication: standing, failed, tests: built.tests }
    }
    failpoint('publish/before-gold')
    const published = await publish(
      built,
      { line: runLine, runId, projectHash, sample: await holdsSample(lake), sources: versions, standing },
      effects,
    )
    if (published.outcome === 'published') {
      const { version, gold } = published.publication
      report({ kind: 'publish/published', version, tables: gold.length, tookMs: nowMs() - startedMs })
      await record('published', [], null)
    }
    return { outcome: 'published', publication: published.publication, failed: [], tests: built.tests }
  } catch (error) {
    // So that the dashboard can say why nothing new is shown; where even this cannot be written, the fault itself tells more.
    if (error instanceof Fault && error.code !== 'machine/stopped') await record('failed', [], error).catch(() => {})
    throw error
  }
}

const noTests = { passed: 0, failed: 0, warned: 0 }

/** What dbt's tools read, of the newest build. */
async function keepArtifacts(folder: string, { store }: StageEffects): Promise<void> {
  for (const name of ['manifest.json', 'run_results.json']) {
    await store.replace(`target/${name}`, await readFile(join(folder, name)))
  }
}

async function summarize(
  landing: Landing,
  contracts: readonly Contract[],
  { outcome, publication, failed, tests }: Published,
  startedMs: number,
  effects: StageEffects,
): Promise<RunResult> {
  const counts = await datasetCounts(contracts, effects)
  const datasets: Record<string, DatasetCounts> = {}
  for (const [name, { sources, ...totals }] of Object.entries(counts)) {
    const added = landing.datasets[name] ?? {}
    datasets[name] = {
      ...totals,
      sources: Object.fromEntries(
        Object.entries(sources).map(([file, source]) => [file, { ...source, added: added[file]?.added ?? 0 }]),
      ),
    }
  }
  return {
    datasets,
    unmatched: landing.unmatched,
    gold: Object.fromEntries((publication?.gold ?? []).map(({ table, rows }) => [table, { rows }])),
    tests,
    published: outcome === 'held' ? null : (publication?.version ?? null),
    outcome,
    failed,
    faults: landing.faults.map(({ file, fault }) => ({ file, ...fault.toJSON() })),
    tookMs: effects.nowMs() - startedMs,
  }
}
