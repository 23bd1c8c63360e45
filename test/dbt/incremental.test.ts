import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildResult } from '#port'
import type { Workshop } from './project.ts'
import { inWorkshop, troubles } from './project.ts'
import { fillSilver, survey } from './silver.ts'

const replace = async ({ engine }: Workshop, dbn: string, year: number): Promise<void> => {
  for (const table of ['school_survey', 'survey_measure']) {
    await engine.run(`delete from silver.${table} where dbn = '${dbn}' and school_year = ${year}`)
  }
}

test('a second build after corrections, removals and a new year is what a full refresh makes', () =>
  inWorkshop(async (workshop) => {
    const { engine, build } = workshop
    await fillSilver(engine)
    assert.deepEqual(troubles(await build()), [])

    // A correction that arrived late and is older than what stands.
    await replace(workshop, '01M001', 2019)
    await survey(engine, { dbn: '01M001', trust: 3.05 }, 2019, { source: 'late', offset: 0, at: '2001-01-01' })
    // Gone, as after a change of a contract.
    await replace(workshop, '03M027', 2019)
    await survey(engine, { dbn: '01M004', trust: 4.1 }, 2020, { source: 'file-2020', offset: 0 })
    await engine.run(`update silver.school_place set stated_district = 4 where location_code = 'M021'`)

    const again = await build()
    assert.deepEqual(troubles(again), [])
    const incremental = await contents(workshop, again)
    const full = await contents(workshop, await build({ fullRefresh: true }))
    assert.deepEqual(incremental, full)
    assert.deepEqual(
      await workshop.rows(
        `select value, source from gold.climate_measure where measure = 'trust_score' and dbn = '01M001'`,
      ),
      [[3.05, 'late']],
    )
  }))

test('a build with nothing new leaves every table as it is', () =>
  inWorkshop(async (workshop) => {
    await fillSilver(workshop.engine)
    const before = await contents(workshop, await workshop.build())
    assert.deepEqual(await contents(workshop, await workshop.build()), before)
  }))

test('a school year that is gone from Silver is not left standing unnoticed', () =>
  inWorkshop(async (workshop) => {
    const { engine, build } = workshop
    await fillSilver(engine)
    await survey(engine, { dbn: '01M004', trust: 4.1 }, 2020, { source: 'file-2020', offset: 0 })
    assert.deepEqual(troubles(await build()), [])
    await replace(workshop, '01M004', 2020)
    const held = await build()
    assert.equal(held.ok, false)
    assert.ok(troubles(held).includes('climate_measure_is_silver'))
    assert.deepEqual(troubles(await build({ fullRefresh: true })), [])
  }))

async function contents({ rows }: Workshop, { tables }: BuildResult): Promise<Readonly<Record<string, unknown>>> {
  const all: Record<string, unknown> = {}
  for (const { relation } of tables) all[relation] = await rows(`select * from ${relation} order by all`)
  return all
}
