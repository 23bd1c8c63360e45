import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '#port'
import { checkOneSelect, statementsOf, withBinds } from '../../src/engine/sql-text.ts'

test('statements end at semicolons that stand in no text, name, block or comment', () => {
  const sql = `select ';', "a;b", $$ c; d $$ -- e; f
    from t /* g; h */; ; select 'it''s; \\'; so' // i; j
  `
  assert.deepEqual(
    statementsOf(sql).map((statement) => statement.replace(/\s+/g, ' ')),
    [`select ';', "a;b", $$ c; d $$ from t`, `select 'it''s; \\'; so'`],
  )
})

test('parameters are named as the driver names them, and only where they are parameters', () => {
  assert.equal(withBinds(`select $1, '$2', "$3", $12 / 2 -- $4`), `select :1, '$2', "$3", :12 / 2 -- $4`)
})

test('one select that reads tables by name is let through, and nothing else', () => {
  for (const good of [
    'select a from gold.t',
    "with x as (select ';' as a) select * from x",
    '(select 1)',
    'select "delete" from t -- drop table t',
  ])
    checkOneSelect(good)
  for (const bad of [
    '',
    'drop table t',
    'select 1; select 2',
    'select * from @stage/file',
    'select system$wait(1)',
    'select * from table(f())',
    "select * from 'file'",
    'with x as (select 1) delete from t',
    'explain select 1',
    'select a into b from t',
  ])
    assert.throws(
      () => checkOneSelect(bad),
      (error) => error instanceof Fault && error.code === 'engine/refused',
      bad,
    )
})
