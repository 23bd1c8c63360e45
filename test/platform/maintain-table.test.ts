import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { openTable, readRows } from '#lake'
import {
  checkpointTable,
  checkTable,
  compactTable,
  inspectTable,
  maintainInThread,
  readTable,
  vacuumTable,
} from '#platform'
import type { Row } from '#port'
import { Fault } from '#port'
import { localStore } from '#storage'
import { quietEffects } from '../lake/effects.ts'
import { goldenFolder, goldenTables, tryGolden } from '../lake/golden.ts'
import { append, commitLines, numbersOf } from '../lake/table.ts'

const effects = { report: () => {}, signal: new AbortController().signal }
let lake: string
before(() => {
  lake = mkdtempSync(join(tmpdir(), 'fairlead-tables-'))
})
after(() => rmSync(lake, { recursive: true, force: true }))

async function grown(root: string, commits: number): Promise<string> {
  const table = openTable(localStore(lake), root, quietEffects())
  for (let n = 0; n < commits; n += 1) await append(table, 'a', [n], [{ appId: 'land', version: n }])
  await table.settled()
  return join(lake, root)
}

const words = async (folder: string) =>
  (await checkTable(folder, effects)).problems.map(({ kind, what }) => `${kind}: ${what}`)

test('a table tells what stands in its log, and is all as it must be', async () => {
  const folder = await grown('fine', 12)
  const found = await inspectTable(folder, effects)
  assert.deepEqual(
    { version: found.version, files: found.files, rows: found.rows, txns: found.txns, log: found.log },
    { version: 11, files: 12, rows: 12, txns: { land: 11 }, log: { from: 0, to: 11 } },
  )
  assert.deepEqual(found.checkpoints, [10])
  assert.deepEqual(await checkTable(folder, effects), { ok: true, version: 11, files: 12, problems: [] })
  assert.deepEqual(await checkpointTable(folder, effects), { version: 11, written: true })
  assert.deepEqual(await checkpointTable(folder, effects), { version: 11, written: false })
})

test('whatever is wrong with a table is listed: files, sizes, rows, holes, checkpoints, transactions', async () => {
  const folder = await grown('wrong', 25)
  const log = join(folder, '_delta_log')
  const name = (version: number, ending: string) => join(log, `${String(version).padStart(20, '0')}.${ending}`)
  const parts = readdirSync(folder).filter((part) => part.endsWith('.parquet'))
  const [first = '', second = '', third = ''] = parts
  rmSync(join(folder, first))
  truncateSync(join(folder, second), 10)
  writeFileSync(join(folder, third), 'x'.repeat(100))
  const found = await words(folder)
  assert.equal(found.filter((word) => word.startsWith('file: ')).length, 3)
  assert.ok(found.includes('file: the table names this file and it is not there'))
  assert.match(found.join('\n'), /it has 10 bytes and should have \d+/)

  renameSync(name(20, 'checkpoint.parquet'), name(19, 'checkpoint.parquet'))
  assert.match(
    (await words(folder)).join('\n'),
    /checkpoint: the checkpoint has part-.*, which the commits do not have so/,
  )
  rmSync(name(19, 'checkpoint.parquet'))
  const store = localStore(lake)
  const lines = (await commitLines(store, 'wrong', 24)).map((line) =>
    JSON.stringify(line.txn ? { txn: { ...line.txn, version: 3 } } : line),
  )
  writeFileSync(name(24, 'json'), lines.join('\n'))
  assert.ok((await words(folder)).includes('txn: land goes back from 23 to 3'))
  rmSync(name(15, 'json'))
  assert.ok((await words(folder)).includes('log: 15 is missing between 14 and 16'))
})

test('small files become one and then go, and rows of an older version read until they do', async () => {
  const folder = await grown('small', 9)
  const request = { folder, targetBytes: 1 << 20, engine: { memoryMb: 256 } }
  assert.deepEqual(await compactTable(request, effects), { version: 9, written: 1, removed: 9 })
  assert.deepEqual(await compactTable(request, effects), { version: 9, written: 0, removed: 0 })
  const numbers = (rows: readonly Row[]) => rows.map(([, n]) => Number(n)).sort((a, b) => a - b)
  const all = Array.from({ length: 9 }, (_, i) => i)
  assert.deepEqual(numbers((await readTable({ folder, version: undefined, maxRows: undefined }, effects)).rows), all)
  assert.deepEqual(
    numbers((await readTable({ folder, version: 4, maxRows: undefined }, effects)).rows),
    all.slice(0, 5),
  )
  const cut = await readTable({ folder, version: undefined, maxRows: 2 }, effects)
  assert.deepEqual([cut.rows.length, cut.truncated], [2, true])
  await assert.rejects(
    readTable({ folder, version: 10, maxRows: undefined }, effects),
    (error) => error instanceof Fault && error.code === 'lake/no-version',
  )
  const vacuum = { folder, retainHours: 0, evenIfReadersAndUploadsBreak: true }
  const shown = await vacuumTable({ ...vacuum, remove: false }, effects)
  assert.equal(shown.files.length, 9)
  assert.equal((await vacuumTable({ ...vacuum, remove: true }, effects)).files.length, 9)
  assert.deepEqual(await checkTable(folder, effects), { ok: true, version: 9, files: 1, problems: [] })
  await assert.rejects(
    vacuumTable({ ...vacuum, evenIfReadersAndUploadsBreak: false, remove: false }, effects),
    (error) => error instanceof Fault && error.code === 'lake/retention',
  )
  await assert.rejects(inspectTable(lake, effects), (error) => error instanceof Fault && error.code === 'lake/no-table')
})

test('tables are kept in order on a thread while they are written, until the signal', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-thread-'))
  try {
    const store = localStore(folder)
    await store.create('format.json', new TextEncoder().encode('{"format":"fairlead-lake","version":1}'))
    const stop = new AbortController()
    const deeds: string[] = []
    const compacted = new Promise<void>((resolve) => {
      void maintainInThread(
        {
          lake: folder,
          tables: [
            { root: 'bronze/x', compact: true },
            { root: 'bronze/never', compact: true },
          ],
          everyMs: 20,
          engine: { memoryMb: 128 },
        },
        {
          report: (event) => {
            deeds.push(event.kind === 'lake/maintained' ? event.deed : event.kind)
            if (event.kind === 'lake/maintained' && event.deed === 'compact') resolve()
          },
          signal: stop.signal,
        },
      ).then(() => deeds.push('stopped'))
    })
    const table = openTable(store, 'bronze/x', quietEffects())
    let n = 0
    let done = false
    void compacted.then(() => {
      done = true
    })
    while (!done) {
      await append(table, 'a', [n])
      n += 1
    }
    stop.abort()
    while (!deeds.includes('stopped')) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(
      await numbersOf(store, 'bronze/x', await table.snapshot()),
      Array.from({ length: n }, (_, i) => i),
    )
    assert.ok(!deeds.includes('fault'), deeds.join(' '))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const golden = goldenFolder()

test('every golden table is inspected, checked and read, or refused by name', {
  skip: golden === undefined && 'no golden tables here',
}, async () => {
  for (const each of golden === undefined ? [] : goldenTables(golden)) {
    const known = await tryGolden(each)
    const told = async <T>(work: Promise<T>): Promise<T | Fault> =>
      work.catch((error: unknown) => {
        if (error instanceof Fault) return error
        throw error
      })
    const read = await told(readTable({ folder: each.table, version: undefined, maxRows: undefined }, effects))
    const check = await told(checkTable(each.table, effects))
    await told(inspectTable(each.table, effects))
    assert.equal(read instanceof Fault, known.outcome === 'refused', each.name)
    if (known.outcome !== 'right' || read instanceof Fault) continue
    assert.ok(!(check instanceof Fault) && check.ok, `${each.name}: ${JSON.stringify(check)}`)
    const store = localStore(dirname(each.table))
    const snapshot = await openTable(store, basename(each.table), quietEffects()).snapshot()
    assert.ok(snapshot)
    let rows = 0
    for await (const batch of readRows(store, basename(each.table), snapshot)) rows += batch.length
    assert.equal(read.rows.length, rows)
  }
})
