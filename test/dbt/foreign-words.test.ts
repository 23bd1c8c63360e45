import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { foreignWords } from './foreign-words.ts'
import { projectFolder } from './project.ts'

/** The one file in which engines may be spoken to in their own words, each behind its own branch. */
const spelledByEngine = 'engines.sql'

function written(): ReadonlyMap<string, string> {
  const files = ['models', 'tests', 'macros'].flatMap((folder) =>
    readdirSync(join(projectFolder, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  const sql = files.filter((file) => file.endsWith('.sql') && !file.endsWith(spelledByEngine))
  return new Map(sql.map((file) => [file, withoutJinja(readFileSync(join(projectFolder, file), 'utf8'))]))
}

const withoutJinja = (text: string): string =>
  text
    .replace(/\{#[\s\S]*?#\}/g, ' ')
    .replace(/\{%[\s\S]*?%\}/g, ' ')
    .replace(/\{\{[\s\S]*?\}\}/g, ' x ')

test('no model, test or macro of the project has words of DuckDB alone but the macros that say what engines say differently', () => {
  const files = written()
  assert.ok(files.size > 35)
  for (const target of ['snowflake', 'databricks'] as const) {
    const found = [...files].flatMap(([file, sql]) => foreignWords(sql, target).map((words) => `${file}: ${words}`))
    assert.deepEqual(found, [], target)
  }
})

/** Each must be seen by itself, or the test above says nothing. */
const words: readonly (readonly [string, string])[] = [
  ['::', 'select x::int'],
  ['a filter clause', 'select count(*) filter (where x)'],
  ['arg_max and arg_min', 'select arg_max(a, b)'],
  ['strftime and strptime', "select strftime(a, '%Y')"],
  ['functions of lists', 'select list_sort(a)'],
  ['a list', 'select [1, 2]'],
  ['quantile', 'select quantile_cont(a, 0.5)'],
  ['epoch', 'select epoch_ms(a)'],
  ['regexp_matches', "select regexp_matches(a, 'b')"],
  ['order by all', 'select a order by all'],
  ['exclude', 'select * exclude (a)'],
  ['hugeint', 'select cast(a as hugeint)'],
  ['whole division', 'select a // b'],
]

for (const [name, sql] of words) {
  test(`${name} is seen as a word of DuckDB alone`, () => {
    for (const target of ['snowflake', 'databricks'] as const)
      assert.ok(foreignWords(sql, target).some((found) => found.startsWith(`${name}: `)))
  })
}

test('literals and comments are no words, and double quotes are for Databricks alone', () => {
  assert.deepEqual(foreignWords("select 'a::b' -- x::y\nfrom t", 'snowflake'), [])
  assert.deepEqual(foreignWords('select "a" from t', 'snowflake'), [])
  assert.equal(foreignWords('select "a" from t', 'databricks').length, 1)
})
