import type { Choice, PlaceKind, PlaceSummary, PlaceVulnerability, Summaries } from '#api'
import type { Choices } from '../choices.ts'
import { conditions, filterOf, filterParameters } from '../filter.ts'
import {
  binder,
  countOf,
  numberOf,
  select,
  spreadColumns,
  spreadOf,
  suppressed,
  textOf,
  withComplement,
} from '../select.ts'
import { boroughLabel, districtLabel, none, rateMeasures } from '../words.ts'
import type { FigureRoute } from './question.ts'

const placeKinds = ['borough', 'district'] as const

export function placesOf(by: PlaceKind, choices: Choices): readonly Choice[] {
  return by === 'borough' ? choices.boroughs : choices.districts
}

export const summaries: FigureRoute = {
  parameters: [...filterParameters, 'by', 'measure'],
  async answer(ask, { engine, choices }): Promise<Omit<Summaries, 'publication' | 'sample'>> {
    const filter = filterOf(ask, choices)
    const by = ask.oneOf('by', placeKinds) ?? 'borough'
    const measure = ask.oneOf('measure', rateMeasures) ?? 'student_response_rate'
    const bound = binder()
    const rows = await select(
      engine,
      `SELECT s.${by} AS place, ${spreadColumns(`s.${measure}`)} FROM gold.school_climate_snapshot s
       WHERE ${conditions(filter, 's', bound)} GROUP BY s.${by}`,
      bound.values,
    )
    // Gold weights whole places only; a narrower group has no published weighted mean.
    const other = by === 'borough' ? filter.district : filter.borough
    const whole = filter.program.length === 0 && other.length === 0
    const weighted = whole
      ? await select(
          engine,
          `SELECT ${by} AS place, student_weighted_mean FROM gold.${by}_summary WHERE school_year = $1 AND measure = $2`,
          [filter.year, measure],
        )
      : []
    const weightedOf = new Map(weighted.map((row) => [textOf(row.place) ?? none, numberOf(row.student_weighted_mean)]))
    const found = new Map(rows.map((row) => [textOf(row.place) ?? none, row]))
    const places: PlaceSummary[] = []
    for (const { value, label } of placesOf(by, choices)) {
      const row = found.get(value)
      if (row === undefined) continue
      const spread = spreadOf(row)
      const studentWeightedMean = spread.state === 'value' ? (weightedOf.get(value) ?? null) : null
      places.push({ place: value, label, ...spread, studentWeightedMean })
    }
    const shown = withComplement(places, (place) => ({ ...place, ...suppressed, studentWeightedMean: null }))
    return { by, year: filter.year, measure, unit: 'fraction', places: shown }
  },
}

export const placeVulnerability: FigureRoute = {
  parameters: ['by', 'vintage'],
  async answer(ask, { engine, choices }): Promise<Omit<PlaceVulnerability, 'publication' | 'sample'>> {
    const by = ask.oneOf('by', placeKinds) ?? 'borough'
    const vintage = vintageOf(ask.oneOf('vintage', choices.vintages.map(String)), choices)
    const rows = await select(
      engine,
      `SELECT CAST(${by} AS VARCHAR) AS place, tracts, residents, median_svi, p25_svi, p75_svi,
         share_low, share_moderate, share_high, share_unknown
       FROM gold.svi_by_${by} WHERE svi_year = $1 AND ${by} IS NOT NULL ORDER BY ${by}`,
      [vintage],
    )
    return {
      by,
      vintage,
      places: rows.map((row) => {
        const place = textOf(row.place) ?? none
        return {
          place,
          label: by === 'borough' ? boroughLabel(place) : districtLabel(place),
          tracts: countOf(row.tracts),
          residents: numberOf(row.residents),
          medianSvi: numberOf(row.median_svi),
          p25: numberOf(row.p25_svi),
          p75: numberOf(row.p75_svi),
          shareLow: numberOf(row.share_low),
          shareModerate: numberOf(row.share_moderate),
          shareHigh: numberOf(row.share_high),
          shareUnknown: numberOf(row.share_unknown),
        }
      }),
    }
  },
}

/** The vintage asked for, else the newest. */
export function vintageOf(asked: string | undefined, choices: Choices): number {
  return Number(asked ?? choices.vintages.at(-1) ?? 0)
}
