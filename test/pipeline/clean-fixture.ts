import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import type { Contract } from '#contract'
import { duckdbEngine } from '#engine'
import type { Table } from '#lake'
import { openTable } from '#lake'
import { writeParquet } from '#parquet'
import type { SourceFile, StageEffects } from '#pipeline'
import { bronzeColumns, landFiles } from '#pipeline'
import type { Failpoint, FailpointName, ObjectStore, PlatformEvent } from '#port'
import { noFailpoint } from '#port'
import { localStore } from '#storage'
import { attachSnapshot } from '../../src/pipeline/exchange.ts'
import { storeDyingAt } from '../storage/doubles.ts'

/** A lake in a folder of its own, and as many workers on it as a test wants. */
export interface Bench {
  readonly folder: string
  /** Everything a stage needs; each call is a process of its own: its own engine, its own view of the tables. */
  worker(options?: WorkerOptions): Promise<StageEffects>
  end(): Promise<void>
}

export interface WorkerOptions {
  readonly failpoint?: Failpoint
  /** Of its engine; with more than one, rows come in no order of their own. */
  readonly threads?: number
  readonly events?: PlatformEvent[]
  /** What stands between the worker and the lake. */
  readonly through?: (store: ObjectStore) => ObjectStore
  /** Takes down the objects that the engine is given to read. */
  readonly read?: string[]
}

/** With `of`, the lake begins as a copy of that bench's. */
export async function bench(of?: Bench): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'clean-'))
  if (of !== undefined) await cp(join(of.folder, 'lake'), join(folder, 'lake'), { recursive: true })
  const engines: StageEffects['engine'][] = []
  let workers = 0
  return {
    folder,
    async worker({
      failpoint = noFailpoint,
      threads = 1,
      events = [],
      through = (store: ObjectStore) => store,
      read = [],
    } = {}) {
      workers += 1
      const scratch = await mkdtemp(join(folder, 'scratch-'))
      const engine = await duckdbEngine({ memoryMb: 800, threads, spillFolder: join(scratch, 'spill') })
      engines.push(engine)
      const store = through(localStore(join(folder, 'lake')))
      const effects = {
        nowMs: () => Date.now(),
        newId: () => randomUUID(),
        sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
        random: Math.random,
        report: (event: PlatformEvent) => void events.push(event),
        failpoint,
        engineInfo: `test/${workers}`,
      }
      const tables = new Map<string, Table>()
      return {
        store,
        table(root) {
          const table = tables.get(root) ?? openTable(store, root, effects)
          tables.set(root, table)
          return table
        },
        engine,
        scratch: {
          folder: scratch,
          read: async (path) => new Uint8Array(await readFile(path)),
          remove: (path) => rm(path, { force: true }),
          localPaths: async (objects) => {
            read.push(...objects)
            return objects.map((object) => join(folder, 'lake', object))
          },
        },
        nowMs: effects.nowMs,
        report: effects.report,
        failpoint,
        signal: new AbortController().signal,
      }
    },
    async end() {
      for (const engine of engines) await engine.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Who publishes the datasets of these tests. */
export const ours = { publisher: 'us', licence: 'MIT', attribution: 'us', url: 'https://example.org' }

/** A measure that does not stand in Silver: what a row was made of is known to Bronze alone. */
export const trust: Contract['columns'][string] = {
  ...{ type: 'double', about: 'trust', unit: 'percent', from: ['trust'] },
  measure: { respondent: 'family', construct: 'Trust', scale: 'percent_positive' },
  wide: false,
}

/** A bench for as long as work takes; with `of`, as a copy of that one. */
export async function withBench<T>(work: (at: Bench) => Promise<T>, of?: Bench): Promise<T> {
  const at = await bench(of)
  try {
    return await work(at)
  } finally {
    await at.end()
  }
}

export function textFile(name: string, text: string, modifiedMs: number): SourceFile {
  const bytes = new TextEncoder().encode(text)
  return {
    name,
    sizeBytes: bytes.length,
    modifiedMs,
    async *open() {
      yield bytes
    },
  }
}

export async function folderOf(root: string): Promise<readonly SourceFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files: SourceFile[] = []
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const { size, mtimeMs } = await stat(path)
    files.push({
      name: relative(root, path).split(sep).join('/'),
      sizeBytes: size,
      modifiedMs: Math.floor(mtimeMs),
      async *open() {
        yield new Uint8Array(await readFile(path))
      },
    })
  }
  return files
}

export async function land(files: readonly SourceFile[], contracts: readonly Contract[], effects: StageEffects) {
  return await landFiles(files, contracts, effects)
}

/** A record of a topic, as a consumer lands it. */
export interface Message {
  readonly partition: number
  readonly offset: number
  readonly atMs: number
  readonly value: string | Uint8Array | null
  readonly layout?: string
}

export async function landMessages(
  dataset: string,
  { topic, id }: { readonly topic: string; readonly id: string },
  messages: readonly Message[],
  effects: StageEffects,
): Promise<void> {
  const table = effects.table(`bronze/${dataset}`)
  const columns = [
    { constant: topic },
    { constant: id },
    messages.map(({ partition }) => partition),
    messages.map(({ offset }) => offset),
    messages.map(({ atMs }) => atMs * 1000),
    { constant: 'log_append_time' },
    { constant: null },
    messages.map(({ value }) => value),
    messages.map(({ layout }) => (layout === undefined ? [] : [{ key: 'layout', value: layout }])),
    { constant: Date.now() * 1000 },
  ]
  const file = await table.writeFile(writeParquet(bronzeColumns, columns, messages.length))
  await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: (newest) => ({
      ...(newest === undefined ? { columns: bronzeColumns } : {}),
      add: [file],
      remove: [],
      txns: [],
    }),
  })
}

/** Rows of a Silver table as the lake has it, sorted, without `ingest_ts`. */
export async function rowsOf(name: string, effects: StageEffects): Promise<readonly string[]> {
  const table = effects.table(`silver/${name}`)
  const snapshot = await table.snapshot()
  if (snapshot === undefined) return []
  await attachSnapshot('look.table', table, snapshot, [], effects)
  const { rows } = await effects.engine
    .query('SELECT * EXCLUDE (ingest_ts) FROM look."table"')
    .catch(async () => effects.engine.query('SELECT * FROM look."table"'))
  return rows.map((row) => JSON.stringify(row)).sort()
}

/** The rows of Silver tables, by name. */
export async function rowsOfEach(
  names: readonly string[],
  effects: StageEffects,
): Promise<Record<string, readonly string[]>> {
  const told: Record<string, readonly string[]> = {}
  for (const name of names) told[name] = await rowsOf(name, effects)
  return told
}

/** A worker whose writes to the store are counted. */
export async function countingWorker(
  at: Bench,
): Promise<{ readonly worker: StageEffects; readonly writes: () => number }> {
  let counted = { writes: 0 }
  const through = (store: ObjectStore): ObjectStore => {
    const counting = storeDyingAt(store, Number.POSITIVE_INFINITY, 'after')
    counted = counting
    return counting
  }
  return { worker: await at.worker({ through }), writes: () => counted.writes }
}

/** Dies at a place: the n-th time that it is met, or each time. */
export function dieAt(place: FailpointName, nth?: number): Failpoint {
  let met = 0
  return (name) => {
    if (name !== place) return
    met += 1
    if (nth === undefined || met === nth) throw new Error('killed')
  }
}

/** Paths and sizes of every log in the lake: what a run with nothing to do must leave as it is. */
export async function logListing(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(folder, 'lake'), { recursive: true })
  return entries.filter((path) => path.includes('_delta_log')).sort()
}
