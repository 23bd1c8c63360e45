import type { Column } from '#port'

export const schoolPlaceColumns: readonly Column[] = [
  { name: 'fiscal_year', type: 'integer', comment: 'Fiscal year of the location file' },
  { name: 'location_code', type: 'string' },
  { name: 'dbn', type: 'string' },
  { name: 'latitude', type: 'double', comment: 'Degrees' },
  { name: 'longitude', type: 'double', comment: 'Degrees' },
  { name: 'tract_2010', type: 'string', comment: '2010 census tract whose polygon holds the point' },
  { name: 'tract_2020', type: 'string', comment: '2020 census tract whose polygon holds the point' },
  { name: 'district', type: 'integer', comment: 'School district whose polygon holds the point' },
  { name: 'borough', type: 'string', comment: "Letter of the borough that is the tract's county: M X K Q R" },
  { name: 'stated_tract_2010', type: 'string', comment: '2010 census tract as published' },
  { name: 'stated_district', type: 'integer', comment: 'Geographical district as published' },
  {
    name: 'tract_agrees',
    type: 'boolean',
    comment: 'Stated 2010 tract is that of the polygon; null where either is missing',
  },
  { name: 'source_hash', type: 'string', comment: 'Hash of the locations and boundaries this was made from' },
]

export const tractPlaceColumns: readonly Column[] = [
  { name: 'tract_2010', type: 'string' },
  { name: 'tract_2020', type: 'string' },
  { name: 'county_fips', type: 'string' },
  { name: 'borough', type: 'string', comment: 'Letter of the borough that is the county: M X K Q R' },
  {
    name: 'district',
    type: 'integer',
    comment:
      "School district whose polygon holds the tract's interior point; null where the tract and the districts share no land",
  },
  {
    name: 'interior_latitude',
    type: 'double',
    comment: 'Degrees; a point well inside the tract, on the land of a district where there is any',
  },
  { name: 'interior_longitude', type: 'double', comment: 'Degrees' },
]

const boundary = (...names: string[]): readonly string[] => names.map((name) => `silver.boundary.${name}`)
const location = (...names: string[]): readonly string[] => names.map((name) => `silver.school_location.${name}`)

const point = location('latitude', 'longitude')
const areas = boundary('kind', 'code', 'geometry')
const byPolygon = { kind: 'transformed', from: [...point, ...areas] } as const
const copied = (name: string) => ({ kind: 'copied', from: location(name) }) as const
const ofCode = { kind: 'transformed', from: boundary('kind', 'code') } as const
const inside = { kind: 'transformed', from: areas } as const

/** What each column is made of, by table: places are made in TypeScript, which no reader of SQL can follow. */
export const placeOrigins = {
  'silver.school_place': {
    fiscal_year: copied('fiscal_year'),
    location_code: copied('location_code'),
    dbn: copied('dbn'),
    latitude: copied('latitude'),
    longitude: copied('longitude'),
    tract_2010: byPolygon,
    tract_2020: byPolygon,
    district: byPolygon,
    borough: byPolygon,
    stated_tract_2010: copied('tract_2010'),
    stated_district: copied('geographical_district'),
    tract_agrees: { kind: 'transformed', from: [...location('tract_2010'), ...point, ...areas] },
    source_hash: {
      kind: 'transformed',
      from: [
        ...location('fiscal_year', 'location_code', 'dbn', 'latitude', 'longitude'),
        ...location('tract_2010', 'geographical_district'),
        ...areas,
      ],
    },
  },
  'silver.tract_place': {
    tract_2010: ofCode,
    tract_2020: ofCode,
    county_fips: ofCode,
    borough: ofCode,
    district: inside,
    interior_latitude: inside,
    interior_longitude: inside,
  },
} as const
