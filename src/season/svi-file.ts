import type { City } from './city.ts'
import type { Dice } from './random.ts'
import { clamp, diceFor } from './random.ts'
import type { Edition, Item } from './svi-columns.ts'
import { headersOf, isIncome } from './svi-columns.ts'
import { byteOrderMark, csvLine, rounded, withPoint } from './text.ts'

/** The publisher's mark for "no value". */
const missing = -999
/** Share of rows from which an item is flagged: the top tenth. */
const flaggedFrom = 0.9
/** Share of tracts where nobody lives, and of those that are one institution. */
const emptyShare = 0.017
const institutionShare = 0.008
/** Tracts elsewhere in the state for each one in the city; the index ranks within the state. */
const upstateShare = 0.3
const upstate = [
  { county: '001', name: 'Albany' },
  { county: '029', name: 'Erie' },
  { county: '055', name: 'Monroe' },
  { county: '119', name: 'Westchester' },
] as const

interface Area {
  readonly county: string
  readonly countyName: string
  /** Six digits. */
  readonly code: string
  readonly vulnerability: number
}

interface Estimate {
  readonly count: number
  readonly percent: number
}

interface Tract extends Area {
  readonly people: number
  readonly households: number
  readonly units: number
  readonly estimates: ReadonlyMap<Item, Estimate>
  readonly dice: Dice
}

/** An edition of the index over the city and a few counties beside it, ranked within the file, as the publisher ranks within the state. */
export function* sviCsv(seed: number, city: City, edition: Edition): Iterable<string> {
  const tracts = areasOf(seed, city, edition).map((area) => tractOf(seed, area, edition))
  const ranks = ranksOf(tracts, edition)
  yield byteOrderMark + csvLine(headersOf(edition), edition.lineEnd)
  for (const [at, tract] of tracts.entries()) yield csvLine(cells(tract, at, ranks, edition), edition.lineEnd)
}

export function areasOf(seed: number, city: City, { year }: Edition): readonly Area[] {
  const inCity = city.tracts.flatMap(({ borough, code2010, codes2020, vulnerability }) =>
    (year === 2018 ? [code2010] : codes2020).map((code) => ({
      county: borough.county,
      countyName: borough.countyName,
      code,
      vulnerability,
    })),
  )
  const elsewhere = Array.from({ length: Math.round(city.tracts.length * upstateShare) }, (_, at) => {
    const { county, name } = upstate[at % upstate.length] ?? upstate[0]
    const number = Math.floor(at / upstate.length) + 1
    const vulnerability = diceFor(seed, 'upstate', at).normal() - 0.4
    return { county, countyName: name, code: `${String(number).padStart(4, '0')}00`, vulnerability }
  })
  return [...inCity, ...elsewhere].sort((a, b) => (a.county + a.code < b.county + b.code ? -1 : 1))
}

function tractOf(seed: number, area: Area, edition: Edition): Tract {
  const dice = diceFor(seed, 'svi', edition.year, area.county, area.code)
  // The same tract is empty in both editions, and so is nobody's school district.
  const thrown = diceFor(seed, 'svi', area.county, area.code.slice(0, 4)).next()
  const isEmpty = thrown < emptyShare
  const isInstitution = !isEmpty && thrown < emptyShare + institutionShare
  const people = isEmpty ? 0 : dice.whole(900, 7_500)
  const households = isEmpty || isInstitution ? 0 : Math.round(people / (2.1 + dice.next()))
  const units = isEmpty || isInstitution ? 0 : Math.round(households * (1.03 + 0.1 * dice.next()))
  const bases = { people, households, units }
  const estimates = new Map<Item, Estimate>()
  for (const item of [...edition.estimates, ...edition.further])
    estimates.set(item, estimateOf(item, bases, area, dice))
  return { ...area, people, households, units, estimates, dice }
}

function estimateOf(
  item: Item,
  bases: Readonly<Record<Item['of'], number>>,
  { vulnerability }: Area,
  dice: Dice,
): Estimate {
  const own = Math.sqrt(1 - item.weight ** 2) * dice.normal()
  const value = item.mean + item.spread * (item.weight * clamp(vulnerability, -3, 3) + own)
  const base = bases[item.of]
  if (base === 0) return isIncome(item) ? { count: missing, percent: missing } : { count: 0, percent: missing }
  if (isIncome(item)) {
    const dollars = Math.round(clamp(value, 6_000, 180_000))
    return { count: dollars, percent: dollars }
  }
  const count = Math.round((base * clamp(value, 0, 96)) / 100)
  return { count, percent: rounded((100 * count) / base, 1) }
}

interface Ranks {
  readonly items: ReadonlyMap<Item, readonly number[]>
  readonly sums: readonly (readonly number[])[]
  readonly themes: readonly (readonly number[])[]
  readonly sum: readonly number[]
  readonly overall: readonly number[]
}

function ranksOf(tracts: readonly Tract[], { themes }: Edition): Ranks {
  const items = new Map<Item, readonly number[]>()
  for (const item of themes.flat()) {
    const values = tracts.map(({ estimates }) => estimates.get(item)?.percent ?? missing)
    items.set(
      item,
      percentRanks(isIncome(item) ? values.map((value) => (value === missing ? missing : -value)) : values),
    )
  }
  const sums = themes.map((theme) => sumOf(theme.map((item) => items.get(item) ?? [])))
  const sum = sumOf(sums)
  return { items, sums, themes: sums.map(percentRanks), sum, overall: percentRanks(sum) }
}

/** SQL's PERCENT_RANK over the rows that have a value, to four digits: the share of the others that is smaller. */
function percentRanks(values: readonly number[]): readonly number[] {
  const present = values.filter((value) => value !== missing).sort((a, b) => a - b)
  const smaller = new Map<number, number>()
  for (const [at, value] of present.entries()) if (!smaller.has(value)) smaller.set(value, at)
  return values.map((value) =>
    value === missing ? missing : rounded((smaller.get(value) ?? 0) / Math.max(1, present.length - 1), 4),
  )
}

/** Missing where a part is. */
function sumOf(parts: readonly (readonly number[])[]): readonly number[] {
  return (parts[0] ?? []).map((_, at) => {
    const values = parts.map((part) => part[at] ?? missing)
    return values.includes(missing)
      ? missing
      : rounded(
          values.reduce((total, value) => total + value, 0),
          4,
        )
  })
}

function cells(tract: Tract, at: number, ranks: Ranks, edition: Edition): readonly (string | number)[] {
  const { county, countyName, code, people, households, units, dice } = tract
  const { themes, estimates, further, dayPopulation } = edition
  const margin = (count: number) =>
    count === missing ? missing : Math.round(12 + Math.sqrt(count) * (2 + 3 * dice.next()))
  const counted = (items: readonly Item[]) =>
    items.flatMap((item) => {
      const count = tract.estimates.get(item)?.count ?? 0
      return [count, margin(count)]
    })
  const shares = (items: readonly Item[]) =>
    items.flatMap((item) => {
      const percent = tract.estimates.get(item)?.percent ?? missing
      const error = percent === missing ? missing : rounded(isIncome(item) ? percent * 0.15 : 1 + 6 * dice.next(), 1)
      return [withPoint(percent), withPoint(error)]
    })
  const ranked = themes.flatMap((items, theme) => [
    ...items.map((item) => withPoint(ranks.items.get(item)?.[at] ?? missing)),
    withPoint(ranks.sums[theme]?.[at] ?? missing),
    withPoint(ranks.themes[theme]?.[at] ?? missing),
  ])
  const more = [...counted(further), ...shares(further)]
  const day = Math.round(people * (0.5 + dice.next()))
  const name = tractName(code)
  return [
    '36',
    edition.state,
    'NY',
    `36${county}`,
    edition.county(countyName),
    `36${county}${code}`,
    edition.location(name, countyName),
    rounded(0.05 + 0.9 * dice.next(), 12),
    ...[people, households, units].flatMap((count, index) => [
      index === 0 ? people : index === 1 ? units : households,
      margin(count),
    ]),
    ...counted(estimates),
    ...shares(estimates),
    ...ranked,
    withPoint(ranks.sum[at] ?? missing),
    withPoint(ranks.overall[at] ?? missing),
    ...flags(at, ranks, themes),
    ...(dayPopulation === 'before further' ? [day, ...more] : [...more, day]),
  ]
}

/** 1 for each item in the top tenth; a theme counts its flags. */
function flags(at: number, { items }: Ranks, themes: Edition['themes']): readonly number[] {
  const flag = (item: Item) => {
    const rank = items.get(item)?.[at] ?? missing
    return rank === missing ? missing : rank >= flaggedFrom ? 1 : 0
  }
  const total = (values: readonly number[]) =>
    values.includes(missing) ? missing : values.reduce((sum, value) => sum + value, 0)
  const byTheme = themes.map((theme) => theme.map(flag))
  const themeFlags = byTheme.map(total)
  return [...byTheme.flatMap((theme, index) => [...theme, themeFlags[index] ?? missing]), total(themeFlags)]
}

function tractName(code: string): string {
  const suffix = code.slice(4)
  return `${Number(code.slice(0, 4))}${suffix === '00' ? '' : `.${suffix}`}`
}
