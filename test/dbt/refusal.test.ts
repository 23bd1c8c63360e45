import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { inWorkshop, projectFolder, troubles } from './project.ts'
import { fillSilver } from './silver.ts'

const wrongVintage = join(import.meta.dirname, '../cases/gold/wrong-vintage/models')

/** Where a line of SQL sets a code of one census vintage equal to a code of the other. */
const acrossVintages = /tract_2010\s*=\s*[\w.]*tract_2020|tract_2020\s*=\s*[\w.]*tract_2010/

test('a model that joins 2010 codes to ranks of 2022 fails its test, and nothing else fails', () =>
  inWorkshop(async ({ engine, build, rows }) => {
    await fillSilver(engine)
    const result = await build({ extraModelFolders: [wrongVintage] })
    assert.equal(result.ok, false)
    assert.deepEqual(troubles(result), ['rank_of_own_vintage_planted_wrong_vintage_svi_overall'])
    // Most of its rows look right, which is why it needs a test.
    const [[found] = []] = await rows('select count(svi_overall) from gold.planted_wrong_vintage')
    assert.ok(Number(found) > 10)
  }))

test('no model of the project sets a code of one vintage equal to one of another; the planted one does', () => {
  const sql = (folder: string): readonly string[] =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sql'))
      .map((file) => join(folder, file))
  const guilty = (file: string): boolean => acrossVintages.test(readFileSync(file, 'utf8'))
  const own = ['models', 'macros', 'tests'].flatMap((folder) => sql(join(projectFolder, folder)))
  assert.ok(own.length > 20)
  assert.deepEqual(own.filter(guilty), [])
  assert.equal(sql(wrongVintage).filter(guilty).length, 1)
})

/** A slip in a model of the project, and a test that sees it. */
const slips: readonly {
  readonly what: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly seenBy: string
}[] = [
  {
    what: 'looks ranks of 2022 up by the 2010 code',
    file: 'models/gold/climate_vulnerability.sql',
    from: 'when 2020 then place.tract_2020',
    to: 'when 2020 then place.tract_2010',
    seenBy: 'svi_overall_is_of_its_tract',
  },
  {
    what: 'takes the stated tract for the polygon’s',
    file: 'models/silver/school_year_place.sql',
    from: '  place.tract_2020,',
    to: '  place.stated_tract_2010 as tract_2020,',
    seenBy: 'rank_of_own_vintage_climate_vulnerability_svi_overall',
  },
  {
    what: 'loses schools without a place',
    file: 'models/gold/climate_vulnerability.sql',
    from: "left join {{ ref('school_year_place') }}",
    to: "inner join {{ ref('school_year_place') }}",
    seenBy: 'climate_vulnerability_has_every_school_and_vintage',
  },
  {
    what: 'shows small groups',
    file: 'macros/summary.sql',
    from: "when is_small then 'few_schools'",
    to: "when false then 'few_schools'",
    seenBy: 'district_few_schools_are_withheld',
  },
  {
    what: 'withholds a small group and nothing beside it',
    file: 'macros/summary.sql',
    from: "then 'complementary'",
    to: "then 'none'",
    seenBy: 'withheld_schools_cannot_be_reckoned',
  },
  {
    what: 'counts residents of unranked tracts nowhere',
    file: 'models/silver/tract_rank.sql',
    from: "coalesce(bucket.bucket, 'Unknown')",
    to: "coalesce(bucket.bucket, '')",
    seenBy: 'district_shares_sum_to_one',
  },
  {
    what: 'gives ties the least of their ranks',
    file: 'macros/statistics.sql',
    from: 'count(*) over (',
    to: 'rank() over (',
    seenBy: 'ties_share_the_mean_of_their_ranks',
  },
  {
    what: 'compares years on different scales',
    file: 'models/silver/measure_year.sql',
    from: 'partition by measure, scale order by',
    to: 'partition by measure order by',
    seenBy: 'another_scale_is_no_comparable_year',
  },
  {
    what: 'shows a bucket by which a withheld one can be had',
    file: 'models/gold/climate_by_bucket.sql',
    from: "when is_hidden then 'complementary'",
    to: "when is_hidden then 'none'",
    seenBy: 'few_schools_are_withheld_and_another_with_them',
  },
  {
    what: 'calls a small gap clear',
    file: 'macros/equity.sql',
    from: "gap_in_sd <= -{{ var('clear_from_sd') }}",
    to: 'gap_in_sd < 0',
    seenBy: 'a_relation_is_clear_only_where_all_agree',
  },
]

for (const { what, file, from, to, seenBy } of slips) {
  test(`a slip that ${what} is seen`, () =>
    inWorkshop(async ({ engine, build, folder }) => {
      await fillSilver(engine)
      const slipped = join(folder, 'project')
      cpSync(projectFolder, slipped, { recursive: true })
      const text = readFileSync(join(slipped, file), 'utf8')
      assert.ok(text.includes(from), `${file} has the line that the slip changes`)
      writeFileSync(join(slipped, file), text.replace(from, to))
      const result = await build({ folder: slipped })
      assert.equal(result.ok, false)
      assert.ok(
        troubles(result).some((name) => name.startsWith(seenBy)),
        troubles(result).join('; '),
      )
    }))
}

/** Something wrong in Silver, and the test that holds Gold back for it. */
const wrongs: readonly (readonly [string, string, string])[] = [
  [
    'records that are nowhere',
    `update silver.ledger set silver = silver - 1 where rule = ''`,
    'conservation_data_quality_',
  ],
  [
    'a 2020 code in a 2010 column',
    `update silver.school_place set tract_2010 = '36061000401' where location_code = 'M011'`,
    'tract_vintage_climate_vulnerability_tract_2010__2010',
  ],
  [
    'a rate of 150',
    `update silver.school_survey set parent_response_rate = 150 where dbn = '01M001'`,
    'between_school_climate_snapshot_parent_response_rate__1__0',
  ],
  [
    'one measure on two scales',
    `update silver.survey_measure set scale = 'percent_positive' where dbn = '01M001' and measure = 'trust_score'`,
    'no_measure_has_two_scales',
  ],
  [
    'a rank of 2022 under a 2010 code',
    `update silver.svi set tract_2010 = tract_2020, tract_2020 = null where svi_year = 2022 and tract_2020 = '36061000401'`,
    'one_tract_vintage_for_each_svi_year',
  ],
]

for (const [what, sql, seenBy] of wrongs) {
  test(`${what} hold Gold back`, () =>
    inWorkshop(async ({ engine, build }) => {
      await fillSilver(engine)
      await engine.run(sql)
      const result = await build()
      assert.equal(result.ok, false)
      assert.ok(troubles(result).includes(seenBy), troubles(result).join('; '))
    }))
}
