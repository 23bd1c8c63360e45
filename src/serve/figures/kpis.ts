import type { Kpi, Kpis, RateMeasure } from '#api'
import type { SqlEngine } from '#port'
import type { Choices } from '../choices.ts'
import type { Filter } from '../filter.ts'
import { conditions, filterOf, filterParameters } from '../filter.ts'
import { binder, countOf, select, spreadColumns, spreadOf } from '../select.ts'
import { rateLabel, rateMeasures } from '../words.ts'
import type { FigureRoute } from './question.ts'

export const kpis: FigureRoute = {
  parameters: filterParameters,
  async answer(ask, { engine, choices }): Promise<Omit<Kpis, 'publication' | 'sample'>> {
    const filter = filterOf(ask, choices)
    const cards: Kpi[] = []
    for (const measure of rateMeasures) cards.push(await kpi(measure, filter, choices, engine))
    return { year: filter.year, schools: await schoolsIn(filter, engine), kpis: cards }
  },
}

async function kpi(measure: RateMeasure, filter: Filter, choices: Choices, engine: SqlEngine): Promise<Kpi> {
  const spread = spreadOf(await spreadIn(measure, filter, engine))
  const before = choices.years.find(({ year, rates }) => year < filter.year && rates.includes(measure))?.year
  return {
    measure,
    label: rateLabel(measure),
    unit: 'fraction',
    ...spread,
    previous:
      before === undefined || spread.mean === null
        ? null
        : await previous(measure, filter, before, spread.mean, engine),
  }
}

async function previous(
  measure: RateMeasure,
  filter: Filter,
  year: number,
  mean: number,
  engine: SqlEngine,
): Promise<Kpi['previous']> {
  const spread = spreadOf(await spreadIn(measure, { ...filter, year }, engine))
  if (spread.mean === null || spread.n === null) return null
  return { year, n: spread.n, mean: spread.mean, change: mean - spread.mean }
}

async function spreadIn(measure: RateMeasure, filter: Filter, engine: SqlEngine) {
  const bound = binder()
  const [row] = await select(
    engine,
    `SELECT ${spreadColumns(`s.${measure}`)} FROM gold.school_climate_snapshot s WHERE ${conditions(filter, 's', bound)}`,
    bound.values,
  )
  return row ?? {}
}

async function schoolsIn(filter: Filter, engine: SqlEngine): Promise<number> {
  const bound = binder()
  const [row] = await select(
    engine,
    `SELECT count(*) AS schools FROM gold.school_climate_snapshot s WHERE ${conditions(filter, 's', bound)}`,
    bound.values,
  )
  return countOf(row?.schools)
}
