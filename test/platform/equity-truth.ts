import type { Area } from './equity-files.ts'
import { areaAt, areasOf, csvLines, csvRecords, filesIn, readText } from './equity-files.ts'

/** What a folder of published files says of each school, reckoned without any code of the product's. */
export interface Truth {
  readonly values: readonly Value[]
  /** `dbn year vintage` to the rank of the tract that the school stands in. */
  readonly ranks: ReadonlyMap<string, number | undefined>
  readonly vintages: readonly number[]
  readonly levels: ReadonlyMap<string, string>
}

export interface Value {
  readonly dbn: string
  readonly year: number
  readonly measure: string
  readonly value: number | undefined
  readonly borough: string
  readonly district: number | undefined
  readonly program: string
  readonly students: number | undefined
}

const dbnPattern = /^[0-9]{2}[MXKQR][0-9]{3}$/
const missing = new Set(['', 'N/A', 'NULL', 'NA', 'n/a'])

export function truthOf(folder: string): Truth {
  const surveys = filesIn(folder, 'survey').filter((file) => file.endsWith('.csv'))
  const answers = surveys.flatMap((file) => {
    const text = readText(file)
    return text.startsWith('DBN,') ? answers2019(text) : answers2025(text)
  })
  const places = readPlaces(folder)
  const students = readStudents(folder)
  const svi = readRanks(folder)
  const vintages = [...new Set([...svi.keys()].map((key) => Number(key.slice(0, 4))))].sort()
  const ranks = new Map<string, number | undefined>()
  const values = answers.map(({ dbn, year, measure, value }) => {
    const place = placeOf(places, dbn, year)
    for (const vintage of vintages) {
      const tract = vintage < 2020 ? place?.tract2010 : place?.tract2020
      ranks.set(`${dbn} ${year} ${vintage}`, tract === undefined ? undefined : svi.get(`${vintage} ${tract}`))
    }
    const program = { 84: 'charter', 75: 'special_education', 79: 'alternative' }[dbn.slice(0, 2)] ?? 'community'
    const about = {
      borough: dbn.slice(2, 3),
      district: place?.district,
      program,
      students: students.get(`${dbn} ${year}`),
    }
    return { dbn, year, measure, value, ...about }
  })
  const levels = new Map(places.flatMap(({ dbn, level }) => (dbn && level ? [[dbn, level]] : [])))
  return { values, ranks, vintages, levels }
}

type Answer = Pick<Value, 'dbn' | 'year' | 'measure' | 'value'>

function answers2019(text: string): readonly Answer[] {
  return csvRecords(text).flatMap((row) =>
    Object.entries(row).flatMap(([header, cell]) => {
      if (header === 'DBN' || header === 'School Name') return []
      const words = header
        .toLowerCase()
        .replace(/[^a-z]+/g, ' ')
        .trim()
        .split(' ')
      const rate = words.includes('rate')
      const measure = rate ? `${words[1]}_response_rate` : words.join('_')
      const number = missing.has(cell) ? undefined : Number(cell)
      return [{ dbn: row.DBN ?? '', year: 2019, measure, value: rate && number !== undefined ? number / 100 : number }]
    }),
  )
}

/** Blocks of columns, each begun by the title of its survey; families of pre-kindergarten come before all families. */
function answers2025(text: string): readonly Answer[] {
  const [, headers = [], ...lines] = csvLines(text)
  let [block, families] = ['', 0]
  const columns = headers.map((header) => {
    if (/NYC School Survey/.test(header)) {
      if (/Family/.test(header)) families += 1
      block = /Student/.test(header)
        ? 'student'
        : /Teacher/.test(header)
          ? 'teacher'
          : families === 1
            ? 'family_prek'
            : 'family'
      return undefined
    }
    if (block === '') return undefined
    const slug = header
      .toLowerCase()
      .replace(/['’]/g, '')
      .replace(/[^a-z]+/g, '_')
      .replace(/^_|_$/g, '')
    return `${block}_${slug}`
  })
  return lines.flatMap((cells) => {
    const dbn = (cells[0] ?? '').slice(0, 6)
    if (!dbnPattern.test(dbn)) return []
    return columns.flatMap((measure, at) => {
      const cell = (cells[at] ?? '').trim()
      const value = missing.has(cell) ? undefined : Number(cell.replace('%', ''))
      return measure === undefined ? [] : [{ dbn, year: 2025, measure, value }]
    })
  })
}

interface Place {
  readonly fiscalYear: number
  readonly dbn: string | undefined
  readonly code: string
  readonly level: string | undefined
  readonly tract2010: string | undefined
  readonly tract2020: string | undefined
  readonly district: number | undefined
}

function readPlaces(folder: string): readonly Place[] {
  const boundaries = filesIn(folder, 'boundaries').map(readText)
  const isTopology = (text: string) => text.slice(0, 200).includes('"Topology"')
  const tracts2010 = boundaries.filter(isTopology).flatMap((text) => areasOf(text, 'GEOID'))
  const tracts2020 = boundaries.filter((text) => !isTopology(text)).flatMap((text) => areasOf(text, 'GEOID'))
  const districts = boundaries.flatMap((text) => areasOf(text, 'school_dist'))
  return filesIn(folder, 'locations').flatMap((file) =>
    csvRecords(readText(file)).map((row) => {
      const [, latitude, longitude] = /\(([-0-9.]+), *([-0-9.]+)\)/.exec(row['Location 1'] ?? '') ?? []
      const y = Number(row.LATITUDE || latitude || Number.NaN)
      const x = Number(row.LONGITUDE || longitude || Number.NaN)
      const at = (areas: readonly Area[]) => (x && y ? areaAt(areas, x, y) : undefined)
      const stated = Number(row.GEOGRAPHICAL_DISTRICT_CODE)
      const level = row.LOCATION_CATEGORY_DESCRIPTION
      return {
        fiscalYear: Number(row.FISCAL_YEAR),
        dbn: row['ATS SYSTEM CODE'] || undefined,
        code: row.LOCATION_CODE ?? '',
        level: level === undefined || missing.has(level) ? undefined : level,
        tract2010: at(tracts2010),
        tract2020: at(tracts2020),
        district: stated > 0 ? stated : Number(at(districts) ?? Number.NaN) || undefined,
      }
    }),
  )
}

/** Of the location file of the survey's own year, else of the nearest. */
function placeOf(places: readonly Place[], dbn: string, year: number): Place | undefined {
  const far = ({ fiscalYear }: Place) => Math.abs(fiscalYear - year)
  const keys = byKey(places)
  return [...(keys.get(dbn) ?? []), ...(keys.get(dbn.slice(2)) ?? [])].sort(
    (a, b) => far(a) - far(b) || b.fiscalYear - a.fiscalYear,
  )[0]
}

let keyed: { readonly of: readonly Place[]; readonly keys: ReadonlyMap<string, readonly Place[]> } | undefined

function byKey(places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  if (keyed?.of !== places) keyed = { of: places, keys: Map.groupBy(places, ({ dbn, code }) => dbn ?? code) }
  return keyed.keys
}

function readStudents(folder: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const file of filesIn(folder, 'demographics')) {
    for (const row of csvRecords(readText(file))) {
      found.set(`${row.DBN} 20${(row.Year ?? '').slice(-2)}`, Number(row['Total Enrollment']))
    }
  }
  return found
}

/** `vintage tract` to its overall rank; −999 is none. */
function readRanks(folder: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const file of filesIn(folder, 'svi').filter((path) => path.endsWith('.csv'))) {
    const records = csvRecords(readText(file))
    const vintage = records[0]?.E_POV150 === undefined ? 2018 : 2022
    for (const { FIPS = '', RPL_THEMES = '' } of records) {
      if (Number(RPL_THEMES) >= 0) found.set(`${vintage} ${FIPS}`, Number(RPL_THEMES))
    }
  }
  return found
}
