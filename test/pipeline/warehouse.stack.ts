/** Loads into a warehouse that die at every statement, against an emulator of Snowflake, started where `FAIRLEAD_SHARED` names a folder with the script for it. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { WarehouseTable } from '#compile'
import { snowflakeEngine } from '#engine'
import type { WarehouseLoad } from '#pipeline'
import { loadWarehouse } from '#pipeline'
import type { Column, Row } from '#port'
import { Fault } from '#port'
import type { Emulator } from '../engine/snowflake-emulator.ts'
import { newDatabase, newEmulator, sessionOptions, whyNoEmulator } from '../engine/snowflake-emulator.ts'
import type { Fate } from '../engine/snowflake-proxy.ts'
import { proxyOf } from '../engine/snowflake-proxy.ts'
import type { MaintainBench } from './maintain-fixture.ts'
import { maintainBench } from './maintain-fixture.ts'

const skip = whyNoEmulator ?? false
const lakes: MaintainBench[] = []
let emulator: Promise<Emulator> | undefined
after(async () => {
  for (const lake of lakes) await lake.end()
  await (await emulator)?.remove()
})

const before: readonly Column[] = [
  { name: 'dbn', type: 'string' },
  { name: 'partition', type: 'integer' },
  { name: 'rate', type: 'double' },
  { name: 'at', type: 'timestamp' },
]
const grown: readonly Column[] = [...before, { name: 'note', type: 'string' }]
const names = ['silver.school_survey', 'silver.svi']
const tablesWith = (columns: readonly Column[]): WarehouseTable[] => names.map((name) => ({ name, columns }))

const select = (
  rows: number,
  at: number,
) => `select 'd' || i as dbn, i::integer as "partition", i / 4.0::double as rate,
  timestamptz '2024-01-01 00:00:00.000123+00' as at from range(${rows}) r(i) where i >= ${at}`
const oldRows = { select: select(5, 0), columns: before }
const newRows = { select: `select *, 'new' as note from (${select(12, 2)})`, columns: grown }

/** Two tables, whole, as a new version each. */
async function write(lake: MaintainBench, { select: sql, columns }: typeof oldRows): Promise<void> {
  for (const name of names) {
    const table = lake.table(name.replace('.', '/'))
    const [file] = await lake.effects.engine.writeParquet(sql, lake.folder)
    assert.ok(file)
    const add = [await table.writeFile(await lake.effects.scratch.read(file.path))]
    await table.commit({
      ...{ operation: 'WRITE', blindAppend: false },
      stage: (newest) => ({ columns, add, remove: newest?.files ?? [], txns: [] }),
    })
  }
}

async function newLake(): Promise<MaintainBench> {
  const lake = await maintainBench()
  lakes.push(lake)
  return lake
}

interface Place {
  readonly lake: MaintainBench
  readonly database: string
  readonly url: string
}

async function load(
  { lake, database, url }: Place,
  tables: readonly WarehouseTable[],
  stage?: string,
): Promise<WarehouseLoad> {
  const { scratch } = lake.effects
  const warehouse = await snowflakeEngine(sessionOptions(url, database, scratch.folder))
  try {
    const { signal } = new AbortController()
    const effects = { ...lake.effects, table: lake.table, warehouse, newId: randomUUID, signal }
    return await loadWarehouse(tables, { database, stage, full: false }, effects)
  } finally {
    await warehouse.close()
  }
}

/** What a reader sees: rows of each table, and the ledger's word. */
async function seen({ lake, database, url }: Place): Promise<Record<string, readonly Row[]>> {
  const warehouse = await snowflakeEngine(sessionOptions(url, database, lake.effects.scratch.folder))
  try {
    const found: Record<string, readonly Row[]> = {}
    for (const name of names) {
      const list = 'dbn, "PARTITION", rate, "AT"'
      found[name] = (await warehouse.query(`select ${list} from ${database}.${name} order by "PARTITION"`)).rows
    }
    const ledger = `select table_name, delta_version, row_count from ${database}.bronze.fairlead_load order by table_name`
    return { ...found, ledger: (await warehouse.query(ledger)).rows }
  } finally {
    await warehouse.close()
  }
}

const rowsOf = (count: number, from: number): Row[] =>
  Array.from({ length: count - from }, (_, i) => i + from).map((i) => [
    ...[`d${i}`, i, i / 4, '2024-01-01T00:00:00.000123Z'],
  ])
const standing = (rows: readonly Row[], version: number) => ({
  ...Object.fromEntries(names.map((name) => [name, rows])),
  ledger: names.map((name) => [name, version, rows.length]),
})
const old = standing(rowsOf(5, 0), 0)
const fresh = standing(rowsOf(12, 2), 1)

async function newPlace(lake: MaintainBench): Promise<Place> {
  emulator ??= newEmulator()
  const { url } = await emulator
  const database = await newDatabase(url, lake.effects.scratch.folder)
  const engine = await snowflakeEngine(sessionOptions(url, database, lake.effects.scratch.folder))
  await engine.run(`create schema ${database}.BRONZE; create schema ${database}.SILVER`)
  await engine.close()
  return { lake, database, url }
}

test('a load brings each table at its version, once; another one finds nothing to do', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  const place = await newPlace(lake)
  const outcomes = async (columns: readonly Column[]) =>
    (await load(place, tablesWith(columns))).tables.map(({ outcome, version, rows, added }) => [
      ...[outcome, version, rows, added],
    ])
  assert.deepEqual(await outcomes(before), [
    ['loaded', 0, 5, []],
    ['loaded', 0, 5, []],
  ])
  assert.deepEqual(await seen(place), old)
  assert.deepEqual(await outcomes(before), [
    ['current', 0, 5, []],
    ['current', 0, 5, []],
  ])
  await write(lake, newRows)
  assert.deepEqual(await outcomes(grown), [
    ['loaded', 1, 10, ['note']],
    ['loaded', 1, 10, ['note']],
  ])
  assert.deepEqual(await seen(place), fresh)
})

/** Another version each round, with a column that no round before had. */
const round = (number: number) => ({
  rows: {
    select: `select *, 'new' as note_${number} from (${select(5 + number, number)})`,
    columns: [...before, { name: `note_${number}`, type: 'string' as const }],
  },
  seen: standing(rowsOf(5 + number, number), number),
})

for (const fate of ['lost', 'unanswered'] as const) {
  test(`a load that dies at any statement (${fate}) leaves all of the old or all of the new, and the next one ends it`, {
    skip,
    timeout: 600_000,
  }, async (t) => {
    const lake = await newLake()
    await write(lake, oldRows)
    const place = await newPlace(lake)
    await load(place, tablesWith(before))
    let stood = old
    let ended = 0
    for (let number = 1; ; number += 1) {
      const { rows, seen: wanted } = round(number)
      await write(lake, rows)
      const proxy = await proxyOf(place.url, (at): Fate | undefined => (at === number ? fate : undefined))
      const dying = load({ ...place, url: proxy.url }, tablesWith(rows.columns)).then(
        () => undefined,
        (error: unknown) => error,
      )
      const error = await dying
      const what = `statement ${number}, ${proxy.statements[number - 1]}`
      await proxy.endSessions()
      await proxy.close()
      const left = await seen(place)
      if (proxy.statements.length < number) {
        assert.equal(error, undefined)
        assert.deepEqual(left, wanted)
        t.diagnostic(`died at each of ${number - 1} statements`)
        break
      }
      assert.ok(error instanceof Fault && error.code === 'engine/connection' && error.retry, what)
      const isNew = JSON.stringify(left) === JSON.stringify(wanted)
      if (isNew) ended += 1
      else assert.deepEqual(left, stood, what)
      await load(place, tablesWith(rows.columns))
      assert.deepEqual(await seen(place), wanted, what)
      stood = wanted
    }
    // Only the one whose COMMIT was done, and not heard of, had ended.
    assert.equal(ended, fate === 'unanswered' ? 1 : 0)
  })
}

test('a first load that dies while it makes the tables is begun again by the next', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  for (const fatal of [2, 3, 4, 5]) {
    const place = await newPlace(lake)
    const proxy = await proxyOf(place.url, (at): Fate | undefined => (at === fatal ? 'unanswered' : undefined))
    await assert.rejects(load({ ...place, url: proxy.url }, tablesWith(before)), Fault)
    await proxy.endSessions()
    await proxy.close()
    await load(place, tablesWith(before))
    assert.deepEqual(await seen(place), old, proxy.statements[fatal - 1])
  }
})

test('of two loads at once one comes second, and rows stand once', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  const place = await newPlace(lake)
  await load(place, tablesWith(before))
  await write(lake, newRows)
  let second: Promise<WarehouseLoad> | undefined
  const proxy = await proxyOf(place.url, (_, sql) => {
    if (sql.startsWith('BEGIN') && second === undefined) second = load(place, tablesWith(grown))
    return undefined
  })
  const passing = load({ ...place, url: proxy.url }, tablesWith(grown))
  const outcomes = await Promise.allSettled([
    passing,
    passing.then(
      () => second,
      () => second,
    ),
  ])
  await proxy.close()
  // The emulator refuses one of two transactions on a row, where the service lets it wait.
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
  assert.deepEqual(await seen(place), fresh)
})

test('with a stage over the lake itself nothing is sent, and the rows are the same', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  const place = await newPlace(lake)
  const engine = await snowflakeEngine(sessionOptions(place.url, place.database, lake.effects.scratch.folder))
  await engine.run(`create stage ${place.database}.BRONZE.LAKE url='file://${lake.folder}/'`)
  await engine.close()
  await load(place, tablesWith(before), 'BRONZE.LAKE')
  assert.deepEqual(await seen(place), old)
  await write(lake, newRows)
  const proxy = await proxyOf(place.url, () => undefined)
  await load({ ...place, url: proxy.url }, tablesWith(grown), 'BRONZE.LAKE')
  await proxy.close()
  assert.deepEqual(await seen(place), fresh)
  assert.ok(!proxy.statements.some((sql) => sql.startsWith('PUT')))
})

test('a column whose type changed is a fault before anything is changed', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  const place = await newPlace(lake)
  await load(place, tablesWith(before))
  const other = before.map((column): Column => (column.name === 'rate' ? { ...column, type: 'string' } : column))
  await assert.rejects(
    load(place, tablesWith(other)),
    (error) => error instanceof Fault && error.code === 'load/schema' && /rate of .* is FLOAT/.test(error.message),
  )
  assert.deepEqual(await seen(place), old)
})

test('rows that do not come in are a fault, and what stood stands', { skip }, async () => {
  const lake = await newLake()
  await write(lake, oldRows)
  const place = await newPlace(lake)
  await load(place, tablesWith(before))
  await write(lake, newRows)
  // Stands for a file that the service did not take: it is asked for nothing, and says so without an error.
  const { writeParquet } = lake.effects.engine
  const dropping = {
    ...lake.effects.engine,
    writeParquet: async (...asked: Parameters<typeof writeParquet>) =>
      (await writeParquet(...asked)).map((file) => ({ ...file, rows: file.rows + 1 })),
  }
  const short = { ...place, lake: { ...lake, effects: { ...lake.effects, engine: dropping } } }
  await assert.rejects(
    load(short, tablesWith(grown)),
    (error) => error instanceof Fault && error.code === 'load/rows' && error.retry,
  )
  assert.deepEqual(await seen(place), old)
})
