import { defineContract, say } from '#contract'
import { boroughLetters, countyByBorough } from './city/place.ts'

const { capture, coalesce, column, compare, digits, lookup, number, source, when } = say

const isKind = (kind: string) => compare(column('kind'), '=', kind)

/** By name: the health department's GEOCODE numbers boroughs in another order than the city's BoroCode does. */
const borough = lookup(source('name'), { Manhattan: 'M', Bronx: 'X', Brooklyn: 'K', Queens: 'Q', 'Staten Island': 'R' })

export default defineContract({
  name: 'boundary',
  title: 'Boundaries',
  about: 'Polygons of school districts, census tracts (2010 and 2020) and boroughs, in which schools are placed.',
  grain: 'one area of one kind, or one of its separate parts',
  publisher: 'NYC Department of Education, US Census Bureau, NYC Department of Health and Mental Hygiene',
  licence: 'NYC Open Data: free use with attribution; Census: public domain; borough file: Apache-2.0',
  attribution:
    'School districts: NYC Open Data r8nu-ymqj; tracts: US Census Bureau TIGER; boroughs: NYC DOHMH, Environment & Health Data Portal',
  url: 'https://data.cityofnewyork.us/d/r8nu-ymqj',
  files: ['*tract*json*', '*istrict*json*', '*orough*json*'],
  encodings: ['utf-8'],
  missing: [],
  layouts: [
    {
      name: 'school_district',
      about: 'School districts, NYC Open Data r8nu-ymqj. District 10 is in two parts.',
      format: 'geojson',
      requires: ['school_dist', 'shape_area'],
      constants: { kind: 'school_district' },
    },
    {
      name: 'tract_2020',
      about: 'Census tracts of 2020 with columns of the American Community Survey, not clipped to the shoreline.',
      format: 'geojson',
      requires: ['GEOID', 'NAMELSAD', 'INTPTLAT', 'INTPTLON'],
      forbids: ['TRACTCE10', 'GEOID10'],
      constants: { kind: 'tract_2020' },
    },
    {
      name: 'tract_2010',
      about: 'Census tracts of 2010, as TIGER published them in 2017-18.',
      format: 'topojson',
      requires: ['GEOID', 'STATEFP', 'COUNTYFP', 'TRACTCE', 'ALAND'],
      constants: { kind: 'tract_2010' },
    },
    {
      name: 'borough',
      about: 'The five boroughs.',
      format: 'topojson',
      requires: ['GEOCODE', 'name'],
      forbids: ['NTACode', 'GEONAME'],
      constants: { kind: 'borough' },
    },
  ],
  columns: {
    kind: {
      type: 'string',
      about: 'What kind of area: school_district, tract_2010, tract_2020, borough',
      unit: 'code',
      required: { rule: 'no_kind', severity: 'reject' },
    },
    code: {
      type: 'string',
      about: 'District number, tract GEOID of the kind’s own vintage, or borough letter',
      unit: 'code',
      value: when(
        isKind('school_district'),
        digits(number(source('school_dist')), 1),
        when(isKind('borough'), borough, source('GEOID')),
      ),
      required: { rule: 'no_code', severity: 'reject' },
    },
    part: {
      type: 'string',
      about: 'Tells apart the features of one area: the area as published for school districts, else empty',
      unit: 'text',
      value: when(isKind('school_district'), coalesce(source('shape_area'), ''), ''),
    },
    name: {
      type: 'string',
      about: 'Name of the area',
      unit: 'text',
      value: when(
        isKind('school_district'),
        say.concat('District ', digits(number(source('school_dist')), 1)),
        source('NAMELSAD', 'name'),
      ),
    },
    county_fips: {
      type: 'string',
      about: 'County; null for school districts, which cross counties',
      unit: 'FIPS code, 5 digits',
      value: when(
        isKind('school_district'),
        null,
        when(isKind('borough'), lookup(borough, countyByBorough), capture(source('GEOID'), '^([0-9]{5})[0-9]{6}$')),
      ),
    },
    tract_2010: {
      type: 'tract_2010',
      about: 'The tract, where it is one of 2010',
      unit: 'GEOID, 11 digits',
      value: when(isKind('tract_2010'), source('GEOID'), null),
    },
    tract_2020: {
      type: 'tract_2020',
      about: 'The tract, where it is one of 2020',
      unit: 'GEOID, 11 digits',
      value: when(isKind('tract_2020'), source('GEOID'), null),
    },
    geometry: {
      type: 'string',
      about: 'Outline, longitude before latitude',
      unit: 'GeoJSON geometry, degrees, WGS 84',
      value: say.raw('geometry'),
      required: { rule: 'no_geometry', severity: 'reject' },
    },
  },
  key: ['kind', 'code', 'part'],
  rules: [
    {
      rule: 'unknown_borough',
      severity: 'reject',
      about: 'a borough is one of M, X, K, Q, R',
      holds: say.or(
        say.not(isKind('borough')),
        ...boroughLetters.map((letter) => compare(column('code'), '=', letter)),
      ),
    },
  ],
})
