import type { Equity, EquityBucket, EquityGap, EquityVerdict, GoldColumns } from '#api'
import { goldTables } from '../gold-columns.generated.ts'
import type { Fields } from '../select.ts'
import { countOf, numberOf, select, textOf } from '../select.ts'
import { scales } from '../words.ts'
import type { FigureRoute, Question } from './question.ts'
import { vintageOf } from './summaries.ts'

const all = 'all'
const verdicts: readonly EquityVerdict[] = [
  'higher where vulnerability is high',
  'lower where vulnerability is high',
  'no clear relation',
  'cannot be judged',
  'no value',
]

/** As Gold publishes it, of the whole city: nothing is reckoned here, so that every reader of Gold sees the same figures. */
export const equity: FigureRoute = {
  parameters: ['year', 'vintage', 'program', 'measure'],
  async answer(ask, { engine, choices, gold }: Question): Promise<Omit<Equity, 'publication' | 'sample'>> {
    const years = choices.years.map(({ year }) => String(year))
    const year = Number(ask.oneOf('year', years) ?? choices.defaultYear ?? 0)
    const vintage = vintageOf(ask.oneOf('vintage', choices.vintages.map(String)), choices)
    const program = ask.oneOf('program', [all, ...choices.programs.map(({ value }) => value)]) ?? all
    const measures = choices.measures.filter((measure) => measure.years.includes(year))
    const asked = ask.oneOf(
      'measure',
      choices.measures.map(({ id }) => id),
    )
    const measure = (measures.find(({ id }) => id === asked) ?? measures[0])?.id ?? null
    const about = { year, vintage, program, measure }
    // A publication that was made before Gold had these tables is shown until the next run.
    if (!gold.some(({ table }) => table === 'equity_gap')) return { ...about, gaps: [], buckets: [] }

    const [table, only] = program === all ? ['equity_gap', ''] : ['equity_gap_by_program', 'AND program = $3']
    const gaps = await select(
      engine,
      `SELECT * FROM gold.${table} WHERE school_year = $1 AND svi_year = $2 ${only} ORDER BY measure`,
      program === all ? [year, vintage] : [year, vintage, program],
    )
    const buckets = await select(
      engine,
      `SELECT * FROM gold.climate_by_bucket WHERE school_year = $1 AND svi_year = $2 AND program = $3 AND measure = $4`,
      [year, vintage, program, measure],
    )
    const definitions = new Map(choices.measures.map(({ id, definition }) => [id, definition]))
    const found = new Map(buckets.map((row) => [textOf(row.svi_bucket), row]))
    return {
      ...about,
      gaps: gaps.map((row) => gapOf(row, definitions.get(textOf(row.measure) ?? '') ?? null)),
      buckets: choices.buckets.flatMap(({ bucket }) => {
        const row = found.get(bucket)
        return row === undefined ? [] : [bucketOf(bucket, row)]
      }),
    }
  },
}

function gapOf(row: Fields, definition: string | null): EquityGap {
  return {
    measure: textOf(row.measure) ?? '',
    respondent: textOf(row.respondent) ?? '',
    construct: textOf(row.construct) ?? '',
    scale: scales.find((scale) => scale === row.scale) ?? 'rate',
    definition,
    n: countOf(row.n),
    nLow: countOf(row.n_low),
    nHigh: countOf(row.n_high),
    unranked: countOf(row.n_unranked),
    missing: countOf(row.n_missing),
    meanLow: numberOf(row.mean_low),
    meanHigh: numberOf(row.mean_high),
    gap: numberOf(row.gap),
    gapLow95: numberOf(row.gap_low95),
    gapHigh95: numberOf(row.gap_high95),
    gapInSd: numberOf(row.gap_in_sd),
    spearman: numberOf(row.spearman),
    spearmanLow95: numberOf(row.spearman_low95),
    spearmanHigh95: numberOf(row.spearman_high95),
    verdict: verdicts.find((verdict) => verdict === row.verdict) ?? 'cannot be judged',
    note: textOf(row.note),
  }
}

function bucketOf(bucket: string, row: Fields): EquityBucket {
  const kinds = ['none', 'few_schools', 'complementary'] as const
  return {
    bucket,
    n: countOf(row.n_schools),
    missing: countOf(row.n_missing),
    mean: numberOf(row.mean_of_schools),
    meanLow95: numberOf(row.mean_low95),
    meanHigh95: numberOf(row.mean_high95),
    studentWeightedMean: numberOf(row.student_weighted_mean),
    sd: numberOf(row.sd),
    median: numberOf(row.median),
    p25: numberOf(row.p25),
    p75: numberOf(row.p75),
    suppression: kinds.find((kind) => kind === row.suppression) ?? 'complementary',
  }
}

/** What the columns of Gold mean, for the pages that show them. */
export const columns: FigureRoute = {
  parameters: ['table'],
  answer(ask): Omit<GoldColumns, 'publication' | 'sample'> {
    const table = ask.text('table')
    return { tables: goldTables.filter(({ table: name }) => table === undefined || name === table) }
  },
}
