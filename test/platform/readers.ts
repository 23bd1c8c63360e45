/** Every kind of table that we write, and how it reads by others: by delta-rs, which shares no code with us, by DuckDB from the snapshot's files, and by Spark. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dialects } from '#compile'
import { duckdbEngine } from '#engine'
import type { Snapshot, Table } from '#lake'
import { openTable, withColumns } from '#lake'
import { writeParquet } from '#parquet'
import { checkpointTable, checkTable, compactTable, vacuumTable } from '#platform'
import type { Column } from '#port'
import { localStore } from '#storage'
import { attachSnapshot } from '../../src/pipeline/exchange.ts'
import { quietEffects } from '../lake/effects.ts'
import { changing } from '../lake/table.ts'

const effects = { report: () => {}, signal: new AbortController().signal }

const columns = [
  { name: 'n', type: 'long' },
  { name: 'name', type: 'string' },
  { name: 'at', type: 'timestamp' },
] as const satisfies readonly Column[]
const partitions = [
  { name: 'place', type: 'string' },
  { name: 'day', type: 'date' },
  { name: 'hour', type: 'timestamp' },
  { name: 'open', type: 'boolean' },
] as const satisfies readonly Column[]
const note = { name: 'note', type: 'string' } as const satisfies Column

/** What partitions may meet: text that folders and paths must encode, and null. */
const placed = [
  { place: 'Queens', day: '2025-01-31', hour: '2025-01-31T07:00:00.000000Z', open: 'true' },
  { place: 'a/b c%d=é', day: '2024-02-29', hour: '2025-01-31T07:08:09.000123Z', open: 'false' },
  { place: null, day: null, hour: null, open: null },
]

interface Over {
  readonly partition?: number
  readonly noted?: boolean
  readonly replace?: boolean
  readonly configuration?: Readonly<Record<string, string>>
}

async function add(table: Table, n: number, over: Over = {}) {
  const fields = over.noted ? [...columns, note] : columns
  const values = [[n, n + 1], ['x'.repeat(40) + n, null], { constant: 1_700_000_000_000_001 + n }, ['ä', null]]
  const parquet = writeParquet(fields, values.slice(0, fields.length), 2)
  const partition = over.partition === undefined ? undefined : placed[over.partition]
  const file = await table.writeFile(parquet, partition)
  const wanted = partition === undefined ? fields : [...fields, ...partitions]
  await table.commit({
    operation: 'WRITE',
    blindAppend: !over.replace,
    stage: (newest) =>
      changing({
        ...(newest === undefined && over.configuration ? { configuration: over.configuration } : {}),
        ...withColumns(newest, wanted),
        ...(newest !== undefined || partition === undefined
          ? {}
          : { partitionColumns: partitions.map(({ name }) => name) }),
        add: [file],
        remove: over.replace ? (newest?.files.slice(0, 3) ?? []) : [],
        txns: [{ appId: 'land', version: n }],
      }),
  })
}

export type Kinds = Readonly<Record<string, (table: Table, folder: string) => Promise<void>>>

export const kinds: Kinds = {
  plain: async (table) => {
    for (let n = 0; n < 7; n += 1) await add(table, n, { replace: n % 3 === 2 })
  },
  checkpointed: async (table, folder) => {
    for (let n = 0; n < 25; n += 1) await add(table, n, { replace: n % 4 === 3 })
    await table.settled()
    await checkpointTable(folder, effects)
    await add(table, 99)
  },
  compacted: async (table, folder) => {
    for (let n = 0; n < 9; n += 1) await add(table, n)
    await compactTable({ folder, targetBytes: 2 ** 27, engine: { memoryMb: 256 } }, effects)
    await add(table, 99)
  },
  log_compacted: async (table) => {
    for (let n = 0; n < 8; n += 1) await add(table, n, { replace: n % 3 === 2 })
    assert.deepEqual(await table.compactLog(4), { from: 0, to: 7 })
    await table.writeChecksum()
    await add(table, 99)
    await table.checkpoint()
    for (let n = 100; n < 106; n += 1) await add(table, n, { replace: n % 3 === 2 })
    assert.deepEqual(await table.compactLog(4), { from: 9, to: 14 })
    await table.writeChecksum()
  },
  vacuumed: async (table, folder) => {
    for (let n = 0; n < 9; n += 1) await add(table, n, { replace: n % 3 === 2 })
    await checkpointTable(folder, effects)
    const done = await vacuumTable(
      { folder, retainHours: 0, evenIfReadersAndUploadsBreak: true, remove: true },
      effects,
    )
    assert.ok(done.files.length > 0)
    await add(table, 99)
  },
  partitioned: async (table, folder) => {
    for (let n = 0; n < 12; n += 1) await add(table, n, { partition: n % 3 })
    await compactTable({ folder, targetBytes: 2 ** 27, engine: { memoryMb: 256 } }, effects)
    await checkpointTable(folder, effects)
    for (let n = 12; n < 15; n += 1) await add(table, n, { partition: n % 3, replace: true })
    await table.compactLog(2)
  },
  evolved: async (table) => {
    for (let n = 0; n < 3; n += 1) await add(table, n)
    for (let n = 3; n < 6; n += 1) await add(table, n, { noted: true })
    await add(table, 6)
    await table.checkpoint()
    await add(table, 7, { noted: true })
  },
  evolved_partitioned: async (table) => {
    for (let n = 0; n < 3; n += 1) await add(table, n, { partition: n % 3 })
    for (let n = 3; n < 6; n += 1) await add(table, n, { partition: n % 3, noted: true })
    await table.compactLog(2)
  },
}

const manyCommits = 10_000
const compactEvery = 1_000

/** As a stream leaves it: checkpoints by the hundred commits, and compaction that comes by. */
export const longKinds: Kinds = {
  many_commits: async (table, folder) => {
    const configuration = { 'delta.checkpointInterval': '100' }
    for (let n = 0; n < manyCommits; n += 1) {
      await add(table, n, { configuration })
      if (n % compactEvery === compactEvery / 2) {
        await compactTable({ folder, targetBytes: 2 ** 27, engine: { memoryMb: 256 } }, effects)
      }
    }
    await table.settled()
  },
}

/** A version of a table, as a reader is asked for it; null: the newest. */
export interface Asked {
  readonly table: string
  readonly version: number | null
  readonly columns: readonly string[]
  readonly types: Readonly<Record<string, string>>
  readonly partitionTypes: Readonly<Record<string, string | undefined>>
  readonly files: readonly string[]
}

export interface Made {
  readonly root: string
  /** In the order of `asked`: what is asked, in words, and what we read: rows and a hash of them. */
  readonly names: readonly string[]
  readonly ours: readonly string[]
  readonly asked: readonly Asked[]
  /** Rows and hash of a Parquet file that holds such a table. */
  told(file: string, of: Asked): Promise<string>
}

const hashed = (relation: string) =>
  `SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(CAST(r AS VARCHAR)) AS h FROM ${relation} r)`

/** Makes the tables, reads them, and hands on what others are to read. */
export async function withTables(all: Kinds, work: (made: Made) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-readers-'))
  const engine = await duckdbEngine({ memoryMb: 512, threads: 1, spillFolder: join(root, 'spill') })
  const dialect = dialects[engine.dialect]
  try {
    const store = localStore(join(root, 'lake'))
    const asked: Asked[] = []
    const ours: string[] = []
    const names: string[] = []
    const count = async (relation: string): Promise<string> => {
      const { rows } = await engine.query(hashed(relation))
      return `${rows[0]?.[0]} rows ${rows[0]?.[1]}`
    }
    const ask = async (name: string, table: Table, snapshot: Snapshot, version: number | null): Promise<void> => {
      const localPaths = async (paths: readonly string[]) => paths.map((path) => join(root, 'lake', path))
      const scratch = { folder: root, localPaths, read: async () => new Uint8Array(), remove: async () => {} }
      await attachSnapshot('look.rows', table, snapshot, [], { engine, scratch })
      ours.push(await count('look."rows"'))
      names.push(`${name} at ${version ?? 'its newest'}`)
      const types = Object.fromEntries(snapshot.columns.map((each) => [each.name, dialect.type(each.type)]))
      asked.push({
        table: join(root, 'lake', name),
        version,
        columns: snapshot.columns.map((each) => each.name),
        types,
        partitionTypes: Object.fromEntries(snapshot.partitionColumns.map((each) => [each, types[each]])),
        files: snapshot.files.map(({ path }) => join(root, 'lake', name, path)),
      })
    }
    for (const [name, make] of Object.entries(all)) {
      const folder = join(root, 'lake', name)
      await make(openTable(store, name, quietEffects()), folder)
      const table = openTable(store, name, quietEffects())
      const snapshot = await table.snapshot()
      assert.ok(snapshot)
      assert.deepEqual((await checkTable(folder, effects)).problems, [], name)
      await ask(name, table, snapshot, null)
      // Where nothing was vacuumed, every version of the past reads too.
      for (const version of name === 'vacuumed' ? [] : [0, Math.floor(snapshot.version / 2)]) {
        await ask(name, table, await table.snapshotAt(version), version)
      }
    }
    assert.ok(readdirSync(join(root, 'lake/log_compacted/_delta_log')).some((each) => each.endsWith('.compacted.json')))
    const told = (file: string, { types }: Asked) => {
      const own = Object.entries(types).map(([name, type]) => `CAST("${name}" AS ${type}) AS "${name}"`)
      return count(`(SELECT ${own.join()} FROM read_parquet('${file}'))`)
    }
    await work({ root, names, ours, asked, told })
  } finally {
    await engine.close()
    rmSync(root, { recursive: true, force: true })
  }
}

/** What delta-rs reads from the log alone, and DuckDB from the files that we name. */
export function readByDeltaRs(python: string, { names, ours, asked }: Made): void {
  const script = join(import.meta.dirname, 'readers.py')
  const answers: { deltaRs: string; files: string }[] = JSON.parse(
    execFileSync(python, [script], { encoding: 'utf8', input: JSON.stringify(asked) }),
  )
  for (const [i, { deltaRs, files }] of answers.entries()) {
    assert.equal(deltaRs, ours[i], `${names[i]}, by delta-rs`)
    assert.equal(files, ours[i], `${names[i]}, by DuckDB`)
  }
  assert.equal(answers.length, names.length)
}
