import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { wideColumns } from '#compile'
import { checkTables, datasets, loadDatasets } from '#datasets'
import { cleanDataset, datasetCounts } from '#pipeline'
import { bench, folderOf, land } from '../pipeline/clean-fixture.ts'

const root = join(import.meta.dirname, '../..')
const shared = join(process.env.FAIRLEAD_SHARED ?? join(root, '../shared'), 'data')
const skip = existsSync(shared) ? false : 'the published files are not here: the counts of real data are not checked'

test('every file of the folder is a dataset, and says whose it is', async () => {
  const files = (await readdir(join(root, 'datasets'))).filter((file) => /^(?!index|.*generated).*\.ts$/.test(file))
  assert.equal(datasets.length, files.length)
  for (const { name, publisher, licence, attribution, url } of datasets) {
    assert.ok(files.includes(`${name}.ts`), name)
    assert.ok(publisher && licence && attribution && url.startsWith('https://'), name)
  }
})

test('a dataset in a folder of one’s own needs nothing of the checkout', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'datasets-'))
  try {
    await writeFile(
      join(folder, 'visit.mjs'),
      `export default ({ number, source }) => ({
        name: 'visit', title: 'Visits', about: 'Who came.', grain: 'one visit', publisher: 'us', licence: 'MIT', attribution: 'us', url: 'https://example.org',
        files: ['*.csv'], encodings: ['utf-8'], missing: [], rules: [], key: ['id'],
        layouts: [{ name: 'plain', about: 'plain', format: 'csv', requires: ['id'] }],
        columns: {
          id: { type: 'string', about: 'id', unit: 'code', from: ['id'] },
          n: { type: 'double', about: 'n', unit: 'visits', value: number(source('n')) },
        },
      })`,
    )
    assert.deepEqual(
      (await loadDatasets(folder)).map(({ name }) => name),
      ['visit'],
    )
    await writeFile(join(folder, 'broken.mjs'), 'export default {')
    await assert.rejects(loadDatasets(folder), { code: 'contract/file' })
    await writeFile(join(folder, 'broken.mjs'), 'export const x = 1')
    await assert.rejects(loadDatasets(folder), { code: 'contract/file' })
  } finally {
    await rm(folder, { recursive: true })
  }
  await assert.rejects(loadDatasets(folder), { code: 'contract/folder' })
})

test('two datasets do not write one table, nor one of the platform’s', () => {
  const [first] = datasets
  assert.ok(first)
  assert.throws(() => checkTables([first, first]), { code: 'contract/table' })
  assert.throws(() => checkTables([{ ...first, name: 'ledger' }]), { code: 'contract/table' })
})

test('the published files come out as they were counted', { skip }, async () => {
  const at = await bench()
  try {
    const worker = await at.worker()
    await land(await folderOf(shared), datasets, worker)
    for (const contract of datasets) await cleanDataset(contract, worker)
    const counts = await datasetCounts(datasets, worker)
    const of = (dataset: string, landed: number, silver: number, quarantined: number, duplicates: number): void => {
      const { sources: _, ...totals } = counts[dataset] ?? { sources: {} }
      assert.deepEqual(totals, { landed, silver, quarantined, duplicates, superseded: 0 }, dataset)
    }
    of('school_survey', 1829 + 2868, 1829 + 1816, 1052, 0)
    of('svi', 4906 + 5394, 4906 + 5394, 0, 0)
    of('school_location', 1823 + 1941, 1823 + 1881, 0, 60)
    of('demographics', 8973, 8973, 0, 0)
    of('boundary', 33 + 2327 + 2167 + 5, 33 + 2327 + 2167 + 5, 0, 0)

    const byFile = datasets.filter(({ stream }) => stream === undefined)
    for (const table of [...byFile.map(({ name }) => name), 'survey_measure', 'quarantine']) {
      const snapshot = await worker.table(`silver/${table}`).snapshot()
      assert.ok(snapshot, table)
      const files = await worker.scratch.localPaths(snapshot.files.map(({ path }) => `silver/${table}/${path}`))
      await worker.engine.attach({ name: `silver.${table}`, columns: snapshot.columns, files })
    }
    const ask = async (sql: string) => (await worker.engine.query(sql)).rows
    const nulls = ['rpl_themes', ...[1, 2, 3, 4].map((theme) => `rpl_theme${theme}`)].map(
      (column) => `count(*) - count(${column})`,
    )
    assert.deepEqual(
      await ask(
        `SELECT svi_year, ${nulls.join(', ')}, count(tract_2010), count(tract_2020) FROM silver.svi GROUP BY 1 ORDER BY 1`,
      ),
      [
        [2018, 85, 79, 63, 55, 79, 4906, 0],
        [2022, 132, 132, 131, 90, 131, 0, 5394],
      ],
    )
    const svi = datasets.find(({ name }) => name === 'svi')
    assert.ok(svi)
    const numbers = wideColumns(svi).flatMap(([name, { type }]) =>
      type === 'double' || type === 'integer' ? [name] : [],
    )
    assert.deepEqual(
      await ask(`SELECT count(*) FROM silver.svi WHERE ${numbers.map((name) => `${name} = -999`).join(' OR ')}`),
      [[0]],
    )
    // Every column that was published has a value somewhere, or stands in the other edition.
    assert.deepEqual(await ask(`SELECT ${numbers.map((name) => `count(${name}) > 0`).join(' AND ')} FROM silver.svi`), [
      [true],
    ])
    assert.equal(wideColumns(svi).length, 4 + 157 + 12)

    assert.deepEqual(
      await ask(
        'SELECT count(student_response_rate), count(trust_score), count(supportive_environment_score), round(sum(parent_response_rate), 2), count(*) FILTER (parent_response_rate = 0) FROM silver.school_survey WHERE school_year = 2019',
      ),
      [[1109, 1757, 0, 1006.94, 2]],
    )
    assert.deepEqual(await ask('SELECT DISTINCT rule, "column" FROM silver.quarantine'), [['not_a_school', 'dbn']])
    assert.deepEqual(
      await ask('SELECT count(DISTINCT measure), count(*) FROM silver.survey_measure WHERE school_year = 2025'),
      [[64, 64 * 1816]],
    )
    assert.deepEqual(
      await ask('SELECT count(DISTINCT measure), count(*) FROM silver.survey_measure WHERE school_year = 2019'),
      [[9, 9 * 1829]],
    )

    const marbleHill = "('X213', 'X284', 'X397', 'X477', 'X546', 'X460', 'X539', 'X553')"
    assert.deepEqual(
      await ask(`SELECT DISTINCT tract_2010, borough FROM silver.school_location WHERE location_code IN ${marbleHill}`),
      [['36061030900', 'X']],
    )
    assert.deepEqual(
      await ask(
        "SELECT location_code, tract_2010 FROM silver.school_location WHERE fiscal_year = 2018 AND warnings LIKE '%scaled%' ORDER BY 1",
      ),
      await ask(
        "SELECT location_code, tract_2010 FROM silver.school_location WHERE fiscal_year = 2018 AND dbn IN ('84K895', '84M358', '84X492', '84X588') ORDER BY 1",
      ),
    )
    assert.deepEqual(await ask("SELECT latitude, longitude FROM silver.school_location WHERE dbn = '84X497'"), [
      [null, null],
    ])
  } finally {
    await at.end()
  }
})

test('the open data portal’s rows.json gives the rows that the CSV gives', async () => {
  const survey = datasets.filter(({ name }) => name === 'school_survey')
  const titles = [
    'DBN',
    'School Name',
    'Total Parent Response Rate %',
    'Total Teacher Response Rate %',
    'Total Student Response Rate %',
    'Trust Score',
  ]
  const at = await bench()
  try {
    const worker = await at.worker()
    const meta = [':sid', ':id', ':position', ':created_at', ':created_meta', ':updated_at', ':updated_meta', ':meta']
    const columns = [
      ...meta.map((fieldName) => ({ id: -1, name: fieldName.slice(1), dataTypeName: 'meta_data', fieldName })),
      ...titles.map((name, index) => ({
        id: index + 1,
        name,
        dataTypeName: index < 2 ? 'text' : 'number',
        fieldName: name
          .toLowerCase()
          .replace(/[^a-z]+/g, '_')
          .replace(/_$/, ''),
      })),
    ]
    const data = [['row-1', '00', 0, 1, null, 1, null, '{ }', '01M015', 'P.S. 015', '91', '100', null, '3.96']]
    const text = JSON.stringify({
      meta: { view: { id: '5x8i-3c5b', name: 'survey', rowsUpdatedAt: 1_570_000_000, columns } },
      data,
    })
    await land(
      [
        {
          name: 'rows.json',
          sizeBytes: text.length,
          modifiedMs: 1,
          async *open() {
            yield new TextEncoder().encode(text)
          },
        },
      ],
      survey,
      worker,
    )
    for (const contract of survey) await cleanDataset(contract, worker)
    const snapshot = await worker.table('silver/school_survey').snapshot()
    assert.ok(snapshot)
    const files = await worker.scratch.localPaths(snapshot.files.map(({ path }) => `silver/school_survey/${path}`))
    await worker.engine.attach({ name: 'silver.school_survey', columns: snapshot.columns, files })
    assert.deepEqual(
      (
        await worker.engine.query(
          'SELECT dbn, school_year, school_name, parent_response_rate, teacher_response_rate, student_response_rate, trust_score FROM silver.school_survey',
        )
      ).rows,
      [['01M015', 2019, 'P.S. 015', 0.91, 1, null, 3.96]],
    )
  } finally {
    await at.end()
  }
})
