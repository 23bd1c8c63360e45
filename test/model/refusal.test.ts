import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { embeddedFeatures, embeddedRunner } from '#model'
import { Fault } from '#port'

const project = 'name: small\nversion: "1.0"\nconfig-version: 2\nprofile: small\n'

/** What a project of these files is answered with when its SQL is made. */
async function faultOf(files: Readonly<Record<string, string>>): Promise<Fault> {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-refusal-'))
  try {
    for (const [path, content] of Object.entries({ 'dbt_project.yml': project, ...files })) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    const runner = embeddedRunner({ report: () => {}, nowMs: () => 0, newId: () => 'id' })
    await runner.compile({ folder, target: 'embedded', vars: {}, env: {} })
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return assert.fail(`nothing was refused: ${JSON.stringify(files)}`)
}

/** A project's files, where the fault stands, and words of its message. */
type Row = readonly [about: string, files: Readonly<Record<string, string>>, place: string, words: string]

const model = (sql: string): Readonly<Record<string, string>> => ({ 'models/a.sql': sql })
const yaml = (text: string): Readonly<Record<string, string>> => ({
  'models/a.sql': 'select 1 as id',
  'models/p.yml': text,
})
const tested = (lines: string): Readonly<Record<string, string>> =>
  yaml(`models:\n  - name: a\n    columns:\n      - name: id\n        data_tests:\n${lines}`)

/** A package as it lies installed. Its second macro asks the database. */
const installed: Readonly<Record<string, string>> = {
  'packages.yml': 'packages:\n  - package: harbour/kit\n',
  'dbt_packages/kit/dbt_project.yml': 'name: kit\n',
  'dbt_packages/kit/macros/k.sql':
    '{% macro one() %}1{% endmacro %}\n{% macro asking() %}\n{% call statement("x") %}select 1{% endcall %}{% endmacro %}\n',
}

const unsupported: readonly Row[] = [
  ['a query while compiling', model('select 1\n{% set x = run_query("select 1") %}'), 'models/a.sql:2', 'run_query'],
  ['a statement block', model('{% call statement("x") %}select 1{% endcall %}'), 'models/a.sql:1', 'call block'],
  [
    'what is refused only when SQL is made',
    model('{% if execute %}{{ run_query("x") }}{% endif %}'),
    'models/a.sql:1',
    'run_query',
  ],
  ['a snapshot block', model('{% snapshot s %}select 1{% endsnapshot %}'), 'models/a.sql:1', 'snapshot'],
  ['a snapshot file', { 'snapshots/s.sql': 'select 1' }, 'snapshots/s.sql:1', 'snapshot'],
  [
    'a custom materialization',
    { 'macros/m.sql': '{% materialization x, default %}{% endmaterialization %}' },
    'macros/m.sql:1',
    'materialization',
  ],
  ['a hook', model("{{ config(post_hook='select 1') }} select 1"), 'models/a.sql:1', 'post_hook'],
  [
    'a hook in the project',
    { 'dbt_project.yml': `${project}models:\n  +pre-hook: select 1\n`, ...model('select 1') },
    'dbt_project.yml:6',
    'pre-hook',
  ],
  ['on-run-start', { 'dbt_project.yml': `${project}on-run-start: select 1\n` }, 'dbt_project.yml:5', 'on-run-start'],
  [
    'a model of a package',
    { ...installed, 'dbt_packages/kit/models/m.sql': 'select 1' },
    'dbt_packages/kit/models/m.sql:1',
    'model of the package kit',
  ],
  [
    'what a macro of a package needs beyond the runner',
    { ...installed, ...model('select 1\n{{ kit.asking() }}') },
    'dbt_packages/kit/macros/k.sql:3',
    'call block',
  ],
  [
    'a project of models beside this one',
    { 'dependencies.yml': 'projects:\n  - name: other\n' },
    'dependencies.yml:1',
    'project',
  ],
  [
    'a test of a package that is not installed',
    tested('          - dbt_utils.not_empty\n'),
    'models/p.yml:5',
    'dbt_utils',
  ],
  ["a package's macro", model('select 1\n,\n{{ dbt_utils.star(ref("a")) }}'), 'models/a.sql:3', 'dbt_utils'],
  ['a Python model', { 'models/p.py': 'def model(dbt, session): pass' }, 'models/p.py:1', 'Python'],
  [
    'an enforced contract',
    yaml('models:\n  - name: a\n    config:\n      contract: {enforced: true}\n'),
    'models/p.yml:4',
    'contract',
  ],
  ['model versions', yaml('models:\n  - name: a\n    versions: [{v: 1}]\n'), 'models/p.yml:3', 'versions'],
  [
    'a strategy',
    model("{{ config(materialized='incremental', incremental_strategy='microbatch') }}select 1"),
    'models/a.sql:1',
    'microbatch',
  ],
  ['a materialization', model("{{ config(materialized='external') }}select 1"), 'models/a.sql:1', 'external'],
  [
    'a schema change policy',
    model("{{ config(on_schema_change='sync_all_columns') }}select 1"),
    'models/a.sql:1',
    'sync_all_columns',
  ],
  [
    'stored failures',
    tested('          - not_null: {config: {store_failures: true}}\n'),
    'models/p.yml:6',
    'store_failures',
  ],
  ['a version in ref', model("select * from {{ ref('a', version=2) }}"), 'models/a.sql:1', 'version'],
  [
    'a look into the database',
    model('select 1\n\n{{ adapter.get_relation("a", "b", "c") }}'),
    'models/a.sql:3',
    'adapter.get_relation',
  ],
  ['the graph', model('{{ graph.nodes }}'), 'models/a.sql:1', 'graph'],
  ['Python modules', model('{{ modules.datetime.date.today() }}'), 'models/a.sql:1', 'modules'],
  ['formatting with %', model("{{ '%s' % 1 }}"), 'models/a.sql:1', "'%'"],
  ['a chain of comparisons', model('{% if 1 < 2 < 3 %}select 1{% endif %}'), 'models/a.sql:1', 'comparisons'],
  [
    'a macro of dbt that asks the database',
    model('{{ dbt.date_spine("day", "a", "b") }}'),
    'models/a.sql:1',
    'dbt.date_spine',
  ],
  ['a project that replaces ref', { 'macros/m.sql': '{% macro ref(x) %}{% endmacro %}' }, 'macros/m.sql:1', 'ref'],
]

const mistaken: readonly Row[] = [
  [
    'a package that is not installed',
    { 'packages.yml': 'packages:\n  - package: dbt-labs/dbt_utils\n' },
    'packages.yml:2',
    'dbt deps',
  ],
  ['an unknown macro of a package', { ...installed, ...model('{{ kit.onne() }}') }, 'models/a.sql:1', 'kit.one'],
  [
    'an unknown model',
    { ...model('select 1'), 'models/b.sql': "select 1\nfrom {{ ref('aa') }}" },
    'models/b.sql:2',
    'aa',
  ],
  ['an unknown source', model("\n\nselect * from {{ source('silver', 'svi') }}"), 'models/a.sql:3', 'silver.svi'],
  ['an unknown macro', model('select {{ no_such_macro(1) }}'), 'models/a.sql:1', 'no_such_macro'],
  ['an unknown test', tested('          - not_nul\n'), 'models/p.yml:5', 'not_nul'],
  [
    'an unknown argument of a test',
    tested('          - not_null: {arguments: {to: x}}\n'),
    'models/p.yml:6',
    'argument to',
  ],
  [
    'two models of one name',
    { 'models/a.sql': 'select 1', 'models/x/a.sql': 'select 1' },
    'models/x/a.sql:1',
    'models/a.sql:1',
  ],
  [
    'two models of one relation',
    { 'models/a.sql': 'select 1', 'models/b.sql': "{{ config(alias='a') }}select 1" },
    'models/b.sql:1',
    '"a"',
  ],
  ['two equal tests', tested('          - unique\n          - unique\n'), 'models/p.yml:5', 'unique_a_id'],
  ['text that is no YAML', yaml('models:\n  - name: a\n   columns: []\n'), 'models/p.yml:3', 'YAML'],
  ['an unknown property', yaml('models:\n  - name: a\n    descripton: x\n'), 'models/p.yml:3', 'descripton'],
  ['properties of no model', yaml('models:\n  - name: aaa\n'), 'models/p.yml:2', 'aaa'],
  ['an unknown config', model("{{ config(materialised='table') }}select 1"), 'models/a.sql:1', 'materialised'],
  [
    'an unknown config of the project',
    { 'dbt_project.yml': `${project}models:\n  small:\n    +shema: x\n`, ...model('select 1') },
    'dbt_project.yml:7',
    'shema',
  ],
  ['a var without a value', model("select {{ var('year') }}"), 'models/a.sql:1', 'year'],
  ['an environment variable without a value', model("select {{ env_var('YEAR') }}"), 'models/a.sql:1', 'YEAR'],
  ['a tag left open', model('select 1\n{% if true %}\nwhere true'), 'models/a.sql:2', '{% if %}'],
  ['a mark left open', model('select 1,\n{{ 1'), 'models/a.sql:2', '{{'],
  ['a name that nobody defined', model('select {{ yeer }}'), 'models/a.sql:1', 'yeer'],
  ['a macro in a model', model('{% macro m() %}{% endmacro %}select 1'), 'models/a.sql:1', 'macro m'],
  [
    'an error the project raises',
    model("{{ exceptions.raise_compiler_error('wrong year') }}"),
    'models/a.sql:1',
    'wrong year',
  ],
  [
    'a ref that is found only when SQL is made',
    { ...model('select 1'), 'models/b.sql': "{% if execute %}{{ ref('a') }}{% endif %}" },
    'models/b.sql:1',
    'depends_on',
  ],
]

for (const [about, files, place, words] of unsupported) {
  test(`${about} is refused by name and place`, async () => {
    const fault = await faultOf(files)
    assert.equal(fault.code, 'model/unsupported', fault.message)
    assert.equal(fault.message.startsWith(`${place}: `), true, `${fault.message} (wanted ${place})`)
    assert.ok(fault.message.includes(words), fault.message)
    assert.match(fault.mend, /dbt itself/)
    assert.equal(`${fault.facts.file}:${fault.facts.line}`, place)
  })
}

for (const [about, files, place, words] of mistaken) {
  test(`${about} is told with its place`, async () => {
    const fault = await faultOf(files)
    assert.equal(fault.code, 'model/project', fault.message)
    assert.equal(fault.message.startsWith(`${place}: `), true, `${fault.message} (wanted ${place})`)
    assert.ok(`${fault.message} ${fault.mend}`.includes(words), fault.message)
  })
}

test('a slip in a name is answered with the nearest name', async () => {
  assert.match(
    (await faultOf({ 'models/borough.sql': 'select 1', 'models/b.sql': "{{ ref('borugh') }}" })).mend,
    /Did you mean borough\?/,
  )
  assert.match((await faultOf(tested('          - not_nul\n'))).mend, /Did you mean not_null\?/)
})

test('models that need one another in a circle are named in order', async () => {
  const fault = await faultOf({
    'models/a.sql': "select * from {{ ref('c') }}",
    'models/b.sql': "select * from {{ ref('a') }}",
    'models/c.sql': "select * from {{ ref('b') }}",
  })
  assert.equal(fault.code, 'model/cycle')
  assert.match(fault.message, /a → c → b → a/)
})

test('what is supported and what is refused never overlap', () => {
  const { filters, tests, modelConfig, testConfig, refused } = embeddedFeatures
  for (const name of filters) assert.ok(!refused.filters.has(name), name)
  for (const name of tests) assert.ok(!refused.tests.has(name), name)
  for (const name of [...modelConfig, ...testConfig]) assert.ok(!refused.config.has(name), name)
})
