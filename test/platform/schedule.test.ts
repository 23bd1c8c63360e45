import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { datasets } from '#datasets'
import type { SourceFile, StageEffects } from '#pipeline'
import { cleanDataset, landFiles, placeAll } from '#pipeline'
import { writeSampleFolder } from '#platform'
import type { ObjectStore, PlatformEvent } from '#port'
import { folderFiles } from '../../src/platform/files.ts'
import { landAndClean } from '../../src/platform/schedule.ts'
import { bench, rowsOf } from '../pipeline/clean-fixture.ts'

const tables = ['ledger', 'quarantine', 'displaced', 'survey_measure', 'school_place', 'tract_place']

async function heldBy(effects: StageEffects): Promise<unknown> {
  const names = [...datasets.map(({ name }) => name), ...tables]
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await rowsOf(name, effects)])))
}

/** No two neighbours of one folder, as far as that goes: so that landing moves from dataset to dataset and back. */
function interleaved(files: readonly SourceFile[]): readonly SourceFile[] {
  const folders = [...Map.groupBy(files, ({ name }) => name.split('/')[0]).values()]
  const longest = Math.max(...folders.map(({ length }) => length))
  return Array.from({ length: longest }, (_, at) => folders.flatMap((folder) => folder[at] ?? [])).flat()
}

test('whatever the order of files, cleaning beside landing and two datasets at once leaves what one step after the other leaves', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-schedule-'))
  const one = await bench()
  const other = await bench()
  try {
    await writeSampleFolder(
      folder,
      { schools: 60, seed: 3 },
      { report: () => {}, signal: new AbortController().signal },
    )
    const files = await folderFiles(folder)

    const inTurn = await one.worker()
    await landFiles(files, datasets, inTurn)
    for (const contract of datasets) await cleanDataset(contract, inTurn)
    await placeAll(inTurn)

    const events: PlatformEvent[] = []
    const cleaned = Promise.withResolvers<void>()
    const isOf = (wanted: string) => (each: PlatformEvent) => each.kind === wanted
    /** The last two files land after something was cleaned, or after a minute. */
    const held = (store: ObjectStore): ObjectStore => ({
      ...store,
      async create(path, bytes) {
        const isLast = path.startsWith('bronze/') && events.filter(isOf('land/file')).length >= files.length - 2
        if (isLast) await Promise.race([cleaned.promise, delay(60_000, undefined, { ref: false })])
        return store.create(path, bytes)
      },
    })
    const atOnce = await other.worker({ events, through: held })
    const report = (event: PlatformEvent): void => {
      atOnce.report(event)
      if (event.kind === 'clean/dataset') cleaned.resolve()
    }
    const landing = { files: interleaved(files), thread: undefined }
    await landAndClean(landing, datasets, { full: false }, { ...atOnce, report })
    const firstCleaned = events.findIndex(isOf('clean/dataset'))
    const lastLanded = events.findLastIndex(isOf('land/file'))
    assert.ok(firstCleaned >= 0 && firstCleaned < lastLanded, 'nothing was cleaned while files landed')

    assert.deepEqual(await heldBy(atOnce), await heldBy(inTurn))
    const before = events.length
    await landAndClean({ files, thread: undefined }, datasets, { full: false }, atOnce)
    assert.deepEqual(events.slice(before).filter(isOf('clean/dataset')), [], 'a second time something was cleaned')
  } finally {
    await one.end()
    await other.end()
    await rm(folder, { recursive: true, force: true })
  }
})
