import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Table } from '#lake'
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { memoryStore } from '#storage'
import type { CompactOptions } from '../../src/pipeline/maintain/index.ts'
import { cleanLog, compactFiles, maintainer, planCompaction, vacuum } from '../../src/pipeline/maintain/index.ts'
import { quietEffects } from '../lake/effects.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from '../lake/table.ts'
import { Died, storeDyingAt } from '../storage/doubles.ts'
import { maintainBench } from './maintain-fixture.ts'

const eager: CompactOptions = {
  targetBytes: 1 << 20,
  targetRows: 100_000,
  leastFiles: 12,
  mostFiles: 64,
  tierFactor: 8,
}
const configuration = {
  'delta.checkpointInterval': '20',
  'delta.deletedFileRetentionDuration': 'interval 60 seconds',
  'delta.logRetentionDuration': 'interval 60 seconds',
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

async function appendWith(table: Table, n: number): Promise<void> {
  const file = await writeRows(table, 'a', [n])
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage(newest) {
      assert.equal(newest?.txns.get('land') ?? 0, n, 'one commit after the other')
      const made = newest === undefined ? { columns, configuration } : {}
      return changing({ ...made, add: [file], txns: [{ appId: 'land', version: n + 1 }] })
    },
  })
}

test('two hundred commits, kept in order: few files, a short log, every row once, and an idle round costs no write', async () => {
  const bench = await maintainBench()
  try {
    const writer = bench.table('t')
    const maintain = maintainer(bench.table('t'), { compact: eager }, bench.effects)
    assert.equal(await maintain(), false, 'no table yet')
    const stamped = new Set<string>()
    for (let n = 0; n < 200; n += 1) {
      await appendWith(writer, n)
      bench.clock.nowMs += 1000
      if (n % 10 !== 9) continue
      for (const path of await pathsIn(bench.store, 't/')) {
        if (!stamped.has(path)) utimesSync(join(bench.folder, path), bench.clock.nowMs / 1000, bench.clock.nowMs / 1000)
        stamped.add(path)
      }
      while (await maintain()) {}
    }
    await writer.settled()
    const snapshot = await bench.table('t').snapshot()
    assert.deepEqual(await numbersOf(bench.store, 't', snapshot), upTo(200))
    assert.equal(snapshot?.txns.get('land'), 200)
    assert.ok(snapshot.files.length < 60, `${snapshot.files.length} files`)
    const log = await pathsIn(bench.store, 't/_delta_log/')
    assert.ok(log.length < 160, `${log.length} objects in the log`)
    assert.ok((await pathsIn(bench.store, 't/part')).length < 300)
    const deeds = new Set(bench.events.map((event) => (event.kind === 'lake/maintained' ? event.deed : event.kind)))
    assert.deepEqual([...deeds].sort(), ['clean-log', 'compact', 'compact-log', 'vacuum'])

    await maintain()
    const before = await pathsIn(bench.store, 't/')
    bench.clock.nowMs += 1000
    assert.equal(await maintain(), false)
    assert.deepEqual(await pathsIn(bench.store, 't/'), before)
  } finally {
    await bench.end()
  }
})

test('a file that cannot be compacted is told of once, and the others are', async () => {
  const bench = await maintainBench()
  try {
    const table = bench.table('t')
    for (const n of upTo(30)) await appendWith(table, n)
    const [, second] = (await table.snapshot())?.files ?? []
    assert.ok(second)
    await bench.store.replace(`t/${second.path}`, new TextEncoder().encode('x'.repeat(second.sizeBytes)))
    const maintain = maintainer(bench.table('t'), { compact: { ...eager, leastFiles: 2 } }, bench.effects)
    while (await maintain()) {}
    await maintain()
    await maintain()
    const faults = bench.events.flatMap((event) => (event.kind === 'fault' ? [event.fault] : []))
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['lake/damaged'],
    )
    assert.equal((await table.snapshot())?.files.length, 2)
  } finally {
    await bench.end()
  }
})

test('what is needed may move on while another process cleans the log: it is asked again, and told only where it stays so', async () => {
  const bench = await maintainBench()
  try {
    const table = bench.table('t')
    for (const n of upTo(41)) await appendWith(table, n)
    await table.settled()
    bench.clock.nowMs = Date.now() + 3 * 3_600_000
    const other = await cleanLog(bench.table('t'), { from: 40 }, bench.effects)
    assert.ok(other > 0, 'another process cleaned up to what it needs')
    const needed = [1, 1, 1, 40, 40]
    const asked: number[] = []
    const neededFrom = async () => {
      asked.push(needed.shift() ?? 1)
      return asked.at(-1)
    }
    const faults = () => bench.events.flatMap((event) => (event.kind === 'fault' ? [event.fault.code] : []))
    await maintainer(bench.table('t'), { neededFrom }, bench.effects)()
    assert.deepEqual(faults(), ['lake/no-version'], 'it is needed, and gone')
    bench.events.length = 0
    await maintainer(bench.table('t'), { neededFrom }, bench.effects)()
    assert.deepEqual(faults(), [])
  } finally {
    await bench.end()
  }
})

/** Parquet without an engine: what a compaction needs of one, over a store in memory. */
async function compactInMemory(table: Table, store: ObjectStore): Promise<void> {
  const snapshot = await table.snapshot()
  const [run] = snapshot === undefined ? [] : planCompaction(snapshot.files, { ...eager, leastFiles: 4, mostFiles: 10 })
  if (snapshot === undefined || run === undefined) return
  const rows = await numbersOf(store, table.root, { ...snapshot, files: run })
  const file = await writeRows(table, 'c', rows)
  let overtaken = false
  await table.commit({
    operation: 'OPTIMIZE',
    blindAppend: false,
    stage(newest) {
      const live = new Set(newest?.files.map(({ path }) => path))
      overtaken = run.some(({ path }) => !live.has(path))
      return overtaken ? undefined : changing({ add: [file], remove: run })
    },
  })
  if (overtaken) await store.remove(`${table.root}/${file.path}`)
}

/** Lets the others have their turn at each call, a random number of times. */
function shuffled(store: ObjectStore, random: () => number): ObjectStore {
  const turns = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let turns = Math.floor(random() * 4); turns > 0; turns -= 1) await new Promise(setImmediate)
    return work()
  }
  return {
    ...store,
    read: (path) => turns(() => store.read(path)),
    readRange: (path, start, end) => turns(() => store.readRange(path, start, end)),
    create: (path, bytes) => turns(() => store.create(path, bytes)),
    replace: (path, bytes) => turns(() => store.replace(path, bytes)),
    remove: (path) => turns(() => store.remove(path)),
  }
}

test('two appenders, a replacer, compaction, checkpoints, cleaning and vacuum at once: nothing is lost, every version within the retention reads', async () => {
  for (let seed = 1; seed <= 3; seed += 1) {
    let state = seed * 7919
    const random = () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    // The store's own clock counts its writes, and so does everyone's here.
    const memory = memoryStore()
    let writes = 0
    const ticking: ObjectStore = {
      ...memory,
      async create(path, bytes) {
        const outcome = await memory.create(path, bytes)
        if (outcome === 'created') writes += 1
        return outcome
      },
      replace(path, bytes) {
        writes += 1
        return memory.replace(path, bytes)
      },
    }
    const nowMs = () => writes
    // Longer than any of them holds a file before its commit.
    const retained = 150
    const effects = quietEffects({ nowMs, random })
    const open = () => openTable(shuffled(ticking, random), 't', effects)
    const first = open()
    const seedFile = await writeRows(first, 'k', [-1])
    await first.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: () =>
        changing({
          columns,
          configuration: {
            'delta.checkpointInterval': '7',
            'delta.deletedFileRetentionDuration': `interval ${retained} milliseconds`,
            'delta.logRetentionDuration': `interval ${retained} milliseconds`,
          },
          add: [seedFile],
        }),
    })
    let working = 3
    const appender = async (base: number) => {
      const table = open()
      for (let n = 0; n < 50; n += 1) await append(table, `w${base}`, [base + n], [{ appId: `w${base}`, version: n }])
      await table.settled()
      working -= 1
    }
    const replacer = async () => {
      const table = open()
      for (let n = 0; n < 15; n += 1) {
        await table.commit({
          operation: 'MERGE',
          blindAppend: false,
          async stage(newest) {
            // One file, whichever, is written again: what a replace by key does.
            const old = newest?.files[Math.floor(random() * newest.files.length)]
            if (newest === undefined || old === undefined) return undefined
            const rows = await numbersOf(memory, 't', { ...newest, files: [old] })
            return changing({ add: [await writeRows(table, 'r', rows)], remove: [old] })
          },
        })
      }
      working -= 1
    }
    const keeper = async (deed: (table: Table) => Promise<unknown>) => {
      const table = open()
      while (working > 0) {
        await deed(table)
        for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate)
      }
    }
    const log = { store: shuffled(ticking, random), nowMs, report: () => {}, failpoint: () => {} }
    await Promise.all([
      appender(1000),
      appender(2000),
      replacer(),
      keeper((table) => compactInMemory(table, memory)),
      keeper((table) => table.checkpoint(3)),
      keeper((table) => cleanLog(table, {}, log)),
      keeper((table) => vacuum(table, {}, log)),
    ])
    const table = openTable(memory, 't', effects)
    const expected = [-1, ...upTo(50).map((n) => 1000 + n), ...upTo(50).map((n) => 2000 + n)]
    const snapshot = await table.snapshot()
    assert.deepEqual(await numbersOf(memory, 't', snapshot), expected, `seed ${seed}`)
    assert.ok(snapshot)
    let read = 0
    for (let version = snapshot.version; version >= 0; version -= 1) {
      const then = await table.snapshotAt(version)
      await numbersOf(memory, 't', then)
      read += 1
      if ((then.committedMs ?? 0) < writes - retained) break
    }
    assert.ok(read > 3 && snapshot.version > 110)
  }
})

test('maintenance that dies at any of its writes leaves a table that reads, and the next goes on', async () => {
  let deaths = 0
  for (let n = 1; ; n += 1) {
    const memory = memoryStore()
    const nowMs = () => 1_000_000_000
    const writer = openTable(memory, 't', quietEffects({ nowMs }))
    for (const each of upTo(14)) await append(writer, 'a', [each])
    await writer.settled()
    const left = await writeRows(writer, 'a', [99])
    const work = async (store: ObjectStore) => {
      const table = openTable(store, 't', quietEffects({ nowMs }))
      const log = { store, nowMs, report: () => {}, failpoint: () => {} }
      await compactInMemory(table, memory)
      await table.checkpoint()
      await cleanLog(table, { retainMs: 0 }, log)
      await vacuum(table, { retainMs: 0, evenIfReadersAndUploadsBreak: true }, log)
    }
    let died = false
    await work(storeDyingAt(memory, n, n % 2 === 0 ? 'before' : 'after')).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error
      died = true
    })
    const fresh = openTable(memory, 't', quietEffects({ nowMs }))
    assert.deepEqual(await numbersOf(memory, 't', await fresh.snapshot()), upTo(14), `death ${n}`)
    await work(memory)
    assert.deepEqual(await numbersOf(memory, 't', await fresh.snapshot()), upTo(14))
    assert.equal((await pathsIn(memory, 't/')).includes(`t/${left.path}`), false)
    if (!died) break
    deaths += 1
  }
  assert.ok(deaths > 15, `${deaths} deaths`)
})

test('a compaction that is overtaken at its commit leaves nothing behind, on disk too', async () => {
  const bench = await maintainBench()
  try {
    const table = bench.table('t')
    for (const n of upTo(5)) await appendWith(table, n)
    const snapshot = await table.snapshot()
    assert.ok(snapshot)
    const again = compactFiles(table, snapshot, snapshot.files, bench.effects)
    const other = bench.table('t')
    const won = await compactFiles(other, snapshot, snapshot.files, bench.effects)
    const outcomes = [won.outcome, (await again).outcome].sort()
    assert.deepEqual(outcomes, ['compacted', 'overtaken'])
    assert.equal((await pathsIn(bench.store, 't/part')).length, 6)
    assert.deepEqual(await numbersOf(bench.store, 't', await table.snapshot()), upTo(5))
  } finally {
    await bench.end()
  }
})
