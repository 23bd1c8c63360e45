import type { ColumnSpec, Expression } from '#contract'
import { defineContract, say } from '#contract'
import { boroughLetters, countyByBorough, dbnPattern } from './city/place.ts'

const {
  and,
  capture,
  coalesce,
  column,
  compare,
  concat,
  digits,
  lookup,
  matches,
  multiply,
  not,
  number,
  source,
  when,
} = say

const place = source('Location 1')
const code = source('LOCATION_CODE')
const statedTract = source('CENSUS_TRACT')
const point = '[(]([-0-9.]+), *([-0-9.]+)[)]'

/** The neighbourhood knows the borough even where the lot is 0, and Marble Hill (letter X, New York County) is MN01 in it. */
const boroughByNeighbourhood = lookup(capture(source('NTA'), '^([A-Z]{2})[0-9]{2}$'), {
  MN: 'M',
  BX: 'X',
  BK: 'K',
  QN: 'Q',
  SI: 'R',
})
const boroughByLot = lookup(capture(source('BOROUGH_BLOCK_LOT'), '^([1-5])[0-9]{9}$'), {
  1: 'M',
  2: 'X',
  3: 'K',
  4: 'Q',
  5: 'R',
})

/** Tracts are published times 100. No tract of the city is below 10 with a suffix of 10 or more, so 79 is tract 79 and not 0.79. */
const unscaled = matches(statedTract, '^[0-9]?[1-9][0-9]$')

const degrees = (header: string, group: number): Expression => {
  const stated = coalesce(number(source(header)), number(capture(place, point, group)))
  return when(compare(stated, '=', 0), null, stated)
}

const text = (about: string, ...from: string[]): ColumnSpec => ({ type: 'string', about, unit: 'text', from })
const coded = (about: string, ...from: string[]): ColumnSpec => ({ type: 'string', about, unit: 'code', from })
const district = (about: string, ...from: string[]): ColumnSpec => ({
  type: 'integer',
  about,
  unit: 'number',
  from,
  missing: ['0'],
})
const person = (about: string, ...from: string[]): ColumnSpec => ({ ...text(about, ...from), privacy: 'drop' })

export default defineContract({
  name: 'school_location',
  title: 'School locations',
  about: 'Where each school and each office of the department is, with the districts and the census tract it states.',
  grain: 'one location in one fiscal year',
  publisher: 'New York City Department of Education',
  licence: 'Free use with attribution (NYC Open Data terms of use)',
  attribution: 'NYC Department of Education, School Locations 2017-2018 (p6h4-mpyy) and 2018-2019',
  url: 'https://data.cityofnewyork.us/d/p6h4-mpyy',
  files: ['*Locations*.csv', '*locations*.csv'],
  encodings: ['utf-8', 'windows-1252', 'macintosh'],
  missing: ['NULL', 'N/A', 'NA', 'n/a'],
  layouts: [
    {
      name: 'locations_2018',
      about: 'Fiscal year 2018, with the DBN; coordinates inside the address.',
      format: 'csv',
      requires: ['FISCAL_YEAR', 'ATS SYSTEM CODE', 'LOCATION_CODE', 'Location 1'],
    },
    {
      name: 'locations_2019',
      about: 'Fiscal year 2019, without the DBN; coordinates in columns of their own.',
      format: 'csv',
      requires: ['FISCAL_YEAR', 'LOCATION_CODE', 'LATITUDE', 'LONGITUDE'],
    },
  ],
  columns: {
    fiscal_year: {
      type: 'integer',
      about: 'City fiscal year, July to June, named by the year it ends in',
      unit: 'year',
      from: ['FISCAL_YEAR'],
      required: { rule: 'no_fiscal_year', severity: 'reject' },
    },
    location_code: {
      ...coded('Borough letter and number; the last four characters of a school’s DBN', 'LOCATION_CODE'),
      required: { rule: 'no_location_code', severity: 'reject' },
    },
    dbn: {
      type: 'string',
      about: 'District, borough and number of the school; null where the file has none',
      unit: 'DBN',
      from: ['ATS SYSTEM CODE', 'SYSTEM_CODE', 'DBN'],
      domain: { is: { matches: dbnPattern }, rule: 'not_a_dbn', severity: 'reject' },
    },
    location_name: text('Name of the school or office', 'LOCATION_NAME'),
    managed_by: text('Who runs it: DOE or Charter', 'MANAGED_BY_NAME'),
    location_type: text('General academic, special education, transfer…', 'LOCATION_TYPE_DESCRIPTION'),
    location_category: text('Elementary, high school, K-8…', 'LOCATION_CATEGORY_DESCRIPTION'),
    status: text('Open or closed', 'STATUS_DESCRIPTIONS'),
    address: text('Street address', 'PRIMARY_ADDRESS_LINE_1'),
    building_code: coded('Building', 'PRIMARY_BUILDING_CODE'),
    latitude: {
      type: 'double',
      about: 'Latitude; the 0 of unknown places is null',
      unit: 'degrees, WGS 84',
      value: degrees('LATITUDE', 1),
      domain: { is: { min: 40.4, max: 41 }, rule: 'outside_the_city', severity: 'reject' },
    },
    longitude: {
      type: 'double',
      about: 'Longitude; the 0 of unknown places is null',
      unit: 'degrees, WGS 84',
      value: degrees('LONGITUDE', 2),
      domain: { is: { min: -74.3, max: -73.6 }, rule: 'outside_the_city', severity: 'reject' },
    },
    geographical_district: district('School district the building stands in, as stated', 'GEOGRAPHICAL_DISTRICT_CODE'),
    administrative_district: {
      type: 'integer',
      about: 'District that runs the school, from the DBN: 75 special education, 79 alternative, 84 charter',
      unit: 'number',
      value: number(capture(column('dbn'), '^([0-9]{2})')),
    },
    community_district: district('Community board: borough number and district', 'COMMUNITY_DISTRICT'),
    council_district: district('City council district', 'COUNCIL_DISTRICT'),
    borough: {
      type: 'string',
      about: 'Borough letter of the location code; of the neighbourhood where the code has none',
      unit: 'M Manhattan, X Bronx, K Brooklyn, Q Queens, R Staten Island',
      value: coalesce(capture(code, '^([MXKQR])'), boroughByNeighbourhood, boroughByLot),
      domain: { is: { oneOf: boroughLetters }, rule: 'unknown_borough', severity: 'warn' },
    },
    county_fips: {
      type: 'string',
      about: 'County of the stated neighbourhood, else of the lot, else of the borough letter',
      unit: 'FIPS code, 5 digits',
      value: lookup(coalesce(boroughByNeighbourhood, boroughByLot, column('borough')), countyByBorough),
    },
    tract_2010: {
      type: 'tract_2010',
      about: 'Census tract of 2010 as stated; the polygon decides where the two differ',
      unit: 'GEOID, 11 digits',
      from: ['CENSUS_TRACT'],
      value: concat(
        column('county_fips'),
        digits(when(unscaled, multiply(number(statedTract), 100), number(statedTract)), 6),
      ),
    },
    bbl: { ...coded('Borough, block and lot', 'BOROUGH_BLOCK_LOT'), unit: 'BBL, 10 digits', missing: ['0'] },
    nta: coded('Neighbourhood tabulation area', 'NTA'),
    nta_name: text('Name of the neighbourhood', 'NTA_NAME'),
    grades: text('Grades taught', 'GRADES_FINAL_TEXT', 'GRADES_TEXT'),
    open_date: { type: 'date', about: 'When the school opened', unit: 'date', from: ['OPEN_DATE'] },
    principal_name: person('Principal', 'PRINCIPAL_NAME'),
    principal_title: person('Principal’s title', 'PRINCIPAL_TITLE'),
    principal_phone: person('Principal’s telephone', 'PRINCIPAL_PHONE_NUMBER'),
    fax: person('Fax', 'FAX_NUMBER'),
    superintendent: person('Superintendent', 'COMMUNITY_SCHOOL_SUP_NAME'),
    field_support_leader: person('Leader of the field support center', 'FIELD_SUPPORT_CENTER_LEADER_NAME'),
    support_team_leader: person('Leader of the school support team', 'SCHOOL_SUPPORT_TEAM_LEADER_NAME'),
    network_superintendent: person('Superintendent of the high school network', 'HIGHSCHOOL_NETWORK_SUPERINTENDENT'),
  },
  key: ['fiscal_year', 'location_code'],
  rules: [
    {
      rule: 'tract_was_not_scaled',
      severity: 'warn',
      about: 'the stated census tract is times 100, as published',
      holds: not(unscaled),
    },
    {
      rule: 'no_coordinates',
      severity: 'warn',
      about: 'a location has coordinates',
      holds: and(not(say.isNull(column('latitude'))), not(say.isNull(column('longitude')))),
    },
  ],
})
