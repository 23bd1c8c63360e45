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
  assert.deepEqual(uses, ['FILTER s.t.c', 'FILTER s.u.z', 'GROUP_BY s.t.a', 'JOIN s.t.a', 'JOIN s.u.a'])
})

test('what a join looks up is chosen by what the join compares, through inner queries too; what keeps its rows is not', async () => {
  const chosen = async (sql: string): Promise<Readonly<Record<string, readonly string[]>>> => {
    const found = await traced(sql)
    if ('untraced' in found) throw new assert.AssertionError({ message: found.untraced })
    return Object.fromEntries(
      found.columns.map(({ name, chosenBy }) => [name, chosenBy.map(({ table, column }) => `${table}.${column}`)]),
    )
  }
  const compared = ['s.t.b', 's.u.a']
  const left = 'select k.a, coalesce(other.z, 0) as z from s.t as k left join s.u as other on k.b = other.a'
  assert.deepEqual(await chosen(left), { a: [], z: compared })
  assert.deepEqual(await chosen(`with x as (${left}) select a, z + 1 as z from x`), { a: [], z: compared })
  const right = 'select t.a, u.z from s.t right join s.u on t.b = u.a'
  assert.deepEqual(await chosen(right), { a: compared, z: compared })
  const twice =
    'select x.z, y.z as further from s.t left join s.u as x on t.b = x.a left join s.u as y on x.z = y.a left join s.u as w using (a)'
  assert.deepEqual(await chosen(twice), { z: compared, further: ['s.u.z', 's.t.b', 's.u.a'] })
  assert.deepEqual(await chosen('select t.a, u.z from s.t, s.u where t.a = u.a'), { a: [], z: [] })
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
