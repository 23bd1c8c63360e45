import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { writeParquet } from '#parquet'
import type { Column } from '#port'
import { filesThatMayHold, soughtIn, soughtTexts } from '../../src/pipeline/clean-bounds.ts'
import { bench } from './clean-fixture.ts'

const columns: readonly Column[] = [
  { name: 'k', type: 'string' },
  { name: 'n', type: 'long' },
]

const pieces = ['', 'a', 'z', '~', '\u00e9', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}', 'p'.repeat(33)]
const texts = [
  ...pieces.flatMap((one) => pieces.map((two) => one + two)),
  ...pieces.map((end) => `${'long'.repeat(10)}${end}`),
]
const numbers = [0, -1, 7, 2 ** 31, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]

test('a file that holds a value is always among those that may, whoever wrote it', async () => {
  const at = await bench()
  try {
    const { table, engine, scratch } = await at.worker()
    const rows = texts.map((k, i) => [k, i % 5 === 0 ? null : (numbers[i % numbers.length] ?? 0)] as const)
    for (const by of ['ourselves', 'the engine'])
      for (const perFile of [4, 40]) {
        const files = []
        for (let from = 0; from < rows.length; from += perFile) {
          const own = rows.slice(from, from + perFile)
          const values = columns.map((_, column) => own.map((row) => row[column] ?? null))
          const bytes = writeParquet(columns, values, own.length)
          if (by === 'ourselves') files.push(await table('t').writeFile(bytes))
          else {
            const list = own.map(([k, n]) => `(decode(from_hex('${Buffer.from(k).toString('hex')}')), ${n}::BIGINT)`)
            const [written] = await engine.writeParquet(
              `SELECT * FROM (VALUES ${list.join(', ')}) AS v(k, n)`,
              scratch.folder,
            )
            assert.ok(written)
            files.push(await table('t').writeFile(new Uint8Array(await readFile(written.path))))
          }
        }
        for (const [i, [k, n]] of rows.entries()) {
          const literal = `decode(from_hex('${Buffer.from(k).toString('hex')}'))`
          const sought = await soughtIn(`(SELECT ${literal} AS k, ${n}::BIGINT AS n)`, columns, 1, { engine })
          const file = files[Math.floor(i / perFile)]
          assert.ok(file !== undefined && filesThatMayHold(files, sought).includes(file), `${by}: ${JSON.stringify(k)}`)
        }
      }
  } finally {
    await at.end()
  }
})

test('files without the value are left out: below, above, between two that are looked for, and all null', async () => {
  const at = await bench()
  try {
    const { table, engine } = await at.worker()
    const write = (values: readonly (string | null)[]) =>
      table('t').writeFile(writeParquet([{ name: 'k', type: 'string' }], [values], values.length))
    const files = [await write(['a', 'b']), await write(['m', 'n']), await write(['y', 'z']), await write([null])]
    const held = (values: readonly string[]) =>
      filesThatMayHold(files, [soughtTexts('k', values)]).map((file) => files.indexOf(file))
    assert.deepEqual(held(['c', 'l', 'o']), [])
    assert.deepEqual(held(['c', 'm', 'o']), [1])
    assert.deepEqual(held(['a', 'zz']), [0])
    assert.deepEqual(held(['b', 'z']), [0, 2])
    const nothing = await soughtIn('(SELECT NULL::VARCHAR AS k)', [{ name: 'k', type: 'string' }], 1, { engine })
    assert.deepEqual(
      filesThatMayHold(files, nothing).map((file) => files.indexOf(file)),
      [3],
    )
    const foreign = { path: 'x', sizeBytes: 1, modifiedMs: 1, partitionValues: {} }
    for (const stats of [undefined, 'no JSON', '[]', '{}', '{"minValues":{"k":1}}', '{"minValues":null}'])
      assert.equal(filesThatMayHold([{ ...foreign, stats }], [soughtTexts('k', ['a'])]).length, 1, stats)
  } finally {
    await at.end()
  }
})

test('more values than are held one by one are held as neighbours, and none is missed', async () => {
  const at = await bench()
  try {
    const { table, engine } = await at.worker()
    const file = (low: string, high: string) =>
      table('t').writeFile(writeParquet([{ name: 'k', type: 'string' }], [[low, high]], 2))
    const sought = await soughtIn(
      `(SELECT lpad(range::VARCHAR, 6, '0') AS k FROM range(25000))`,
      [{ name: 'k', type: 'string' }],
      25_000,
      { engine },
    )
    assert.equal(sought[0]?.intervals.length, 10_000)
    for (const k of ['000000', '012345', '024999'])
      assert.equal(filesThatMayHold([await file(k, k)], sought).length, 1, k)
    assert.equal(filesThatMayHold([await file('025000', '03')], sought).length, 0)
  } finally {
    await at.end()
  }
})
