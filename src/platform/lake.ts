import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAddress } from '#config'
import type { Table } from '#lake'
import { openLakeFormat, openTable } from '#lake'
import type { Failpoint, ObjectStore, Report } from '#port'
import { Fault, noFailpoint } from '#port'
import { memoryStore } from '#storage'
import { storeOf } from './store.ts'

/** A lake, opened: its store, and its tables by folder, each opened once. */
export interface Lake {
  readonly store: ObjectStore
  readonly table: (root: string) => Table
  /** Answers when nothing goes on behind the commits that were made through these tables. */
  readonly settled: () => Promise<void>
}

export interface LakeEffects {
  readonly report: Report
  readonly failpoint: Failpoint
}

/** Opens the lake in a folder or a bucket, and makes an empty or absent folder one. */
export async function openLake(folder: string, effects: LakeEffects): Promise<Lake> {
  const store = storeOf(folder)
  await openLakeFormat(store)
  return lakeOver(store, effects)
}

/** Opens a lake for reading; undefined where the folder is not there or is empty. Makes nothing. */
export async function existingLake(folder: string, effects: LakeEffects): Promise<Lake | undefined> {
  if (!isAddress(folder) && !existsSync(folder)) return undefined
  const store = storeOf(folder)
  const first = await store.list('')[Symbol.asyncIterator]().next()
  if (first.done === true) return undefined
  await openLakeFormat(store)
  return lakeOver(store, effects)
}

/** As `existingLake`, for what makes no sense without one. */
export async function requiredLake(folder: string, effects: LakeEffects): Promise<Lake> {
  const lake = await existingLake(folder, effects)
  if (lake !== undefined) return lake
  throw new Fault('lake/none', `There is no lake in ${folder}.`, {
    mend: 'Make one with fairlead run --from DIR, or name another folder with --lake.',
    facts: { folder },
  })
}

function lakeOver(store: ObjectStore, { report, failpoint }: LakeEffects): Lake {
  const tables = new Map<string, Table>()
  const effects = {
    nowMs: Date.now,
    newId: randomUUID,
    sleep: async (ms: number) => void (await sleep(ms)),
    random: Math.random,
    report,
    failpoint,
    engineInfo: `fairlead/${productVersion()}`,
  }
  return {
    store,
    table(root) {
      const opened = tables.get(root) ?? openTable(store, root, effects)
      tables.set(root, opened)
      return opened
    },
    async settled() {
      for (const table of tables.values()) await table.settled()
    },
  }
}

/** Stands for a lake that is not there yet, where one has to be looked into. */
export function emptyMemoryLake(): Lake {
  return lakeOver(memoryStore(), { report: () => {}, failpoint: noFailpoint })
}

/**
 * Empties a lake but for its mark. `bronze/file` goes last: while it stands, what is left is known to be sample. Before that comes `refill`, which writes what
 * the emptied lake is to begin with.
 */
export async function emptyLake(store: ObjectStore, refill: () => Promise<void>): Promise<void> {
  const last: string[] = []
  for await (const { path } of store.list('')) {
    if (path === 'format.json') continue
    if (path.startsWith('bronze/file/')) last.push(path)
    else await store.remove(path)
  }
  await refill()
  for (const path of last) await store.remove(path)
}

/** True where the lake holds generated sample data. */
export async function holdsSample({ table }: Lake): Promise<boolean> {
  const snapshot = await table('bronze/file').snapshot()
  return snapshot?.txns.has('kind:sample') ?? false
}

let known: string | undefined

export function productVersion(): string {
  known ??= String(JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')).version)
  return known
}
