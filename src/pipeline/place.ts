import { createHash } from 'node:crypto'
import type { Area, PolygonIndex } from '#geo'
import { interiorPoint, isArea, polygonIndex, sharedPoint } from '#geo'
import type { Snapshot, Table } from '#lake'
import type { ColumnValues } from '#parquet'
import { writeParquet } from '#parquet'
import type { Column, Row } from '#port'
import type { StageEffects } from './effects.ts'
import { attachSnapshot } from './exchange.ts'
import { inTurn } from './in-turn.ts'
import { schoolPlaceColumns, tractPlaceColumns } from './place-columns.ts'

/** Raised when the rules below change, so that places are made anew. */
const method = 2

/** The datasets that places are made from. */
export const placedFrom: readonly string[] = ['school_location', 'boundary']

const boroughOfCounty: Readonly<Record<string, string>> = {
  '36061': 'M',
  '36005': 'X',
  '36047': 'K',
  '36081': 'Q',
  '36085': 'R',
}

export interface PlaceResult {
  /** Rows of each table that was made anew; undefined where it stands. */
  readonly schoolPlace: number | undefined
  readonly tractPlace: number | undefined
}

export type PlaceEffects = Pick<
  StageEffects,
  'store' | 'table' | 'engine' | 'scratch' | 'nowMs' | 'report' | 'failpoint'
>

/**
 * Which tract, district and borough each school and tract lies in, from `silver.school_location` and `silver.boundary`, by polygon.
 * Each table is replaced whole where Silver has moved on since it was made, and left alone where not.
 */
export async function placeAll(effects: PlaceEffects): Promise<PlaceResult> {
  const inputs = await inputsOf(effects)
  const schools = effects.table('silver/school_place')
  const tracts = effects.table('silver/tract_place')
  const staleSchools = inputs.location !== undefined && isStale(await schools.snapshot(), schoolTxns(inputs))
  const staleTracts = inputs.boundary !== undefined && isStale(await tracts.snapshot(), tractTxns(inputs))
  if (!staleSchools && !staleTracts) return { schoolPlace: undefined, tractPlace: undefined }

  const started = effects.nowMs()
  effects.report({ kind: 'stage/started', stage: 'place', unit: 'rows' })
  const areas = await readAreas(inputs, effects)
  let schoolPlace: number | undefined
  let tractPlace: number | undefined
  if (staleTracts) {
    const rows = await tractRows(areas)
    await replace(tracts, tractPlaceColumns, rows, tractTxns(inputs), effects)
    tractPlace = rows.length
  }
  if (staleSchools) {
    const rows = await schoolRows(await readLocations(inputs, effects), areas)
    await replace(schools, schoolPlaceColumns, rows, schoolTxns(inputs), effects)
    schoolPlace = rows.length
  }
  const what = `${schoolPlace ?? 0} schools, ${tractPlace ?? 0} tracts`
  effects.report({ kind: 'stage/ended', stage: 'place', what, tookMs: effects.nowMs() - started })
  return { schoolPlace, tractPlace }
}

/** True where `placeAll` would do something. */
export async function placesAreStale(effects: Pick<StageEffects, 'table'>): Promise<boolean> {
  const inputs = await inputsOf(effects)
  const schools = await effects.table('silver/school_place').snapshot()
  const tracts = await effects.table('silver/tract_place').snapshot()
  return (
    (inputs.location !== undefined && isStale(schools, schoolTxns(inputs))) ||
    (inputs.boundary !== undefined && isStale(tracts, tractTxns(inputs)))
  )
}

interface Inputs {
  readonly location: Snapshot | undefined
  readonly boundary: Snapshot | undefined
}

async function inputsOf({ table }: Pick<StageEffects, 'table'>): Promise<Inputs> {
  const location = await table('silver/school_location').snapshot()
  const boundary = await table('silver/boundary').snapshot()
  return { location, boundary }
}

type Txns = readonly { readonly appId: string; readonly version: number }[]

function txnOf(appId: string, snapshot: Snapshot | undefined): Txns {
  return snapshot === undefined ? [] : [{ appId, version: snapshot.version }]
}

function schoolTxns({ location, boundary }: Inputs): Txns {
  return [
    { appId: 'place:school', version: method },
    ...txnOf('place:school:school_location', location),
    ...txnOf('place:school:boundary', boundary),
  ]
}

function tractTxns({ boundary }: Inputs): Txns {
  return [{ appId: 'place:tract', version: method }, ...txnOf('place:tract:boundary', boundary)]
}

/** Made from older Silver, or by an older method. */
function isStale(standing: Snapshot | undefined, txns: Txns): boolean {
  return txns.some(({ appId, version }) => (standing?.txns.get(appId) ?? -1) < version)
}

interface Areas {
  readonly tract2010: Codes
  readonly tract2020: Codes
  readonly district: Codes
  readonly borough: Codes
  readonly hash: string
}

/** Areas of one kind, in order of code. */
interface Codes {
  readonly codes: readonly string[]
  readonly shapes: readonly (Area | undefined)[]
  readonly index: PolygonIndex
  find(longitude: number | null, latitude: number | null): string | undefined
}

async function readAreas({ boundary }: Inputs, effects: PlaceEffects): Promise<Areas> {
  const rows = await readSilver(
    'boundary',
    boundary,
    'SELECT kind, code, geometry FROM silver.boundary ORDER BY kind, code, part',
    effects,
  )
  const hash = createHash('sha256')
  const byKind = new Map<string, { codes: string[]; shapes: (Area | undefined)[] }>()
  for await (const [kind, code, geometry] of inTurn(rows)) {
    hash.update(JSON.stringify([kind, code, geometry]))
    const areas = byKind.get(String(kind)) ?? { codes: [], shapes: [] }
    byKind.set(String(kind), areas)
    areas.codes.push(String(code))
    areas.shapes.push(areaOf(geometry))
  }
  const codes = (kind: string) => codesOf(byKind.get(kind) ?? { codes: [], shapes: [] })
  return {
    tract2010: codes('tract_2010'),
    tract2020: codes('tract_2020'),
    district: codes('school_district'),
    borough: codes('borough'),
    hash: hash.digest('hex'),
  }
}

function codesOf({ codes, shapes }: Pick<Codes, 'codes' | 'shapes'>): Codes {
  const nowhere: Area = { type: 'MultiPolygon', coordinates: [] }
  const index: PolygonIndex = polygonIndex(shapes.map((shape) => shape ?? nowhere))
  return {
    codes,
    shapes,
    index,
    find(longitude, latitude) {
      if (longitude === null || latitude === null) return undefined
      const at = index.find(longitude, latitude)
      return at === undefined ? undefined : codes[at]
    },
  }
}

function areaOf(text: unknown): Area | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const geometry: unknown = JSON.parse(text)
    return isArea(geometry) ? geometry : undefined
  } catch {
    // Silver keeps geometry as text; what is no geometry holds no point.
    return undefined
  }
}

interface Location {
  readonly fiscalYear: number
  readonly code: string
  readonly dbn: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly tract: string | null
  readonly district: number | null
}

async function readLocations({ location }: Inputs, effects: PlaceEffects): Promise<readonly Location[]> {
  const rows = await readSilver(
    'school_location',
    location,
    `SELECT fiscal_year, location_code, dbn, latitude, longitude, tract_2010, geographical_district
     FROM silver.school_location ORDER BY fiscal_year, location_code`,
    effects,
  )
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  const number = (value: unknown) => (typeof value === 'number' ? value : null)
  return rows.map(([fiscalYear, code, dbn, latitude, longitude, tract, district]) => ({
    fiscalYear: Number(fiscalYear),
    code: String(code),
    dbn: text(dbn),
    latitude: number(latitude),
    longitude: number(longitude),
    tract: text(tract),
    district: number(district),
  }))
}

async function readSilver(
  name: string,
  snapshot: Snapshot | undefined,
  select: string,
  effects: PlaceEffects,
): Promise<readonly Row[]> {
  if (snapshot === undefined) return []
  await attachSnapshot(`silver.${name}`, effects.table(`silver/${name}`), snapshot, [], effects)
  return (await effects.engine.query(select)).rows
}

type Value = string | number | boolean | null

async function schoolRows(locations: readonly Location[], areas: Areas): Promise<readonly (readonly Value[])[]> {
  const hash = createHash('sha256').update(areas.hash).update(JSON.stringify(locations)).digest('hex')
  const rows: Value[][] = []
  for await (const { fiscalYear, code, dbn, latitude, longitude, tract, district } of inTurn(locations)) {
    const tract2010 = areas.tract2010.find(longitude, latitude) ?? null
    const tract2020 = areas.tract2020.find(longitude, latitude) ?? null
    rows.push([
      fiscalYear,
      code,
      dbn,
      latitude,
      longitude,
      tract2010,
      tract2020,
      districtNumber(areas.district.find(longitude, latitude)),
      // Tracts reach into the water; the boroughs' outlines are drawn coarsely along the shore, and speak only where no tract does.
      boroughOf(tract2020 ?? tract2010) ?? areas.borough.find(longitude, latitude) ?? null,
      tract,
      district,
      tract === null || tract2010 === null ? null : tract === tract2010,
      hash,
    ])
  }
  return rows
}

async function tractRows({ tract2010, tract2020, district }: Areas): Promise<readonly (readonly Value[])[]> {
  const rows: Value[][] = []
  for (const { codes, shapes } of [tract2010, tract2020]) {
    for await (const [at, code] of inTurn([...codes.entries()])) {
      const shape = shapes[at]
      const shared = shape === undefined ? undefined : sharedPoint(shape, district.index)
      const point = shared?.point ?? (shape === undefined ? undefined : interiorPoint(shape))
      const [longitude, latitude] = point ?? [null, null]
      rows.push([
        shapes === tract2010.shapes ? code : null,
        shapes === tract2020.shapes ? code : null,
        code.slice(0, 5),
        boroughOf(code) ?? null,
        districtNumber(shared === undefined ? undefined : district.codes[shared.at]),
        latitude,
        longitude,
      ])
    }
  }
  return rows
}

function boroughOf(tract: string | null): string | undefined {
  return tract === null ? undefined : boroughOfCounty[tract.slice(0, 5)]
}

function districtNumber(code: string | undefined): number | null {
  const number = Number(code ?? Number.NaN)
  return Number.isSafeInteger(number) ? number : null
}

async function replace(
  table: Table,
  columns: readonly Column[],
  rows: readonly (readonly Value[])[],
  txns: Txns,
  { store, failpoint }: PlaceEffects,
): Promise<void> {
  const values: readonly ColumnValues[] = columns.map((_, at) => rows.map((row) => row[at] ?? null))
  const add = rows.length === 0 ? [] : [await table.writeFile(writeParquet(columns, values, rows.length))]
  failpoint('place/before-commit')
  let live: ReadonlySet<string> = new Set()
  const { outcome } = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Overwrite' },
    blindAppend: false,
    stage: (newest) => {
      if (isStale(newest, txns)) return { columns, add, remove: newest?.files ?? [], txns }
      // Another placer came first, from Silver at least as new.
      live = new Set(newest?.files.map(({ path }) => path))
      return undefined
    },
  })
  failpoint('place/after-commit')
  if (outcome === 'committed') return
  for (const { path } of add) if (!live.has(path)) await store.remove(`${table.root}/${path}`)
}
