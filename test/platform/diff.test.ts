import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { GoldDiff, TableDiff } from '#platform'
import { diffGold, queryLake, runOnce, writeSampleFolder } from '#platform'
import type { Cell } from '#port'
import { Fault } from '#port'
import { lakeOptions } from './options.ts'

const effects = { report: () => {}, signal: new AbortController().signal }
const root = mkdtempSync(join(tmpdir(), 'fairlead-diff-'))
after(() => rmSync(root, { recursive: true, force: true }))

const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code
const diff = (lake: string, against?: string) => diffGold({ ...lakeOptions(lake), against, movers: 3 }, effects)

type Record = ReadonlyMap<string, Cell>

/** The rows of a table by their grain, each a map from column to value. */
async function rowsOf(lake: string, table: string, grain: readonly string[]): Promise<ReadonlyMap<string, Record>> {
  const limits = { memoryMb: 1024, timeoutMs: 60_000, maxRows: 100_000 }
  const { columns, rows } = await queryLake(
    { ...lakeOptions(lake), sql: `SELECT * FROM gold.${table}`, limits },
    effects,
  )
  return new Map(
    rows.map((cells) => {
      const record = new Map(columns.map(({ name }, index) => [name, cells[index] ?? null]))
      return [JSON.stringify(grain.map((name) => record.get(name))), record]
    }),
  )
}

function isEqual(one: Cell, other: Cell): boolean {
  if (typeof one !== 'number' || typeof other !== 'number') return JSON.stringify(one) === JSON.stringify(other)
  return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one), Math.abs(other))
}

/** As `diffGold` counts, in another way. */
async function reckoned(older: string, newer: string, { table, grain }: TableDiff) {
  const was = await rowsOf(older, table, grain ?? [])
  const is = await rowsOf(newer, table, grain ?? [])
  const changes = new Map<string, number>()
  let changed = 0
  for (const [key, record] of is) {
    const other = was.get(key)
    const columns = [...record].filter(
      ([name, value]) => other !== undefined && !isEqual(value, other.get(name) ?? null),
    )
    if (columns.length > 0) changed += 1
    for (const [name] of columns) changes.set(name, (changes.get(name) ?? 0) + 1)
  }
  return {
    rows: { before: was.size, after: is.size },
    added: [...is.keys()].filter((key) => !was.has(key)).length,
    removed: [...was.keys()].filter((key) => !is.has(key)).length,
    changed,
    changes: Object.fromEntries(changes),
  }
}

describe('a publication compared with another', { timeout: 120_000 }, () => {
  const [lake, copy] = [join(root, 'lake'), join(root, 'copy')]
  let found: GoldDiff | undefined

  before(async () => {
    for (const seed of [7, 8]) {
      const from = join(root, `files-${seed}`)
      // Fewer schools at the second time, so that rows go.
      await writeSampleFolder(from, { schools: seed === 7 ? 40 : 30, seed }, effects)
      await runOnce({ ...lakeOptions(lake), full: false, from }, effects)
      if (seed === 7) cpSync(lake, copy, { recursive: true })
    }
    found = await diff(lake)
  })

  test('rows and values are counted as by comparing them one by one', async () => {
    const differing = found?.tables.filter(({ status }) => status === 'changed') ?? []
    assert.ok(differing.length > 5)
    assert.ok(differing.some(({ changes }) => changes.some(({ movers }) => movers.length === 3)))
    for (const table of differing) {
      assert.ok(table.grain !== null, table.table)
      const { rows, added, removed, changed, changes } = table
      const counted = Object.fromEntries(changes.map(({ column, rows: n }) => [column, n]))
      assert.deepEqual(
        { rows, added, removed, changed, changes: counted },
        await reckoned(copy, lake, table),
        table.table,
      )
    }
  })

  test('the biggest movers are the biggest', async () => {
    const table = found?.tables.find(({ table: name }) => name === 'climate_measure')
    const change = table?.changes.find(({ column }) => column === 'value')
    assert.ok(table && change)
    const [was, is] = [
      await rowsOf(copy, table.table, table.grain ?? []),
      await rowsOf(lake, table.table, table.grain ?? []),
    ]
    const moves = [...is].flatMap(([key, record]) => {
      const [now, old] = [record.get('value'), was.get(key)?.get('value')]
      return typeof now === 'number' && typeof old === 'number' ? [Math.abs(now - old)] : []
    })
    const biggest = moves.sort((one, other) => other - one).slice(0, 3)
    assert.deepEqual(
      change.movers.map((mover) => Math.abs(mover.change).toPrecision(9)),
      biggest.map((move) => move.toPrecision(9)),
    )
  })

  test('a version, and a lake of its own, are compared as the publication before is', async () => {
    const sides = ({ tables }: GoldDiff) => tables
    assert.ok(found)
    assert.deepEqual(sides(await diff(lake, String(found.before.version))), sides(found))
    assert.deepEqual(sides(await diff(lake, copy)), sides(found))
  })

  test('a publication does not differ from itself', async () => {
    const { tables } = await diff(lake, lake)
    assert.ok(tables.length > 5)
    assert.deepEqual([...new Set(tables.map(({ status }) => status))], ['same'])
  })

  test('what cannot be compared is a fault', async () => {
    await assert.rejects(diff(copy), isFault('publish/none'))
    await assert.rejects(diff(lake, '99'), isFault('lake/no-version'))
    await assert.rejects(diff(lake, join(root, 'nowhere')), isFault('usage/bad-value'))
    await assert.rejects(diff(join(root, 'nowhere')), isFault('lake/none'))
    rmSync(join(copy, 'gold/climate_measure'), { recursive: true })
    cpSync(join(lake, 'gold/climate_measure/_delta_log'), join(copy, 'gold/climate_measure/_delta_log'), {
      recursive: true,
    })
    await assert.rejects(diff(lake, copy), isFault('publish/gone'))
  })
})
