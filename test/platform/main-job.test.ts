import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { RunResult } from '#platform'
import { lakeStatus, openReader, planRun, queryLake, runOnce, writeSampleFolder } from '#platform'
import type { Row } from '#port'
import { Fault } from '#port'
import { lakeHash } from './lake-hash.ts'
import { lakeOptions as options } from './options.ts'

const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
const realFiles = join(shared, 'data')
const noReal = existsSync(realFiles) ? false : 'the published files are not here'

const effects = { report: () => {}, signal: new AbortController().signal }
const root = mkdtempSync(join(tmpdir(), 'fairlead-main-'))
after(() => rmSync(root, { recursive: true, force: true }))

let made = 0
function newFolder(): string {
  made += 1
  return join(root, String(made))
}
const run = (lake: string, more: object = {}): Promise<RunResult> =>
  runOnce({ ...options(lake), full: false, ...more }, effects)
async function ask(lake: string, sql: string): Promise<readonly Row[]> {
  const limits = { memoryMb: 1024, timeoutMs: 60_000, maxRows: 10_000 }
  return (await queryLake({ ...options(lake), sql, limits }, effects)).rows
}
const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code
const logOf = (lake: string) =>
  readdirSync(lake, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('_delta_log'))
    .sort()

async function sampleFolder(schools = 60): Promise<string> {
  const folder = newFolder()
  await writeSampleFolder(folder, { schools, seed: 7 }, effects)
  return folder
}

describe('the published files', { skip: noReal, timeout: 170_000 }, () => {
  const lake = newFolder()
  let first: RunResult | undefined

  test('every record is accounted for, file by file', async () => {
    first = await run(lake, { from: realFiles })
    const counts = Object.fromEntries(
      Object.values(first.datasets).flatMap(({ sources }) =>
        Object.entries(sources).map(([file, { landed, silver, quarantined, duplicates, superseded, added }]) => [
          file,
          [landed, silver, quarantined, duplicates, superseded, added],
        ]),
      ),
    )
    assert.deepEqual(counts['survey/2019_PublicDataFile_Students.csv'], [1829, 1829, 0, 0, 0, 1829])
    assert.deepEqual(
      counts['survey/NYCPublicSchoolsAllDataLeadershipView22Nov2025_1763856012085.csv'],
      [2868, 1816, 1052, 0, 0, 2868],
    )
    assert.deepEqual(counts['svi/2022/NewYork.csv'], [5394, 5394, 0, 0, 0, 5394])
    assert.deepEqual(counts['svi/2018/NewYork.csv'], [4906, 4906, 0, 0, 0, 4906])
    assert.deepEqual(counts['locations/2017_-_2018_School_Locations.csv'], [1823, 1823, 0, 0, 0, 1823])
    assert.deepEqual(counts['locations/2019_School_Locations.csv'], [1941, 1881, 0, 60, 0, 1941])
    assert.deepEqual(counts['demographics/2014-19_Demographics.csv'], [8973, 8973, 0, 0, 0, 8973])
    assert.deepEqual(first.unmatched, ['boundaries/NTA2020.topo.json'])
    assert.deepEqual(await ask(lake, 'select rule, count(*) from silver.quarantine group by rule'), [
      ['not_a_school', 1052],
    ])
  })

  test('ranks that are not published are null, in 132, 132, 131, 90 and 131 tracts, and nothing is -999', async () => {
    assert.deepEqual(
      await ask(
        lake,
        `select ${['s', '1', '2', '3', '4'].map((theme) => `count(*) - count(rpl_theme${theme})`).join(', ')} from silver.svi where svi_year = 2022`,
      ),
      [[132, 132, 131, 90, 131]],
    )
    const columns = (
      await ask(
        lake,
        "select column_name from information_schema.columns where table_name = 'svi' and table_schema = 'silver' and data_type in ('DOUBLE', 'BIGINT', 'INTEGER')",
      )
    ).flat()
    assert.ok(columns.length > 150)
    const missing = await ask(
      lake,
      `select ${columns.map((name) => `count_if("${name}" = -999)`).join(' + ')} from silver.svi`,
    )
    assert.deepEqual(missing, [[0]])
  })

  test('climate meets vulnerability for every school and vintage, Marble Hill in its own tract', async () => {
    const rows = await ask(
      lake,
      'select svi_year, count(*), count(svi_overall) from gold.climate_vulnerability where school_year = 2019 group by 1 order by 1',
    )
    assert.deepEqual(rows, [
      [2018, 1829, 1787],
      [2022, 1829, 1782],
    ])
    const hill = "'10X213','10X284','10X397','10X477','10X546','84X460','84X539','84X553'"
    assert.deepEqual(
      await ask(
        lake,
        `select distinct tract_2020 from gold.climate_vulnerability where dbn in (${hill}) and school_year = 2019 and svi_year = 2022`,
      ),
      [['36061030900']],
    )
    const strays = await ask(
      lake,
      `select count(*) from gold.climate_vulnerability v left join silver.svi s on s.svi_year = v.svi_year
         and coalesce(s.tract_2010, s.tract_2020) = case v.svi_year when 2018 then v.tract_2010 else v.tract_2020 end
       where v.svi_overall is distinct from s.rpl_themes`,
    )
    assert.deepEqual(strays, [[0]])
  })

  test('a run with nothing new commits nothing', async () => {
    const before = logOf(lake)
    const second = await run(lake, { from: realFiles })
    assert.equal(second.outcome, 'unchanged')
    assert.equal(second.published, first?.published)
    assert.deepEqual(logOf(lake), before)
    assert.deepEqual(await planRun({ ...options(lake), from: realFiles, full: false }, effects), [])
  })
})

test('a planted failing test leaves the last publication standing, and readers are told', {
  timeout: 60_000,
}, async () => {
  const lake = newFolder()
  const good = await run(lake, { from: await sampleFolder() })
  const hash = await lakeHash(lake)
  const models = newFolder()
  mkdirSync(models)
  writeFileSync(
    join(models, 'planted.sql'),
    "{{ config(materialized='table', schema='gold') }} select cast(null as integer) as n from {{ ref('dim_bucket') }}",
  )
  writeFileSync(
    join(models, 'planted.yml'),
    'version: 2\nmodels:\n  - name: planted\n    columns:\n      - name: n\n        data_tests: [not_null]\n',
  )
  const held = await run(lake, { models: [models] })
  assert.equal(held.outcome, 'held')
  assert.equal(held.published, null)
  assert.match(held.failed[0]?.id ?? '', /not_null_planted_n/)
  assert.deepEqual(await lakeHash(lake), hash)
  const reader = await openReader(options(lake))
  assert.equal((await reader.newest())?.version, good.published)
  const last = await reader.lastRun()
  assert.equal(last?.outcome, 'held')
  assert.equal((await lakeStatus(options(lake))).lastRun?.outcome, 'held')
})

test('what cannot be read is set apart with why; the rest goes on; once mended, the lake is as if it had always been good', {
  timeout: 90_000,
}, async () => {
  const from = await sampleFolder()
  const quiet = newFolder()
  await run(quiet, { from })
  const broken = newFolder()
  cpSync(from, broken, { recursive: true, preserveTimestamps: true })
  const survey = join(broken, 'survey/2019_Sample_PublicDataFile_Students.csv')
  rmSync(join(broken, 'survey/2019_sample_survey_rows.json'))
  writeFileSync(survey, 'DBN,"School Name\n01M015,never closed')
  writeFileSync(join(broken, 'survey/2020_PublicDataFile_Students.csv'), '')
  writeFileSync(
    join(broken, 'noise.bin'),
    Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256),
  )
  const lake = newFolder()
  const first = await run(lake, { from: broken })
  assert.ok(first.unmatched.includes('noise.bin'))
  assert.equal(first.datasets.school_survey?.sources['survey/2019_Sample_PublicDataFile_Students.csv']?.quarantined, 1)
  assert.equal(first.datasets.school_survey?.sources['survey/2020_PublicDataFile_Students.csv']?.quarantined, 1)
  const why = await ask(lake, "select rule, message from silver.quarantine where stage = 'land'")
  assert.equal(why.length, 2)
  assert.ok(why.every(([rule, message]) => rule === 'unreadable_file' && String(message).length > 20))
  await run(lake, { from })
  const kept = ([table]: [string, string]) =>
    !['silver.quarantine', 'silver.ledger', 'gold.data_quality'].includes(table)
  assert.deepEqual(
    Object.entries(await lakeHash(lake)).filter(kept),
    Object.entries(await lakeHash(quiet)).filter(kept),
  )
})

test('real files take the place of the sample, and sample files never mix with real ones', {
  timeout: 60_000,
}, async () => {
  const lake = newFolder()
  assert.equal((await run(lake, { sample: { schools: 40, seed: 1 } })).outcome, 'published')
  assert.equal((await lakeStatus(options(lake))).sample, true)
  const noise = newFolder()
  mkdirSync(noise)
  writeFileSync(join(noise, 'notes.txt'), 'nothing that a dataset takes')
  assert.equal((await run(lake, { from: noise })).outcome, 'unchanged')
  assert.equal((await lakeStatus(options(lake))).sample, true)
  const real = await sampleFolder(50)
  rmSync(join(real, 'fairlead-sample.json'))
  await run(lake, { from: real })
  const status = await lakeStatus(options(lake))
  assert.equal(status.sample, false)
  assert.equal(status.publication?.version, 0)
  await assert.rejects(run(lake, { from: await sampleFolder(30) }), isFault('land/sample-and-real'))
})

test('a lake of a newer format, a folder that is no lake, a folder without data: each is refused by name', async () => {
  const newer = newFolder()
  mkdirSync(newer)
  writeFileSync(join(newer, 'format.json'), '{"format":"fairlead-lake","version":99}')
  await assert.rejects(run(newer, { from: await sampleFolder() }), isFault('lake/newer-format'))
  const foreign = newFolder()
  mkdirSync(foreign)
  writeFileSync(join(foreign, 'thesis.doc'), 'mine')
  await assert.rejects(run(foreign, { from: await sampleFolder() }), isFault('lake/not-a-lake'))
  const empty = newFolder()
  mkdirSync(empty)
  await assert.rejects(run(newFolder(), { from: empty }), isFault('land/nothing'))
  await assert.rejects(run(newFolder(), { from: join(root, 'nowhere') }), isFault('land/no-folder'))
  await assert.rejects(ask(newFolder(), 'select 1'), isFault('lake/none'))
})
