import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWorkshop, troubles } from './project.ts'
import { emptySilver, fillSilver } from './silver.ts'

test('Gold says of a small Silver what can be reckoned by hand', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await fillSilver(engine)
    const result = await build()
    assert.deepEqual(troubles(result), [])
    assert.ok(result.tests.passed > 200)

    const places = `select dbn, borough, district, district_stated, district_polygon, program, location_fiscal_year from gold.school_climate_snapshot`
    assert.deepEqual(
      await rows(
        `${places} where dbn in ('01M001', '01M002', '01M003', '03M021', '10X213', '75M401', '79M501', '84X460') order by dbn`,
      ),
      [
        ['01M001', 'M', 1, 1, 1, 'community', 2019],
        ['01M002', 'M', 1, 1, 1, 'community', 2018],
        ['01M003', 'M', 1, null, 1, 'community', 2019],
        ['03M021', 'M', 3, 3, 4, 'community', 2019],
        ['10X213', 'X', 10, 10, 10, 'community', 2018],
        ['75M401', 'M', null, null, null, 'special_education', null],
        ['79M501', 'M', 1, 1, null, 'alternative', 2019],
        ['84X460', 'X', 10, 10, 10, 'charter', 2019],
      ],
    )

    const ranks = `select dbn, svi_year, tract_2010, tract_2020, tract_agrees, svi_overall, svi_bucket, svi_missing_reason from gold.climate_vulnerability`
    assert.deepEqual(
      await rows(`${ranks} where dbn in ('01M001', '02M011', '10X213', '75M401', '79M501') order by dbn, svi_year`),
      [
        ['01M001', 2018, '36061000100', '36061000100', true, 0.1, 'Low', null],
        ['01M001', 2022, '36061000100', '36061000100', true, 0.3333, 'Low', null],
        ['02M011', 2018, '36061000400', '36061000401', true, 0.8, 'High', null],
        ['02M011', 2022, '36061000400', '36061000401', true, 0.9, 'High', null],
        ['10X213', 2018, '36061030900', '36061030900', false, 0.95, 'High', null],
        ['10X213', 2022, '36061030900', '36061030900', false, 0.9641, 'High', null],
        ['75M401', 2018, null, null, null, null, 'Unknown', 'no location known'],
        ['75M401', 2022, null, null, null, null, 'Unknown', 'no location known'],
        ['79M501', 2018, null, null, null, null, 'Unknown', 'location without a tract'],
        ['79M501', 2022, null, null, null, null, 'Unknown', 'location without a tract'],
      ],
    )
    assert.deepEqual(await rows('select count(*) from gold.climate_vulnerability'), [[40]])
  }))

test('summaries weigh, withhold and count as the rules say', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await fillSilver(engine)
    assert.deepEqual(troubles(await build()), [])

    const statistics =
      'n_schools, n_missing, round(mean_of_schools, 6), round(student_weighted_mean, 6), median, p25, p75, suppression, student_weighted_note'
    assert.deepEqual(
      await rows(
        `select district, ${statistics} from gold.district_summary where measure = 'trust_score' order by district`,
      ),
      [
        // Shown, it would give district 2 back by subtraction from the borough's figure.
        [1, 6, 1, null, null, null, null, null, 'complementary', 'withheld'],
        [2, 3, 0, null, null, null, null, null, 'few_schools', 'withheld'],
        [3, 7, 0, 3.485714, 3.975, 3.5, 2.75, 4.25, 'none', null],
        [10, 2, 0, null, null, null, null, null, 'few_schools', 'withheld'],
      ],
    )
    assert.deepEqual(
      await rows(
        `select borough, ${statistics} from gold.borough_summary where measure = 'trust_score' order by borough`,
      ),
      [
        // Shown, it would give the Bronx back: programs and buckets add up to the city.
        ['M', 16, 2, null, null, null, null, null, 'complementary', 'withheld'],
        ['X', 2, 0, null, null, null, null, null, 'few_schools', 'withheld'],
      ],
    )
    assert.deepEqual(
      await rows(
        `select mean_of_schools, student_weighted_mean, student_weighted_note from gold.district_summary where measure = 'parent_response_rate' and district = 3`,
      ),
      [[0.5, 0.5, null]],
    )
  }))

test('a weighted mean that too few enrolments stand behind is null and says why', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await fillSilver(engine)
    await engine.run(`delete from silver.demographics where dbn like '03M%' and dbn > '03M022'`)
    assert.deepEqual(troubles(await build()), [])
    assert.deepEqual(
      await rows(
        `select n_schools, n_enrolment_known, student_weighted_mean, student_weighted_note from gold.district_summary where measure = 'trust_score' and district = 3`,
      ),
      [[7, 2, null, 'enrolment known for too few schools']],
    )
  }))

test('districts and boroughs share out their residents, those of unranked tracts too', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await fillSilver(engine)
    assert.deepEqual(troubles(await build()), [])
    const shares =
      'svi_year, tracts, ranked_tracts, residents, median_svi, round(share_low, 6), round(share_moderate, 6), round(share_high, 6), share_unknown, median_theme2'
    assert.deepEqual(await rows(`select district, ${shares} from gold.svi_by_district order by district, svi_year`), [
      [1, 2018, 3, 2, 6000, 0.3, 0.166667, 0.5, 0, 0.3333333333333333, 0.25],
      [1, 2022, 3, 3, 6000, 0.3334, 0.166667, 0.5, 0.333333, 0, 0.25],
      [2, 2018, 1, 1, 4000, 0.8, 0, 0, 1, 0, 0.25],
      [2, 2022, 1, 1, 4000, 0.9, 0, 0, 1, 0, 0.25],
      [10, 2018, 2, 2, 2000, 0.675, 0, 0.25, 0.75, 0, 0.25],
      [10, 2022, 2, 1, 2000, 0.9641, 0, 0, 0.75, 0.25, 0.25],
    ])
    assert.deepEqual(
      await rows('select borough, svi_year, tracts, residents from gold.svi_by_borough order by borough, svi_year'),
      [
        ['M', 2018, 5, 11500],
        ['M', 2022, 5, 11500],
        ['X', 2018, 2, 1200],
        ['X', 2022, 2, 1200],
      ],
    )
  }))

test('a lake with nothing in Silver gives an empty Gold that passes', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await emptySilver(engine)
    assert.deepEqual(troubles(await build()), [])
    assert.deepEqual(await rows('select count(*) from gold.climate_vulnerability'), [[0]])
    assert.deepEqual(await rows('select count(*) from gold.dim_district'), [[32]])
  }))
