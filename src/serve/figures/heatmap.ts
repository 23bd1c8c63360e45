import type { HeatCell, Heatmap, MeasureChoice } from '#api'
import { refused } from '../ask.ts'
import { conditions, filterOf, filterParameters } from '../filter.ts'
import type { Fields } from '../select.ts'
import { binder, countOf, fewestSchools, numberOf, select, textOf, withComplement } from '../select.ts'
import { none, scales, unitOfScale } from '../words.ts'
import type { FigureRoute } from './question.ts'
import { placesOf } from './summaries.ts'

/** District (or borough) by measure, for the measures of one scale only: two scales never share a colour ramp. */
export const heatmap: FigureRoute = {
  parameters: [...filterParameters, 'by', 'scale', 'respondent'],
  async answer(ask, { engine, choices }): Promise<Omit<Heatmap, 'publication' | 'sample'>> {
    const filter = filterOf(ask, choices)
    const by = ask.oneOf('by', ['district', 'borough'] as const) ?? 'district'
    const landed = choices.years.find(({ year }) => year === filter.year)?.scales ?? []
    const scale = ask.oneOf('scale', scales) ?? landed[0] ?? 'rate'
    const respondents = [...new Set(choices.measures.map(({ respondent }) => respondent))]
    const respondent = ask.oneOf('respondent', respondents) ?? null
    const measures = choices.measures.filter(
      (measure) =>
        measure.scale === scale &&
        measure.years.includes(filter.year) &&
        (respondent === null || measure.respondent === respondent),
    )
    if (measures.length > 60) throw refused('That is more than 60 measures.', 'Choose one respondent.')

    const bound = binder()
    const { bind } = bound
    const found = await select(
      engine,
      `SELECT CAST(s.${by} AS VARCHAR) AS place, m.measure AS measure,
         grouping(s.${by}) AS whole, count(m.value) AS n, avg(m.value) AS mean
       FROM gold.climate_measure m JOIN gold.school_climate_snapshot s USING (dbn, school_year)
       WHERE m.scale = ${bind(scale)} AND ${conditions(filter, 's', bound)}
       GROUP BY GROUPING SETS ((s.${by}, m.measure), (m.measure))`,
      bound.values,
    )
    const cells = new Map(found.map((row) => [keyOf(row), row]))
    const wanted = filter[by]
    const places = placesOf(by, choices).filter(({ value }) => wanted.length === 0 || wanted.includes(value))
    const columns = measures.map((measure) =>
      withComplement(
        places.map(({ value }) => cellOf(cells.get(`0 ${value} ${measure.id}`))),
        () => hidden,
      ),
    )
    const rows = places.map(({ value, label }, i) => ({
      place: value,
      label,
      cells: columns.map((column) => column[i] ?? missing),
    }))
    return {
      year: filter.year,
      scale,
      respondent,
      unit: unitOfScale(scale),
      measures,
      ramp: rampOf(columns.flat()),
      rows,
      all: measures.map((measure: MeasureChoice) => cellOf(cells.get(`1  ${measure.id}`))),
    }
  },
}

const missing: HeatCell = { n: 0, mean: null, state: 'missing' }
const hidden: HeatCell = { n: null, mean: null, state: 'suppressed' }

function keyOf(row: Fields): string {
  const whole = countOf(row.whole)
  return `${whole} ${whole === 1 ? '' : (textOf(row.place) ?? none)} ${textOf(row.measure)}`
}

function cellOf(row: Fields | undefined): HeatCell {
  const n = countOf(row?.n)
  if (row === undefined || n === 0) return missing
  return n < fewestSchools ? hidden : { n, mean: numberOf(row.mean), state: 'value' }
}

function rampOf(cells: readonly HeatCell[]): Heatmap['ramp'] {
  const means = cells.flatMap(({ mean }) => (mean === null ? [] : [mean]))
  return means.length === 0 ? null : { low: Math.min(...means), high: Math.max(...means) }
}
