import { join } from 'node:path'
import { duckdbEngine } from '#engine'
import type { EngineWords } from './conformance.ts'
import { testSqlEngine } from './conformance.ts'

const words: EngineWords = {
  cells: {
    select: `select 7::bigint as small, 9007199254740993::bigint as large, sum(2) as huge,
      1.25::decimal(4,2) as amount, 12345678901234567.5::decimal(18,1) as wide, 'nan'::double as nothing,
      timestamptz '2024-03-01 12:00:00.5+02' as instant, timestamp '2024-03-01 00:00:00.000001' as micros, date '2024-02-29' as day,
      'ab'::blob as bytes, [1, 2] as list, {'a': 1, 'b': 'x'} as pair, null as none, true as yes`,
    row: [
      ...[7, '9007199254740993', 2, 1.25, '12345678901234567.5', null],
      ...['2024-03-01T10:00:00.500Z', '2024-03-01T00:00:00.000001Z', '2024-02-29', 'YWI='],
      ...[[1, 2], { a: 1, b: 'x' }, null, true],
    ],
    types: ['long', 'long', 'long', 'decimal(4,2)', 'decimal(18,1)', 'double', 'timestamp'],
  },
  makeRows: `create table t as select i::integer as i, i * 1000000000 as l, sum(1) over () as h, 'text ' || i as s, timestamptz '2024-01-01 00:00:00+00' + to_seconds(i) as moment,
    timestamp '2024-06-01 12:00:00' as plain, [{'key': 'k', 'value': 'v'::blob}] as headers, case when i % 2 = 0 then null else i / 4.0 end::double as d from range(1000) r(i)`,
  rowTypes: [
    ...(['integer', 'long', 'long', 'string', 'timestamp', 'timestamp'] as const),
    {
      type: 'array',
      elementType: {
        type: 'struct',
        fields: [
          { name: 'key', type: 'string' },
          { name: 'value', type: 'binary' },
        ],
      },
    },
    'double',
  ],
  oneWhole: { select: 'select 1::integer as a', type: 'integer' },
  manyRows: 'select i from range(100000) r(i)',
  longSelect: 'select count(*) from range(100000000) a, range(1000) b where hash(a.range, b.range) = 3',
  missing: 'engine/sql',
  hostile: ({ secret, file, folder }) => [
    `select * from read_text('${secret}')`,
    `select * from '${secret}'`,
    `copy (select 1) to '${join(folder, 'out.csv')}'`,
    `copy (select 1) to '${file}'`,
    'create table x as select 1',
    'set enable_external_access = true; select 1',
    'drop view gold.t',
    'select 1; select 2',
    `attach '${join(folder, 'x.db')}' as x`,
    `explain analyze copy (select 1) to '${join(folder, 'out.csv')}'`,
    'install httpfs',
    'pragma database_list; drop view gold.t',
    '',
  ],
}

testSqlEngine(
  'duckdb',
  (folder) => duckdbEngine({ memoryMb: 512, threads: 2, spillFolder: join(folder, 'spill') }),
  words,
)
