import type { Dice } from './random.ts'
import { clamp, diceFor } from './random.ts'
import { rounded } from './text.ts'

export type Letter = 'M' | 'X' | 'K' | 'Q' | 'R'

export interface Borough {
  readonly letter: Letter
  readonly name: string
  readonly county: string
  readonly countyName: string
  /** In the city's BoroCode, and first digit of a lot. */
  readonly boroCode: number
  /** In the health department's GEOCODE, which counts otherwise. */
  readonly geocode: number
  readonly neighbourhood: string
  /** In order from one end of the borough to the other. */
  readonly districts: readonly number[]
}

/** Facts of the city, which a sample need not invent. */
export const boroughs: readonly [Borough, ...Borough[]] = [
  {
    letter: 'M',
    name: 'Manhattan',
    county: '061',
    countyName: 'New York',
    boroCode: 1,
    geocode: 3,
    neighbourhood: 'MN',
    districts: [1, 2, 3, 4, 5, 6],
  },
  {
    letter: 'X',
    name: 'Bronx',
    county: '005',
    countyName: 'Bronx',
    boroCode: 2,
    geocode: 1,
    neighbourhood: 'BX',
    districts: [9, 10, 7, 8, 12, 11],
  },
  {
    letter: 'K',
    name: 'Brooklyn',
    county: '047',
    countyName: 'Kings',
    boroCode: 3,
    geocode: 2,
    neighbourhood: 'BK',
    districts: [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 32],
  },
  {
    letter: 'Q',
    name: 'Queens',
    county: '081',
    countyName: 'Queens',
    boroCode: 4,
    geocode: 4,
    neighbourhood: 'QN',
    districts: [24, 25, 26, 27, 28, 29, 30],
  },
  {
    letter: 'R',
    name: 'Staten Island',
    county: '085',
    countyName: 'Richmond',
    boroCode: 5,
    geocode: 5,
    neighbourhood: 'SI',
    districts: [31],
  },
]

/** One cell of the city's lattice: a census tract of 2010, and one or two of 2020. */
export interface Tract {
  readonly column: number
  readonly row: number
  readonly borough: Borough
  readonly district: number
  /** Six digits: the tract's number times 100. */
  readonly code2010: string
  /** One code, or two from west to east. */
  readonly codes2020: readonly string[]
  /** How vulnerable its people are, around 0 with a spread of about 1. */
  readonly vulnerability: number
  /** Part of New York County on the Bronx side, where schools carry the Bronx's letter. */
  readonly marbleHill: boolean
  readonly dice: () => Dice
}

export interface City {
  readonly columns: number
  readonly rows: number
  readonly tracts: readonly Tract[]
  readonly marbleHill: Tract
  /** Degrees, of a lattice line; halves are the lines that split tracts. */
  longitude(column: number): number
  latitude(row: number): number
}

/** A rectangle roughly where New York is, degrees. */
export const extent = { west: -74.05, south: 40.58, width: 0.3, height: 0.32 } as const

/** Marble Hill's tract; the same number stands in the Bronx too, so that going by a school's letter finds a wrong tract and no error. */
const marbleHillNumber = 309

/** A city of rectangles with all that makes the real one hard: tracts split between two censuses, a district in two parts, a borough beyond its river. */
export function makeCity(seed: number, schools: number): City {
  const wanted = clamp(Math.round(schools * 1.25), 120, 2200)
  const columns = Math.round(Math.sqrt(wanted * 0.85))
  const rows = Math.ceil(wanted / columns)
  const cells = Array.from({ length: columns * rows }, (_, at) => ({ column: Math.floor(at / rows), row: at % rows }))
  const hill = {
    column: Math.floor(columns * 0.2),
    row: cells.find(({ row }) => boroughAt(0.2, (row + 0.5) / rows).letter === 'X')?.row ?? 0,
  }
  const isHill = ({ column, row }: { column: number; row: number }) => column === hill.column && row === hill.row
  const tracts: Tract[] = []
  for (const borough of boroughs) {
    const path = cells.filter((cell) => !isHill(cell) && boroughOf(cell, columns, rows) === borough).sort(snake)
    if (borough.letter === 'M') path.push(hill)
    const hasHillNumber = borough.letter === 'X' ? Math.min(5, path.length - 1) : -1
    for (const [at, cell] of path.entries()) {
      const number =
        isHill(cell) || at === hasHillNumber ? marbleHillNumber : at + 1 + (at + 1 >= marbleHillNumber ? 1 : 0)
      const slice = Math.floor((at * borough.districts.length) / path.length)
      const dice = () => diceFor(seed, 'tract', borough.letter, number)
      const thrown = dice()
      const isSplit = !isHill(cell) && thrown.chance(0.12)
      const digits = String(number).padStart(4, '0')
      tracts.push({
        ...cell,
        borough,
        district: isHill(cell) ? 10 : (borough.districts[slice] ?? 1),
        code2010: `${digits}00`,
        codes2020: isSplit ? [`${digits}01`, `${digits}02`] : [`${digits}00`],
        vulnerability: wave(seed, cell.column / columns, cell.row / rows) + 0.6 * thrown.normal(),
        marbleHill: isHill(cell),
        dice,
      })
    }
  }
  const marbleHill = tracts.find((tract) => tract.marbleHill)
  if (marbleHill === undefined) throw new RangeError('a city without Marble Hill')
  return {
    columns,
    rows,
    tracts,
    marbleHill,
    longitude: (column) => rounded(extent.west + (extent.width * column) / columns, 6),
    latitude: (row) => rounded(extent.south + (extent.height * row) / rows, 6),
  }
}

export function geoid(tract: Tract, code: string): string {
  return `36${tract.borough.county}${code}`
}

function boroughOf({ column, row }: { column: number; row: number }, columns: number, rows: number): Borough {
  return boroughAt((column + 0.5) / columns, (row + 0.5) / rows)
}

/** `u` from west to east, `v` from south to north. */
function boroughAt(u: number, v: number): Borough {
  const letter = v >= 0.7 ? 'X' : v >= 0.4 ? (u < 0.35 ? 'M' : 'Q') : u < 0.22 ? 'R' : u < 0.62 ? 'K' : 'Q'
  return boroughs.find((borough) => borough.letter === letter) ?? boroughs[0]
}

/** Up one column and down the next, so that neighbours in the order are neighbours on the ground. */
function snake(a: { column: number; row: number }, b: { column: number; row: number }): number {
  if (a.column !== b.column) return a.column - b.column
  return a.column % 2 === 0 ? a.row - b.row : b.row - a.row
}

/** Vulnerability goes up and down across the city rather than from house to house. */
function wave(seed: number, u: number, v: number): number {
  const dice = diceFor(seed, 'wave')
  let height = 0
  for (let hill = 0; hill < 7; hill += 1) {
    const [x, y, top] = [dice.next(), dice.next(), dice.normal()]
    const distance = (u - x) ** 2 + (v - y) ** 2
    height += top / (1 + 18 * distance)
  }
  return height
}
