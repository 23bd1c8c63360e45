import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineContract } from '#contract'
import { cleanDataset, listRejected, replayAsTheyAre, replayMended, showRejected } from '#pipeline'
import { Fault } from '#port'
import { dieAt, land, rowsOf, textFile, withBench } from './clean-fixture.ts'
import {
  checkLaw,
  files,
  landSent,
  looser,
  mendedLines,
  nothingAsked,
  prints,
  shown,
  tellAll,
  visit,
} from './quarantine-fixture.ts'

const done = { dryRun: false } as const

test('a rejected record is shown with all its coordinates, by whichever way it came, and without the person’s name', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files.slice(0, 1), [visit], worker)
    const value = JSON.stringify({ id: '', year: 2020, count: 1, guest: 'Gil' })
    await landSent('topic-1', [{ offset: 7, atMs: 5000, key: 'k', value, headers: { trace: 'abc' } }], worker)
    await cleanDataset(visit, worker)
    const [ofFile, ofTopic] = await shown(worker)
    const source = ofFile?.source
    assert.match(String(source), /^[0-9a-f]{64}$/)
    const { landedAt, ...told } = ofFile ?? assert.fail('the file’s record is there')
    assert.ok(Math.abs(Date.parse(landedAt) - Date.now()) < 60_000)
    assert.deepEqual(told, {
      record: `visit/${source}/0/1`,
      ...{ dataset: 'visit', topic: 'visit', source, partition: 0, offset: 1 },
      ...{ timestamp: '1970-01-01T00:00:01.000Z', stage: 'clean', rule: 'not_a_number', column: 'count' },
      ...{ received: 'x', message: 'count: the value is not a number', contract: prints.visit, replays: [] },
      ...{ key: null, headers: [], value: { Place: 'b', Visits: 'x', Trust: '60' } },
    })
    assert.deepEqual(
      { ...ofTopic, landedAt: '' },
      {
        record: 'visit/topic-1/0/7',
        ...{ dataset: 'visit', topic: 'visits', source: 'topic-1', partition: 0, offset: 7 },
        ...{ timestamp: '1970-01-01T00:00:05.000Z', landedAt: '', stage: 'clean', rule: 'no_id', column: 'id' },
        ...{ received: '', message: 'id is required and cannot be had', contract: prints.visit, replays: [] },
        ...{ key: 'k', headers: [{ key: 'trace', value: 'abc' }], value: { id: '', year: 2020, count: 1 } },
      },
    )
  }))

test('the list counts by source and rule, filters narrow it, and pages go on where the one before ended', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const groups = await listRejected(nothingAsked, worker)
    assert.deepEqual(
      groups.map(({ name, rule, records, open, example }) => [name, rule, records, open, example.received]).sort(),
      [
        ['one.csv', 'not_a_number', 1, 1, 'x'],
        ['two.csv', 'no_id', 1, 1, ''],
        ['two.csv', 'too_many', 1, 1, '500'],
      ],
    )
    const count = async (filter: Parameters<typeof listRejected>[0]) =>
      (await listRejected(filter, worker)).reduce((sum, { records }) => sum + records, 0)
    assert.equal(await count({ open: false, dataset: 'visit', rule: 'no_id' }), 1)
    assert.equal(await count({ open: false, dataset: 'other' }), 0)
    assert.equal(await count({ open: false, since: '2020-01-01T00:00:00.000Z' }), 3)
    assert.equal(await count({ open: false, until: '2020-01-01T00:00:00.000Z' }), 0)
    const all = await shown(worker)
    const [first, second] = all
    assert.equal(await count({ open: false, record: first }), 1)
    const page = await showRejected(nothingAsked, { limit: 1 }, worker)
    assert.deepEqual(page, { records: [first], next: first?.record })
    const rest = await showRejected(nothingAsked, { limit: 2, after: first }, worker)
    assert.deepEqual(rest, { records: all.slice(1), next: null })
    assert.deepEqual((await showRejected(nothingAsked, { limit: 1, after: first }, worker)).records, [second])
  }))

test('a mended record stands in Silver, the rejected one stays and is marked, and again changes nothing', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const before = await shown(worker)
    const lines = mendedLines(before, ({ rule, value }) =>
      rule === 'not_a_number' ? { ...(value as object), Visits: '2' } : value,
    )
    const dry = await replayMended(visit, lines, { dryRun: true }, worker)
    assert.deepEqual([dry.passed, dry.rejected, dry.taken, dry.unchanged, dry.now], [1, 0, 1, 2, null])
    assert.deepEqual(await shown(worker), before, 'a dry run changes nothing')

    const replay = await replayMended(visit, lines, done, worker)
    assert.deepEqual(
      { ...replay, replay: '' },
      {
        ...{ dataset: 'visit', contract: prints.visit, replay: '', unchanged: 2, taken: 1, earlier: 0 },
        ...{ passed: 1, rejected: 0, examples: [] },
        now: { silver: 1, quarantined: 0, duplicates: 0, superseded: 0 },
      },
    )
    await checkLaw(visit, worker)
    const silver = (await rowsOf('visit', worker)).map((row): unknown[] => JSON.parse(row))
    const mended = silver.find(([id]) => id === 'b')
    assert.deepEqual(mended?.slice(0, 3), ['b', 2019, 2], 'by the layout of its file, the year included')
    assert.ok(JSON.stringify(mended).includes('1970-01-01T00:00:01'), 'at the time of the record it was made from')
    const measures = (await rowsOf('visit_measure', worker)).filter((row) => row.startsWith('["b"'))
    assert.equal(measures.length, 1)

    const after = await shown(worker)
    assert.equal(after.length, 3)
    const marked = after.find(({ rule }) => rule === 'not_a_number')
    assert.deepEqual(
      marked?.replays.map(({ at: _at, ...mark }) => mark),
      [{ replay: replay.replay, contract: prints.visit, as: `visit/${replay.replay}/0/0` }],
    )
    assert.ok(after.every(({ rule, replays }) => (replays.length === 1) === (rule === 'not_a_number')))
    const open = (await listRejected({ open: true }, worker)).map(({ rule }) => rule)
    assert.deepEqual(open.sort(), ['no_id', 'too_many'])

    const told = await tellAll(worker)
    const again = await replayMended(visit, lines, done, await at.worker())
    assert.deepEqual([again.replay, again.taken, again.earlier, again.now?.silver], [null, 0, 1, 1])
    assert.deepEqual(await tellAll(worker), told)
  }))

test('of a file that names more than an earlier one only what is new is landed, and what is rejected again can be mended again', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const records = await shown(worker)
    const withCount = (count: string) => (record: (typeof records)[number]) => ({
      ...(record.value as object),
      ...{ Place: `new-${record.offset}`, Visits: count },
    })
    const first = await replayMended(visit, mendedLines(records.slice(0, 1), withCount('-5')), done, worker)
    assert.deepEqual([first.taken, first.passed, first.rejected, first.examples[0]?.rule], [1, 0, 1, 'too_many'])
    await checkLaw(visit, worker)
    const both = mendedLines(records.slice(0, 2), withCount('-5'))
    const second = await replayMended(visit, both, done, worker)
    assert.deepEqual([second.taken, second.earlier, second.now?.quarantined], [1, 1, 2])
    const rejected = (await shown(worker)).filter(({ topic }) => topic === 'quarantine-replay')
    assert.equal(rejected.length, 2)
    const third = await replayMended(visit, mendedLines(rejected, withCount('5')), done, worker)
    assert.deepEqual([third.taken, third.passed, third.rejected], [2, 2, 0])
    await checkLaw(visit, worker)
    const chain = (await shown(worker)).filter(({ replays }) => replays.length > 0)
    assert.equal(chain.length, 4, 'each rejected record says what was made of it')
  }))

test('a mended record takes the place in time of the one it was made from: what is newer stands', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    const event = (count: unknown) => JSON.stringify({ id: 'p', year: 2020, count })
    await landSent('topic-1', [{ offset: 0, atMs: 1000, key: null, value: event('many') }], worker)
    await landSent('topic-1', [{ offset: 1, atMs: 2000, key: null, value: event(9) }], worker)
    await cleanDataset(visit, worker)
    const [old] = await shown(worker)
    const replay = await replayMended(
      visit,
      mendedLines([old ?? assert.fail()], () => JSON.parse(event(4))),
      done,
      worker,
    )
    assert.deepEqual(replay.now, { silver: 0, quarantined: 0, duplicates: 0, superseded: 1 })
    assert.ok((await rowsOf('visit', worker)).some((row) => row.startsWith('["p",2020,9')))
    await checkLaw(visit, worker)
  }))

test('bytes that are no text, text that is no JSON and JSON as no writer of ours has it go out and come back as they are', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    const values = [
      new Uint8Array([0xff, 0x00, 0x1b]),
      '\u001b[2J{',
      '{"id": "",  "year":1.0}',
      '{"base64":"aGk="}',
      null,
    ]
    await landSent(
      'topic-1',
      values.map((value, offset) => ({ offset, atMs: 1000, key: null, value })),
      worker,
    )
    // Without a name to hide, even what cannot be taken apart is shown.
    const { guest: _guest, ...columns } = visit.columns
    const contract = defineContract({ ...visit, columns })
    await cleanDataset(contract, worker)
    const records = await shown(worker)
    assert.deepEqual(
      records.map(({ value }) => value),
      [{ base64: '/wAb' }, '\u001b[2J{', '{"id": "",  "year":1.0}', '{"base64":"aGk="}', null],
    )
    const same = await replayMended(
      contract,
      mendedLines(records, ({ value }) => value),
      { dryRun: true },
      worker,
    )
    assert.equal(same.unchanged, 5)
    const lines = mendedLines(records.slice(0, 1), () => ({ id: 'q', year: 2020, count: 1 }))
    const replay = await replayMended(contract, lines, done, worker)
    assert.equal(replay.passed, 1)
    await checkLaw(contract, worker)
  }))

test('another contract: what it takes leaves the quarantine with its coordinates, marked, and again changes nothing', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const filter = { open: false, rule: 'too_many' }
    const dry = await replayAsTheyAre(looser, filter, { dryRun: true }, worker)
    assert.deepEqual([dry.passed, dry.rejected, dry.now], [1, 0, null])
    assert.equal((await shown(worker)).length, 3)
    const replay = await replayAsTheyAre(looser, filter, done, worker)
    assert.deepEqual([replay.taken, replay.passed, replay.now?.silver], [1, 1, 1])
    await checkLaw(looser, worker)
    assert.deepEqual((await shown(worker)).map(({ rule }) => rule).sort(), ['no_id', 'not_a_number'])
    assert.ok((await rowsOf('visit', worker)).some((row) => row.startsWith('["d",2019,500')))
    const [mark] = (await rowsOf('replay', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(mark?.slice(3, 7), [0, 0, 'too_many', prints.visit])
    assert.deepEqual(mark?.slice(9), [prints.looser, null, null])
    const told = await tellAll(worker)
    const again = await replayAsTheyAre(looser, filter, done, await at.worker())
    assert.deepEqual([again.taken, again.passed, again.rejected, again.replay], [0, 0, 0, null])
    assert.deepEqual(await tellAll(worker), told)
  }))

test('the same contract judges the same: the records stay where they are, marked once', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const before = await tellAll(worker)
    const replay = await replayAsTheyAre(visit, nothingAsked, done, worker)
    assert.deepEqual([replay.taken, replay.passed, replay.rejected, replay.now?.quarantined], [3, 0, 3, 3])
    const again = await replayAsTheyAre(visit, nothingAsked, done, await at.worker())
    assert.deepEqual([again.taken, again.earlier, again.replay], [0, 3, null])
    const after = await tellAll(worker)
    assert.equal(after.replay?.length, 3)
    assert.deepEqual({ ...after, replay: [] }, { ...before, replay: [] })
    assert.equal((await listRejected({ open: true }, worker)).length, 3, 'nothing has taken their place')
    await checkLaw(visit, worker)
  }))

test('a record that other hands put into quarantine is judged from Bronze and goes back to Silver', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files.slice(0, 1), [visit], worker)
    await cleanDataset(visit, worker)
    const expected = await tellAll(worker)
    const [row] = await shown(worker)
    assert.equal(row?.offset, 1)
    const quarantine = worker.table('silver/quarantine')
    const [file] = (await quarantine.snapshot())?.files ?? []
    const [path = ''] = await worker.scratch.localPaths([`silver/quarantine/${file?.path}`])
    const moved = await worker.engine.writeParquet(
      `SELECT * REPLACE (CAST(0 AS BIGINT) AS "offset") FROM read_parquet('${path}')`,
      worker.scratch.folder,
    )
    const added = await quarantine.writeFile(await worker.scratch.read(moved[0]?.path ?? ''))
    await quarantine.commit({
      operation: 'WRITE',
      blindAppend: true,
      stage: () => ({ add: [added], remove: [], txns: [] }),
    })
    const record = { ...row, offset: 0 }
    const replay = await replayAsTheyAre(visit, { open: false, record }, done, worker)
    assert.deepEqual([replay.passed, replay.now?.silver, replay.now?.quarantined], [1, 1, 0])
    const told = await tellAll(worker)
    assert.deepEqual({ ...told, replay: [] }, { ...expected, replay: [] })
    await checkLaw(visit, worker)
  }))

test('a line that names no rejected record, or a whole file, is refused before anything is landed', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land([...files, textFile('other.csv', 'Place,Guests\na,1\n', 1000)], [visit], worker)
    await cleanDataset(visit, worker)
    const records = await shown(worker)
    const good = records.find(({ stage }) => stage === 'clean') ?? assert.fail()
    const whole = records.find(({ stage }) => stage === 'land') ?? assert.fail()
    const told = await tellAll(worker)
    const silver = `visit/${good.source}/0/2`
    for (const [other, code] of [
      [{ ...good, record: silver }, 'quarantine/not-there'],
      [whole, 'quarantine/whole-file'],
    ] as const) {
      const lines = mendedLines([good, other], () => ({ Place: 'z', Visits: '1' }))
      await assert.rejects(replayMended(visit, lines, done, worker), { code, facts: { line: 2, record: other.record } })
      assert.deepEqual(await tellAll(worker), told)
    }
  }))

test('the quarantine is committed under a transaction of its own, before Silver', () =>
  withBench(async (at) => {
    const worker = await at.worker({ failpoint: dieAt('clean/before-silver') })
    await land(files, [visit], worker)
    await assert.rejects(cleanDataset(visit, worker), /killed/)
    const txn = `clean:visit:${prints.visit}`
    const bronze = (await worker.table('bronze/visit').snapshot())?.version
    assert.equal((await worker.table('silver/quarantine').snapshot())?.txns.get(txn), bronze)
    assert.equal(await worker.table('silver/visit').snapshot(), undefined)
    assert.equal((await shown(worker)).length, 3)
  }))

test('weather while cleaning and while replaying is a fault that may be tried again, and nothing is in quarantine for it', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    const weather = async (): Promise<never> => {
      throw new Fault('store/unreachable', 'The store does not answer.', { mend: 'Wait.', retry: true })
    }
    const stormy = await at.worker({ through: (store) => ({ ...store, create: weather }) })
    await assert.rejects(cleanDataset(visit, stormy), { code: 'store/unreachable', retry: true })
    assert.deepEqual(await shown(worker), [])
    await cleanDataset(visit, worker)
    const rejected = await shown(worker)
    assert.equal(rejected.length, 3)
    const lines = mendedLines(rejected, () => ({ Place: 'z', Visits: '1' }))
    await assert.rejects(replayMended(visit, lines, done, stormy), { code: 'store/unreachable', retry: true })
    await assert.rejects(replayAsTheyAre(visit, nothingAsked, done, stormy), { code: 'store/unreachable', retry: true })
    assert.deepEqual(await shown(worker), rejected)
    await checkLaw(visit, worker)
  }))
