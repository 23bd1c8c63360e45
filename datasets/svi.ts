import type { ColumnSpec } from '#contract'
import { defineContract, say } from '#contract'

const { column, compare, source, when } = say

/** What each variable counts. Names as CDC/ATSDR's documentation of SVI 2018 and 2022 has them. */
const subjects: Readonly<Record<string, string>> = {
  totpop: 'residents',
  hu: 'housing units',
  hh: 'households',
  pov: 'persons below the poverty line',
  pov150: 'persons below 150% of the poverty line',
  unemp: 'civilians of 16 and over who are unemployed',
  pci: 'income per head',
  hburd: 'occupied housing units with annual income below $75,000 and housing costs of 30% of income or more',
  nohsdp: 'persons of 25 and over without a high school diploma',
  uninsur: 'civilians without health insurance',
  age65: 'persons aged 65 and over',
  age17: 'persons aged 17 and under',
  disabl: 'civilians with a disability',
  sngpnt: 'single-parent households with children under 18',
  limeng: 'persons of 5 and over who speak English less than well',
  minrty: 'persons of a racial or ethnic minority',
  munit: 'housing units in structures of 10 or more units',
  mobile: 'mobile homes',
  crowd: 'occupied housing units with more people than rooms',
  noveh: 'households without a vehicle',
  groupq: 'persons in group quarters',
  daypop: 'daytime population',
  noint: 'households without an internet subscription',
  afam: 'Black or African American persons, not Hispanic',
  hisp: 'Hispanic or Latino persons',
  asian: 'Asian persons, not Hispanic',
  aian: 'American Indian or Alaska Native persons, not Hispanic',
  nhpi: 'Native Hawaiian or other Pacific Islander persons, not Hispanic',
  twomore: 'persons of two or more races, not Hispanic',
  otherrace: 'persons of some other race, not Hispanic',
}

const themes = [
  'theme 1, socioeconomic status',
  'theme 2, household characteristics (2018: household composition and disability)',
  'theme 3, racial and ethnic minority status (2018: minority status and language)',
  'theme 4, housing type and transportation',
]

const both = 'age65 age17 disabl sngpnt limeng minrty munit mobile crowd noveh groupq'.split(' ')
const ranked = ['pov', 'pov150', 'unemp', 'pci', 'hburd', 'nohsdp', 'uninsur', ...both]
const counted = ['totpop', 'hu', 'hh', ...ranked]
const races = 'noint afam hisp asian aian nhpi twomore otherrace'.split(' ')

const subject = (name: string): string => {
  const words = subjects[name]
  if (words === undefined) throw new TypeError(`No words for ${name}.`)
  return words
}

const notNegative = { is: { min: 0 }, rule: 'negative_value', severity: 'reject' } as const
const isShare = { is: { min: 0, max: 1 }, rule: 'not_a_percentile', severity: 'reject' } as const

function count(name: string): [string, ColumnSpec][] {
  const unit = name === 'pci' ? 'dollars a year' : (subject(name).split(' ')[0] ?? 'count')
  return [
    [
      `e_${name}`,
      { type: 'integer', about: `Estimate: ${subject(name)}`, unit, from: [`E_${name}`], domain: notNegative },
    ],
    [
      `m_${name}`,
      { type: 'integer', about: `Margin of error (90%) of e_${name}`, unit, from: [`M_${name}`], domain: notNegative },
    ],
  ]
}

function percent(name: string): [string, ColumnSpec][] {
  const unit = name === 'pci' ? 'dollars a year' : 'percent 0–100'
  return [
    [
      `ep_${name}`,
      { type: 'double', about: `Share: ${subject(name)}`, unit, from: [`EP_${name}`], domain: notNegative },
    ],
    [
      `mp_${name}`,
      { type: 'double', about: `Margin of error (90%) of ep_${name}`, unit, from: [`MP_${name}`], domain: notNegative },
    ],
  ]
}

function rank(name: string): [string, ColumnSpec] {
  const about = `Percentile rank within New York State: ${subject(name)}`
  return [`epl_${name}`, { type: 'double', about, unit: 'percentile 0–1', from: [`EPL_${name}`], domain: isShare }]
}

function flag(name: string, about: string): [string, ColumnSpec] {
  return [`f_${name}`, { type: 'integer', about, unit: 'flags', from: [`F_${name}`], domain: notNegative }]
}

function theme(name: string, words: string): [string, ColumnSpec][] {
  return [
    [
      `spl_${name}`,
      {
        type: 'double',
        about: `Sum of percentiles, ${words}`,
        unit: 'sum of percentiles',
        from: [`SPL_${name}`],
        domain: notNegative,
      },
    ],
    [
      `rpl_${name}`,
      {
        type: 'double',
        about: `Percentile rank within New York State, ${words}; 1 is the most vulnerable`,
        unit: 'percentile 0–1',
        from: [`RPL_${name}`],
        domain: isShare,
      },
    ],
  ]
}

const text = (about: string, unit: string, header: string): ColumnSpec => ({
  type: 'string',
  about,
  unit,
  from: [header],
})

const published: [string, ColumnSpec][] = [
  ['st', text('State', 'FIPS code, 2 digits', 'ST')],
  ['state', text('Name of the state, as that year writes it', 'text', 'STATE')],
  ['st_abbr', text('State', 'postal code', 'ST_ABBR')],
  ['stcnty', text('County', 'FIPS code, 5 digits', 'STCNTY')],
  ['county', text('Name of the county, as that year writes it', 'text', 'COUNTY')],
  ['location', text('The tract in words', 'text', 'LOCATION')],
  ['area_sqmi', { type: 'double', about: 'Land area', unit: 'square miles', from: ['AREA_SQMI'], domain: notNegative }],
  ...counted.flatMap(count),
  ...ranked.flatMap(percent),
  ...ranked.map(rank),
  ...themes.flatMap((words, index) => theme(`theme${index + 1}`, words)),
  ...theme('themes', 'all four themes'),
  ...ranked.map((name) => flag(name, `1 where the tract is in the highest tenth of the state: ${subject(name)}`)),
  ...themes.map((words, index) => flag(`theme${index + 1}`, `Sum of flags, ${words}`)),
  flag('total', 'Sum of all flags'),
  [
    'e_daypop',
    {
      type: 'integer',
      about: `Estimate: ${subject('daypop')}`,
      unit: 'persons',
      from: ['E_DAYPOP'],
      domain: notNegative,
    },
  ],
  ...races.flatMap(count),
  ...races.flatMap(percent),
]

export default defineContract({
  name: 'svi',
  title: 'Social Vulnerability Index, New York State, by census tract',
  about:
    'How vulnerable each census tract is, in 2018 and 2022. Ranks (RPL, EPL) are percent ranks within New York State: not comparable with national files, and not amounts that can be averaged.',
  grain: 'one census tract in one edition',
  publisher: 'Centers for Disease Control and Prevention / Agency for Toxic Substances and Disease Registry',
  licence: 'Public domain (work of the United States government)',
  attribution: 'CDC/ATSDR Social Vulnerability Index 2018 and 2022, Database New York',
  url: 'https://www.atsdr.cdc.gov/place-health/php/svi/index.html',
  files: ['NewYork*.csv', '*SVI*.csv', '*svi*.csv'],
  encodings: ['utf-8', 'windows-1252'],
  missing: ['-999', '-999.0', '-999.00', 'N/A', 'NA', 'NULL'],
  layouts: [
    {
      name: 'svi_2022',
      about: 'Edition 2022: poverty below 150% of the line, tracts of 2020.',
      format: 'csv',
      requires: ['FIPS', 'E_POV150', 'E_HBURD', 'RPL_THEMES', 'E_NOINT'],
      constants: { svi_year: 2022 },
    },
    {
      name: 'svi_2018',
      about: 'Edition 2018: poverty below the line, income per head, tracts of 2010.',
      format: 'csv',
      requires: ['FIPS', 'E_POV', 'E_PCI', 'RPL_THEMES', 'E_DAYPOP'],
      forbids: ['E_POV150'],
      constants: { svi_year: 2018 },
    },
  ],
  columns: {
    svi_year: {
      type: 'integer',
      about: 'Edition of the index',
      unit: 'year',
      required: { rule: 'no_edition', severity: 'reject' },
      domain: { is: { oneOf: [2018, 2022] }, rule: 'unknown_edition', severity: 'reject' },
    },
    tract_2010: {
      type: 'tract_2010',
      about: 'The tract, in the edition of 2018',
      unit: 'GEOID, 11 digits',
      value: when(compare(column('svi_year'), '=', 2018), source('FIPS'), null),
    },
    tract_2020: {
      type: 'tract_2020',
      about: 'The tract, in the edition of 2022',
      unit: 'GEOID, 11 digits',
      value: when(compare(column('svi_year'), '=', 2022), source('FIPS'), null),
    },
    county_fips: {
      type: 'string',
      about: 'County',
      unit: 'FIPS code, 5 digits',
      value: say.capture(source('FIPS'), '^([0-9]{5})'),
    },
    ...Object.fromEntries(published),
  },
  key: ['svi_year', 'tract_2010', 'tract_2020'],
  rules: [
    {
      rule: 'no_tract',
      severity: 'reject',
      about: 'a row names its census tract',
      holds: say.not(say.isNull(source('FIPS'))),
    },
    {
      rule: 'county_disagrees',
      severity: 'warn',
      about: 'the tract’s first five digits are its county’s',
      holds: say.coalesce(compare(column('county_fips'), '=', column('stcnty')), true),
    },
  ],
})
