import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { datasets } from '#datasets'
import { duckdbEngine } from '#engine'
import { embeddedRunner } from '#model'
import { buildGold, sourceSnapshots } from '#pipeline'
import { runOnce } from '#platform'
import type { BuildRequest, ModelRunner, SqlEngine } from '#port'
import { noFailpoint } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import { batchTables, goldProject, liveSelect } from '../../src/platform/project.ts'
import { inWorkshop } from '../../src/platform/workshop.ts'
import { realDbt } from '../model/dbt.ts'
import type { Made } from '../model/parity.ts'
import { sameMade, takeDown } from '../model/parity.ts'
import { lakeOptions } from '../platform/options.ts'
import { corrections, fillLiveSilver } from './live-silver.ts'

const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
const realFiles = join(shared, 'data')
const sampleProject = join(shared, 'stack/dbt/sample')
const noReal = existsSync(realFiles) ? false : 'the published files are not here'

const root = mkdtempSync(join(tmpdir(), 'fairlead-parity-'))
after(() => rmSync(root, { recursive: true, force: true }))
const effects = { report: () => {}, signal: new AbortController().signal }
const project = goldProject({ models: [] }, {})
const embedded = () => embeddedRunner({ report: () => {}, nowMs: Date.now, newId: () => crypto.randomUUID() })

/** Gold of a lake, built as a run builds it, by either runner. */
async function gold(lake: string, runner: ModelRunner, name: string): Promise<Made> {
  const sources = batchTables(datasets)
  const opened = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
  const how = { engine: { memoryMb: 1024, threads: 1 } }
  return inWorkshop(opened, how, { ...effects, failpoint: noFailpoint }, async (stage) => {
    const targetFolder = join(root, name)
    const options = {
      project,
      exclude: liveSelect,
      targetFolder,
      projectHash: '',
      sources,
      standing: undefined,
      full: true,
    }
    const result = await buildGold(options, await sourceSnapshots(sources, stage), runner, stage)
    return takeDown(result, targetFolder, stage.engine)
  })
}

async function landed(name: string, input: object): Promise<string> {
  const lake = join(root, name)
  await runOnce({ ...lakeOptions(lake), full: false, ...input }, effects)
  return lake
}

test('Gold of a sample lake is the same by dbt and by the embedded runner', async () => {
  const lake = await landed('sample', { sample: { schools: 120, seed: 11 } })
  sameMade(await gold(lake, embedded(), 'sample-ours'), await gold(lake, realDbt(), 'sample-dbt'))
})

test('Gold of the published files is the same by dbt and by the embedded runner', { skip: noReal }, async () => {
  const lake = await landed('real', { from: realFiles })
  sameMade(await gold(lake, embedded(), 'real-ours'), await gold(lake, realDbt(), 'real-dbt'))
})

/** Several builds in one engine, each after a change of Silver. */
async function builds(runner: ModelRunner, name: string): Promise<readonly Made[]> {
  const engine = await duckdbEngine({ memoryMb: 512, threads: 1, spillFolder: join(root, 'spill') })
  try {
    await fillLiveSilver(engine)
    const made = [await build(runner, engine, { name })]
    for (const change of corrections) {
      await change(engine)
      made.push(await build(runner, engine, { name }))
    }
    made.push(await build(runner, engine, { name, fullRefresh: true }))
    return made
  } finally {
    await engine.close()
  }
}

async function build(
  runner: ModelRunner,
  engine: SqlEngine,
  { name, ...more }: { readonly name: string } & Partial<BuildRequest>,
): Promise<Made> {
  const targetFolder = join(root, name)
  const request = { ...project, fullRefresh: false, targetFolder, ...more }
  return takeDown(await runner.build(request, engine), targetFolder, engine)
}

test('incremental models go on the same by dbt and by the embedded runner, the live ones too', async () => {
  const [ours, dbts] = [await builds(embedded(), 'steps-ours'), await builds(realDbt(), 'steps-dbt')]
  for (const [at, made] of ours.entries()) sameMade(made, dbts[at] as Made)
  for (const made of [ours, dbts]) assert.deepEqual(made.at(-2)?.tables, made.at(-1)?.tables, 'a full refresh')
})

test('a project of another house over the published files is the same by both', { skip: noReal }, async () => {
  const foreign = { folder: sampleProject, target: 'duck', vars: {}, env: { NYC_DATA: realFiles } }
  const [ours, dbts] = await Promise.all(
    [embedded(), realDbt()].map(async (runner, at) => {
      const engine = await duckdbEngine({ memoryMb: 512, threads: 1, spillFolder: join(root, 'spill') })
      try {
        return await build(runner, engine, { name: `foreign-${at}`, ...foreign })
      } finally {
        await engine.close()
      }
    }),
  )
  sameMade(ours as Made, dbts as Made)
})
