import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withSqlReader } from '#lineage'
import { queryLineage } from '../../src/lineage/query.ts'

const tables = [
  { name: 's.t', columns: ['a', 'b', 'c'].map((name) => ({ name, type: 'integer' })) },
  { name: 's.u', columns: ['a', 'z'].map((name) => ({ name, type: 'integer' })) },
]

async function traced(sql: string): Promise<ReturnType<typeof queryLineage>> {
  return withSqlReader(async (reader) => queryLineage(sql, tables, reader))
}

async function said(sql: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const found = await traced(sql)
  if ('untraced' in found) throw new assert.AssertionError({ message: found.untraced })
  return Object.fromEntries(
    found.columns.map(({ name, from }) => [
      name,
      from.map((origin) => {
        if (origin.kind === 'constant') return `constant ${origin.value}`
        return 'column' in origin ? `${origin.kind} ${origin.table}.${origin.column}` : `rows ${origin.table}`
      }),
    ]),
  )
}

test('what is summed in an inner query is not copied by the outer one', async () => {
  const inner = 'select a, sum(b) as total, count(*) as n from "s"."t" group by a'
  const wanted = { a: ['copied s.t.a'], total: ['aggregated s.t.b'], n: ['rows s.t'] }
  assert.deepEqual(await said(`with x as (${inner}) select a, total, n from x`), wanted)
  assert.deepEqual(await said(`select d.a, d.total, d.n from (${inner}) as d`), wanted)
  assert.deepEqual(await said(`with x as (with y as (${inner}) select * from y) select * from x`), wanted)
})

test('a name means the nearest query that has it', async () => {
  const sql =
    'with x as (select a as v from s.t), y as (with x as (select z as v from s.u) select v from x) select x.v, y.v as w from x, y'
  assert.deepEqual(await said(sql), { v: ['copied s.t.a'], w: ['copied s.u.z'] })
})

test('a union takes each column from both sides, by place, under the names of the first', async () => {
  const sql = "select a as k, 'left' as side from s.t union all select z, 'right' from s.u"
  assert.deepEqual(await said(sql), {
    k: ['copied s.t.a', 'copied s.u.z'],
    side: ["constant 'left'", "constant 'right'"],
  })
})

test('joins, filters and groups are uses, through inner queries too, and a condition on a value is none', async () => {
  const found = await traced(`
    with kept as (select * from s.t where c > 1)
    select kept.a, count(*) filter (where kept.b > 0) as n
    from kept join s.u as other on kept.a = other.a
    group by kept.a having max(other.z) > 3`)
  assert.ok('uses' in found)
  const uses = found.uses.map(({ how, table, column }) => `${how} ${table}.${column}`).sort()
  assert.deepEqual(uses, ['filter s.t.c', 'filter s.u.z', 'group s.t.a', 'join s.t.a', 'join s.u.a'])
})

test('what cannot be followed says why, and nothing is guessed', async () => {
  const recursive = await traced(
    'with recursive r as (select 1 as a union all select a + 1 from r where a < 3) select * from r',
  )
  assert.deepEqual(recursive, { untraced: 'a recursive query' })
  const byName = await traced('select a from s.t union all by name select z as a from s.u')
  assert.deepEqual(byName, { untraced: 'a union by name' })
  const broken = await traced('select from where')
  assert.ok('untraced' in broken && broken.untraced.length > 0)
})
