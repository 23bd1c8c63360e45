import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type {
  ApiFault,
  Equity,
  GoldColumns,
  Heatmap,
  Histogram,
  Kpis,
  Options,
  Quality,
  Rows,
  Sources,
  Summaries,
  Vulnerability,
} from '#api'
import { duckdbEngine } from '#engine'
import type { RunningServer } from '#serve'
import { startServer } from '#serve'
import { get, totalRows } from './client.ts'
import type { FixtureLake } from './fixture.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from './fixture.ts'

let lake: FixtureLake
let server: RunningServer
let webFolder: string
let api: string

before(async () => {
  webFolder = await mkdtemp(join(tmpdir(), 'fairlead-web-'))
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>dashboard</title>')
  lake = await fixtureLake()
  lake.publish()
  const signal = new AbortController().signal
  server = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets },
    { reader: lake.reader, measures: unmeasured, lineage: fixtureLineage, report: () => {}, signal },
  )
  api = `${server.url}/api/v1`
})

after(async () => {
  await server.close()
  await lake.end()
  await rm(webFolder, { recursive: true, force: true })
})

test('the year asked for first is the newest with response rates, not the newest', async () => {
  const { body } = await get<Options>(`${api}/options`)
  assert.equal(body.defaultYear, 2019)
  assert.deepEqual(
    body.years.map(({ year, rates }) => [year, rates.length]),
    [
      [2025, 0],
      [2019, 3],
      [2018, 3],
    ],
  )
  assert.deepEqual(body.vintages, [2018, 2022])
  assert.deepEqual(
    body.buckets.map(({ bucket }) => bucket),
    ['Low', 'Moderate', 'High', 'Unknown'],
  )
})

test('a key figure has its n, what is missing, and the year before on the same scale', async () => {
  const { body } = await get<Kpis>(`${api}/kpis?year=2019`)
  const [student] = body.kpis
  assert.equal(body.sample, true)
  assert.equal((student?.n ?? 0) + (student?.missing ?? 0), body.schools)
  assert.equal(student?.previous?.year, 2018)
  const first = await get<Kpis>(`${api}/kpis?year=2018`)
  assert.equal(first.body.kpis[0]?.previous, null)
})

test('a year without rates has no mean, and no zero in its place', async () => {
  const { body } = await get<Kpis>(`${api}/kpis?year=2025`)
  for (const kpi of body.kpis) {
    assert.equal(kpi.state, 'missing')
    assert.equal(kpi.mean, null)
    assert.equal(kpi.n, 0)
  }
})

test('the mean of fewer than five schools is withheld, and their rows are not', async () => {
  const { body } = await get<Kpis>(`${api}/kpis?year=2019&district=7`)
  const parent = body.kpis.find(({ measure }) => measure === 'parent_response_rate')
  assert.equal(parent?.state, 'suppressed')
  assert.equal(parent?.mean, null)
  assert.equal(parent?.n, null)
  assert.ok((await totalRows(`${api}/rows?of=schools&year=2019&district=7`)) > 0)
})

test('each bar of the histogram has exactly the rows that it counts', async () => {
  const filters = 'year=2019&borough=K,Q&program=community'
  const { body } = await get<Histogram>(`${api}/histogram?${filters}&measure=parent_response_rate`)
  assert.equal(
    body.bins.reduce((sum, { n }) => sum + n, 0),
    body.n,
  )
  for (const { bin, n } of body.bins) {
    const total = await totalRows(`${api}/rows?of=schools&${filters}&measure=parent_response_rate&bin=${bin}&limit=1`)
    assert.equal(total, n, `bin ${bin}`)
  }
})

test('every whole percent falls in the bin that its label says', async () => {
  const { body } = await get<Histogram>(`${api}/histogram?measure=parent_response_rate`)
  for (const { bin, from, to, n } of body.bins) {
    if (n === 0) continue
    const { body: rows } = await get<Rows>(`${api}/rows?of=schools&measure=parent_response_rate&bin=${bin}&limit=1000`)
    const at = rows.columns.findIndex(({ name }) => name === 'parent_response_rate')
    for (const row of rows.rows) {
      const percent = Math.round(Number(row[at]) * 100)
      assert.ok(
        percent >= Math.round(from * 100) && (percent < Math.round(to * 100) || bin === 19),
        `${percent} in ${from}`,
      )
    }
  }
})

test('filters narrow every figure to the same schools', async () => {
  const filters = 'year=2019&borough=X&district=9,10&program=community,charter'
  const kpis = await get<Kpis>(`${api}/kpis?${filters}`)
  const total = await totalRows(`${api}/schools?${filters}&limit=1`)
  const summary = await get<Summaries>(`${api}/summaries?${filters}&by=borough`)
  const vulnerability = await get<Vulnerability>(`${api}/vulnerability?${filters}`)
  assert.ok(total > 0)
  assert.equal(kpis.body.schools, total)
  assert.equal(vulnerability.body.schools, total)
  assert.deepEqual(
    summary.body.places.map(({ place, n }) => [place, n]),
    [['X', kpis.body.kpis[0]?.n]],
  )
})

test('schools without a district can be asked for by the word none', async () => {
  assert.ok((await totalRows(`${api}/schools?year=2019&district=none&limit=1`)) > 0)
  const { body } = await get<Rows>(`${api}/schools?year=2019&district=none&limit=5`)
  const at = body.columns.findIndex(({ name }) => name === 'district')
  assert.ok(body.rows.every((row) => row[at] === null))
})

test('a heatmap has one scale, and a hidden cell cannot be worked out from the total', async () => {
  const { body } = await get<Heatmap>(`${api}/heatmap?year=2019&scale=rate&borough=X`)
  assert.ok(body.measures.every(({ scale }) => scale === 'rate'))
  for (const [column] of body.measures.entries()) {
    const cells = body.rows.map((row) => row.cells[column]?.state)
    const hidden = cells.filter((state) => state === 'suppressed').length
    assert.notEqual(hidden, 1, `measure ${column}`)
  }
  const cell = body.rows
    .flatMap(({ place, cells }) => cells.map((c, i) => ({ place, ...c, measure: body.measures[i]?.id })))
    .find(({ state }) => state === 'value')
  const total = await totalRows(
    `${api}/rows?of=measures&year=2019&borough=X&district=${cell?.place}&measure=${cell?.measure}&state=present`,
  )
  assert.equal(total, cell?.n)
})

test('a measure that no school has a value for is shown as missing, not left out', async () => {
  const { body } = await get<Heatmap>(`${api}/heatmap?year=2019&scale=score_1_5`)
  const at = body.measures.findIndex(({ id }) => id === 'supportive_environment_score')
  assert.ok(at >= 0)
  assert.ok(body.rows.every(({ cells }) => cells[at]?.state === 'missing'))
})

test('climate by vulnerability adds up over its buckets, and says so where there is no clear relation', async () => {
  const { body } = await get<Vulnerability>(`${api}/vulnerability?year=2019&vintage=2022&measure=parent_response_rate`)
  const counted = body.buckets.reduce((sum, { n, missing }) => sum + (n ?? 0) + (missing ?? 0), 0)
  assert.equal(counted, body.schools)
  assert.equal(body.buckets.find(({ bucket }) => bucket === 'High')?.to, null)
  assert.equal(body.relation?.verdict, 'none')
  for (const { bucket, n } of body.buckets) {
    const path = `of=vulnerability&year=2019&vintage=2022&measure=parent_response_rate&bucket=${bucket}&state=present`
    assert.equal(await totalRows(`${api}/rows?${path}&limit=1`), n)
  }
  assert.equal(body.points?.length, body.schools - body.unranked)
})

test('equity is what Gold publishes: every measure of the year with n, left out, and intervals; small groups withheld', async () => {
  const { body } = await get<Equity>(`${api}/equity?year=2019&vintage=2022&measure=trust_score`)
  assert.equal(body.gaps.length, 9)
  for (const gap of body.gaps) {
    assert.equal(gap.gap === null, gap.note !== null, gap.measure)
    assert.equal(gap.spearman === null, gap.n === 0, gap.measure)
  }
  assert.equal(body.gaps.find(({ measure }) => measure === 'supportive_environment_score')?.verdict, 'no value')
  assert.deepEqual(
    body.buckets.map(({ bucket }) => bucket),
    ['Low', 'Moderate', 'High', 'Unknown'],
  )
  const trust = body.gaps.find(({ measure }) => measure === 'trust_score')
  const [low, , high] = body.buckets
  assert.equal(trust?.gap, (high?.mean ?? 0) - (low?.mean ?? 0))
  assert.equal(trust?.nLow, low?.n)

  const { body: few } = await get<Equity>(`${api}/equity?year=2019&program=alternative`)
  const withheld = few.buckets.filter(({ suppression }) => suppression !== 'none')
  assert.ok(withheld.length > 0)
  assert.ok(withheld.every(({ mean, median, meanLow95 }) => mean === null && median === null && meanLow95 === null))
})

test('the columns of Gold are told with unit, source and caveat; an unknown table has none', async () => {
  const { body } = await get<GoldColumns>(`${api}/columns?table=equity_gap`)
  const [table] = body.tables
  assert.deepEqual(table?.grain, ['measure', 'school_year', 'svi_year'])
  assert.match(table?.columns.find(({ name }) => name === 'gap')?.caveat ?? '', /not an effect/)
  assert.deepEqual((await get<GoldColumns>(`${api}/columns?table=nothing`)).body.tables, [])
})

test('the ledger adds up, and its numbers lead to their records', async () => {
  const { body } = await get<Quality>(`${api}/quality`)
  for (const { landed, silver, quarantined, duplicates, superseded } of body.datasets.flatMap(
    ({ sources }) => sources,
  )) {
    assert.equal(landed, silver + quarantined + duplicates + superseded)
  }
  const [rule] = body.rules
  assert.equal(rule?.rule, 'not_a_school')
  assert.equal(rule?.examples.length, 5)
  assert.equal(await totalRows(`${api}/rows?of=quarantine&dataset=school_survey&rule=not_a_school`), rule?.quarantined)
  assert.equal(await totalRows(`${api}/rows?of=displaced&dataset=school_location&fate=duplicate`), 60)
})

test('the raw record of a quarantined row, which may name a person, never leaves', async () => {
  const { body } = await get<Rows>(`${api}/rows?of=quarantine&limit=100`)
  assert.ok(!JSON.stringify(body).includes('secret person'))
  const quality = await get(`${api}/quality`)
  assert.ok(!JSON.stringify(quality.body).includes('secret person'))
})

test('each source is credited: publisher, licence, attribution, hash', async () => {
  const { body } = await get<Sources>(`${api}/sources`)
  assert.equal(body.datasets.length, datasets.length)
  const survey = body.datasets.find(({ dataset }) => dataset === 'school_survey')
  assert.equal(survey?.files.length, 3)
  assert.equal(survey?.files[0]?.sample, '42')
  assert.match(survey?.files[0]?.sha256 ?? '', /^[0-9a-f]{64}$/)
})

test('CSV and Parquet hold the rows that the figure counts', async () => {
  const filters = 'of=schools&year=2019&borough=R&measure=student_response_rate&state=present'
  const { body: histogram } = await get<Histogram>(`${api}/histogram?year=2019&borough=R`)

  const csv = await fetch(`${api}/rows?${filters}&format=csv`)
  assert.match(csv.headers.get('content-disposition') ?? '', /^attachment; filename="SAMPLE-fairlead-schools-2019-/)
  assert.equal((await csv.text()).trimEnd().split('\r\n').length - 1, histogram.n)

  const parquet = await fetch(`${api}/rows?${filters}&format=parquet`)
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-parquet-'))
  try {
    const path = join(folder, 'rows.parquet')
    await writeFile(path, new Uint8Array(await parquet.arrayBuffer()))
    const engine = await duckdbEngine({ memoryMb: 200, threads: 1, spillFolder: folder })
    const { rows } = await engine.query(`SELECT count(*), count(student_response_rate) FROM read_parquet('${path}')`)
    assert.deepEqual(rows, [[histogram.n, histogram.n]])
    await engine.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a download leaves no file behind', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('fairlead-rows-'))
  await (await fetch(`${api}/rows?of=schools&year=2019&format=parquet`)).arrayBuffer()
  const left = (await readdir(tmpdir())).filter((name) => name.startsWith('fairlead-rows-'))
  assert.ok(left.length <= before.length)
})

test('pages of sorted rows meet without a gap or a repeat, and missing values stand last', async () => {
  const seen = new Set<unknown>()
  let rates: (number | null)[] = []
  for (let offset = 0; offset < 400; offset += 100) {
    const path = `${api}/schools?year=2019&borough=M&sort=student_response_rate&order=desc&offset=${offset}`
    const { body } = await get<Rows>(path)
    const at = body.columns.findIndex(({ name }) => name === 'student_response_rate')
    for (const row of body.rows) seen.add(row[0])
    rates = rates.concat(body.rows.map((row) => row[at] as number | null))
  }
  assert.equal(seen.size, rates.length)
  const numbers = rates.filter((rate) => rate !== null)
  assert.deepEqual(
    numbers,
    [...numbers].sort((a, b) => b - a),
  )
  assert.equal(rates.indexOf(null), numbers.length)
})

const mistakes: readonly [string, RegExp][] = [
  ['kpis?borough=Z', /borough=Z is not known/],
  ['kpis?boro=M', /boro is not a parameter/],
  ['kpis?year=1999', /year=1999/],
  ['kpis?year=2019&year=2018', /given twice/],
  ['kpis?district=1;drop table gold.school_climate_snapshot', /not known/],
  ['histogram?measure=trust_score', /measure=trust_score/],
  ['heatmap?scale=mixed', /scale=mixed/],
  ['rows?of=everything', /of=everything/],
  ['rows?of=quarantine&borough=M', /borough does not go with of=quarantine/],
  ['rows?of=silver&dataset=quarantine', /dataset=quarantine is not known/],
  ['rows?of=silver', /needs a dataset/],
  ['rows?of=schools&bin=20', /out of bounds/],
  ['rows?of=schools&limit=100000', /out of bounds/],
  ["rows?of=schools&sort=dbn'", /no column/],
  ['rows?of=schools&format=xlsx', /format=xlsx/],
]

for (const [path, what] of mistakes) {
  test(`a mistake is refused with what mends it: ${path}`, async () => {
    const { status, body, headers } = await get<ApiFault>(`${api}/${encodeURI(path)}`)
    assert.equal(status, 400)
    assert.equal(body.code, 'serve/bad-request')
    assert.match(body.what, what)
    assert.ok(body.mend.length > 0)
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
  })
}

test('a search with quotes and percent signs is only text', async () => {
  const search = encodeURIComponent("' OR 1=1 -- %")
  assert.equal(await totalRows(`${api}/schools?year=2019&search=${search}`), 0)
  assert.ok((await totalRows(`${api}/schools?year=2019&search=CLEMENTE`)) > 0)
})
