import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import type { Snapshot, Table } from '#lake'
import { openTable, readRows } from '#lake'
import type { Failpoint, ObjectStore, PlatformEvent, SqlEngine } from '#port'
import { noFailpoint } from '#port'
import { localStore } from '#storage'
import type { CompactEffects } from '../../src/pipeline/maintain/index.ts'
import { quietEffects } from '../lake/effects.ts'
import { rowText } from '../lake/golden.ts'

/** A lake on disk, one engine, and a clock that a test may turn. */
export interface MaintainBench {
  readonly folder: string
  readonly store: ObjectStore
  readonly clock: { nowMs: number }
  readonly events: PlatformEvent[]
  readonly effects: CompactEffects & {
    inWorkshop<T>(work: (tools: Pick<CompactEffects, 'engine' | 'scratch'>) => Promise<T>): Promise<T>
  }
  /** As another process would open it. */
  table(root: string, failpoint?: Failpoint): Table
  end(): Promise<void>
}

export async function maintainBench(over: (store: ObjectStore) => ObjectStore = (store) => store, threads = 1) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-maintain-'))
  const scratchFolder = mkdtempSync(join(tmpdir(), 'fairlead-maintain-scratch-'))
  const store = over(localStore(folder))
  const engine: SqlEngine = await duckdbEngine({ memoryMb: 400, threads, spillFolder: join(scratchFolder, 'spill') })
  const clock = { nowMs: Date.now() }
  const events: PlatformEvent[] = []
  const tools = {
    engine,
    scratch: {
      folder: scratchFolder,
      read: async (path: string) => new Uint8Array(readFileSync(path)),
      remove: (path: string) => rm(path, { force: true }),
      localPaths: async (objects: readonly string[]) => objects.map((object) => join(folder, object)),
    },
  }
  const bench: MaintainBench = {
    folder,
    store,
    clock,
    events,
    effects: {
      store,
      ...tools,
      nowMs: () => clock.nowMs,
      report: (event) => void events.push(event),
      failpoint: noFailpoint,
      inWorkshop: (work) => work(tools),
    },
    table: (root, failpoint = noFailpoint) =>
      openTable(store, root, quietEffects({ nowMs: () => clock.nowMs, failpoint })),
    async end() {
      await engine.close()
      rmSync(folder, { recursive: true, force: true })
      rmSync(scratchFolder, { recursive: true, force: true })
    },
  }
  return bench
}

/** A hash of the rows that does not depend on their order or files, every byte of them. */
export async function contentHash(store: ObjectStore, root: string, snapshot: Snapshot): Promise<string> {
  const rows: string[] = []
  for await (const batch of readRows(store, root, snapshot)) rows.push(...batch.map(rowText))
  const hash = createHash('sha256')
  for (const row of rows.sort()) hash.update(row).update('\n')
  return `${rows.length} ${hash.digest('hex')}`
}
