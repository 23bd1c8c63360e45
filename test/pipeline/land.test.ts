import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { keptOriginal, landFiles, planLanding } from '#pipeline'
import { Fault } from '#port'
import { animals, contracts, fileOf, lander, listing, modifiedMs, rowsOf, textOf, valuesOf } from './land-fixture.ts'

const csv = 'Name,Legs\nant,6\n"cat, the",4\n'

test('a row becomes a JSON object of header to text as read, with its coordinates', async () => {
  const { store, effects } = lander()
  const landing = await landFiles(
    [fileOf('a/animals.csv', 'Name,Legs\n  ant , 06\n"say ""hi""\nthere",4\n')],
    contracts,
    effects,
  )
  assert.deepEqual(landing.datasets, { animal: { 'a/animals.csv': { added: 2 } } })
  assert.deepEqual(await valuesOf(store, 'animal'), [
    { Name: '  ant ', Legs: ' 06' },
    { Name: 'say "hi"\nthere', Legs: '4' },
  ])
  const [first, second] = await rowsOf(store, 'bronze/animal')
  assert.deepEqual([first?.topic, first?.partition, first?.offset, second?.offset], ['animal', 0, 0, 1])
  assert.deepEqual([first?.timestamp, first?.timestamp_type, first?.key], [modifiedMs * 1000, 'file_modified', null])
  assert.match(String(first?.source), /^[0-9a-f]{64}$/)
})

test('a file is recorded with its hash, shape and keys, and its bytes are kept', async () => {
  const { store, effects } = lander()
  await landFiles(
    [fileOf('animals.csv.gz', gzipSync(csv), { url: 'https://example.org/animals.csv' })],
    contracts,
    effects,
  )
  const [row] = await rowsOf(store, 'bronze/file')
  assert.deepEqual(
    [
      row?.dataset,
      row?.name,
      row?.url,
      row?.format,
      row?.encoding,
      row?.layout,
      row?.headers,
      row?.records,
      row?.same_as,
    ],
    [
      'animal',
      'animals.csv.gz',
      'https://example.org/animals.csv',
      'csv+gzip',
      'utf-8',
      'plain',
      '["Name","Legs"]',
      2,
      null,
    ],
  )
  const chunks: Uint8Array[] = []
  for await (const chunk of keptOriginal(String(row?.sha256), store)) chunks.push(chunk)
  assert.deepEqual(Buffer.concat(chunks), gzipSync(csv))
})

test('equal records are landed once, whatever line ends, mark, packing, envelope and name they come with', async () => {
  const socrata = {
    meta: {
      view: {
        rowsUpdatedAt: 1_500_000_000,
        columns: [
          { id: -1, name: 'sid', fieldName: ':sid', dataTypeName: 'meta_data' },
          { id: 1, name: 'Name', fieldName: 'name', dataTypeName: 'text' },
          { id: 2, name: 'Legs', fieldName: 'legs', dataTypeName: 'number' },
        ],
      },
    },
    data: [
      ['row-1', 'ant', '6'],
      ['row-2', 'cat, the', '4'],
    ],
  }
  const { store, effects } = lander()
  const landing = await landFiles(
    [
      fileOf('1.csv', csv),
      fileOf('2.csv', `\ufeff${csv.replaceAll('\n', '\r\n')}\r\n`),
      fileOf('3.csv', gzipSync(csv)),
      fileOf('4.json', JSON.stringify(socrata)),
      fileOf('5.csv', csv),
    ],
    contracts,
    effects,
  )
  assert.deepEqual(
    Object.values(landing.datasets.animal ?? {}).map(({ added }) => added),
    [2, 0, 0, 0, 0],
  )
  assert.equal((await rowsOf(store, 'bronze/animal')).length, 2)
  const files = await rowsOf(store, 'bronze/file')
  assert.equal(new Set(files.map(({ source }) => source)).size, 1)
  assert.deepEqual(files.map(({ name, same_as }) => [name, same_as]).sort(), [
    ['1.csv', null],
    ['2.csv', '1.csv'],
    ['3.csv', '1.csv'],
    ['4.json', '1.csv'],
    ['5.csv', '1.csv'],
  ])
})

test('landing again what is landed writes nothing', async () => {
  const first = lander()
  const files = [
    fileOf('animals.csv', csv),
    fileOf('other.txt', 'what,is,this\n'),
    fileOf('animals-bad.csv', 'Nothing,Fits\n'),
  ]
  await landFiles(files, contracts, first.effects)
  const before = await listing(first.store)
  const again = lander(first.store)
  const landing = await landFiles(files, contracts, again.effects)
  assert.deepEqual(await listing(first.store), before)
  assert.deepEqual(landing.datasets.animal, { 'animals.csv': { added: 0 }, 'animals-bad.csv': { added: 0 } })
  assert.deepEqual(landing.unmatched, ['other.txt'])
  assert.deepEqual(
    again.events.filter((event) => event.kind === 'land/file').map(({ file, outcome, rows }) => [file, outcome, rows]),
    [
      ['animals-bad.csv', 'quarantined', 1],
      ['animals.csv', 'known', 2],
    ],
  )
})

test('header rows, blocks, repeated and blank headers, and rows of any width keep every cell', async () => {
  const { store, effects } = lander()
  const text = 'Title,,\nName,Left,Wing,Wing,Right,Wing,\nbee,,1,2,,3\nfly,,1,2,,3,x,y,z\n'
  await landFiles([fileOf('w.csv', text)], contracts, effects)
  const keys = { Left: '', 'L / Wing': '1', 'L / Wing (2)': '2', Right: '', 'R / Wing': '3' }
  assert.deepEqual(await valuesOf(store, 'animal'), [
    { Name: 'bee', ...keys },
    { Name: 'fly', ...keys, 'R / column 7': 'x', '(extra 1)': 'y', '(extra 2)': 'z' },
  ])
})

test('GeoJSON and TopoJSON keep properties as text and the shape as GeoJSON', async () => {
  const { store, effects } = lander()
  const geojson = `{"type":"FeatureCollection","features":[
    {"type":"Feature","properties":{"Name":"den","size":1.50,"id":12345678901234567890,"more":{"a":[1]},"none":null},"geometry":{"type":"Point","coordinates":[1,2]}}]}`
  const topology = {
    type: 'Topology',
    arcs: [
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
      ],
    ],
    objects: { o: { type: 'Polygon', arcs: [[0]], properties: { Name: 'nest' } } },
  }
  await landFiles([fileOf('a.geojson', geojson), fileOf('b.json', JSON.stringify(topology))], contracts, effects)
  const values = [...(await valuesOf(store, 'animal'))].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  assert.deepEqual(values, [
    {
      Name: 'den',
      size: '1.5',
      id: '12345678901234567890',
      more: '{"a":[1]}',
      none: null,
      geometry: '{"type":"Point","coordinates":[1,2]}',
    },
    { Name: 'nest', geometry: '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}' },
  ])
})

test("a portal's own time of change is the records' time", async () => {
  const { store, effects } = lander()
  const columns = [
    { name: 'Name', fieldName: 'name' },
    { name: 'Legs', fieldName: 'legs' },
  ]
  const text = JSON.stringify({ meta: { view: { columns, rowsUpdatedAt: 1_600_000_000 } }, data: [['ant', null]] })
  await landFiles([fileOf('a.json', text)], contracts, effects)
  const [row] = await rowsOf(store, 'bronze/animal')
  assert.deepEqual([row?.timestamp, row?.timestamp_type], [1_600_000_000_000_000, 'publisher'])
  assert.equal(textOf(row?.value), '{"Name":"ant","Legs":null}')
})

const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

test('a file that is not UTF-8 is read whole in the encoding in which it reads best', async () => {
  const cases: readonly [string, Uint8Array, string, string][] = [
    ['w1.csv', latin('Name,Legs\nni\u00f1o,2\nBishop\u0092s,2\n'), 'windows-1252', 'niño'],
    // ’ is D5 in Mac Roman, and Õ in windows-1252
    ['m1.csv', latin('Name,Legs\nBishop\u00d5s,2\n'), 'macintosh', 'Bishop’s'],
    // é is 8E in Mac Roman, and Ž in windows-1252
    ['m2.csv', latin('Name,Legs\nJos\u008e,2\n'), 'macintosh', 'José'],
    ['w2.csv', latin('Name,Legs\nJos\u00e9,2\n'), 'windows-1252', 'José'],
  ]
  for (const [name, bytes, encoding, read] of cases) {
    const { store, effects } = lander()
    await landFiles([fileOf(name, bytes)], contracts, effects)
    const [row] = await rowsOf(store, 'bronze/file')
    assert.equal(row?.encoding, encoding, name)
    const [value] = await valuesOf(store, 'animal')
    assert.equal((value as { Name: string }).Name, read)
  }
})

test('files of a folder with a manifest are marked as sample, and never share a lake with others', async () => {
  const { store, effects } = lander()
  const sample = [fileOf('s/fairlead-sample.json', '{"seed": 7}'), fileOf('s/deep/animals.csv', csv)]
  const landing = await landFiles(sample, contracts, effects)
  assert.deepEqual(landing.unmatched, [])
  const [row] = await rowsOf(store, 'bronze/file')
  assert.equal(row?.sample, '7')
  const [record] = await rowsOf(store, 'bronze/animal')
  assert.deepEqual(record?.headers, [{ key: 'sample', value: new TextEncoder().encode('7') }])
  await assert.rejects(landFiles([fileOf('real.csv', 'Name,Legs\nowl,2\n')], contracts, effects), (error) => {
    return error instanceof Fault && error.code === 'land/sample-and-real'
  })
  assert.equal((await rowsOf(store, 'bronze/animal')).length, 2)
})

test('a manifest that says no seed stops the landing', async () => {
  const { effects } = lander()
  for (const text of ['{}', 'not json']) {
    await assert.rejects(landFiles([fileOf('fairlead-sample.json', text)], contracts, effects), {
      code: 'land/manifest',
    })
  }
})

test('a file with a header and no rows lands no rows and is no fault', async () => {
  const { store, effects } = lander()
  const landing = await landFiles([fileOf('animals.csv', 'Name,Legs\n')], contracts, effects)
  assert.deepEqual(landing, {
    datasets: { animal: { 'animals.csv': { added: 0 } } },
    unmatched: [],
    quarantinedFiles: [],
    faults: [],
  })
  assert.equal((await rowsOf(store, 'bronze/file')).length, 1)
  const before = await listing(store)
  await landFiles([fileOf('animals.csv', 'Name,Legs\n')], contracts, effects)
  assert.deepEqual(await listing(store), before)
})

test('a file too large to be held is read in passes, kept in parts, and lands the same', async () => {
  const many = `Name,Legs\n${Array.from({ length: 9_000 }, (_, at) => `animal ${at},${at % 9}\n`).join('')}`
  const [held, streamed] = [lander(), lander()]
  await landFiles([fileOf('animals.csv', many)], contracts, held.effects)
  for (const content of [many, gzipSync(many)]) {
    await landFiles([fileOf('animals.csv', content)], contracts, streamed.effects, { holdBytes: 4096 })
  }
  assert.deepEqual(await valuesOf(streamed.store, 'animal'), await valuesOf(held.store, 'animal'))
  const parts = (await listing(streamed.store)).filter((path) => /^bytes\/.*part/.test(path))
  assert.ok(parts.length > 1)
  const [row] = (await rowsOf(streamed.store, 'bronze/file')).filter(({ format }) => format === 'csv')
  const chunks: Uint8Array[] = []
  for await (const chunk of keptOriginal(String(row?.sha256), streamed.store)) chunks.push(chunk)
  assert.equal(Buffer.concat(chunks).toString(), many)
})

test('planning says what landing would do, and does nothing', async () => {
  const { store, effects } = lander()
  await landFiles([fileOf('animals.csv', csv)], contracts, effects)
  const before = await listing(store)
  const planned = await planLanding(
    [fileOf('animals.csv', csv), fileOf('b.csv', 'Name,Legs\nowl,2\n'), fileOf('animals-x.csv', ''), fileOf('z', 'z')],
    [animals],
    effects,
  )
  assert.deepEqual(
    planned.map(({ file, outcome, dataset }) => [file, outcome, dataset]),
    [
      ['animals-x.csv', 'quarantine', 'animal'],
      ['animals.csv', 'known', 'animal'],
      ['b.csv', 'new', 'animal'],
      ['z', 'unmatched', null],
    ],
  )
  assert.deepEqual(await listing(store), before)
})
