import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { landFiles } from '#pipeline'
import { Fault } from '#port'
import { animals, contracts, fileOf, lander, listing, rowsOf, textOf } from './land-fixture.ts'

const good = fileOf('zebra.csv', 'Name,Legs\nzebra,4\n')
const noise = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7919 + (at >> 3) * 31) % 256)
const packed = gzipSync('Name,Legs\nant,6\n'.repeat(500))

const hostile: readonly [what: string, name: string, content: string | Uint8Array, why: RegExp][] = [
  ['an empty file', 'animals.csv', '', /empty/],
  ['blank lines only', 'animals.csv', '\ufeff\n\n', /empty/],
  ['noise', 'animals.csv', noise, /NUL/],
  ['noise without a NUL', 'animals.csv', noise.filter((byte) => byte > 0), /fit none of its layouts|cannot be read/],
  ['a NUL in the middle', 'a.csv', 'Name,Legs\nant\u0000,6\n', /NUL/],
  ['a truncated gzip', 'animals.csv.gz', packed.subarray(0, packed.length - 20), /gzip ends early/],
  [
    'a damaged gzip',
    'animals.csv.gz',
    Uint8Array.from(packed, (byte, at) => (at > 30 && at < 60 ? ~byte : byte)),
    /gzip/,
  ],
  ['a quote that never closes', 'a.csv', 'Name,Legs\n"ant,6\nbee,6\n', /after record 1.*[Qq]uote/s],
  ['text after a closing quote', 'a.csv', 'Name,Legs\n"ant"x,6\n', /after record 1/],
  ['truncated JSON', 'animals.json', '{"meta":{"view":{"columns":[', /JSON cannot be read/],
  ['JSON of another shape', 'animals.json', '[{"Name":"ant"}]', /neither Socrata/],
  [
    'a topology without its arcs',
    'animals.json',
    '{"type":"Topology","arcs":[],"objects":{"o":{"type":"Polygon","arcs":[[5]]}}}',
    /arc/,
  ],
  ['a workbook', 'animals.csv', 'PK\u0003\u0004whatever', /Excel/],
  ['headers that fit no layout', 'animals.csv', 'Creature,Feet\nant,6\n', /fit none of its layouts.*add a layout/s],
  [
    'another encoding',
    'minerals.csv',
    Uint8Array.from([...new TextEncoder().encode('Mineral,Hardness\n'), 0xe9, 0x0a]),
    /Not every byte.*encodings/s,
  ],
  ['UTF-16', 'minerals.csv', Uint8Array.from([0xff, 0xfe, ...Buffer.from('Mineral,Hardness\n', 'utf16le')]), /UTF-16/],
]

for (const [what, name, content, why] of hostile) {
  test(`${what} is kept as one record that says why, and the rest of the batch goes on`, async () => {
    const { store, effects } = lander()
    const landing = await landFiles([fileOf(name, content), good], contracts, effects)
    const [refused] = landing.quarantinedFiles
    assert.equal(refused?.file, name)
    assert.match(refused?.why ?? '', why)
    const dataset = refused?.dataset ?? ''
    assert.equal(landing.datasets[dataset]?.[name]?.added, 1)
    assert.equal(landing.datasets.animal?.['zebra.csv']?.added, 1)
    const record = (await rowsOf(store, `bronze/${dataset}`)).find(({ value }) => value === null)
    const [header] = (record?.headers ?? []) as { key: string; value: Uint8Array }[]
    assert.deepEqual([header?.key, textOf(header?.value)], ['error', refused?.why])
    const row = (await rowsOf(store, 'bronze/file')).find((each) => each.name === name)
    assert.deepEqual([row?.source, row?.layout, row?.error], [row?.sha256, null, refused?.why])
    assert.ok(await store.read(`bytes/${row?.sha256}`))
    const before = await listing(store)
    await landFiles([fileOf(name, content), good], contracts, effects)
    assert.deepEqual(await listing(store), before)
  })
}

test('what nobody claims is unmatched, whatever it is, and leaves no trace', async () => {
  const { store, effects, events } = lander()
  const files = [fileOf('a.bin', noise), fileOf('b.csv', ''), fileOf('c.json', '{'), fileOf('d.csv', 'X,Y\n1,2\n')]
  const landing = await landFiles(files, contracts, effects)
  assert.deepEqual(landing.unmatched, ['a.bin', 'b.csv', 'c.json', 'd.csv'])
  assert.deepEqual(await listing(store), [])
  assert.equal(events.filter(({ kind }) => kind === 'land/unmatched').length, 4)
})

test('a file that could not be read lands when a new layout can read it', async () => {
  const { store, effects } = lander()
  const file = fileOf('animals.csv', 'Creature,Feet\nant,6\n')
  await landFiles([file], [animals], effects)
  const wiser = {
    ...animals,
    layouts: [...animals.layouts, { name: 'creatures', about: '', format: 'csv', requires: ['Creature'] } as const],
  }
  const landing = await landFiles([file], [wiser], effects)
  assert.deepEqual(landing.datasets, { animal: { 'animals.csv': { added: 1 } } })
  const before = await listing(store)
  assert.deepEqual((await landFiles([file], [wiser], effects)).datasets, { animal: { 'animals.csv': { added: 0 } } })
  assert.deepEqual(await listing(store), before)
})

test('a file that vanishes, may not be read, or changes is reported, and the others land', async () => {
  const gone = new Fault('land/vanished', 'gone', { mend: 'none' })
  let reading = 0
  const { effects } = lander()
  const landing = await landFiles(
    [
      fileOf('animals-gone.csv', '', {
        // biome-ignore lint/correctness/useYield: it fails before there is anything to give.
        async *open() {
          throw gone
        },
      }),
      fileOf('animals-growing.csv', '', {
        async *open() {
          reading += 1
          yield new TextEncoder().encode(`Name,Legs\n${'ant,6\n'.repeat(reading)}`)
        },
      }),
      good,
    ],
    contracts,
    effects,
    { holdBytes: 8 },
  )
  assert.deepEqual(
    landing.faults.map(({ file, fault }) => [file, fault.code]),
    [
      ['animals-gone.csv', 'land/vanished'],
      ['animals-growing.csv', 'land/changed'],
    ],
  )
  assert.equal(landing.datasets.animal?.['zebra.csv']?.added, 1)
})

test('two datasets that fit a file equally well are a mistake that is named', async () => {
  const { effects } = lander()
  const landing = await landFiles([good], [animals, { ...animals, name: 'beast' }], effects)
  assert.equal(landing.faults[0]?.fault.code, 'contract/ambiguous')
})

test('a stop is heard between two files', async () => {
  const { store, effects } = lander()
  const stop = new AbortController()
  const report: typeof effects.report = (event) => {
    if (event.kind === 'land/file') stop.abort()
  }
  const files = [fileOf('1.csv', 'Name,Legs\nant,6\n'), fileOf('2.csv', 'Name,Legs\nbee,6\n')]
  await assert.rejects(landFiles(files, contracts, { ...effects, report, signal: stop.signal }), {
    code: 'machine/stopped',
  })
  assert.equal((await rowsOf(store, 'bronze/animal')).length, 1)
})
