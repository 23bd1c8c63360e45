import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Table } from '#lake'
import { Fault } from '#port'
import { cleanLog, planVacuum, vacuum } from '../../src/pipeline/maintain/index.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from '../lake/table.ts'
import type { MaintainBench } from './maintain-fixture.ts'
import { maintainBench } from './maintain-fixture.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

let bench: MaintainBench
before(async () => {
  bench = await maintainBench()
})
after(() => bench.end())

/** Files have the machine's time; a test that turns its clock back to when they were made sees them as old as it likes. */
async function age(root: string, ms: number, only: (path: string) => boolean = () => true): Promise<void> {
  for (const path of await pathsIn(bench.store, `${root}/`)) {
    const then = (bench.clock.nowMs - ms) / 1000
    if (only(path)) utimesSync(join(bench.folder, path), then, then)
  }
}

async function replaceAll(table: Table, n: number): Promise<void> {
  const file = await writeRows(table, 'a', [n])
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage: (newest) => changing({ ...(newest ? {} : { columns }), add: [file], remove: newest?.files ?? [] }),
  })
}

const dataFiles = async (root: string) =>
  (await pathsIn(bench.store, `${root}/`)).filter((path) => /parquet$/.test(path))

test('what no version needs goes after the retention; what one within it needs, and an upload under way, stay', async () => {
  const table = bench.table('swept')
  await replaceAll(table, 0)
  await replaceAll(table, 1)
  bench.clock.nowMs += 8 * dayMs
  await age('swept', 8 * dayMs)
  await replaceAll(table, 2)
  const upload = await writeRows(table, 'a', [99])
  await bench.store.create('swept/left.parquet', new Uint8Array([1]))
  await bench.store.create('swept/_change_data/cdc.parquet', new Uint8Array([1]))
  await bench.store.create('swept/.hidden', new Uint8Array([1]))
  await bench.store.create('swept/_delta_log/.00000000000000000009.json.x.tmp', new Uint8Array([1]))
  await bench.store.create('swept/_p=1/left.parquet', new Uint8Array([1]))
  await age('swept', 0)
  await age('swept', 8 * dayMs, (path) => !path.includes(upload.path) && !path.includes('.json'))

  const plan = await planVacuum(table, {}, bench.effects)
  const before = await pathsIn(bench.store, 'swept/')
  const [first] = (await table.snapshotAt(0)).files
  assert.deepEqual(
    plan.files.map(({ path }) => path),
    ['_p=1/left.parquet', 'left.parquet', first?.path].sort(),
  )
  assert.deepEqual(await pathsIn(bench.store, 'swept/'), before)
  assert.deepEqual((await vacuum(table, {}, bench.effects)).files, plan.files)
  assert.deepEqual((await planVacuum(table, {}, bench.effects)).files, [])

  // The version that was the newest within the last week reads; the upload can be committed.
  assert.deepEqual(await numbersOf(bench.store, 'swept', await table.snapshotAt(1)), [1])
  await table.commit({ operation: 'WRITE', blindAppend: true, stage: () => changing({ add: [upload] }) })
  assert.deepEqual(await numbersOf(bench.store, 'swept', await bench.table('swept').snapshot()), [2, 99])
  assert.ok((await pathsIn(bench.store, 'swept/')).some((path) => path.endsWith('cdc.parquet')))
})

test('a retention shorter than the table’s own is refused, unless the danger is named', async () => {
  const table = bench.table('short')
  await replaceAll(table, 0)
  await replaceAll(table, 1)
  await age('short', hourMs)
  bench.clock.nowMs += 1
  await assert.rejects(planVacuum(table, { retainMs: hourMs / 2 }, bench.effects), (error) => {
    assert.ok(error instanceof Fault)
    assert.equal(error.code, 'lake/retention')
    assert.match(error.message, /168 hours; 0\.5 would take/)
    assert.match(error.mend, /--even-if-readers-and-uploads-break/)
    return true
  })
  const forced = { retainMs: 0, evenIfReadersAndUploadsBreak: true }
  assert.equal((await vacuum(table, forced, bench.effects)).files.length, 1)
  assert.deepEqual(await numbersOf(bench.store, 'short', await table.snapshot()), [1])
})

test('a longer retention than the table’s own asks the log for what the table has forgotten', async () => {
  const table = bench.table('long')
  const file = await writeRows(table, 'a', [0])
  await table.commit({
    operation: 'WRITE',
    blindAppend: true,
    stage: () =>
      changing({ columns, configuration: { 'delta.deletedFileRetentionDuration': 'interval 1 hours' }, add: [file] }),
  })
  await replaceAll(table, 1)
  bench.clock.nowMs += 2 * hourMs
  for (let n = 2; n < 12; n += 1) await replaceAll(table, n)
  await table.settled()
  await age('long', 2 * hourMs)
  const fresh = bench.table('long')
  assert.equal((await planVacuum(fresh, {}, bench.effects)).files.length, 1)
  await age('long', 4 * hourMs, (path) => !path.includes('_delta_log'))
  assert.equal((await planVacuum(fresh, { retainMs: 3 * hourMs }, bench.effects)).files.length, 0)
})

test('a version that someone still reads keeps its files and its log, however old', async () => {
  const table = bench.table('held')
  const stamped = new Set<string>()
  for (let n = 0; n < 35; n += 1) {
    await replaceAll(table, n)
    await table.settled()
    await age('held', 0, (path) => !stamped.has(path))
    for (const path of await pathsIn(bench.store, 'held/')) stamped.add(path)
    bench.clock.nowMs += dayMs
  }
  bench.clock.nowMs += 40 * dayMs
  assert.equal((await planVacuum(table, {}, bench.effects)).files.length, 34)
  const { files } = await vacuum(table, { from: 12 }, bench.effects)
  // Those of the version just before go with a clock that ran behind.
  assert.equal(files.length, 11)
  assert.equal(await cleanLog(table, { from: 12 }, bench.effects), 10)
  const fresh = bench.table('held')
  for (let version = 12; version < 35; version += 1) {
    assert.deepEqual(await numbersOf(bench.store, 'held', await fresh.snapshotAt(version)), [version])
  }
  await assert.rejects(fresh.snapshotAt(9), (error) => error instanceof Fault && error.code === 'lake/no-version')
})

test('the log loses only what stands before the newest checkpoint that is older than its retention', async () => {
  const table = bench.table('logged')
  for (let n = 0; n < 25; n += 1) {
    await append(table, 'a', [n])
    await table.settled()
  }
  await age('logged', 0)
  const log = async () => (await pathsIn(bench.store, 'logged/_delta_log/')).map((path) => path.slice(31, 50))
  const whole = await log()
  assert.equal(await cleanLog(table, {}, bench.effects), 0)
  await age('logged', 31 * dayMs, (path) => path.includes('_delta_log') && !/checkpoint\.parquet/.test(path))
  assert.equal(await cleanLog(table, {}, bench.effects), 0, 'the checkpoints are not old enough')
  await age('logged', 31 * dayMs, (path) => /10\.checkpoint\.parquet/.test(path))
  assert.equal(await cleanLog(table, {}, bench.effects), 10)
  assert.deepEqual(await log(), whole.slice(10))
  const fresh = bench.table('logged')
  assert.equal((await numbersOf(bench.store, 'logged', await fresh.snapshot())).length, 25)
  assert.equal((await fresh.snapshotAt(10)).files.length, 11)
  assert.equal(typeof (await fresh.snapshotAt(10)).committedMs, 'number')
  assert.equal((await fresh.dataChangesBetween(10, 24)).added.length, 14)
  assert.equal(await append(table, 'a', [25]), 25)
  assert.equal(await cleanLog(table, { retainMs: 30 * dayMs }, bench.effects), 0)
})

test('a log in which one checkpoint was written late is cleaned without a hole', async () => {
  const table = bench.table('late')
  for (let n = 0; n < 35; n += 1) {
    await append(table, 'a', [n])
    await table.settled()
  }
  await age('late', 31 * dayMs, (path) => !path.includes('10.checkpoint.parquet'))
  await age('late', 29 * dayMs, (path) => path.includes('10.checkpoint.parquet'))
  // Thirty commits, and the checkpoints of two of them.
  assert.equal(await cleanLog(table, {}, bench.effects), 32)
  const fresh = bench.table('late')
  await assert.rejects(fresh.snapshotAt(10), (error) => error instanceof Fault && error.code === 'lake/no-version')
  for (let version = 30; version < 35; version += 1) assert.equal((await fresh.snapshotAt(version)).version, version)
})

test('a table that asks more of its writers is left alone', async () => {
  const log = [
    { protocol: { minReaderVersion: 1, minWriterVersion: 4 } },
    {
      metaData: {
        id: 'x',
        format: { provider: 'parquet', options: {} },
        schemaString: '{"type":"struct","fields":[]}',
        partitionColumns: [],
        configuration: {},
      },
    },
  ]
  const text = log.map((line) => JSON.stringify(line)).join('\n')
  await bench.store.create('other/_delta_log/00000000000000000000.json', new TextEncoder().encode(text))
  await bench.store.create('other/left.parquet', new Uint8Array([1]))
  await age('other', 60 * dayMs)
  const table = bench.table('other')
  const refused = (error: unknown) => error instanceof Fault && error.code === 'lake/unsupported'
  await assert.rejects(vacuum(table, {}, bench.effects), refused)
  await assert.rejects(cleanLog(table, {}, bench.effects), refused)
  assert.equal((await dataFiles('other')).length, 1)
})
