import type { SqlEngine } from '#port'
import { fillSilver, survey } from './silver.ts'

/** Partition, offset, school, respondent, invited, responded, seconds after the season began. */
type Report = readonly [number, number, string, string, number, number, number]

const began: readonly Report[] = [
  [0, 0, '01M001', 'student', 100, 3, 0],
  [0, 1, '01M001', 'student', 100, 7, 12],
  [0, 2, '01M001', 'parent', 80, 1, 12],
  [1, 0, '02M011', 'teacher', 20, 2, 3],
  [1, 3, '10X213', 'student', 0, 0, 4],
]

/** Later offsets of earlier instants, of the same instant, and of a school that is new. */
const late: readonly Report[] = [
  [0, 3, '01M001', 'student', 100, 5, 2],
  [0, 4, '01M001', 'student', 101, 9, 12],
  [1, 4, '02M011', 'teacher', 20, 9, 1],
  [2, 0, '03M021', 'parent', 50, 4, 33],
]

const outOfOrder: readonly Report[] = [
  [1, 6, '10X213', 'student', 40, 8, 60],
  [1, 5, '10X213', 'student', 40, 6, 70],
  [2, 1, '03M021', 'parent', 50, 4, 33],
]

export async function fillLiveSilver(engine: SqlEngine): Promise<void> {
  await fillSilver(engine)
  await report(engine, began)
}

/** What Silver gains or mends between one build and the next. */
export const corrections: readonly ((engine: SqlEngine) => Promise<void>)[] = [
  async (engine) => {
    await report(engine, late)
    for (const table of ['school_survey', 'survey_measure']) {
      await engine.run(`delete from silver.${table} where dbn = '01M001'`)
    }
    await survey(engine, { dbn: '01M001', trust: 3.05 }, 2019, { source: 'late', offset: 0, at: '2001-01-01' })
  },
  async (engine) => {
    await report(engine, outOfOrder)
    await survey(engine, { dbn: '01M004', trust: 4.1 }, 2020, { source: 'file-2020', offset: 0 })
  },
]

async function report(engine: SqlEngine, reports: readonly Report[]): Promise<void> {
  const rows = reports.map(
    ([partition, offset, dbn, respondent, invited, responded, seconds]) =>
      `('${partition}-${offset}', '${dbn}', 2026, '${respondent}', ${invited}, ${responded}, '2026-02-02 08:00:00+00'::timestamptz + interval ${seconds} second, 'topic-1', ${partition}, ${offset})`,
  )
  await engine.run(
    `insert into silver.survey_live (event_id, dbn, school_year, respondent, invited, responded, event_at, source, "partition", "offset") values ${rows.join(', ')}`,
  )
}
