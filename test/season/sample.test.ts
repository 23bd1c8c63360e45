import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { datasets } from '#datasets'
import type { Area } from '#geo'
import { isTopology, polygonIndex, topologyFeatures } from '#geo'
import { landFiles } from '#pipeline'
import type { SampleFile } from '#season'
import { sampleFiles, writeSample } from '#season'
import { lander, realData } from '../pipeline/land-fixture.ts'

function bytesOf(file: SampleFile): Buffer {
  return Buffer.concat([...file.bytes()])
}

function fileNamed(files: readonly SampleFile[], part: string): Buffer {
  const file = files.find(({ name }) => name.includes(part))
  assert.ok(file, part)
  return bytesOf(file)
}

type Record_ = Readonly<Record<string, string>>

function records(bytes: Buffer): readonly Record_[] {
  return parse(bytes, { columns: true, bom: true, relax_column_count: true })
}

const files = sampleFiles({ seed: 3, schools: 400 })

test('the same seed makes the same bytes, and another seed others', () => {
  const hashes = (seed: number) =>
    sampleFiles({ seed, schools: 60 }).map((file) => [
      file.name,
      createHash('sha256').update(bytesOf(file)).digest('hex'),
    ])
  assert.deepEqual(hashes(1), hashes(1))
  const [first, second] = [hashes(1), hashes(2)]
  for (const [at, [name, hash]] of first.entries()) {
    // Districts and boroughs are cut from the lattice alone, which is the same for so many schools.
    if (!/borough|District/.test(name ?? '')) assert.notEqual(hash, second[at]?.[1], name)
  }
})

for (const schools of [20, 50, 400, 1900]) {
  test(`a sample of ${schools} schools lands whole, each file in a layout of its dataset`, async () => {
    const made = sampleFiles({ seed: 5, schools })
    const { effects } = lander()
    const landing = await landFiles(
      made.map((file) => ({
        name: file.name,
        sizeBytes: 0,
        modifiedMs: file.modifiedMs,
        async *open() {
          yield* file.bytes()
        },
      })),
      datasets,
      effects,
    )
    assert.deepEqual([landing.unmatched, landing.quarantinedFiles, landing.faults], [[], [], []])
    const added = new Map(Object.values(landing.datasets).flatMap((sources) => Object.entries(sources)))
    for (const { name, rows } of made) {
      if (name === 'fairlead-sample.json') continue
      // The portal's envelope holds the records of the CSV, which come first.
      assert.equal(added.get(name)?.added, name.endsWith('rows.json') ? 0 : rows, name)
    }
  })
}

test('20,000 schools have DBNs and location codes of their own', () => {
  const many = sampleFiles({ seed: 5, schools: 20_000 })
  const rows = records(fileNamed(many, '2018_Sample_School_Locations'))
  assert.ok(rows.length > 19_000)
  assert.equal(new Set(rows.map((row) => row['ATS SYSTEM CODE'])).size, rows.length)
  assert.equal(new Set(rows.map((row) => row.LOCATION_CODE)).size, rows.length)
  for (const row of rows) assert.match(row['ATS SYSTEM CODE'] ?? '', /^[0-9]{2}[MXKQR][0-9]{3} {6}$/)
})

test('headers are those of the published files', {
  skip: realData() === undefined && 'no published files beside the checkout',
}, async () => {
  const { readFile } = await import('node:fs/promises')
  const pairs = [
    ['2019_Sample_Public', 'survey/2019_PublicDataFile_Students.csv', 1],
    ['2025_Sample', 'survey/NYCPublicSchoolsAllDataLeadershipView22Nov2025_1763856012085.csv', 2],
    ['svi/2018', 'svi/2018/NewYork.csv', 1],
    ['svi/2022', 'svi/2022/NewYork.csv', 1],
    ['2018_Sample_School', 'locations/2017_-_2018_School_Locations.csv', 1],
    ['2019_Sample_School', 'locations/2019_School_Locations.csv', 1],
    ['Demographics', 'demographics/2014-19_Demographics.csv', 1],
  ] as const
  for (const [part, real, count] of pairs) {
    const [mine, theirs] = [fileNamed(files, part), await readFile(`${realData()}/${real}`)].map((bytes) => ({
      headers: parse(bytes, { bom: true, to: count, relax_column_count: true }),
      mark: bytes[0] === 0xef,
      crlf: bytes.includes('\r\n'),
    }))
    assert.deepEqual(mine, theirs, part)
  }
})

test('ranks are percent ranks within the file, sums are sums, and nobody lives where -999 stands', () => {
  for (const year of ['2018', '2022']) {
    const rows = records(fileNamed(files, `svi/${year}`))
    const known = rows.filter((row) => Number(row.RPL_THEMES) !== -999)
    assert.ok(known.length < rows.length && known.length > rows.length * 0.9)
    for (const name of ['THEMES', 'THEME1']) {
      const ranked = rows.filter((row) => Number(row[`SPL_${name}`]) !== -999)
      const sums = ranked.map((row) => Number(row[`SPL_${name}`])).sort((a, b) => a - b)
      for (const row of ranked) {
        const rank = sums.indexOf(Number(row[`SPL_${name}`])) / (sums.length - 1)
        assert.ok(Math.abs(rank - Number(row[`RPL_${name}`])) <= 5.1e-5)
      }
    }
    for (const row of known) {
      const sum = [1, 2, 3, 4].reduce((total, theme) => total + Number(row[`SPL_THEME${theme}`]), 0)
      assert.ok(Math.abs(sum - Number(row.SPL_THEMES)) < 1e-4)
    }
  }
})

test('areas of a kind neither overlap nor leave gaps, and Marble Hill lies in New York County', () => {
  const features = (part: string): { code: string; area: Area }[] => {
    const bytes = fileNamed(files, part)
    const value: unknown = JSON.parse((part.endsWith('gz') ? gunzipSync(bytes) : bytes).toString())
    const list = isTopology(value)
      ? topologyFeatures(value)
      : (value as { features: { properties: Record_; geometry: Area }[] }).features
    return list.map(({ properties, geometry }) => ({
      code: String(properties?.GEOID ?? properties?.school_dist ?? properties?.name),
      area: geometry as Area,
    }))
  }
  const kinds = ['tracts_2020.geojson.gz', 'tracts_2010.topo.json', 'Districts.geojson.gz', 'borough.topo.json'].map(
    features,
  )
  const all = kinds.map((areas) => ({
    areas,
    index: polygonIndex(areas.map(({ area }) => area)),
    each: areas.map(({ area }) => polygonIndex([area])),
  }))
  const [tracts2020, , districts, boroughs] = all
  assert.equal(districts?.areas.length, 33)
  assert.equal(new Set(districts?.areas.map(({ code }) => code)).size, 32)
  assert.equal(boroughs?.areas.length, 5)
  for (let step = 0; step < 1_000; step += 1) {
    const longitude = -74.05 + 0.3 * ((step * 0.7548776662466927) % 1)
    const latitude = 40.58 + 0.32 * ((step * 0.5698402909980532) % 1)
    for (const { index, each } of all) {
      assert.notEqual(index.find(longitude, latitude), undefined)
      assert.equal(each.filter((one) => one.find(longitude, latitude) !== undefined).length, 1)
    }
  }
  const onTheHill = records(fileNamed(files, '2018_Sample_School')).filter((row) => {
    const [, latitude, longitude] = /\(([-0-9.]+), ([-0-9.]+)\)/.exec(row['Location 1'] ?? '') ?? []
    const at = tracts2020?.index.find(Number(longitude), Number(latitude))
    return at !== undefined && tracts2020?.areas[at]?.code === '36061030900'
  })
  assert.equal(onTheHill.length, 8)
  for (const row of onTheHill) assert.match(row.LOCATION_CODE ?? '', /^X/)
  assert.ok(
    tracts2020?.areas.some(({ code }) => code === '36005030900'),
    'the wrong tract exists too',
  )
})

test('climate has nothing to do with vulnerability', () => {
  const many = sampleFiles({ seed: 11, schools: 1900 })
  const overall = new Map(records(fileNamed(many, 'svi/2018')).map((row) => [row.FIPS, Number(row.RPL_THEMES)]))
  const counties: Record_ = { M: '061', X: '005', K: '047', Q: '081', R: '085' }
  const place = new Map(
    records(fileNamed(many, '2018_Sample_School')).map((row) => [
      (row['ATS SYSTEM CODE'] ?? '').trim(),
      `36${counties[row.LOCATION_CODE?.[0] ?? '']}${(row.CENSUS_TRACT ?? '').padStart(6, '0')}`,
    ]),
  )
  const pairs = records(fileNamed(many, '2019_Sample_Public')).flatMap((row) => {
    const [x, y] = [overall.get(place.get(row.DBN ?? '') ?? ''), Number(row['Trust Score'])]
    return x === undefined || x < 0 || Number.isNaN(y) ? [] : [[x, y] as const]
  })
  assert.ok(pairs.length > 1500)
  assert.ok(Math.abs(spearman(pairs)) < 0.1)
})

function spearman(pairs: readonly (readonly [number, number])[]): number {
  const ranks = (axis: 0 | 1) => {
    const order = pairs.map((pair, at) => [pair[axis], at] as const).sort(([a], [b]) => a - b)
    const rank = new Map(order.map(([, at], place) => [at, place]))
    return pairs.map((_, at) => rank.get(at) ?? 0)
  }
  const [x, y] = [ranks(0), ranks(1)]
  const squares = x.reduce((sum, rank, at) => sum + (rank - (y[at] ?? 0)) ** 2, 0)
  return 1 - (6 * squares) / (pairs.length * (pairs.length ** 2 - 1))
}

test('writing hands each file to the effects, with its rows and time', async () => {
  const seen: string[] = []
  const written = await writeSample(
    { seed: 1, schools: 30 },
    {
      async writeFile(name, bytes, modifiedMs) {
        seen.push(`${name} ${new Date(modifiedMs).getUTCFullYear()}`)
        return [...bytes].reduce((sum, chunk) => sum + chunk.length, 0)
      },
    },
  )
  assert.equal(seen[0], 'fairlead-sample.json 2025')
  assert.equal(written.length, seen.length)
  for (const { sizeBytes, rows } of written) assert.ok(sizeBytes > 0 && rows > 0)
})
