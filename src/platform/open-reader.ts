import { setTimeout as sleep } from 'node:timers/promises'
import type { Publication } from '#pipeline'
import { attachSnapshot, newestPublication, readLastRun, rootOf, runLine } from '#pipeline'
import { noFailpoint } from '#port'
import type { LakeOptions, ReaderOptions } from './api.ts'
import { listDatasets } from './contracts.ts'
import type { Lake } from './lake.ts'
import { existingLake } from './lake.ts'
import { liveReader } from './live-reader.ts'
import { existingLog } from './log.ts'
import { logGlance } from './log-glance.ts'
import { lakeTables, liveDataset } from './project.ts'
import { attachGold } from './query.ts'
import type { LakeReader, LiveReader, OpenPublication } from './reader.ts'
import { standingOf } from './standing.ts'
import { inWorkshop } from './workshop.ts'

/** How often a watched lake is looked at, in milliseconds. Two small listings each time. */
const lookEveryMs = 400

/** A reader of the lake in a folder, which need not be there yet and may be emptied and filled again while it watches. */
export async function openReader(options: ReaderOptions): Promise<LakeReader> {
  const contracts = await listDatasets(options)
  const live = contracts.find(({ name }) => name === liveDataset)
  const tables = lakeTables(contracts)
  const log = logGlance(() => existingLog(options, () => {}), Date.now)
  // Opened anew at each look: a table object remembers its log, and the lake may be another one by now.
  const lakeNow = () => existingLake(options.lake, { report: () => {}, failpoint: noFailpoint })
  const kept = { lake: keptLake(lakeNow), log }

  async function newest(): Promise<Publication | undefined> {
    const lake = await lakeNow()
    return lake && newestPublication(runLine, lake)
  }

  async function lastRun() {
    const lake = await lakeNow()
    return lake && readLastRun(lake.store, lake.table('run'))
  }

  return {
    newest,
    lastRun,

    async open(publication) {
      const lake = await lakeNow()
      if (lake === undefined) throw new TypeError('A publication is opened in the lake it was read from.')
      return openPublication(lake, publication, tables, options)
    },

    async watch(onChange, signal) {
      const mark = async () => JSON.stringify([await newest(), await lastRun()])
      // Nothing yet, so that what came out while nobody could look is told.
      let seen = ''
      while (!signal.aborted) {
        await sleep(lookEveryMs, undefined, { signal }).catch(() => {}) // woken by the abort, which the loop sees
        if (signal.aborted) return
        const found = await mark()
        if (found === seen) continue
        seen = found
        onChange()
      }
    },

    live: live === undefined ? noStream : liveReader(live, kept),
    standing: standingOf(contracts, { ...kept, nowMs: Date.now }),
    close: log.close,
  }
}

const noStream: LiveReader = {
  state: async () => undefined,
  async watch(onChange, signal) {
    onChange()
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  },
}

/** The lake, opened once it is there: a stream is looked at many times a second. A table that was made anew is noticed by itself. */
function keptLake(open: () => Promise<Lake | undefined>): () => Promise<Lake | undefined> {
  let kept: Lake | undefined
  return async () => {
    kept ??= await open()
    return kept
  }
}

/** Gold in memory, for a page asks it many small things; Silver and the list of files as they lie. */
async function openPublication(
  lake: Lake,
  publication: Publication,
  tables: ReturnType<typeof lakeTables>,
  options: LakeOptions,
): Promise<OpenPublication> {
  const closing = Promise.withResolvers<void>()
  const opened = Promise.withResolvers<OpenPublication>()
  const effects = { report: () => {}, signal: new AbortController().signal, failpoint: noFailpoint }
  const life = inWorkshop(lake, options, effects, async (workshop) => {
    const versions = new Map(publication.silver.map(({ table, version }) => [table, version]))
    for (const { name, columns } of tables) {
      const table = lake.table(rootOf(name))
      const version = versions.get(name)
      if (name.startsWith('silver.') && (version === undefined || version < 0)) {
        await attachSnapshot(name, table, undefined, columns, workshop)
        continue
      }
      const snapshot = version === undefined ? await table.snapshot() : await table.snapshotAt(version)
      await attachSnapshot(name, table, snapshot, columns, workshop)
    }
    await attachGold(publication, () => true, workshop)
    for (const { table } of publication.gold) {
      await workshop.engine.run(
        `CREATE SCHEMA IF NOT EXISTS held; CREATE TABLE held."${table}" AS SELECT * FROM gold."${table}"; CREATE OR REPLACE VIEW gold."${table}" AS SELECT * FROM held."${table}"`,
      )
    }
    opened.resolve({
      publication,
      engine: workshop.engine,
      close: async () => {
        closing.resolve()
        await life
      },
    })
    await closing.promise
  })
  life.catch(opened.reject)
  return opened.promise
}
