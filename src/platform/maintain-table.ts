import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Snapshot, Table } from '#lake'
import { checkFiles, checkLog, logFiles, openTable, recordsOf, wholeCheckpoints } from '#lake'
import { compactFiles, planCompaction, planVacuum, vacuum } from '#pipeline'
import type { ObjectStore } from '#port'
import { Fault, noFailpoint } from '#port'
import { localStore } from '#storage'
import type { WorkEffects } from './api.ts'
import { productVersion } from './lake.ts'
import type {
  CompactRequest,
  TableCheck,
  TableCompaction,
  TableReport,
  TableVacuum,
  VacuumRequest,
} from './maintain-api.ts'
import { maintainWorkshop } from './maintain-workshop.ts'

/** A table by its folder, ours or another writer's: its own store, so that nothing is written beside it. */
export interface OpenedTable {
  readonly store: ObjectStore
  readonly root: string
  readonly table: Table
}

/** Fault `lake/no-table` where the folder holds none. */
export function openTableFolder(folder: string, { report }: Pick<WorkEffects, 'report'>): OpenedTable {
  if (!existsSync(join(folder, '_delta_log'))) {
    throw new Fault('lake/no-table', `${folder} is no Delta table: it has no _delta_log.`, {
      mend: 'Name the folder that holds _delta_log, for example lake/silver/school.',
      facts: { folder },
    })
  }
  const root = basename(folder)
  const store = storeOfTable(folder, root)
  const table = openTable(store, root, {
    nowMs: Date.now,
    newId: randomUUID,
    sleep: async (ms) => void (await sleep(ms)),
    random: Math.random,
    report,
    failpoint: noFailpoint,
    engineInfo: `fairlead/${productVersion()}`,
  })
  return { store, root, table }
}

/** The table's own folder as a store in which it is called `root`; temporaries lie in a folder of it that readers of Delta pass over. */
function storeOfTable(folder: string, root: string): ObjectStore {
  const store = localStore(folder)
  const inside = (path: string) => path.slice(root.length + 1)
  return {
    name: store.name,
    localRoot: dirname(folder),
    read: (path) => store.read(inside(path)),
    readRange: (path, start, end) => store.readRange(inside(path), start, end),
    async *list(prefix, after) {
      const found = store.list(inside(prefix), after === undefined ? undefined : inside(after))
      for await (const info of found) yield { ...info, path: `${root}/${info.path}` }
    },
    create: (path, bytes) => store.create(inside(path), bytes),
    replace: (path, bytes) => store.replace(inside(path), bytes),
    remove: (path) => store.remove(inside(path)),
    sync: (folder) => store.sync(inside(folder)),
  }
}

export async function inspectTable(folder: string, effects: WorkEffects): Promise<TableReport> {
  const { store, root, table } = openTableFolder(folder, effects)
  const snapshot = await newest(table, folder)
  const log = await Array.fromAsync(logFiles(store, root))
  const commits = log.filter(({ kind }) => kind === 'commit')
  const rows = snapshot.files.map(recordsOf)
  const [first] = commits
  return {
    folder,
    version: snapshot.version,
    id: snapshot.id,
    committedAt: snapshot.committedMs === undefined ? null : new Date(snapshot.committedMs).toISOString(),
    protocol: snapshot.protocol,
    columns: snapshot.columns,
    partitionColumns: snapshot.partitionColumns,
    properties: snapshot.configuration,
    files: snapshot.files.length,
    sizeBytes: snapshot.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    rows: rows.every((count) => count !== undefined) ? rows.reduce((sum, count) => sum + count, 0) : null,
    txns: Object.fromEntries(snapshot.txns),
    checkpoints: wholeCheckpoints(log).map(({ version }) => version),
    log: first === undefined ? null : { from: first.version, to: commits.at(-1)?.version ?? first.version },
  }
}

/** Everything that is wrong with a table; one that asks for what is not known here faults with `lake/unsupported`. */
export async function checkTable(folder: string, effects: WorkEffects): Promise<TableCheck> {
  const { store, root, table } = openTableFolder(folder, effects)
  const problems: TableCheck['problems'][number][] = []
  let snapshot: Snapshot | undefined
  const damage = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'lake/damaged') throw error
      if (!problems.some(({ what }) => what === error.message))
        problems.push({ kind: 'table', where: String(error.facts.path ?? root), what: error.message })
    }
  }
  await damage(async () => {
    snapshot = await newest(table, folder)
  })
  await damage(async () => {
    for await (const problem of checkLog(store, root)) problems.push(problem)
  })
  const files = snapshot?.files ?? []
  for await (const problem of checkFiles(store, root, files)) problems.push(problem)
  return { ok: problems.length === 0, version: snapshot?.version ?? null, files: files.length, problems }
}

/** Answers the version that a checkpoint stands for now, and whether it was written just now. */
export async function checkpointTable(
  folder: string,
  effects: WorkEffects,
): Promise<{ readonly version: number; readonly written: boolean }> {
  const { table } = openTableFolder(folder, effects)
  await newest(table, folder)
  await table.checkWritable()
  const written = await table.checkpoint()
  await table.writeChecksum()
  return { version: written ?? (await newest(table, folder)).version, written: written !== undefined }
}

/** Puts all small files together, step by step, until none is left to gain from. */
export async function compactTable(
  { folder, targetBytes, engine }: CompactRequest,
  { report, signal }: WorkEffects,
): Promise<TableCompaction> {
  const { store, table } = openTableFolder(folder, { report })
  const inWorkshop = maintainWorkshop(store, engine)
  const options = {
    targetBytes,
    targetRows: 10_000_000,
    leastFiles: 2,
    mostFiles: 1000,
    tierFactor: Number.POSITIVE_INFINITY,
  }
  const snapshot = await newest(table, folder)
  await table.checkWritable()
  let written = 0
  let removed = 0
  for (const run of planCompaction(snapshot.files, options)) {
    if (signal.aborted) throw new Fault('machine/stopped', 'Stopped between two steps.', { mend: 'Run it again.' })
    const effects = { store, nowMs: Date.now, report, failpoint: noFailpoint }
    const outcome = await inWorkshop((tools) => compactFiles(table, snapshot, run, { ...effects, ...tools }))
    if (outcome.outcome === 'overtaken') continue
    written += outcome.written
    removed += outcome.removed
  }
  await table.settled()
  return { version: (await newest(table, folder)).version, written, removed }
}

const hourMs = 3_600_000

export async function vacuumTable(
  { folder, retainHours, evenIfReadersAndUploadsBreak, remove }: VacuumRequest,
  { report }: WorkEffects,
): Promise<TableVacuum> {
  const { store, table } = openTableFolder(folder, { report })
  await newest(table, folder)
  const options = {
    evenIfReadersAndUploadsBreak,
    ...(retainHours === undefined ? {} : { retainMs: retainHours * hourMs }),
  }
  const work = remove ? vacuum : planVacuum
  const found = await work(table, options, { store, nowMs: Date.now, report, failpoint: noFailpoint })
  return { removed: remove, retainHours: found.retainMs / hourMs, sizeBytes: found.sizeBytes, files: found.files }
}

async function newest(table: Table, folder: string): Promise<Snapshot> {
  const snapshot = await table.snapshot()
  if (snapshot !== undefined) return snapshot
  throw new Fault('lake/no-table', `${folder} is no Delta table: its log is empty.`, {
    mend: 'Name the folder of a table that has at least one commit.',
    facts: { folder },
  })
}
