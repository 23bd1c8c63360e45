import type { City, Letter, Tract } from './city.ts'
import { boroughs } from './city.ts'
import type { Dice } from './random.ts'
import { clamp, diceFor } from './random.ts'
import { rounded } from './text.ts'

export interface Level {
  readonly category: string
  /** First and last grade; −1 is pre-kindergarten, 0 kindergarten. */
  readonly grades: readonly [number, number]
  readonly share: number
}

const levels: readonly [Level, ...Level[]] = [
  { category: 'Elementary', grades: [-1, 5], share: 0.39 },
  { category: 'High school', grades: [9, 12], share: 0.24 },
  { category: 'Junior High-Intermediate-Middle', grades: [6, 8], share: 0.16 },
  { category: 'K-8', grades: [0, 8], share: 0.12 },
  { category: 'Secondary School', grades: [6, 12], share: 0.06 },
  { category: 'K-12 all grades', grades: [0, 12], share: 0.03 },
]

export interface School {
  readonly index: number
  readonly dbn: string
  readonly locationCode: string
  readonly name: string
  /** The DBN's: 84 charter, 75 special education, 79 alternative, else the geographic district. */
  readonly prefix: number
  readonly letter: Letter
  readonly level: Level
  readonly tract: Tract
  /** Six digits, 2010, as it ought to be stated. */
  readonly tractCode: string
  /** True where the file states the tract's number instead of a hundred times it. */
  readonly tractUnscaled: boolean
  /** Null: the file says nothing. 0, 0: it says so. */
  readonly point: readonly [latitude: number, longitude: number] | null
  readonly statedDistrict: number
  readonly enrolment: number
  /** What people feel about the school, around 0; independent of where it is. */
  readonly climate: number
  readonly dice: (purpose: string) => Dice
}

const letterShares: readonly (readonly [Letter, number])[] = [
  ['K', 0.31],
  ['X', 0.22],
  ['Q', 0.22],
  ['M', 0.18],
  ['R', 0.07],
]

/** Four schools state an unscaled tract, as in truth; one has no coordinates and one has zeros. */
const unscaledSchools = 4

/**
 * All schools, in order of DBN. Beyond about 3,000 the three digits of a location code run out, as they would for the city, and go on with letters;
 * such a school's code is no longer the end of its DBN.
 */
export function makeSchools(seed: number, count: number, city: City): readonly School[] {
  const byLetter = new Map(
    boroughs.map(({ letter }) => [
      letter,
      city.tracts.filter((tract) => tract.borough.letter === letter && !tract.marbleHill),
    ]),
  )
  const numbers = numbering()
  const onTheHill = clamp(Math.round(count / 50), 2, 8)
  let unscaledLeft = unscaledSchools
  const schools: School[] = []
  for (let index = 0; index < count; index += 1) {
    const dice = diceFor(seed, 'school', index)
    const hill = index >= 12 && index < 12 + onTheHill
    const awayFromHome = index === 20 + onTheHill || index === 21 + onTheHill
    const letter = hill ? 'X' : awayFromHome ? 'M' : shared(letterShares, dice)
    const home = byLetter.get(awayFromHome ? 'X' : letter) ?? []
    const tract = hill ? city.marbleHill : (home[dice.whole(0, home.length - 1)] ?? city.marbleHill)
    const without = index === 7 ? 'point' : index === 11 ? 'zero' : undefined
    const prefix = without === 'point' || awayFromHome ? 75 : without === 'zero' ? 84 : prefixOf(dice, tract)
    const level = shared(
      levels.map((each) => [each, each.share] as const),
      dice,
    )
    const { dbn, locationCode } = numbers(prefix, letter)
    const canBeUnscaled = /^[0-9]{2}[1-9][1-9]00$/.test(tract.code2010)
    const tractUnscaled = prefix === 84 && without === undefined && canBeUnscaled && unscaledLeft > 0
    if (tractUnscaled) unscaledLeft -= 1
    schools.push({
      index,
      dbn,
      locationCode,
      name: nameOf(index, prefix, dice),
      prefix: Number(dbn.slice(0, 2)),
      letter,
      level,
      tract,
      tractCode: dice.chance(0.005) && !hill && !tractUnscaled ? (home[0] ?? tract).code2010 : tract.code2010,
      tractUnscaled,
      point: without === 'point' ? null : without === 'zero' ? [0, 0] : pointIn(tract, city, dice),
      statedDistrict: dice.chance(0.009) ? (tract.borough.districts[0] ?? tract.district) : tract.district,
      enrolment: Math.round(clamp(480 + 260 * dice.normal(), 90, 3_200)),
      climate: dice.normal(),
      dice: (purpose) => diceFor(seed, purpose, index),
    })
  }
  return schools.sort((a, b) => (a.dbn < b.dbn ? -1 : 1))
}

function shared<T>(shares: readonly (readonly [T, number])[], dice: Dice): T {
  let left = dice.next() * shares.reduce((sum, [, share]) => sum + share, 0)
  let last: T | undefined
  for (const [value, share] of shares) {
    last = value
    left -= share
    if (left < 0) break
  }
  if (last === undefined) throw new RangeError('nothing to share')
  return last
}

function prefixOf(dice: Dice, tract: Tract): number {
  const thrown = dice.next()
  return thrown < 0.12 ? 84 : thrown < 0.15 ? 75 : thrown < 0.16 ? 79 : tract.district
}

function nameOf(index: number, prefix: number, dice: Dice): string {
  const kind = prefix === 84 ? 'Sample Charter School' : dice.chance(0.7) ? 'Sample School' : 'Sample Academy'
  // A comma in a name is what makes a file quote it.
  return dice.chance(0.04) ? `${kind} ${index + 1}, The` : `${kind} ${index + 1}`
}

/** Away from the tract's borders and from the line that may split it. */
function pointIn(tract: Tract, city: City, dice: Dice): readonly [number, number] {
  const across = dice.chance(0.5) ? 0.1 + 0.35 * dice.next() : 0.55 + 0.35 * dice.next()
  const [west, east] = [city.longitude(tract.column), city.longitude(tract.column + 1)]
  const [south, north] = [city.latitude(tract.row), city.latitude(tract.row + 1)]
  return [rounded(south + (0.1 + 0.8 * dice.next()) * (north - south), 6), rounded(west + across * (east - west), 6)]
}

/** Numbers are a borough's while three digits last, then a district's within it; a district that is full hands schools to the citywide ones. */
function numbering() {
  const inBorough = new Map<Letter, number>()
  const inDistrict = new Map<string, number>()
  const taken = new Set<string>()
  function free(district: string): string | undefined {
    for (let number = (inDistrict.get(district) ?? 0) + 1; number <= 999; number += 1) {
      const dbn = `${district}${String(number).padStart(3, '0')}`
      if (taken.has(dbn)) continue
      inDistrict.set(district, number)
      return dbn
    }
    return undefined
  }
  return (prefix: number, letter: Letter): { dbn: string; locationCode: string } => {
    const number = (inBorough.get(letter) ?? 0) + 1
    inBorough.set(letter, number)
    const districts = [prefix, 84, 79, 75].map((each) => `${String(each).padStart(2, '0')}${letter}`)
    const dbn =
      number <= 999
        ? `${districts[0]}${String(number).padStart(3, '0')}`
        : districts.reduce<string | undefined>((found, district) => found ?? free(district), undefined)
    if (dbn === undefined) throw new RangeError(`more schools than DBNs of ${letter}`)
    taken.add(dbn)
    const beyond = (10 * 36 * 36 + number - 1000).toString(36).toUpperCase()
    return { dbn, locationCode: number <= 999 ? dbn.slice(2) : `${letter}${beyond}` }
  }
}
