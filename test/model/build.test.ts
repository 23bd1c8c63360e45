import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { duckdbEngine } from '#engine'
import { embeddedRunner } from '#model'
import type { BuildRequest, PlatformEvent, SqlEngine } from '#port'

interface Bench {
  readonly folder: string
  readonly engine: SqlEngine
  readonly events: readonly PlatformEvent[]
  readonly runner: ReturnType<typeof embeddedRunner>
  readonly request: (more?: Partial<BuildRequest>) => BuildRequest
}

async function withProject(
  files: Readonly<Record<string, string>>,
  work: (bench: Bench) => Promise<void>,
  threads = 1,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-build-'))
  const all = { 'dbt_project.yml': 'name: small\nprofile: small\nmodels:\n  +materialized: table\n', ...files }
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const engine = await duckdbEngine({ memoryMb: 256, threads: 1, spillFolder: join(folder, 'spill') })
  const events: PlatformEvent[] = []
  const runner = embeddedRunner({
    report: (event) => events.push(event),
    nowMs: Date.now,
    newId: () => 'run-1',
    threads,
  })
  const request = (more: Partial<BuildRequest> = {}): BuildRequest => ({
    folder,
    target: 'embedded',
    vars: {},
    env: {},
    fullRefresh: false,
    targetFolder: join(folder, 'target'),
    ...more,
  })
  try {
    await work({ folder, engine, events, runner, request })
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const chain = {
  'models/a.sql': 'select 1 as id',
  'models/b.sql': "select * from {{ ref('a') }}",
  'models/c.sql': 'select 3 as id',
  'models/p.yml':
    'models:\n  - name: a\n    columns:\n      - {name: id, data_tests: [unique]}\n  - name: c\n    columns:\n      - {name: id, data_tests: [unique]}\n',
}

test('a named model is built with what it stands on and its tests, and nothing else', () =>
  withProject(chain, async ({ engine, runner, request }) => {
    const { nodes, tables } = await runner.build(request({ select: ['b'] }), engine)
    assert.deepEqual(
      nodes.map((node) => node.name),
      ['a', 'unique_a_id', 'b'],
    )
    assert.deepEqual(
      tables.map(({ relation, columns }) => [relation, columns.map((column) => column.name)]),
      [
        ['main.a', ['id']],
        ['main.b', ['id']],
      ],
    )
  }))

test('however many nodes are built at once, what stands on a slow test that fails is not built, what does not is, and results come in build order', async () => {
  const project = {
    ...chain,
    'models/d.sql': "select count(*) as n from {{ ref('c') }}",
    'tests/slow.sql': "select sum(range) as s from range(30000000) where (select count(*) from {{ ref('a') }}) = 1",
  }
  const outcomes = async (threads: number) => {
    let found: unknown
    await withProject(
      project,
      async ({ engine, runner, request, events }) => {
        const { nodes, tables } = await runner.build(request(), engine)
        const ended = events.flatMap((event) => (event.kind === 'model/node' ? event.id.split('.')[2] : []))
        if (threads > 1)
          assert.ok(ended.indexOf('d') < ended.indexOf('slow'), 'the slow test held up what does not stand on it')
        found = { nodes: nodes.map(({ name, status }) => [name, status]), tables: tables.map(({ name }) => name) }
      },
      threads,
    )
    return found
  }
  const one = await outcomes(1)
  assert.deepEqual(one, {
    nodes: [
      ['a', 'success'],
      ['slow', 'fail'],
      ['unique_a_id', 'pass'],
      ['b', 'skipped'],
      ['c', 'success'],
      ['unique_c_id', 'pass'],
      ['d', 'success'],
    ],
    tables: ['a', 'c', 'd'],
  })
  assert.deepEqual(await outcomes(3), one)
})

test('each node is reported as it ends, and each test comes right after what it tests', () =>
  withProject(chain, async ({ engine, runner, request, events }) => {
    await runner.build(request(), engine)
    const seen = events.flatMap((event) =>
      event.kind === 'model/node' ? [`${event.id.split('.')[2]} ${event.status}`] : [],
    )
    assert.deepEqual(seen, ['a success', 'unique_a_id pass', 'b success', 'c success', 'unique_c_id pass'])
  }))

test('tests alone are run against what stands', () =>
  withProject(chain, async ({ engine, runner, request }) => {
    await engine.run('create table a as select * from (values (1), (1)) t(id); create table c as select 3 as id')
    const { nodes, tests, ok } = await runner.test(request(), engine)
    assert.deepEqual(
      nodes.map((node) => [node.name, node.status]),
      [
        ['unique_a_id', 'fail'],
        ['unique_c_id', 'pass'],
      ],
    )
    assert.deepEqual({ tests, ok }, { tests: { passed: 1, failed: 1, warned: 0 }, ok: false })
  }))

test('tests that are run together have each its own verdict, and one that cannot run spoils no other', () =>
  withProject(
    {
      'models/a.sql': 'select * from (values (1, 1), (1, 2), (null, 3)) t(id, n)',
      'models/p.yml':
        'models: [{name: a, columns: [{name: id, data_tests: [not_null, unique]}, {name: n, data_tests: [unique]}]}]',
      'tests/lenient.sql': "{{ config(severity='warn') }}select * from {{ ref('a') }} where n > 1",
      'tests/limited.sql': "{{ config(limit=1) }}select * from {{ ref('a') }} -- all of them",
      'tests/reckoned.sql': "{{ config(fail_calc='sum(n)', error_if='> 6') }}select n from {{ ref('a') }}",
    },
    async ({ folder, engine, runner, request }) => {
      const verdicts = async () => {
        const { nodes } = await runner.build(request(), engine)
        return Object.fromEntries(
          nodes.flatMap(({ kind, name, status, failures }) => (kind === 'test' ? [[name, [status, failures]]] : [])),
        )
      }
      const expected = {
        lenient: ['warn', 2],
        limited: ['fail', 1],
        not_null_a_id: ['fail', 1],
        // More than no row is worth a warning, whatever it is an error from.
        reckoned: ['warn', 6],
        unique_a_id: ['fail', 1],
        unique_a_n: ['pass', 0],
      }
      assert.deepEqual(await verdicts(), expected)
      writeFileSync(join(folder, 'tests/broken.sql'), "select nothing_such from {{ ref('a') }}")
      assert.deepEqual(await verdicts(), { ...expected, broken: ['error', null] })
    },
  ))

test('a model that fails is a result with the words of the engine and where its SQL lies', () =>
  withProject({ 'models/a.sql': 'select nothing_such from nowhere' }, async ({ folder, engine, runner, request }) => {
    const { nodes, ok } = await runner.build(request(), engine)
    const [node] = nodes
    assert.equal(ok, false)
    assert.equal(node?.status, 'error')
    assert.match(node?.message ?? '', /nowhere.*models\/a\.sql, as compiled\/small\/models\/a\.sql/s)
    assert.ok(existsSync(join(folder, 'target/compiled/small/models/a.sql')))
  }))

test('what is refused when SQL is made is refused before anything is touched', () =>
  withProject(
    { 'models/a.sql': 'select 1 as id', 'models/b.sql': "{% if execute %}{{ run_query('x') }}{% endif %}" },
    async ({ engine, runner, request }) => {
      await assert.rejects(runner.build(request(), engine), { code: 'model/unsupported' })
      const { rows } = await engine.query('select count(*) from information_schema.tables')
      assert.deepEqual(rows, [[0]])
    },
  ))

test('an incremental model goes on from published rows that stand as a view', () =>
  withProject(
    {
      'models/grown.sql':
        "{{ config(materialized='incremental', unique_key='id') }}select 2 as id, {{ is_incremental() }} as late",
    },
    async ({ engine, runner, request }) => {
      await engine.run('create view grown as select 1 as id, false as late')
      await runner.build(request(), engine)
      assert.deepEqual((await engine.query('select * from grown order by id')).rows, [
        [1, false],
        [2, true],
      ])
      await runner.build(request({ fullRefresh: true }), engine)
      assert.deepEqual((await engine.query('select * from grown')).rows, [[2, false]])
    },
  ))

test('a table may become a view and a view a table', () =>
  withProject(
    { 'models/a.sql': "{{ config(materialized=var('kind')) }}select 1 as id" },
    async ({ engine, runner, request }) => {
      for (const kind of ['table', 'view', 'table']) {
        const { ok } = await runner.build(request({ vars: { kind } }), engine)
        assert.equal(ok, true)
        const { rows } = await engine.query('select table_type from information_schema.tables')
        assert.deepEqual(rows, [[kind === 'view' ? 'VIEW' : 'BASE TABLE']])
      }
    },
  ))

test('a failed increment leaves the rows that stood', () =>
  withProject(
    {
      'models/a.sql':
        "{{ config(materialized='incremental', unique_key='id') }}select 1 as id{% if is_incremental() %}, 'x' as other{% endif %}",
      'models/b.sql':
        "{{ config(materialized='incremental', unique_key='id') }}select 1 as id, {{ 'error(1)' if is_incremental() else 1 }} as n",
    },
    async ({ engine, runner, request }) => {
      await runner.build(request(), engine)
      const { nodes } = await runner.build(request(), engine)
      assert.deepEqual(
        nodes.map((node) => node.status),
        ['success', 'error'],
      )
      assert.deepEqual((await engine.query('select * from b')).rows, [[1, 1]])
    },
  ))

test('ephemeral models go into the common table expressions of what reads them, each once', () =>
  withProject(
    {
      'models/one.sql': "{{ config(materialized='ephemeral') }}select 1 as id",
      'models/two.sql': "{{ config(materialized='ephemeral') }}select id + 1 as id from {{ ref('one') }}",
      'models/all.sql':
        "/* note */ with recursive n as (select 1 as id union all select id + 1 from n where id < 3) select n.id from n, {{ ref('two') }} as t, {{ ref('one') }} as o where n.id = t.id",
    },
    async ({ engine, runner, request }) => {
      const { ok, tables } = await runner.build(request(), engine)
      assert.equal(ok, true)
      assert.deepEqual(
        tables.map((table) => table.name),
        ['all'],
      )
      assert.deepEqual((await engine.query('select * from "all"')).rows, [[2]])
    },
  ))

test('the artifacts have the shape of those of dbt', () =>
  withProject(chain, async ({ folder, engine, runner, request }) => {
    await runner.build(request(), engine)
    const read = (name: string) => JSON.parse(readFileSync(join(folder, 'target', name), 'utf8'))
    const manifest = read('manifest.json')
    assert.match(manifest.metadata.dbt_schema_version, /manifest\/v12\.json$/)
    assert.deepEqual(manifest.parent_map['model.small.b'], ['model.small.a'])
    assert.equal(manifest.child_map['model.small.a'].includes('model.small.b'), true)
    assert.equal(manifest.nodes['model.small.b'].compiled_code, 'select * from "main"."a"')
    const results = read('run_results.json')
    assert.match(results.metadata.dbt_schema_version, /run-results\/v6\.json$/)
    const [first] = results.results
    const required = [
      'status',
      'timing',
      'thread_id',
      'execution_time',
      'adapter_response',
      'message',
      'failures',
      'unique_id',
    ]
    for (const key of [...required, 'compiled', 'compiled_code', 'relation_name']) assert.ok(key in first, key)
  }))
