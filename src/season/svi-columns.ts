/** What is counted, and as a share of whom. */
export interface Item {
  readonly name: string
  /** What the share is of: people, households, or housing units. */
  readonly of: 'people' | 'households' | 'units'
  /** Percent, for a tract in the middle. */
  readonly mean: number
  readonly spread: number
  /** How much of the spread follows the tract's vulnerability. */
  readonly weight: number
}

const item = (name: string, of: Item['of'], mean: number, spread: number, weight: number): Item => ({
  name,
  of,
  mean,
  spread,
  weight,
})

const poverty150 = item('POV150', 'people', 24, 12, 0.8)
const poverty = item('POV', 'people', 16, 10, 0.8)
const unemployed = item('UNEMP', 'people', 6, 3.5, 0.6)
const burdened = item('HBURD', 'households', 32, 11, 0.7)
/** Dollars a year rather than a share; more means less vulnerable. */
const income = item('PCI', 'people', 34_000, 15_000, -0.8)
const noDiploma = item('NOHSDP', 'people', 15, 9, 0.75)
const uninsured = item('UNINSUR', 'people', 6.5, 4, 0.5)
const old = item('AGE65', 'people', 16, 6, -0.2)
const young = item('AGE17', 'people', 20, 6, 0.3)
const disabled = item('DISABL', 'people', 12, 5, 0.4)
const singleParent = item('SNGPNT', 'households', 7, 5, 0.7)
const limitedEnglish = item('LIMENG', 'people', 10, 8, 0.5)
const minority = item('MINRTY', 'people', 55, 28, 0.7)
const multiUnit = item('MUNIT', 'units', 30, 28, 0.3)
const mobileHome = item('MOBILE', 'units', 0.4, 1.2, 0)
const crowded = item('CROWD', 'households', 6, 5, 0.6)
const noVehicle = item('NOVEH', 'households', 38, 24, 0.4)
const groupQuarters = item('GROUPQ', 'people', 1.5, 4, 0.1)
const noInternet = item('NOINT', 'households', 13, 8, 0.7)
const races = [
  item('AFAM', 'people', 22, 22, 0.4),
  item('HISP', 'people', 26, 20, 0.5),
  item('ASIAN', 'people', 14, 14, 0),
  item('AIAN', 'people', 0.2, 0.4, 0.1),
  item('NHPI', 'people', 0.1, 0.2, 0),
  item('TWOMORE', 'people', 3, 2, 0),
  item('OTHERRACE', 'people', 1, 1.2, 0),
]

/** One edition of the index: which items are ranked, in which theme, and how the file is written. */
export interface Edition {
  readonly year: 2018 | 2022
  readonly themes: readonly (readonly Item[])[]
  /** Order of the estimates, which is not that of the themes in every edition. */
  readonly estimates: readonly Item[]
  /** Estimates at the end of the file that are not ranked, besides `E_DAYPOP`. */
  readonly further: readonly Item[]
  readonly dayPopulation: 'before further' | 'last'
  readonly lineEnd: '\n' | '\r\n'
  readonly state: string
  readonly county: (name: string) => string
  readonly location: (tract: string, county: string) => string
}

export const edition2022: Edition = {
  year: 2022,
  themes: [
    [poverty150, unemployed, burdened, noDiploma, uninsured],
    [old, young, disabled, singleParent, limitedEnglish],
    [minority],
    [multiUnit, mobileHome, crowded, noVehicle, groupQuarters],
  ],
  estimates: [
    poverty150,
    unemployed,
    burdened,
    noDiploma,
    uninsured,
    old,
    young,
    disabled,
    singleParent,
    limitedEnglish,
    minority,
    multiUnit,
    mobileHome,
    crowded,
    noVehicle,
    groupQuarters,
  ],
  further: [noInternet, ...races],
  dayPopulation: 'before further',
  lineEnd: '\r\n',
  state: 'New York',
  county: (name) => `${name} County`,
  location: (tract, county) => `Census Tract ${tract}; ${county} County; New York`,
}

export const edition2018: Edition = {
  year: 2018,
  themes: [
    [poverty, unemployed, income, noDiploma],
    [old, young, disabled, singleParent],
    [minority, limitedEnglish],
    [multiUnit, mobileHome, crowded, noVehicle, groupQuarters],
  ],
  estimates: [
    poverty,
    unemployed,
    income,
    noDiploma,
    old,
    young,
    disabled,
    singleParent,
    minority,
    limitedEnglish,
    multiUnit,
    mobileHome,
    crowded,
    noVehicle,
    groupQuarters,
  ],
  further: [uninsured],
  dayPopulation: 'last',
  lineEnd: '\n',
  state: 'NEW YORK',
  county: (name) => name,
  location: (tract, county) => `Census Tract ${tract}, ${county} County, New York`,
}

export function isIncome({ name }: Item): boolean {
  return name === 'PCI'
}

export function headersOf({ themes, estimates, further, dayPopulation }: Edition): readonly string[] {
  const both = (prefixes: readonly [string, string], items: readonly Item[]) =>
    items.flatMap(({ name }) => prefixes.map((prefix) => `${prefix}_${name}`))
  const ranks = themes.flatMap((items, at) => [
    ...items.map(({ name }) => `EPL_${name}`),
    `SPL_THEME${at + 1}`,
    `RPL_THEME${at + 1}`,
  ])
  const flags = themes.flatMap((items, at) => [...items.map(({ name }) => `F_${name}`), `F_THEME${at + 1}`])
  const more = [...both(['E', 'M'], further), ...both(['EP', 'MP'], further)]
  return [
    'ST',
    'STATE',
    'ST_ABBR',
    'STCNTY',
    'COUNTY',
    'FIPS',
    'LOCATION',
    'AREA_SQMI',
    ...['TOTPOP', 'HU', 'HH'].flatMap((name) => [`E_${name}`, `M_${name}`]),
    ...both(['E', 'M'], estimates),
    ...both(['EP', 'MP'], estimates),
    ...ranks,
    'SPL_THEMES',
    'RPL_THEMES',
    ...flags,
    'F_TOTAL',
    ...(dayPopulation === 'before further' ? ['E_DAYPOP', ...more] : [...more, 'E_DAYPOP']),
  ]
}
