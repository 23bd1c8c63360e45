import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { SqlEngine } from '#port'
import { Fault } from '#port'

/** What every SqlEngine must do. `makeEngine` gets a folder that is removed afterwards. */
export function testSqlEngine(name: string, makeEngine: (folder: string) => Promise<SqlEngine>): void {
  describe(`SqlEngine: ${name}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-engine-'))
    const opened: SqlEngine[] = []
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

    test('cells are ready for JSON', async () => {
      const sql = await engine()
      const { columns, rows } =
        await sql.query(`select 7::bigint as small, 9007199254740993::bigint as large, sum(2) as huge,
        1.25::decimal(4,2) as amount, 12345678901234567.5::decimal(18,1) as wide, 'nan'::double as nothing,
        timestamptz '2024-03-01 12:00:00.5+02' as instant, timestamp '2024-03-01 00:00:00.000001' as micros, date '2024-02-29' as day,
        'ab'::blob as bytes, [1, 2] as list, {'a': 1, 'b': 'x'} as pair, null as none, true as yes`)
      assert.deepEqual(rows, [
        [
          7,
          '9007199254740993',
          2,
          1.25,
          '12345678901234567.5',
          null,
          '2024-03-01T10:00:00.500Z',
          '2024-03-01T00:00:00.000001Z',
          '2024-02-29',
          'YWI=',
          [1, 2],
          { a: 1, b: 'x' },
          null,
          true,
        ],
      ])
      assert.deepEqual(
        columns.slice(0, 7).map((c) => c.type),
        ['long', 'long', 'long', 'decimal(4,2)', 'decimal(18,1)', 'double', 'timestamp'],
      )
      JSON.stringify(rows)
    })

    test('parameters are values, never text of the statement', async () => {
      const sql = await engine()
      const { rows } = await sql.query('select $1 as a, $2 + 1 as b, $3 as c', ["x'; drop table t; --", 41, null])
      assert.deepEqual(rows, [["x'; drop table t; --", 42, null]])
    })

    test('what is written is read back the same, instants in UTC, in several files where large', async () => {
      const sql = await engine()
      await sql.run(`create table t as select i::integer as i, i * 1000000000 as l, sum(1) over () as h, 'text ' || i as s, timestamptz '2024-01-01 00:00:00+00' + to_seconds(i) as moment,
        timestamp '2024-06-01 12:00:00' as plain, [{'key': 'k', 'value': 'v'::blob}] as headers, case when i % 2 = 0 then null else i / 4.0 end::double as d from range(1000) r(i)`)
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
        read.columns.map((c) => c.type),
        [
          'integer',
          'long',
          'long',
          'string',
          'timestamp',
          'timestamp',
          {
            type: 'array',
            elementType: {
              type: 'struct',
              fields: [
                { name: 'key', type: 'string' },
                { name: 'value', type: 'binary' },
              ],
            },
          },
          'double',
        ],
      )
    })

    test('a select without rows writes no file', async () => {
      const sql = await engine()
      assert.deepEqual(await sql.writeParquet('select 1 as a where false', folder), [])
    })

    test('an attached table without files is empty and typed; a column that no file has is null', async () => {
      const sql = await engine()
      await sql.attach({ name: 'gold.none', columns: [{ name: 'a', type: 'double' }], files: [] })
      assert.deepEqual(await sql.query('select * from gold.none'), {
        columns: [{ name: 'a', type: 'double' }],
        rows: [],
      })
      const [file] = await sql.writeParquet('select 1::integer as a', folder)
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

    test('a stream ends early without holding up the next statement', async () => {
      const sql = await engine()
      const { columns, batches } = sql.stream('select i from range(100000) r(i)')
      assert.equal((await columns)[0]?.name, 'i')
      for await (const batch of batches) {
        assert.ok(batch.length > 0)
        break
      }
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })

    test('bad SQL is a fault with the statement in its facts, also in a stream', async () => {
      const sql = await engine()
      await assert.rejects(sql.query('select * from nowhere'), isFault('engine/sql'))
      const { batches } = sql.stream('select * from nowhere')
      await assert.rejects(async () => {
        for await (const _ of batches);
      }, isFault('engine/sql'))
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })

    test('a confined engine reads what is attached and nothing else, and writes nothing', async () => {
      const sql = await engine()
      const secret = join(folder, 'secret.txt')
      writeFileSync(secret, 'secret')
      const [file] = await sql.writeParquet('select 1 as a', folder)
      assert.ok(file)
      await sql.attach({ name: 'gold.t', columns: [{ name: 'a', type: 'integer' }], files: [file.path] })
      await sql.confine()
      assert.deepEqual((await sql.query('select a from gold.t')).rows, [[1]])
      assert.deepEqual((await sql.query('with x as (select 2 as b) from x')).rows, [[2]])
      for (const hostile of [
        `select * from read_text('${secret}')`,
        `select * from '${secret}'`,
        `copy (select 1) to '${join(folder, 'out.csv')}'`,
        `copy (select 1) to '${file.path}'`,
        'create table x as select 1',
        'set enable_external_access = true; select 1',
        'drop view gold.t',
        'select 1; select 2',
        `attach '${join(folder, 'x.db')}' as x`,
        `explain analyze copy (select 1) to '${join(folder, 'out.csv')}'`,
        'install httpfs',
        'pragma database_list; drop view gold.t',
        '',
      ]) {
        await assert.rejects(sql.query(hostile), Fault, hostile)
      }
      assert.equal(existsSync(join(folder, 'out.csv')), false)
      assert.deepEqual((await sql.query('select a from gold.t')).rows, [[1]])
    })

    test('a cancelled statement says so, and the engine goes on', async () => {
      const sql = await engine()
      const running = sql.query(
        'select count(*) from range(100000000) a, range(1000) b where hash(a.range, b.range) = 3',
      )
      setTimeout(() => sql.cancel(), 50)
      await assert.rejects(running, isFault('engine/cancelled'))
      assert.deepEqual((await sql.query('select 1')).rows, [[1]])
    })
  })
}
