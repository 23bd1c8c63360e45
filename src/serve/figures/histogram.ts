import type { Histogram } from '#api'
import { conditions, filterOf, filterParameters } from '../filter.ts'
import { binder, countOf, select, spreadColumns, spreadOf } from '../select.ts'
import { rateMeasures } from '../words.ts'
import type { FigureRoute } from './question.ts'

const binCount = 20

/** Number of the bin that a fraction falls in. Rounded first: 0.15 × 20 is a hair below 3 in binary. */
export function binOf(value: string): string {
  return `CAST(least(floor(round(${value} * ${binCount}, 6)), ${binCount - 1}) AS INTEGER)`
}

export const lastBin = binCount - 1

export const histogram: FigureRoute = {
  parameters: [...filterParameters, 'measure'],
  async answer(ask, { engine, choices }): Promise<Omit<Histogram, 'publication' | 'sample'>> {
    const filter = filterOf(ask, choices)
    const measure = ask.oneOf('measure', rateMeasures) ?? 'student_response_rate'
    const whole = binder()
    const [all] = await select(
      engine,
      `SELECT ${spreadColumns(`s.${measure}`)}, count(*) FILTER (WHERE s.${measure} = 0) AS zeros
       FROM gold.school_climate_snapshot s WHERE ${conditions(filter, 's', whole)}`,
      whole.values,
    )
    const bound = binder()
    const counted = await select(
      engine,
      `SELECT ${binOf(`s.${measure}`)} AS bin, count(*) AS n FROM gold.school_climate_snapshot s
       WHERE s.${measure} IS NOT NULL AND ${conditions(filter, 's', bound)} GROUP BY bin`,
      bound.values,
    )
    const nOf = new Map(counted.map((row) => [countOf(row.bin), countOf(row.n)]))
    return {
      year: filter.year,
      measure,
      unit: 'fraction',
      ...spreadOf(all ?? {}),
      zeros: countOf(all?.zeros),
      bins: Array.from({ length: binCount }, (_, bin) => ({
        bin,
        from: bin / binCount,
        to: (bin + 1) / binCount,
        n: nOf.get(bin) ?? 0,
      })),
    }
  },
}
