import type { Ask } from './ask.ts'
import type { Choices } from './choices.ts'
import type { Binder } from './select.ts'
import { none } from './words.ts'

/** What every figure about schools can be narrowed by. */
export interface Filter {
  readonly year: number
  readonly borough: readonly string[]
  readonly district: readonly string[]
  readonly program: readonly string[]
}

export const filterParameters = ['year', 'borough', 'district', 'program'] as const

export function filterOf(ask: Ask, choices: Choices): Filter {
  const years = choices.years.map(({ year }) => String(year))
  return {
    year: Number(ask.oneOf('year', years) ?? choices.defaultYear ?? 0),
    borough: ask.list(
      'borough',
      choices.boroughs.map(({ value }) => value),
    ),
    district: ask.list(
      'district',
      choices.districts.map(({ value }) => value),
    ),
    program: ask.list(
      'program',
      choices.programs.map(({ value }) => value),
    ),
  }
}

/** Conditions over a table (by alias) that has school_year, borough, district and program. */
export function conditions(filter: Filter, alias: string, { bind }: Pick<Binder, 'bind'>): string {
  const all = [`${alias}.school_year = ${bind(filter.year)}`]
  for (const column of ['borough', 'district', 'program'] as const) {
    const wanted = filter[column]
    if (wanted.length === 0) continue
    const any = wanted.map((value) =>
      value === none ? `${alias}.${column} IS NULL` : `CAST(${alias}.${column} AS VARCHAR) = ${bind(value)}`,
    )
    all.push(`(${any.join(' OR ')})`)
  }
  return all.join(' AND ')
}
