import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { ModelProject } from '#port'
import { loadProject } from '../../src/model/load.ts'
import { projectReader } from '../../src/model/load-once.ts'
import { selectNodes } from '../../src/model/select.ts'

const files: Readonly<Record<string, string>> = {
  'dbt_project.yml':
    'name: small\nprofile: small\nmodels:\n  small:\n    live:\n      +tags: [live]\n    +materialized: table\n',
  'models/base.sql': 'select 1 as id',
  'models/batch.sql': "select * from {{ ref('base') }}",
  'models/live/now.sql':
    "select moving.id from {{ source('silver', 'moving') }} as moving cross join {{ ref('base') }}",
  'models/tagged.sql': "{{ config(tags=['nightly']) }} select 2 as id",
  'models/p.yml': `
sources:
  - name: silver
    tables:
      - {name: moving, config: {tags: [live]}, columns: [{name: id, data_tests: [not_null]}]}
      - {name: still, columns: [{name: id, data_tests: [not_null]}]}
models:
  - {name: base, columns: [{name: id, data_tests: [unique]}]}
  - {name: batch, columns: [{name: id, data_tests: [unique]}]}
  - {name: now, columns: [{name: id, data_tests: [unique]}]}
`,
  'tests/both.sql': "select * from {{ ref('now') }} where id not in (select id from {{ ref('batch') }})",
}

function withProject(work: (project: ModelProject) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-select-'))
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), content)
    }
    work({ folder, target: 'embedded', vars: {}, env: {} })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const chosen = (project: ModelProject, words: Parameters<typeof selectNodes>[1]): readonly string[] => {
  const { manifest } = loadProject(project)
  const ids = selectNodes(manifest, words)
  return [...ids].map((id) => manifest.nodes.get(id)?.name ?? id).sort()
}

test('a tag selects what has it, what that stands on, and the tests of what is there', () =>
  withProject((project) => {
    assert.deepEqual(chosen(project, { select: ['tag:live'] }), [
      'base',
      'now',
      'source_not_null_silver_moving_id',
      'unique_base_id',
      'unique_now_id',
    ])
    assert.deepEqual(chosen(project, { select: ['tag:nightly'] }), ['tagged'])
  }))

test('what is excluded is left out, and so is each test that reads it or a source with the tag', () =>
  withProject((project) => {
    const others = ['base', 'batch', 'source_not_null_silver_still_id', 'tagged', 'unique_base_id', 'unique_batch_id']
    assert.deepEqual(chosen(project, { exclude: ['tag:live'] }), others)
    assert.deepEqual(chosen(project, { select: ['batch'], exclude: ['tag:live', 'unique_base_id'] }), [
      'base',
      'batch',
      'unique_batch_id',
    ])
    assert.equal(chosen(project, { exclude: ['tag:none'] }).length, chosen(project, {}).length)
  }))

test('a tag that nothing has cannot be selected, and the near one is named', () =>
  withProject((project) => {
    assert.throws(() => chosen(project, { select: ['tag:liv'] }), {
      code: 'model/project',
      message: /Nothing has the tag liv\./,
      mend: /tag:live/,
    })
  }))

test('a project is read once while it stays as it is, and again where a file, a variable or the target is another', () =>
  withProject((project) => {
    const read = projectReader()
    const first = read(project)
    assert.equal(read({ ...project }), first)
    assert.notEqual(read({ ...project, vars: { x: 1 } }), first)
    assert.notEqual(read({ ...project, target: 'other' }), first)
    assert.equal(read(project), first)

    const model = join(project.folder, 'models/base.sql')
    const { mtimeMs } = statSync(model)
    writeFileSync(model, 'select 7 as id')
    utimesSync(model, mtimeMs / 1_000 + 1, mtimeMs / 1_000 + 1)
    const second = read(project)
    assert.match(second.manifest.nodes.get('model.small.base')?.rawCode ?? '', /7/)
    writeFileSync(join(project.folder, 'models/more.sql'), 'select 3 as id')
    assert.ok(read(project).manifest.nodes.has('model.small.more'))
    writeFileSync(join(project.folder, 'packages.yml'), 'packages: [{package: dbt-labs/dbt_utils}]')
    assert.throws(() => read(project), { code: 'model/project', message: /packages\.yml:1/ })
  }))
