import type { Borough } from './city.ts'
import type { School } from './school.ts'
import { csvLine } from './text.ts'

const headers2018 = [
  'FISCAL_YEAR',
  'ATS SYSTEM CODE',
  'LOCATION_CODE',
  'LOCATION_NAME',
  'BEDS NUMBER',
  'MANAGED_BY_NAME',
  'LOCATION_TYPE_DESCRIPTION',
  'LOCATION_CATEGORY_DESCRIPTION',
  'GRADES_TEXT',
  'GRADES_FINAL_TEXT',
  'OPEN_DATE',
  'STATUS_DESCRIPTIONS',
  'PRIMARY_BUILDING_CODE',
  'PRIMARY_ADDRESS_LINE_1',
  'STATE_CODE',
  'X_COORDINATE',
  'Y_COORDINATE',
  'COMMUNITY_DISTRICT',
  'COUNCIL_DISTRICT',
  'CENSUS_TRACT',
  'BOROUGH_BLOCK_LOT',
  'NTA',
  'NTA_NAME',
  'PRINCIPAL_NAME',
  'PRINCIPAL_TITLE',
  'PRINCIPAL_PHONE_NUMBER',
  'FAX_NUMBER',
  'GEOGRAPHICAL_DISTRICT_CODE',
  'ADMIN_DISTRICT_LOCATION_CODE',
  'ADMINISTRATIVE_DISTRICT_NAME',
  'COMMUNITY_SCHOOL_SUP_NAME',
  'FIELD_SUPPORT_CENTER_NAME',
  'FIELD_SUPPORT_CENTER_LEADER_NAME',
  'SCHOOL_SUPPORT_TEAM_NAME',
  'SCHOOL_SUPPORT_TEAM_LEADER_NAME',
  'HIGHSCHOOL_NETWORK_LOCATION_CODE',
  'HIGHSCHOOL_NETWORK_NAME',
  'HIGHSCHOOL_NETWORK_SUPERINTENDENT',
  'Location 1',
]

const headers2019 = [
  'FISCAL_YEAR',
  'LOCATION_CODE',
  'GEOGRAPHICAL_DISTRICT_CODE',
  'LOCATION_NAME',
  'MANAGED_BY_NAME',
  'PRIMARY_BUILDING_CODE',
  'PRIMARY_ADDRESS_LINE_1',
  'STATE_CODE',
  'LATITUDE',
  'LONGITUDE',
  'COMMUNITY_DISTRICT',
  'COUNCIL_DISTRICT',
  'CENSUS_TRACT',
  'BOROUGH_BLOCK_LOT',
  'NTA',
  'NTA_NAME',
]

const absent = 'NULL'
/** Widths to which the publisher's program pads with blanks. */
const codeWidth = 12
const neighbourhoodWidth = 75

/** Newer schools are not in the file of fiscal year 2018, closed ones not in that of 2019. */
export function located(schools: readonly School[], fiscalYear: 2018 | 2019): readonly School[] {
  const leftOut = fiscalYear === 2018 ? 0.025 : 0.013
  return schools.filter(
    (school) =>
      school.tract.marbleHill || isQuirk(school) || !school.dice(`locations ${fiscalYear}/left out`).chance(leftOut),
  )
}

function isQuirk({ point, tractUnscaled }: School): boolean {
  return tractUnscaled || point === null || point[0] === 0
}

/** Hundredfold and without zeros in front: tract 26.01 is `2601`. A few charter schools state the tract itself. */
function statedTract({ tractCode, tractUnscaled }: School): string {
  return String(Number(tractCode) / (tractUnscaled ? 100 : 1))
}

interface Place {
  readonly address: string
  readonly building: string
  readonly community: string
  readonly council: string
  readonly lot: string
  readonly neighbourhood: string
  readonly neighbourhoodName: string
  readonly borough: Borough
}

function placeOf({ tract, index, locationCode, point }: School, blank: string): Place {
  const { borough } = tract
  if (point === null) {
    return {
      address: `${index + 1} SAMPLE ROAD`,
      building: 'L001',
      community: '0',
      council: '0',
      lot: '0',
      neighbourhood: '    ',
      neighbourhoodName: '',
      borough,
    }
  }
  const number = 1 + ((tract.column * 7 + tract.row) % 40)
  return {
    address: `${index + 1} SAMPLE${blank}${(tract.row % 9) + 1} STREET`,
    building: locationCode,
    community: `${borough.boroCode}${String((tract.district % 12) + 1).padStart(2, '0')}`,
    council: String(((tract.district * 5) % 51) + 1),
    lot: `${borough.boroCode}${String(10_000 + tract.column * 97 + tract.row).padStart(5, '0')}${String((index % 9_000) + 1).padStart(4, '0')}`,
    neighbourhood: tract.marbleHill ? 'MN01' : `${borough.neighbourhood}${String(number + 1).padStart(2, '0')}`,
    neighbourhoodName: tract.marbleHill ? 'Marble Hill-Inwood' : `Sample Neighborhood ${number}`,
    borough,
  }
}

export function* locations2018(schools: readonly School[]): Iterable<string> {
  yield csvLine(headers2018, '\n')
  for (const school of located(schools, 2018)) yield csvLine(cells2018(school), '\n')
}

function cells2018(school: School): readonly string[] {
  const { dbn, locationCode, name, prefix, level, point, index, statedDistrict, letter } = school
  const thrown = school.dice('locations 2018')
  const place = placeOf(school, '  ')
  const charter = prefix === 84
  const grades = gradesText(level.grades)
  const orAbsent = (text: string) => (charter ? absent : text)
  const street = place.address.replace(/ +/g, ' ')
  const mailing = letter === 'X' ? 'BRONX' : place.borough.name.toUpperCase()
  return [
    '2018',
    dbn.padEnd(codeWidth),
    locationCode,
    name,
    `3${String(prefix).padStart(2, '0')}${String(100_000_000 + index).padStart(9, '0')}`,
    charter ? 'Charter' : 'DOE',
    prefix === 75 ? 'Special Education' : prefix === 79 ? 'Alternative' : 'General Academic',
    level.category,
    charter ? grades : `${grades},SE`,
    grades,
    `07/01/${thrown.whole(1950, 2016)} 12:00:00 AM`,
    'Open',
    place.building,
    place.address,
    'NY',
    point === null ? absent : String(Math.round(900_000 + (place.borough.boroCode * 20_000 + index))),
    point === null ? absent : String(Math.round(120_000 + index)),
    place.community,
    place.council,
    point === null ? '      ' : statedTract(school),
    place.lot,
    place.neighbourhood,
    place.neighbourhoodName.padEnd(neighbourhoodWidth),
    thrown.chance(0.008) ? absent : `SAMPLE PRINCIPAL ${index + 1}`,
    thrown.chance(0.09) ? 'I.A. PRINCIPAL' : 'PRINCIPAL',
    thrown.chance(0.01) ? absent : phone(index),
    thrown.chance(0.035) ? absent : phone(index + 1),
    String(point === null ? 0 : statedDistrict),
    orAbsent(prefix === 75 ? 'DA75' : `S${String(800 + prefix)}`),
    charter
      ? 'OFFICE OF CHARTER SCHOOLS'
      : prefix === 75
        ? 'CITYWIDE SPECIAL EDUCATION'
        : `COMMUNITY SCHOOL DISTRICT ${String(prefix).padStart(2, '0')}`,
    orAbsent(`PERSON, SAMPLE ${prefix}`),
    orAbsent(`Field Support Center - ${place.borough.name}`),
    orAbsent(`PERSON, SAMPLE ${place.borough.letter}`),
    orAbsent(`School Support Team ${(index % 6) + 1}- ${place.borough.name}`),
    absent,
    absent,
    absent,
    absent,
    point === null
      ? ''
      : `${street}\n${mailing}, NY ${10_000 + (index % 1_500)}\n(${coordinate(point[0])}, ${coordinate(point[1])})`,
  ]
}

/** 555-0100 to 555-0199 are kept free for made-up people. */
function phone(index: number): string {
  return `212-555-01${String(index % 100).padStart(2, '0')}`
}

function coordinate(degrees: number): string {
  return degrees === 0 ? '0.0' : String(degrees)
}

function gradesText([first, last]: readonly [number, number]): string {
  const names = Array.from({ length: last - first + 1 }, (_, at) => first + at)
  return names.map((grade) => (grade < 0 ? 'PK' : grade === 0 ? '0K' : String(grade).padStart(2, '0'))).join(',')
}

/** Offices beside schools, and one record in thirty twice, word for word. Blanks in some addresses do not break. */
export function* locations2019(schools: readonly School[]): Iterable<string> {
  yield csvLine(headers2019, '\r\n')
  const present = located(schools, 2019)
  for (const [at, school] of present.entries()) {
    const line = csvLine(cells2019(school), '\r\n')
    yield line
    if (school.dice('locations 2019').chance(0.032)) yield line
    if (at % 33 === 32) yield csvLine(officeCells(school, Math.floor(at / 33)), '\r\n')
  }
}

function cells2019(school: School): readonly string[] {
  const { locationCode, statedDistrict, name, prefix, point } = school
  const place = placeOf(school, school.index % 11 === 0 ? ' \u00a0' : '  ')
  return [
    '2019',
    locationCode,
    String(point === null ? 0 : statedDistrict),
    name,
    prefix === 84 ? 'Charter' : 'DOE',
    place.building,
    place.address,
    'NY',
    point === null ? absent : coordinate(point[0]),
    point === null ? absent : coordinate(point[1]),
    place.community,
    place.council,
    point === null ? '' : String(Number(school.tractCode)),
    place.lot,
    place.neighbourhood.trim(),
    place.neighbourhoodName,
  ]
}

function officeCells(beside: School, number: number): readonly string[] {
  const code = `C${String(100 + number).slice(-3)}`
  return cells2019(beside).map((cell, at) => (at === 1 ? code : at === 3 ? `Sample Office ${number + 1}` : cell))
}
