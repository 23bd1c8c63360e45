/** The Snowflake adapter against an emulator, started where `FAIRLEAD_SHARED` names a folder with the script for it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { snowflakeEngine } from '#engine'
import { Fault } from '#port'
import type { EngineWords } from './conformance.ts'
import { testSqlEngine } from './conformance.ts'
import type { Emulator } from './snowflake-emulator.ts'
import { newDatabase, newEmulator, sessionOptions, whyNoEmulator } from './snowflake-emulator.ts'

let emulator: Promise<Emulator> | undefined
after(async () => (await emulator)?.remove())

const words: EngineWords = {
  cells: {
    // NaN and the type of a sum are the emulator's as they are Snowflake's; what is nested is JSON there, and its text is not canonical.
    select: `select 7::number(38,0) as small, 9007199254740993::number(38,0) as large, cast(2 as number(38,0)) as huge,
      1.25::number(4,2) as amount, 12345678901234567.5::number(18,1) as wide, 'nan'::float as nothing,
      '2024-03-01 12:00:00.5 +0200'::timestamp_tz as instant, '2024-03-01 00:00:00.000001'::timestamp_ntz as micros, '2024-02-29'::date as day,
      to_binary('6162', 'HEX') as bytes, parse_json('[1,2]') as list, parse_json('{"a":1,"b":"x"}') as pair, null as none, true as yes`,
    row: [
      ...[7, '9007199254740993', 2, 1.25, '12345678901234567.5', null],
      ...['2024-03-01T10:00:00.500Z', '2024-03-01T00:00:00.000001Z', '2024-02-29', 'YWI='],
      ...['[1,2]', '{"a":1,"b":"x"}', null, true],
    ],
    types: ['long', 'long', 'long', 'decimal(4,2)', 'decimal(18,1)', 'double', 'timestamp'],
  },
  makeRows: `create table t as select seq4() as i, seq4() * 1000000000 as l, 1000 as h, 'text ' || seq4() as s,
    dateadd(second, seq4(), '2024-01-01 00:00:00 +0000'::timestamp_tz) as moment, '2024-06-01 12:00:00'::timestamp_ntz as plain,
    parse_json('[{"key":"k"}]') as headers, case when seq4() % 2 = 0 then null else seq4() / 4.0::float end as d from table(generator(rowcount => 1000))`,
  rowTypes: ['long', 'long', 'long', 'string', 'timestamp', 'timestamp', 'string', 'double'],
  oneWhole: { select: 'select 1 as a', type: 'long' },
  manyRows: 'select seq4() as i from table(generator(rowcount => 100000))',
  longSelect:
    'select count(*) from table(generator(rowcount => 200000)) a cross join table(generator(rowcount => 30000)) b',
  missing: 'engine/missing',
  hostile: ({ secret, file }) => [
    `select * from '${secret}'`,
    'select $1 from @gold.stage/x.csv',
    `copy into @~/out.csv from (select 1)`,
    `put file://${file} @~`,
    'create table x as select 1',
    'use role ACCOUNTADMIN',
    'alter session set MULTI_STATEMENT_COUNT = 0',
    'drop table gold.t',
    'select 1; select 2',
    'select 1 /* */; drop table gold.t',
    'select system$cancel_all_queries(1)',
    'select * from table(information_schema.query_history())',
    'select * from table(act())',
    'call act()',
    'execute immediate $$ drop table gold.t $$',
    'with x as (select 1 as a) delete from gold.t',
    '',
  ],
}

testSqlEngine(
  'snowflake',
  async (folder) => {
    emulator ??= newEmulator()
    const { url } = await emulator
    return snowflakeEngine(sessionOptions(url, await newDatabase(url, folder), folder))
  },
  words,
  {
    skip: whyNoEmulator ?? false,
    exceptions: {
      'a cancelled statement says so, and the engine goes on':
        'the emulator answers an abort with yes and runs the statement to its end, with the session busy until then: see the test below',
    },
  },
)

test('a cancelled statement faults at once, and the session is free when the service is done with it', {
  skip: whyNoEmulator ?? false,
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-engine-'))
  emulator ??= newEmulator()
  const { url } = await emulator
  const engine = await snowflakeEngine(sessionOptions(url, await newDatabase(url, folder), folder))
  try {
    const running = engine.query(words.longSelect)
    const startedMs = performance.now()
    setTimeout(() => engine.cancel(), 50)
    await assert.rejects(running, (error) => error instanceof Fault && error.code === 'engine/cancelled')
    assert.ok(performance.now() - startedMs < 1_000)
    const free = async (): Promise<unknown> =>
      engine.query('select 1').catch(async () => {
        await sleep(250)
        return free()
      })
    await free()
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
