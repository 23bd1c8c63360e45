import assert from 'node:assert/strict'
import { test } from 'node:test'
import { datasets } from '#datasets'
import { writeParquet } from '#parquet'
import type { StageEffects } from '#pipeline'
import { cleanDataset, placeAll, placeOrigins, placesAreStale } from '#pipeline'
import type { Column } from '#port'
import { folderFiles } from '../../src/platform/files.ts'
import { bench, land, logListing } from './clean-fixture.ts'
import { realData, rowsOf } from './land-fixture.ts'

const locationColumns: readonly Column[] = [
  { name: 'fiscal_year', type: 'integer' },
  { name: 'location_code', type: 'string' },
  { name: 'dbn', type: 'string' },
  { name: 'latitude', type: 'double' },
  { name: 'longitude', type: 'double' },
  { name: 'tract_2010', type: 'string' },
  { name: 'geographical_district', type: 'integer' },
]
const boundaryColumns: readonly Column[] = ['kind', 'code', 'part', 'geometry'].map((name) => ({
  name,
  type: 'string',
}))

/** A Silver table replaced whole, as cleaning might. */
async function fill(
  effects: StageEffects,
  name: string,
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
) {
  const table = effects.table(`silver/${name}`)
  const add = [
    await table.writeFile(
      writeParquet(
        columns,
        columns.map((_, at) => rows.map((row) => row[at])),
        rows.length,
      ),
    ),
  ]
  await table.commit({
    operation: 'WRITE',
    blindAppend: false,
    stage: (newest) => ({ columns, add, remove: newest?.files ?? [], txns: [] }),
  })
}

/** A square as GeoJSON text. */
function square(west: number, south: number, size = 1): string {
  const [east, north] = [west + size, south + size]
  return JSON.stringify({
    type: 'Polygon',
    coordinates: [
      [
        [west, south],
        [east, south],
        [east, north],
        [west, north],
        [west, south],
      ],
    ],
  })
}

const boundaries = [
  ['tract_2010', '36061030900', '', square(0, 0, 2)],
  ['tract_2010', '36005000100', '', square(2, 0, 2)],
  ['tract_2020', '36061030901', '', square(0, 0, 1)],
  ['tract_2020', '36061030902', '', square(1, 0, 1)],
  // Mostly in the water: its middle is in no district.
  ['tract_2020', '36005000200', '', square(2, 0, 10)],
  ['tract_2020', '36081990100', '', square(50, 50, 1)],
  ['school_district', '10', 'one', square(0, 0, 1)],
  ['school_district', '10', 'two', square(1, 1, 1)],
  ['school_district', '7', '', square(2, 0, 2)],
  ['borough', 'X', '', square(20, 20, 5)],
  ['borough', 'Q', '', 'no geometry'],
]
const locations = [
  [2018, 'X213', '10X213', 0.5, 0.25, '36061030900', 9],
  [2018, 'X001', '07X001', 1, 3, '36061030900', null],
  [2018, 'Q256', '75Q256', null, null, null, null],
  [2019, 'C101', null, 22, 22, null, 2],
  [2019, 'C102', null, -80, -80, '36005000100', 2],
]

test('a school lies where its point lies, whatever its letter and its file say', { timeout: 60_000 }, async () => {
  const { worker, end } = await bench()
  try {
    const effects = await worker()
    await fill(effects, 'boundary', boundaryColumns, boundaries)
    await fill(effects, 'school_location', locationColumns, locations)
    assert.deepEqual(await placeAll(effects), { schoolPlace: 5, tractPlace: 6 })
    const schools = await rowsOf(effects.store, 'silver/school_place')
    assert.deepEqual(
      schools.map((row) => [
        row.location_code,
        row.tract_2010,
        row.tract_2020,
        row.district,
        row.borough,
        row.stated_district,
        row.tract_agrees,
      ]),
      [
        ['Q256', null, null, null, null, null, null],
        ['X001', '36005000100', '36005000200', 7, 'X', null, false],
        ['X213', '36061030900', '36061030901', 10, 'M', 9, true],
        ['C101', null, null, null, 'X', 2, null],
        ['C102', null, null, null, null, 2, null],
      ],
    )
    assert.equal(new Set(schools.map((row) => row.source_hash)).size, 1)
    const tracts = await rowsOf(effects.store, 'silver/tract_place')
    assert.deepEqual(
      tracts.map((row) => [row.tract_2010, row.tract_2020, row.county_fips, row.borough, row.district]),
      [
        ['36005000100', null, '36005', 'X', 7],
        ['36061030900', null, '36061', 'M', 10],
        [null, '36005000200', '36005', 'X', 7],
        [null, '36061030901', '36061', 'M', 10],
        [null, '36061030902', '36061', 'M', null],
        [null, '36081990100', '36081', 'Q', null],
      ],
    )
    const far = tracts[2]
    assert.ok(Number(far?.interior_longitude) < 4 && Number(far?.interior_latitude) < 4, 'known by its land')
  } finally {
    await end()
  }
})

/** Another value for every row of one column. */
type Change = (value: unknown) => unknown

const changes: Readonly<Record<string, Readonly<Record<string, Change>>>> = {
  school_location: {
    fiscal_year: (year) => Number(year) + 10,
    location_code: (code) => `${code}9`,
    dbn: (dbn) => `${dbn}9`,
    latitude: (degrees) => (degrees === null ? 0.5 : Number(degrees) + 0.9),
    longitude: (degrees) => (degrees === null ? 0.5 : Number(degrees) + 0.9),
    tract_2010: (tract) => (tract === '36061030900' ? '36005000100' : '36061030900'),
    geographical_district: (district) => Number(district) + 1,
  },
  boundary: {
    kind: (kind) => (kind === 'tract_2010' ? 'tract_2020' : kind === 'tract_2020' ? 'tract_2010' : kind),
    code: (code) => (String(code).length === 11 ? `36047${String(code).slice(5)}` : `1${code}`),
    geometry: (geometry) => String(geometry).replace(/-?[0-9.]+/g, (number) => String(Number(number) + 0.6)),
  },
}

test('what each column of the places is made of is what changes it', { timeout: 60_000 }, async () => {
  const { worker, end } = await bench()
  try {
    const effects = await worker()
    const inputs = {
      school_location: { columns: locationColumns, rows: locations },
      boundary: { columns: boundaryColumns, rows: boundaries },
    } as const
    const placed = async () => {
      for (const [name, { columns, rows }] of Object.entries(inputs)) await fill(effects, name, columns, rows)
      return placedColumns(effects)
    }
    const moved = new Set<string>()
    for (const [name, { columns, rows }] of Object.entries(inputs)) {
      for (const [column, change] of Object.entries(changes[name] ?? {})) {
        const before = await placed()
        const at = columns.findIndex((each) => each.name === column)
        const others = rows.map((row) => row.map((value, index) => (index === at ? change(value) : value)))
        await fill(effects, name, columns, others)
        for (const [made, values] of await placedColumns(effects)) {
          if (values === before.get(made)) continue
          assert.ok(declared(made).includes(`silver.${name}.${column}`), `${made} changes with ${name}.${column}`)
          moved.add(`${made} ${name}.${column}`)
        }
      }
    }
    for (const [table, columns] of Object.entries(placeOrigins)) {
      for (const [column, { from }] of Object.entries(columns)) {
        const made = `${table}.${column}`
        assert.ok(
          from.some((input: string) => moved.has(`${made} ${input.slice('silver.'.length)}`)),
          `${made} changes with nothing it is said to be made of`,
        )
      }
    }
  } finally {
    await end()
  }
})

/** Values of every column of both tables, in no order of rows. */
async function placedColumns(effects: StageEffects): Promise<ReadonlyMap<string, string>> {
  await placeAll(effects)
  const found = new Map<string, string>()
  for (const [table, columns] of Object.entries(placeOrigins)) {
    const rows = await rowsOf(effects.store, table.replace('.', '/'))
    for (const column of Object.keys(columns)) {
      found.set(
        `${table}.${column}`,
        rows
          .map((row) => JSON.stringify(row[column]))
          .sort()
          .join(),
      )
    }
  }
  return found
}

function declared(made: string): readonly string[] {
  const at = made.lastIndexOf('.')
  const columns: Readonly<Record<string, { readonly from: readonly string[] }>> | undefined =
    placeOrigins[made.slice(0, at) as keyof typeof placeOrigins]
  return columns?.[made.slice(at + 1)]?.from ?? []
}

test('places are made anew only when Silver has moved on, and the same each time', { timeout: 60_000 }, async () => {
  const { folder, worker, end } = await bench()
  try {
    const effects = await worker()
    assert.deepEqual(await placeAll(effects), { schoolPlace: undefined, tractPlace: undefined })
    await fill(effects, 'boundary', boundaryColumns, boundaries)
    assert.deepEqual(await placeAll(effects), { schoolPlace: undefined, tractPlace: 6 })
    await fill(effects, 'school_location', locationColumns, locations)
    assert.equal(await placesAreStale(effects), true)
    assert.deepEqual(await placeAll(effects), { schoolPlace: 5, tractPlace: undefined })
    const [before, rows] = [await logListing(folder), await rowsOf(effects.store, 'silver/school_place')]
    assert.equal(await placesAreStale(effects), false)
    assert.deepEqual(await placeAll(effects), { schoolPlace: undefined, tractPlace: undefined })
    assert.deepEqual(await logListing(folder), before)

    await fill(effects, 'boundary', boundaryColumns, [...boundaries].reverse())
    const others = await worker()
    const both = await Promise.all([placeAll(effects), placeAll(others)])
    assert.deepEqual(both[0], { schoolPlace: 5, tractPlace: 6 })
    assert.deepEqual(await rowsOf(effects.store, 'silver/school_place'), rows)
    const tables = await logListing(folder)
    assert.equal(tables.filter((path) => /school_place.*\.json$/.test(path)).length, 2)
  } finally {
    await end()
  }
})

test('dying around the commit and placing again gives the same places', { timeout: 60_000 }, async () => {
  const { worker, end } = await bench()
  try {
    const effects = await worker()
    await fill(effects, 'boundary', boundaryColumns, boundaries)
    await fill(effects, 'school_location', locationColumns, locations)
    for (const at of ['place/before-commit', 'place/after-commit']) {
      const dying = await worker({
        failpoint: (name) => {
          if (name === at) throw new Error('died')
        },
      })
      await assert.rejects(placeAll(dying), /died/)
    }
    await placeAll(effects)
    assert.equal((await rowsOf(effects.store, 'silver/school_place')).length, 5)
    assert.equal((await rowsOf(effects.store, 'silver/tract_place')).length, 6)
  } finally {
    await end()
  }
})

const published = realData()

test('the published schools lie where it is known that they lie', {
  skip: published === undefined && 'no published files beside the checkout (FAIRLEAD_SHARED)',
  timeout: 120_000,
}, async () => {
  const { worker, end } = await bench()
  try {
    const effects = await worker()
    const files = (await folderFiles(published ?? '')).filter(({ name }) => /boundaries|locations/.test(name))
    await land(files, datasets, effects)
    for (const contract of datasets) {
      if (['boundary', 'school_location'].includes(contract.name)) await cleanDataset(contract, effects)
    }
    await placeAll(effects)
    const schools = (await rowsOf(effects.store, 'silver/school_place')).filter((row) => row.fiscal_year === 2018)
    assert.equal(schools.length, 1823)
    const nowhere = schools.filter((row) => row.tract_2020 === null).map((row) => row.dbn)
    assert.deepEqual(nowhere.sort(), ['75Q256', '84X497'])
    const marbleHill = ['10X213', '10X284', '10X397', '10X477', '10X546', '84X460', '84X539', '84X553']
    for (const dbn of marbleHill) {
      const row = schools.find((each) => each.dbn === dbn)
      assert.deepEqual([row?.tract_2020, row?.tract_2010, row?.borough], ['36061030900', '36061030900', 'M'], dbn)
    }
    const elsewhere = schools.filter((row) => row.district !== null && row.district !== row.stated_district)
    assert.equal(elsewhere.length, 16)
    const tracts = await rowsOf(effects.store, 'silver/tract_place')
    assert.equal(tracts.length, 2327 + 2167)
    const homeless = tracts
      .filter((row) => row.district === null)
      .map((row) => String(row.tract_2010 ?? row.tract_2020))
    assert.equal(homeless.length, 6)
    for (const tract of homeless) assert.match(tract, /990100$/, 'only water is in no district')
  } finally {
    await end()
  }
})
