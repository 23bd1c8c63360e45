import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { duckdbEngine } from '#engine'
import { embeddedRunner } from '#model'
import type { BuildResult, SqlEngine } from '#port'
import { Fault } from '#port'

const projectFile =
  'name: bad\nversion: "1"\nconfig-version: 2\nprofile: bad\nmodels:\n  bad:\n    +materialized: table\n'

async function building(
  files: Readonly<Record<string, string>>,
  work: (build: () => Promise<BuildResult>, engine: SqlEngine) => Promise<void>,
): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'fairlead-bad-'))
  const engine = await duckdbEngine({ memoryMb: 256, threads: 1, spillFolder: join(scratch, 'spill') })
  try {
    for (const [path, text] of Object.entries({ 'dbt_project.yml': projectFile, ...files })) {
      mkdirSync(dirname(join(scratch, path)), { recursive: true })
      writeFileSync(join(scratch, path), text)
    }
    const runner = embeddedRunner({ report: () => {}, nowMs: Date.now, newId: () => crypto.randomUUID() })
    const request = {
      folder: scratch,
      target: 'x',
      vars: {},
      env: {},
      fullRefresh: false,
      targetFolder: join(scratch, 'made'),
    }
    await work(() => runner.build(request, engine), engine)
  } finally {
    await engine.close()
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** A project that is wrong is refused where it is wrong, with what mends it, and nothing of it is built. */
const refused: readonly (readonly [string, Readonly<Record<string, string>>, string, string, number])[] = [
  [
    'a circle of references',
    { 'models/a.sql': "\nselect 1 from {{ ref('b') }}", 'models/b.sql': "select 1 from {{ ref('a') }}" },
    'model/cycle',
    'models/a.sql',
    2,
  ],
  ['an unknown macro', { 'models/a.sql': 'select 1,\n\n{{ pennies(2) }}' }, 'model/project', 'models/a.sql', 3],
  [
    'a missing source',
    { 'models/a.sql': "select 1\nfrom {{ source('silver', 'gone') }}" },
    'model/project',
    'models/a.sql',
    2,
  ],
  [
    'invalid YAML',
    { 'models/a.sql': 'select 1', 'models/a.yml': 'version: 2\nmodels:\n  - name: a\n   columns: [\n' },
    'model/project',
    'models/a.yml',
    4,
  ],
  [
    'a unit test of no model',
    { 'models/a.sql': 'select 1', 'models/a.yml': 'unit_tests:\n  - name: u\n    model: b\n' },
    'model/project',
    'models/a.yml',
    3,
  ],
]

const unitTest = (lines: string) => ({
  'models/a.sql': 'select 1 as n',
  'models/a.yml': `unit_tests:\n  - name: u\n    description: d\n${lines}`,
})

/** A unit test that leaves something out says what, rather than what is made of nothing. */
const incomplete: readonly (readonly [string, string, number, string])[] = [
  ['model', '    given: []\n    expect: {rows: []}\n', 2, 'The unit test u has no model.'],
  ['model', '    model:\n    given: []\n    expect: {rows: []}\n', 4, 'The unit test u has no model.'],
  ['expect', '    model: a\n    given: []\n', 2, 'The unit test u has no expect.'],
  [
    'input',
    '    model: a\n    given:\n      - rows: []\n    expect: {rows: []}\n',
    6,
    'What is given does not say of which input.',
  ],
]

for (const [key, lines, line, message] of incomplete) {
  test(`a unit test without ${key}, at line ${line}, is told with what is missing`, () =>
    building(unitTest(lines), async (build) => {
      await assert.rejects(build(), (error: unknown) => {
        assert.ok(error instanceof Fault)
        assert.deepEqual([error.code, error.facts.file, error.facts.line], ['model/project', 'models/a.yml', line])
        assert.ok(error.message.includes(message), error.message)
        assert.match(error.mend, new RegExp(`${key}:`))
        return true
      })
    }))
}

for (const [what, files, code, file, line] of refused) {
  test(`${what} is told with its file and line, and nothing is built`, () =>
    building({ 'models/fine.sql': 'select 1 as n', ...files }, async (build, engine) => {
      await assert.rejects(build(), (error: unknown) => {
        assert.ok(error instanceof Fault)
        assert.deepEqual([error.code, error.facts.file, error.facts.line], [code, file, line], error.message)
        assert.ok(error.mend.length > 10)
        return true
      })
      assert.deepEqual((await engine.query('from duckdb_tables()')).rows, [])
    }))
}

test('a seed with wrong types is told with its file and line, and what reads it is not built', () =>
  building(
    {
      'seeds/counts.csv': 'dbn,n\n01M001,5\n02M002,many\n',
      'seeds/counts.yml': 'seeds:\n  - name: counts\n    config: {column_types: {n: integer}}\n',
      'models/a.sql': "select * from {{ ref('counts') }}",
    },
    async (build, engine) => {
      const { ok, nodes, tables } = await build()
      assert.equal(ok, false)
      assert.deepEqual(
        nodes.map(({ name, status }) => [name, status]),
        [
          ['counts', 'error'],
          ['a', 'skipped'],
        ],
      )
      assert.match(nodes[0]?.message ?? '', /seeds\/counts\.csv:3: .*many/)
      assert.deepEqual(tables, [])
      assert.deepEqual((await engine.query('from duckdb_tables()')).rows, [])
    },
  ))

const counted = {
  'models/counted.sql':
    "{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge') }}\nselect id, n from {{ ref('given') }}{% if is_incremental() %} where n > 0{% endif %}",
  'models/given.sql': 'select 1 as id, 1 as n',
}

const unit = (expected: number) => `unit_tests:
  - name: newer_rows_overwrite
    model: counted
    config: {meta: {expect: merged}}
    overrides: {macros: {is_incremental: true}}
    given:
      - input: ref('given')
        rows: [{id: 2, n: 20}, {id: 3, n: 30}, {id: 4, n: 0}]
      - input: this
        rows: [{id: 1, n: 1}, {id: 2, n: 2}]
    expect:
      rows: [{id: 3, n: 30}, {id: 1, n: 1}, {id: 2, n: ${expected}}]
`

test('a unit test sees the whole table that an incremental merge leaves, and nothing of it stays', () =>
  building({ ...counted, 'models/u.yml': unit(20) }, async (build, engine) => {
    const { ok, nodes } = await build()
    assert.ok(ok, JSON.stringify(nodes))
    assert.deepEqual((await engine.query('select * from main.counted')).rows, [[1, 1]])
    assert.deepEqual((await engine.query('select table_name from duckdb_tables() order by 1')).rows, [
      ['counted'],
      ['given'],
    ])
  }))

test('a unit test that fails says which rows differ, and its model is not built', () =>
  building({ ...counted, 'models/u.yml': unit(2) }, async (build) => {
    const { ok, nodes } = await build()
    assert.equal(ok, false)
    const found = nodes.find(({ id }) => id.startsWith('unit_test.'))
    assert.equal(found?.status, 'fail')
    assert.match(found?.message ?? '', /expected id=2, n=2; made id=2, n=20/)
    assert.equal(nodes.find(({ name }) => name === 'counted')?.status, 'skipped')
  }))
