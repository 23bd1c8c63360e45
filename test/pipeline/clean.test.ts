import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silverColumns } from '#compile'
import type { Contract } from '#contract'
import { defineContract } from '#contract'
import { readRows } from '#lake'
import { writeParquet } from '#parquet'
import type { SourceFile } from '#pipeline'
import { cleanDataset, cleanIsStale, datasetCounts } from '#pipeline'
import type { PlatformEvent } from '#port'
import { dieAt, land, logListing, rowsOf, textFile, withBench } from './clean-fixture.ts'
import { files, quiet, tellAll, visit } from './clean-visit-fixture.ts'

test('each record is a row, in quarantine, a duplicate or superseded, and says why', () =>
  withBench(async (at) => {
    const events: PlatformEvent[] = []
    const worker = await at.worker({ events })
    await land(files, [visit], worker)
    assert.equal(await cleanIsStale(visit, worker), true)
    assert.deepEqual(await cleanDataset(visit, worker), { dataset: 'visit', changed: true })
    const silver = (await rowsOf('visit', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(
      silver.map(([id, year, count, share, , , , , missing, warnings]) => [id, year, count, share, missing, warnings]),
      [
        ['a', 2019, 1, 0.5, null, null],
        ['b', 2019, 3, 0.6, null, null],
        ['d', 2019, null, null, '{"share":"N<5","count":"-9"}', null],
        ['e', 2019, 4, 1.5, null, 'large'],
        ['f', 2019, 1, 0.01, null, null],
      ],
    )
    const measures = (await rowsOf('visit_measure', worker)).map((row): unknown[] => JSON.parse(row).slice(0, 8))
    assert.equal(measures.length, 10)
    assert.deepEqual(measures[2], ['b', 2019, 'share', 'school', 'Share', 'rate', 0.6, null])
    assert.deepEqual(measures[4], ['d', 2019, 'share', 'school', 'Share', 'rate', null, 'N<5'])
    assert.deepEqual(measures[7], ['e', 2019, 'trust', 'family', 'Trust', 'percent_positive', null, 'blank'])
    const quarantine = (await rowsOf('quarantine', worker)).map((row): unknown[] => JSON.parse(row))
    assert.deepEqual(
      quarantine.map((row) => row.slice(9, 14)),
      [
        ['clean', 'not_a_number', 'count', 'x', 'count: the value is not a number'],
        ['clean', 'no_id', 'id', '', 'id is required and cannot be had'],
      ],
    )
    for (const row of quarantine) {
      const value: unknown = JSON.parse(Buffer.from(String(row[7]), 'base64').toString())
      assert.deepEqual(
        Object.keys(value as object),
        ['id', 'count', 'share', 'trust'],
        'no person’s name leaves Bronze',
      )
    }
    const { visit: counts } = await datasetCounts([visit], worker)
    assert.deepEqual(counts, {
      ...{ landed: 14, silver: 5, quarantined: 2, duplicates: 4, superseded: 3 },
      sources: {
        'one.csv': { landed: 5, silver: 1, quarantined: 2, duplicates: 1, superseded: 1 },
        'three.csv': { landed: 5, silver: 1, quarantined: 0, duplicates: 2, superseded: 2 },
        'two.csv': { landed: 4, silver: 3, quarantined: 0, duplicates: 1, superseded: 0 },
      },
    })
    const event = events.find(({ kind }) => kind === 'clean/dataset')
    assert.ok(event?.kind === 'clean/dataset' && event.landed === 14 && event.superseded === 3)
  }))

test('nothing new: no commit, and no work in the engine', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const before = await logListing(at.folder)
    const lazy = await at.worker()
    await lazy.engine.close()
    assert.deepEqual(await cleanDataset(visit, lazy), { dataset: 'visit', changed: false })
    assert.equal(await cleanIsStale(visit, lazy), false)
    assert.deepEqual(await logListing(at.folder), before)
  }))

test('the order and the batches in which files come make no difference', async () => {
  const expected = await quiet([files])
  const [a, b, c] = files as [SourceFile, SourceFile, SourceFile]
  const ways = [
    [[a], [b], [c]],
    [[c], [b], [a]],
    [[b], [a], [c]],
    [[b, c], [a]],
    [[a, c], [b]],
    [[c], [a, b]],
  ]
  for (const way of ways)
    assert.deepEqual(await quiet(way), expected, way.map((batch) => batch.map(({ name }) => name)).join(' | '))
})

test('the same records under another name count once, and the name is in the ledger with nothing', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    const [first] = files as [SourceFile]
    await land([first], [visit], worker)
    await cleanDataset(visit, worker)
    await land([{ ...first, name: 'again.csv' }], [visit], worker)
    assert.equal((await cleanDataset(visit, worker)).changed, true)
    const { visit: counts } = await datasetCounts([visit], worker)
    assert.equal(counts?.landed, 5)
    assert.equal(counts?.sources['one.csv']?.landed, 5)
    assert.equal(counts?.sources['again.csv']?.landed, 0)
    assert.equal((await cleanDataset(visit, worker)).changed, false)
  }))

test('a file that cannot be read is one record in quarantine, with why', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land([...files, textFile('noise.csv', '\0\u0001\u0002', 1)], [visit], worker)
    await cleanDataset(visit, worker)
    const unreadable = (await rowsOf('quarantine', worker)).filter((row) => row.includes('unreadable_file'))
    assert.equal(unreadable.length, 1)
    assert.equal(JSON.parse(unreadable[0] ?? '[]')[9], 'land')
  }))

test('a first batch that was interrupted so long ago that the log of Bronze no longer has its end is done with all that came since', async () => {
  const [a, b, c] = files as [SourceFile, SourceFile, SourceFile]
  const expected = await quiet([files])
  await withBench(async (at) => {
    const worker = await at.worker()
    await land([a, c], [visit], worker)
    await assert.rejects(cleanDataset(visit, await at.worker({ failpoint: dieAt('clean/before-silver', 1) })), /killed/)
    await land([b], [visit], worker)
    const bronze = worker.table('bronze/visit')
    const newest = await bronze.checkpoint()
    const aged = await Array.fromAsync(worker.store.list('bronze/visit/_delta_log/'))
    const commits = aged.filter(
      ({ path }) => path.endsWith('.json') && Number.parseInt(path.slice(-25), 10) < (newest ?? 0),
    )
    assert.ok(commits.length > 0)
    for (const { path } of commits) await worker.store.remove(path)
    await cleanDataset(visit, await at.worker())
    assert.deepEqual(await tellAll(await at.worker()), expected)
  })
})

test('two that clean at once end as one', async () => {
  const [a, b, c] = files as [SourceFile, SourceFile, SourceFile]
  const expected = await quiet([files])
  for (let round = 0; round < 3; round += 1)
    await withBench(async (at) => {
      const one = await at.worker()
      const two = await at.worker()
      await land([a], [visit], one)
      await Promise.all([cleanDataset(visit, one), cleanDataset(visit, two)])
      const landing = (async () => {
        await land([b], [visit], await at.worker())
        await land([c], [visit], await at.worker())
      })()
      await Promise.all([landing, cleanDataset(visit, one), cleanDataset(visit, two)])
      await Promise.all([cleanDataset(visit, one), cleanDataset(visit, two)])
      assert.deepEqual(await tellAll(await at.worker()), expected)
    })
})

test('another contract cleans all of Bronze again, quarantine included, and so does going back', () =>
  withBench(async (at) => {
    const other = defineContract({ ...visit, missing: ['N/A'], columns: { ...visit.columns } })
    const before = await quiet([files])
    const after = await quiet([files], other)
    assert.notDeepEqual(before.quarantine, after.quarantine)
    const worker = await at.worker()
    await land(files.slice(0, 2), [visit], worker)
    await cleanDataset(visit, worker)
    await cleanDataset(other, await at.worker({ failpoint: dieAt('clean/after-displaced', 1) })).catch(() => {})
    await land(files, [visit], worker)
    await cleanDataset(other, worker)
    assert.deepEqual(await tellAll(worker), after)
    await cleanDataset(visit, worker)
    assert.deepEqual(await tellAll(worker), before)
    assert.equal((await cleanDataset(visit, worker)).changed, false)
  }))

test('a contract with another column gives the table that column', () =>
  withBench(async (at) => {
    const wider = defineContract({
      ...visit,
      columns: { ...visit.columns, note: { type: 'string', about: 'note', unit: 'text', from: ['note'] } },
    })
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    await cleanDataset(wider, worker)
    const columns = (await worker.table('silver/visit').snapshot())?.columns.map(({ name }) => name)
    assert.ok(columns?.includes('note'))
  }))

test('cleaning in full replaces what other hands changed', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const expected = await tellAll(worker)
    const table = worker.table('silver/visit')
    await table.commit({
      operation: 'DELETE',
      blindAppend: false,
      stage: (newest) => ({ add: [], remove: newest?.files ?? [], txns: [] }),
    })
    assert.deepEqual(await rowsOf('visit', worker), [])
    await cleanDataset(visit, worker, { full: true })
    assert.deepEqual(await tellAll(worker), expected)
  }))

test('rows that other hands removed break the conservation law, by name', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    const [a, b] = files as [SourceFile, SourceFile]
    await land([a], [visit], worker)
    await cleanDataset(visit, worker)
    await worker.table('silver/quarantine').commit({
      operation: 'DELETE',
      blindAppend: false,
      stage: (newest) => ({ add: [], remove: newest?.files ?? [], txns: [] }),
    })
    await land([b], [visit], worker)
    await assert.rejects(cleanDataset(visit, worker), (error) => {
      assert.match(String(error), /visit, one\.csv: 5 records landed/)
      return true
    })
  }))

test('every other dataset’s rows in the shared tables stay', () =>
  withBench(async (at) => {
    const other = defineContract({ ...visit, name: 'visit_b', measureTable: 'visit_b_measure' })
    const worker = await at.worker()
    const [a, b, c] = files as [SourceFile, SourceFile, SourceFile]
    const alone = async (contract: Contract, file: SourceFile) => {
      await land([file], [contract], worker)
      await cleanDataset(contract, worker)
    }
    await alone(visit, a)
    const mine = (await rowsOf('quarantine', worker)).filter((row) => row.startsWith('["visit",'))
    await alone(other, a)
    await alone(other, b)
    await alone(visit, b)
    await alone(other, c)
    await alone(visit, c)
    assert.deepEqual(
      (await rowsOf('quarantine', worker)).filter((row) => row.startsWith('["visit",')),
      mine,
    )
    const counts = await datasetCounts([visit, other], worker)
    assert.deepEqual(counts.visit, counts.visit_b)
  }))

test('a Silver that is partitioned by one of its columns holds what it held before, and a batch replaces rows in their partitions', () =>
  quiet([files.slice(0, 1), files.slice(1)]).then(async (expected) => {
    for (const by of [['id'], ['year'], ['count', 'id'], ['event_ts']]) {
      await withBench(async (own) => {
        const worker = await own.worker()
        const columns = silverColumns(visit)
        await worker.table('silver/visit').commit({
          operation: 'CREATE TABLE',
          blindAppend: true,
          stage: () => ({ columns, partitionColumns: by, add: [], remove: [], txns: [] }),
        })
        await land(files.slice(0, 1), [visit], worker)
        await cleanDataset(visit, worker)
        await land(files.slice(1), [visit], worker)
        await cleanDataset(visit, await own.worker())
        assert.deepEqual(await tellAll(worker), expected, `by ${by.join(' and ')}`)
        const snapshot = await worker.table('silver/visit').snapshot()
        assert.deepEqual(snapshot?.partitionColumns, by)
        assert.ok(snapshot.files.every(({ path }) => path.startsWith(`${by[0]}=`)))
        await cleanDataset(visit, worker, { full: true })
        assert.deepEqual(await tellAll(worker), expected)
      })
    }
  }))

test('a contract that gains a column evolves every table in place: old versions keep their columns, the shared tables theirs', () =>
  withBench(async (at) => {
    const wider = defineContract({
      ...visit,
      columns: { ...visit.columns, note: { type: 'string', about: 'note', unit: 'text', from: ['note'] } },
    })
    const noted = textFile('four.csv', `id,count,share,trust,guest,note\ng,1,50,80,Ann,hello\n`, 4000)
    const worker = await at.worker()
    await land(files, [visit], worker)
    await cleanDataset(visit, worker)
    const table = worker.table('silver/visit')
    const before = await table.snapshot()
    await land([noted], [wider], worker)
    await cleanDataset(wider, worker)
    const after = await table.snapshot()
    assert.ok(before && after)
    assert.equal(after.id, before.id, 'the same table')
    const names = after.columns.map(({ name }) => name)
    assert.deepEqual(
      before.columns.filter(({ name }) => !names.includes(name)),
      [],
    )
    assert.deepEqual((await table.snapshotAt(before.version)).columns, before.columns)
    const rows = await Array.fromAsync(readRows(worker.store, table.root, after, ['id', 'note']))
    const notes = new Map(rows.flat().map(({ id, note }) => [id, note]))
    assert.equal(notes.get('g'), 'hello')
    assert.equal(notes.get('a'), null)
    assert.deepEqual(await tellAll(worker), await quiet([[...files, noted]], wider))
  }))

test('shared tables that lack a column of this version of us gain it with the next batch, and what lies in them is rewritten as it was', () =>
  withBench(async (at) => {
    const worker = await at.worker()
    await land(files.slice(0, 1), [visit], worker)
    await cleanDataset(visit, worker)
    const table = worker.table('silver/displaced')
    const now = await table.snapshot()
    assert.ok(now)
    // As an older version of us would have left it, without one of the columns.
    const rows = (await Array.fromAsync(readRows(worker.store, table.root, now))).flat()
    const fields = now.columns.filter(({ name }) => name !== 'topic')
    const values = fields.map(({ name }) => rows.map((row) => row[name]))
    const older = await table.writeFile(writeParquet(fields, values, rows.length))
    await table.commit({
      operation: 'WRITE',
      blindAppend: false,
      stage: (newest) => ({ columns: fields, add: [older], remove: newest?.files ?? [], txns: [] }),
    })
    await land(files.slice(1), [visit], worker)
    await cleanDataset(visit, worker)
    const again = await table.snapshot()
    assert.ok(again)
    assert.ok(again.columns.some(({ name }) => name === 'topic'))
    const told = (await Array.fromAsync(readRows(worker.store, table.root, again))).flat()
    const expected = await quiet([files.slice(0, 1), files.slice(1)])
    assert.equal(told.length, expected.displaced?.length)
  }))
