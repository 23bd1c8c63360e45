import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { queryLake, runOnce, writeSampleFolder } from '#platform'
import type { Cell } from '#port'
import {
  averageRanks,
  mean,
  quantile,
  spearman,
  spearmanInterval,
  standardDeviation,
  student975,
  welchInterval,
} from './equity-statistics.ts'
import type { Truth, Value } from './equity-truth.ts'
import { truthOf } from './equity-truth.ts'
import { lakeOptions as options } from './options.ts'

const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared')
const realFiles = join(shared, 'data')
const noReal = existsSync(realFiles) ? false : 'the published files are not here (FAIRLEAD_SHARED)'

const effects = { report: () => {}, signal: new AbortController().signal }
const root = mkdtempSync(join(tmpdir(), 'fairlead-equity-'))
after(() => rmSync(root, { recursive: true, force: true }))

type Fields = Readonly<Record<string, Cell>>

async function gold(lake: string, table: string): Promise<readonly Fields[]> {
  const limits = { memoryMb: 1024, timeoutMs: 60_000, maxRows: 20_000 }
  const { columns, rows } = await queryLake({ ...options(lake), sql: `SELECT * FROM gold.${table}`, limits }, effects)
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])))
}

/** Equal to 1e-9; null is equal to nothing that can be reckoned. */
function same(found: Cell | undefined, expected: number | undefined, what: string): void {
  if (expected === undefined) assert.equal(found, null, what)
  else {
    assert.equal(typeof found, 'number', `${what}: ${found} for ${expected}`)
    assert.ok(
      Math.abs(Number(found) - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
      `${what}: ${found} for ${expected}`,
    )
  }
}

const bucketOf = (rank: number | undefined): string =>
  rank === undefined ? 'Unknown' : rank < 1 / 3 ? 'Low' : rank < 2 / 3 ? 'Moderate' : 'High'

const known = (values: readonly Value[]): readonly number[] => values.flatMap(({ value }) => value ?? [])

function weighted(values: readonly Value[]): number | undefined {
  const both = values.filter(({ value, students }) => value !== undefined && students !== undefined)
  const students = both.reduce((sum, one) => sum + (one.students ?? 0), 0)
  if (both.length < 5 || students === 0) return undefined
  return both.reduce((sum, one) => sum + (one.value ?? 0) * (one.students ?? 0), 0) / students
}

/** `few` groups are withheld by themselves; others only where a neighbour would be uncovered. */
function checkSpread(row: Fields, group: readonly Value[], what: string): void {
  const values = known(group)
  assert.equal(row.n_schools, values.length, `${what} n`)
  assert.equal(row.n_missing, group.length - values.length, `${what} missing`)
  assert.equal(row.suppression === 'few_schools', values.length > 0 && values.length < 5, `${what} few schools`)
  const shown = values.length > 0 && row.suppression === 'none'
  const of = (reckon: (values: readonly number[]) => number) => (shown ? reckon(values) : undefined)
  same(row.mean_of_schools, of(mean), `${what} mean`)
  same(
    row.median,
    of((all) => quantile(all, 0.5)),
    `${what} median`,
  )
  same(
    row.p25,
    of((all) => quantile(all, 0.25)),
    `${what} p25`,
  )
  same(
    row.p75,
    of((all) => quantile(all, 0.75)),
    `${what} p75`,
  )
  same(row.student_weighted_mean, shown ? weighted(group) : undefined, `${what} weighted by students`)
}

function checkBuckets(rows: readonly Fields[], truth: Truth): void {
  const groups = Map.groupBy(
    truth.values.flatMap((value) =>
      truth.vintages.flatMap((vintage) => {
        const bucket = bucketOf(truth.ranks.get(`${value.dbn} ${value.year} ${vintage}`))
        return [value.program, 'all'].map((program) => ({
          ...value,
          key: [value.measure, value.year, vintage, program, bucket].join(),
        }))
      }),
    ),
    ({ key }) => key,
  )
  assert.equal(rows.length, groups.size)
  for (const row of rows) {
    const key = [row.measure, row.school_year, row.svi_year, row.program, row.svi_bucket].join()
    const group = groups.get(key) ?? []
    checkSpread(row, group, key)
    const values = known(group)
    const shown = values.length > 0 && row.suppression === 'none'
    const half = shown ? (student975(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length) : 0
    same(row.sd, shown ? standardDeviation(values) : undefined, `${key} sd`)
    same(row.mean_low95, shown ? mean(values) - half : undefined, `${key} low end`)
    same(row.mean_high95, shown ? mean(values) + half : undefined, `${key} high end`)
  }
}

/** Gaps and correlations; those of buckets that Gold withholds are to be null. Answers how many have both intervals. */
function checkGaps(rows: readonly Fields[], buckets: readonly Fields[], truth: Truth): number {
  const withheld = new Set(
    buckets
      .filter(({ suppressed }) => suppressed === true)
      .map((row) => [row.program, row.measure, row.school_year, row.svi_year, row.svi_bucket].join()),
  )
  const groups = Map.groupBy(truth.values, ({ measure, year }) => `${measure} ${year}`)
  let judged = 0
  for (const row of rows) {
    const program = row.program ?? 'all'
    const what = [program, row.measure, row.school_year, row.svi_year].join()
    const group = (groups.get(`${row.measure} ${row.school_year}`) ?? []).filter(
      (value) => program === 'all' || value.program === program,
    )
    const ranked = group.map(({ dbn, year, value }) => ({
      value,
      rank: truth.ranks.get(`${dbn} ${year} ${row.svi_year}`),
    }))
    const pairs = ranked.flatMap(({ value, rank }) =>
      value === undefined || rank === undefined ? [] : [{ value, rank }],
    )
    const of = (bucket: string) => pairs.filter(({ rank }) => bucketOf(rank) === bucket).map(({ value }) => value)
    const [low, high] = [of('Low'), of('High')]
    assert.equal(row.n, pairs.length, `${what} n`)
    assert.equal(row.n_low, low.length, `${what} n low`)
    assert.equal(row.n_high, high.length, `${what} n high`)
    assert.equal(row.n_missing, group.filter(({ value }) => value === undefined).length, `${what} missing`)
    assert.equal(row.n_unranked, group.length - pairs.length - Number(row.n_missing), `${what} unranked`)
    const isShown = (bucket: string, values: readonly number[]) =>
      values.length > 0 && !withheld.has(`${what},${bucket}`)
    const compared = isShown('Low', low) && isShown('High', high)
    const interval = compared ? welchInterval(low, high) : undefined
    same(row.mean_low, isShown('Low', low) ? mean(low) : undefined, `${what} mean low`)
    same(row.mean_high, isShown('High', high) ? mean(high) : undefined, `${what} mean high`)
    same(row.median_high, isShown('High', high) ? quantile(high, 0.5) : undefined, `${what} median high`)
    same(row.gap, compared ? mean(high) - mean(low) : undefined, `${what} gap`)
    same(row.gap_low95, interval?.[0], `${what} low end of the gap`)
    same(row.gap_high95, interval?.[1], `${what} high end of the gap`)
    const [xs, ys] = [pairs.map(({ value }) => value), pairs.map(({ rank }) => rank)]
    const rho = pairs.length < 5 ? undefined : spearman(xs, ys)
    const ends = rho === undefined || Math.abs(rho) > 1 - 1e-12 ? undefined : spearmanInterval(rho, pairs.length)
    same(row.spearman, rho, `${what} spearman`)
    same(row.spearman_low95, ends?.[0], `${what} low end of spearman`)
    same(row.spearman_high95, ends?.[1], `${what} high end of spearman`)
    assert.equal(row.verdict, verdictOf(pairs.length, row, xs, interval, ends), `${what} verdict`)
    if (interval !== undefined && ends !== undefined) judged += 1
  }
  return judged
}

function verdictOf(
  n: number,
  { gap }: Fields,
  values: readonly number[],
  interval: readonly [number, number] | undefined,
  ends: readonly [number, number] | undefined,
): string {
  if (n === 0) return 'no value'
  if (interval === undefined || ends === undefined) return 'cannot be judged'
  const notSmall = Math.abs(Number(gap)) / standardDeviation(values) >= 0.2
  if (notSmall && interval[0] > 0 && ends[0] > 0) return 'higher where vulnerability is high'
  if (notSmall && interval[1] < 0 && ends[1] < 0) return 'lower where vulnerability is high'
  return 'no clear relation'
}

function checkPlaces(rows: readonly Fields[], place: 'district' | 'borough' | 'program', truth: Truth): void {
  const groups = Map.groupBy(truth.values, (value) => [value[place], value.measure, value.year].join())
  for (const row of rows) {
    const key = [row[place], row.measure, row.school_year].join()
    checkSpread(row, groups.get(key) ?? [], `${place} ${key}`)
    // No measure of these files was asked twice on one scale.
    assert.equal(row.comparable_year, null, key)
    assert.equal(row.change_in_mean_of_schools, null, key)
  }
  const placed = [...groups.values()].filter(([value]) => value?.[place] !== undefined)
  assert.equal(rows.length, placed.length)
}

function checkScorecards(rows: readonly Fields[], truth: Truth): void {
  const wide = truth.values.filter(({ year, value }) => year === 2019 && value !== undefined)
  const peers = Map.groupBy(wide, (one) => [one.measure, one.program, truth.levels.get(one.dbn)].join())
  const expected = new Map(
    [...peers.values()].flatMap((group) => {
      const ranks = averageRanks(known(group))
      return group.map((one, at): [string, number | undefined] => [
        `${one.dbn} ${one.measure}`,
        group.length < 5 || !truth.levels.has(one.dbn) ? undefined : ((ranks[at] ?? 0) - 1) / (group.length - 1),
      ])
    }),
  )
  assert.equal(rows.length, new Set(truth.values.map(({ dbn }) => dbn)).size)
  const values = new Map(wide.map((one) => [`${one.dbn} ${one.measure}`, one.value]))
  for (const row of rows) {
    for (const measure of ['student_response_rate', 'teacher_response_rate', 'parent_response_rate', 'trust_score']) {
      const what = `${row.dbn} ${measure}`
      same(row[measure], values.get(what), what)
      same(row[`${measure.replace(/_(rate|score)$/, '')}_percentile`], expected.get(what), `${what} percentile`)
      assert.equal(row[`${measure.replace(/_(rate|score)$/, '')}_change`], null, what)
    }
  }
}

function reckoned(title: string, skip: string | false, folderOf: () => Promise<string>, fewestJudged: number): void {
  describe(title, { skip, timeout: 240_000 }, () => {
    const lake = join(root, title.replaceAll(' ', '-'))
    let truth: Truth

    test('buckets, gaps, intervals and rank correlations are those of a second reckoning from the files', async () => {
      const folder = await folderOf()
      const result = await runOnce({ ...options(lake), full: false, from: folder }, effects)
      assert.equal(result.outcome, 'published')
      truth = truthOf(folder)
      const buckets = await gold(lake, 'climate_by_bucket')
      checkBuckets(buckets, truth)
      const judged = checkGaps(await gold(lake, 'equity_gap'), buckets, truth)
      assert.ok(judged >= fewestJudged, `${judged} gaps and correlations compared`)
      checkGaps(await gold(lake, 'equity_gap_by_program'), buckets, truth)
    })

    test('the figures of districts, boroughs and programs are, weighted and unweighted', async () => {
      for (const place of ['district', 'borough', 'program'] as const) {
        checkPlaces(await gold(lake, `${place}_summary`), place, truth)
      }
    })

    test('each school’s place among its peers is', async () => {
      checkScorecards(await gold(lake, 'school_scorecard'), truth)
    })
  })
}

reckoned('the published files', noReal, async () => realFiles, 100)
reckoned(
  'sample files',
  false,
  async () => {
    const folder = join(root, 'files')
    await writeSampleFolder(folder, { schools: 160, seed: 7 }, effects)
    return folder
  },
  30,
)

test('the second reckoning knows Student’s t as tables have it', () => {
  for (const [freedom, expected] of [
    [4, 2.7764451051977943],
    [10, 2.228138851986275],
    [25, 2.0595385527532977],
    [100, 1.9839715185235525],
  ] as const) {
    assert.ok(Math.abs(student975(freedom) - expected) < 1e-12, `${freedom}: ${student975(freedom)}`)
  }
})
