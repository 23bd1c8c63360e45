import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { Cell, ColumnType, FaultCode, SqlDialect, SqlEngine } from '#port'
import { Fault } from '#port'

/** What an engine's language says in words of its own, and what its types come to. */
export interface EngineWords {
  /** Fourteen cells: whole numbers, decimals, NaN, instants, a day, bytes, what is nested, null, true. */
  readonly cells: { readonly select: string; readonly row: readonly Cell[]; readonly types: readonly ColumnType[] }
  /** A thousand rows in a table `t`: i, l, h, s, moment, plain, headers, d. */
  readonly makeRows: string
  readonly rowTypes: readonly ColumnType[]
  /** One row with a whole number `a` of four bytes. */
  readonly oneWhole: { readonly select: string; readonly type: ColumnType }
  /** A hundred thousand rows with one column, `i`. */
  readonly manyRows: string
  /** A select that takes many seconds. */
  readonly longSelect: string
  /** Code of the fault for a table that is not there. */
  readonly missing: FaultCode
  /** Texts that a confined engine must not run. */
  readonly hostile: (place: { secret: string; file: string; folder: string }) => readonly string[]
}

/**
 * What every SqlEngine must do. `makeEngine` gets a folder that is removed afterwards. `exceptions` are tests, by name, that cannot be run on what stands
 * for the engine here, each with the reason.
 */
export function testSqlEngine(
  name: string,
  makeEngine: (folder: string) => Promise<SqlEngine<SqlDialect>>,
  words: EngineWords,
  { skip, exceptions = {} }: { skip?: string | false; exceptions?: Readonly<Record<string, string>> } = {},
): void {
  const testOf = (title: string, body: () => Promise<void>) => test(title, { skip: exceptions[title] ?? false }, body)
  describe(`SqlEngine: ${name}`, { skip: skip ?? false }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-engine-'))
    const opened: SqlEngine<SqlDialect>[] = []
    const engine = async () => {
      const made = await makeEngine(folder)
      opened.push(made)
      return made
    }
    after(async () => {
      for (const one of opened) await one.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const isFault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code

    testOf('cells are ready for JSON', async () => {
      const sql = await engine()
      const { columns, rows } = await sql.query(words.cells.select)
      assert.deepEqual(rows, [words.cells.row])
      assert.deepEqual(
        columns.slice(0, 7).map((column) => column.type),
        words.cells.types,
      )
      JSON.stringify(rows)
    })

    testOf('parameters are values, never text of the statement', async () => {
      const sql = await engine()
      const { rows } = await sql.query('select $1 as a, $2 + 1 as b, $3 as c', ["x'; drop table t; --", 41, null])
      assert.deepEqual(rows, [["x'; drop table t; --", 42, null]])
    })

    testOf('what is written is read back the same, instants in UTC, in several files where large', async () => {
      const sql = await engine()
      await sql.run(words.makeRows)
      const files = await sql.writeParquet('select * from t order by i', folder)
      assert.equal(
        files.reduce((sum, file) => sum + file.rows, 0),
        1000,
      )
      assert.ok(files.every((file) => existsSync(file.path)))
      const columns = await sql.describe('select * from t')
      await sql.attach({ name: 'silver.t', columns, files: files.map((file) => file.path) })
      const { rows } = await sql.query('select count(*), count(d), min(moment), max(plain), sum(h) from silver.t')
      assert.deepEqual(rows, [[1000, 500, '2024-01-01T00:00:00.000Z', '2024-06-01T12:00:00.000Z', 1_000_000]])
      const read = await sql.query('select * from silver.t order by i limit 3')
      assert.deepEqual(
        read.columns.map((column) => column.type),
        words.rowTypes,
      )
    })

    testOf('a select without rows writes no file', async () => {
      const sql = await engine()
      assert.deepEqual(await sql.writeParquet('select 1 as a where false', folder), [])
    })

    testOf('an attached table without files is empty and typed; a column that no file has is null', async () => {
      const sql = await engine()
      await sql.attach({ name: 'gold.none', columns: [{ name: 'a', type: 'double' }], files: [] })
      assert.deepEqual(await sql.query('select * from gold.none'), {
        columns: [{ name: 'a', type: 'double' }],
        rows: [],
      })
      const [file] = await sql.writeParquet(words.oneWhole.select, folder)
      assert.ok(file)
      await sql.attach({
        name: 'gold.grown',
        columns: [
          { name: 'a', type: 'integer' },
          { name: 'b', type: 'string' },
        ],
        files: [file.path],
      })
      assert.deepEqual((await sql.query('select * from gold.grown')).rows, [[1, null]])
    })

    testOf('a stream ends early without holding up the next statement', async () => {
      const sql = await engine()
      const { columns, batches } = sql.stream(words.manyRows)
      assert.equal((await columns)[0]?.name, 'i')
      for await (const batch of batches) {
        assert.ok(batch.length > 0)
        break
      }
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })

    testOf('bad SQL is a fault with the statement in its facts, also in a stream', async () => {
      const sql = await engine()
      await assert.rejects(sql.query('select * from nowhere'), isFault(words.missing))
      const bad = 'selec 1'
      await assert.rejects(
        sql.query(bad),
        (error) => error instanceof Fault && error.code === 'engine/sql' && error.facts.sql === bad,
      )
      const { batches } = sql.stream(bad)
      await assert.rejects(async () => {
        for await (const _ of batches);
      }, isFault('engine/sql'))
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })

    testOf('a confined engine reads what is attached and nothing else, and writes nothing', async () => {
      const sql = await engine()
      const secret = join(folder, 'secret.txt')
      writeFileSync(secret, 'secret')
      const [file] = await sql.writeParquet('select 1 as a', folder)
      assert.ok(file)
      await sql.attach({ name: 'gold.t', columns: [{ name: 'a', type: 'integer' }], files: [file.path] })
      await sql.confine()
      assert.deepEqual((await sql.query('select a from gold.t')).rows, [[1]])
      assert.deepEqual((await sql.query('with x as (select 2 as b) from x')).rows, [[2]])
      for (const hostile of words.hostile({ secret, file: file.path, folder })) {
        await assert.rejects(sql.query(hostile), Fault, hostile)
      }
      assert.equal(existsSync(join(folder, 'out.csv')), false)
      assert.deepEqual((await sql.query('select a from gold.t')).rows, [[1]])
    })

    testOf(
      'another session sees what was made, answers beside a statement under way, and ends with the engine',
      async () => {
        const sql = await engine()
        await sql.run(words.makeRows)
        const beside = await sql.session()
        const running = assert.rejects(sql.query(words.longSelect), isFault('engine/cancelled'))
        assert.deepEqual((await beside.query('select count(*) from t')).rows, [[1000]])
        const alsoRunning = assert.rejects(beside.query(words.longSelect), isFault('engine/cancelled'))
        setTimeout(() => sql.cancel(), 50)
        await Promise.all([running, alsoRunning])
        await sql.close()
        await assert.rejects(beside.query('select 1'))
      },
    )

    testOf('a session of a confined engine is confined', async () => {
      const sql = await engine()
      await sql.confine()
      const beside = await sql.session()
      for (const hostile of words.hostile({ secret: join(folder, 'none'), file: join(folder, 'none'), folder })) {
        await assert.rejects(beside.query(hostile), Fault, hostile)
      }
    })

    testOf('a cancelled statement says so, and the engine goes on', async () => {
      const sql = await engine()
      const running = sql.query(words.longSelect)
      setTimeout(() => sql.cancel(), 50)
      await assert.rejects(running, isFault('engine/cancelled'))
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })
  })
}
