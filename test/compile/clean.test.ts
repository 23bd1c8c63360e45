import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { compileClean, duckdb, keyHash, valueHash } from '#compile'
import type { ColumnSpec, Contract } from '#contract'
import { bindHeaders, defineContract, say } from '#contract'
import { duckdbEngine } from '#engine'
import type { SqlEngine } from '#port'
import { Fault } from '#port'

let engine: SqlEngine

before(async () => {
  engine = await duckdbEngine({ memoryMb: 300, threads: 1, spillFolder: join(tmpdir(), 'compile-clean-spill') })
})

after(() => engine.close())

const rule = { rule: 'r', severity: 'reject' } as const

function contractOf(columns: Readonly<Record<string, Partial<ColumnSpec>>>, more: Partial<Contract> = {}): Contract {
  const about = { about: 'a', unit: 'u' }
  return defineContract({
    ...{ name: 'thing', title: 't', about: 'a', grain: 'g', publisher: 'p', licence: 'l', attribution: 'a', url: 'u' },
    ...{
      files: [],
      encodings: ['utf-8'],
      missing: ['N/A', '-999', '-999.0'],
      withheld: ['^N ?< ?[0-9]+$', '^> [0-9]+%$'],
    },
    layouts: [{ name: 'l', about: 'l', format: 'csv', requires: ['id'] }],
    columns: {
      id: { type: 'string', from: ['id'], ...about },
      ...Object.fromEntries(
        Object.entries(columns).map(([name, spec]) => [
          name,
          { type: 'string', from: [name], ...about, ...spec } as ColumnSpec,
        ]),
      ),
    },
    key: ['id'],
    rules: [],
    ...more,
  })
}

/** What the compiled select makes of records, by the names of what is asked for. */
async function clean(
  contract: Contract,
  values: readonly (Readonly<Record<string, unknown>> | string | null)[],
  ask: readonly string[],
  { bound = true, trusted = false } = {},
): Promise<readonly (readonly unknown[])[]> {
  const layout = contract.layouts[0]
  assert.ok(layout)
  const keys = new Set(
    values.flatMap((value) => (typeof value === 'object' && value !== null ? Object.keys(value) : [])),
  )
  const binding = bound ? bindHeaders(layout, ['id', ...keys]) : undefined
  const rows = values.map((value, offset) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const blob =
      value === null
        ? 'NULL'
        : `from_hex('${Buffer.from(text, typeof value === 'string' ? 'latin1' : 'utf8').toString('hex')}')`
    return `('s', 0, ${offset}, TIMESTAMPTZ '2019-07-01', TIMESTAMPTZ '2020-01-01', [{key: 'error', value: 'why not'::blob}], ${blob}::blob)`
  })
  await engine.run(
    `CREATE OR REPLACE TABLE records AS SELECT * FROM (VALUES ${rows.join(', ')}) AS v(source, "partition", "offset", "timestamp", ingest_ts, headers, value)`,
  )
  const select = compileClean(contract, binding, { relation: 'records', trusted }, duckdb)
  const { rows: answer } = await engine.query(`SELECT ${ask.join(', ')} FROM (${select}) ORDER BY "offset"`)
  return answer
}

test('numbers are read as people publish them, and nothing else is', async () => {
  const contract = contractOf({ n: { type: 'double' } })
  const good: readonly (readonly [string, number])[] = [
    ...([
      ['0', 0],
      ['4.10', 4.1],
      [' 62.0 ', 62],
      ['\t5\n', 5],
      ['\u00a07\u00a0', 7],
      ['-1.5', -1.5],
      ['+3', 3],
    ] as const),
    ...([
      ['1,234', 1234],
      ['12,345,678.5', 12345678.5],
      ['87%', 87],
      ['87 %', 87],
      ['1e3', 1000],
      ['.5', 0.5],
    ] as const),
  ]
  const bad = ['abc', '1_000', 'nan', 'inf', '-Infinity', '0x1F', '1,23', '1.2.3', '12a', '--1', '%', 'N/A N/A']
  assert.deepEqual(
    await clean(
      contract,
      good.map(([n]) => ({ id: n, n })),
      ['n', '_rule'],
    ),
    good.map(([, number]) => [number, null]),
  )
  assert.deepEqual(
    await clean(
      contract,
      bad.map((n) => ({ id: n, n })),
      ['_rule', '_rule_column', '_received'],
    ),
    bad.map((n) => ['not_a_number', 'n', n]),
  )
})

test('markers, blanks and withheld figures are null, each with what stood there; zero is zero', async () => {
  const contract = contractOf({ n: { type: 'double' }, i: { type: 'integer' }, t: {} })
  const markers = ['', '  ', 'N/A', ' N/A ', '-999', '-999.0', '-999.00', 'N<5', 'N < 10', '> 95%']
  const rows = await clean(
    contract,
    markers.map((n) => ({ id: 'a', n, i: n, t: 'x' })),
    ['n', 'i', 'missing', '_rule'],
  )
  assert.deepEqual(
    rows,
    markers.map((n) => [null, null, JSON.stringify({ n: n.trim(), i: n.trim() }), null]),
  )
  assert.deepEqual(await clean(contract, [{ id: 'a', n: '0', i: '0.0', t: '0' }], ['n', 'i', 't', 'missing']), [
    [0, 0, '0', null],
  ])
  assert.deepEqual(await clean(contract, [{ id: 'a', n: null, i: 3, t: ' say "no" ' }], ['n', 'i', 't', 'missing']), [
    [null, 3, 'say "no"', '{"n":""}'],
  ])
})

/** A text as `clean` takes one: each character a byte. */
const utf8 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

test('blanks at the ends of a text are taken off however a message writes them, and nothing else is', async () => {
  const blank = [
    ...['{"id":"a","t":" b"}', '{"id":"a","t":"b "}', '{"id":"a","t":"\u00a0b"}', '{"id":"a","t":"b\u00a0"}'],
    ...['\\t', '\\n', '\\r', '\\u0020', '\\u00a0', '\\u0009'].flatMap((written) => [
      `{"id":"a","t":"${written}b"}`,
      `{"id":"a","t":"b${written}"}`,
    ]),
    ...[' { "id" : "a" , "t" : "b" } ', '\n{"t":"b","id":"a"}\n', '{"id":"a ","t":"b","u":"\\t"}'],
  ]
  const kept = ['b\u2003', '\u00a1b', 'b c', '"b"', '\\b', 'b\\', 'b\u000b', '{"c":" d "}', '']
  const texts = kept.map((t) => JSON.stringify({ id: 'a', t }))
  assert.deepEqual(
    await clean(contractOf({ t: {} }), [{ id: 'a', t: 'b' }, ...[...blank, ...texts].map(utf8)], ['id', 't', '_rule']),
    ['b', ...blank.map(() => 'b'), ...kept.map((t) => t || null)].map((t) => ['a', t, null]),
  )
})

test('what is no JSON object is told among objects, whatever it begins with', async () => {
  const bad = [
    ...['{"id":"a"', '{"id":"a"} x', '{"id":"a\t"}', '{"id":"\\ud800"}', '{id:"a"}', '{', ' {', '}', ''],
    ...['[{"id":"a"}]', ' [1]', '"a"', '1', 'null', 'true', '|', 'z'],
  ]
  const values = bad.flatMap((text) => [text, '{"id":"a"}', ' {"id":"a","id":"b"}'])
  assert.deepEqual(
    await clean(contractOf({}), values.map(utf8), ['id', '_rule']),
    bad.flatMap(() => [
      [null, 'not_json'],
      ['a', null],
      ['a', null],
    ]),
  )
})

test('texts that are trusted come out as others do, and one that should not have been is told', async () => {
  const contract = contractOf({})
  const ask = ['id', 'missing', '_rule', '_received']
  const other = [' {"id":"a"}', '[{"id":"a"}]', ' [1]', '"a"', '1', 'null', 'true', '|', 'z', '', ' {', ' {"id":1} x']
  const values = [{ id: 'a' }, { id: ' b ' }, { id: null }, {}, null, '\xff{', ...other]
  assert.deepEqual(await clean(contract, values, ask, { trusted: true }), await clean(contract, values, ask))
  const broken = ['{', '{"id":"a"', '{"id":"a"} x', '{id:"a"}', '{"id":"\\ud800"}']
  // The engine quotes the beginning of what it cannot read, up to some character or the middle of one.
  const words = ['interrupt', 'No space left on device', 'disk full', 'external access', 'Permission Error', 'IO Error']
  const quoted = [...words.map((word) => `{"id":"${word}`), ...['', 'x'].map((odd) => `{"id":"${odd}${'é'.repeat(60)}`)]
  for (const text of [...broken, ...quoted.map(utf8)])
    await assert.rejects(
      clean(contract, [{ id: 'a' }, text], ask, { trusted: true }),
      (error) => error instanceof Fault && error.code === 'engine/sql' && duckdb.isMalformed(error.message),
    )
})

test('many numbers are read as few are', async () => {
  const texts = ['1', ' 1,234 ', '87%', '1_000', 'x', '', '-999', 'N<5', 'inf', '1.5', '2147483648', null]
  const few = contractOf({ n: { type: 'double' }, w: { type: 'integer' }, l: { type: 'long', missing: ['1'] } })
  const more = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`z${i}`, { type: 'double' } as const]))
  const many = contractOf({
    n: { type: 'double' },
    w: { type: 'integer' },
    l: { type: 'long', missing: ['1'] },
    ...more,
  })
  for (const column of ['n', 'w', 'l']) {
    const values = texts.map((text) => ({ id: 'a', n: '1', w: '1', l: '2', [column]: text }))
    const ask = ['CAST(n AS VARCHAR)', 'w', 'l', '_rule', '_rule_column', '_received']
    const shown = `json_extract_string(missing, '$.${column}')`
    assert.deepEqual(await clean(few, values, [...ask, shown]), await clean(many, values, [...ask, shown]), column)
  }
})

test('blanks at both ends of a text are taken off, and no others', async () => {
  const contract = contractOf({ text: {} })
  const inner = ['a', 'a b', '!', 'é', '\u0001', '\u00a1', '\u{1f600}', '\u0080x', '~']
  const values = inner.flatMap((text) =>
    ['', ' ', '\t', '\n', '\r', '\u00a0', ' \u00a0\n'].flatMap((blank) =>
      [`${blank}${text}`, `${text}${blank}`, `${blank}${text}${blank}`].map((text) => ({ id: 'a', text })),
    ),
  )
  const read = await clean(contract, values, ['text'])
  assert.deepEqual(
    read.map(([text]) => text),
    inner.flatMap((text) => Array(21).fill(text)),
  )
})

test('a column’s own markers are its own', async () => {
  const contract = contractOf({ d: { type: 'integer', missing: ['0'] }, e: { type: 'integer' } })
  assert.deepEqual(await clean(contract, [{ id: 'a', d: '0', e: '0' }], ['d', 'e', 'missing']), [
    [null, 0, '{"d":"0"}'],
  ])
})

test('a whole number is not rounded into one', async () => {
  const contract = contractOf({ i: { type: 'integer' }, l: { type: 'long' } })
  assert.deepEqual(
    await clean(
      contract,
      [
        { id: 'a', i: '91.0', l: '9007199254740991' },
        { id: 'b', i: '91.7', l: '1' },
        { id: 'c', i: '3000000000', l: '1' },
        { id: 'd', i: '1', l: '9007199254740993e2' },
      ],
      ['i', '_rule', '_rule_column'],
    ),
    [
      [91, null, null],
      [null, 'not_a_whole_number', 'i'],
      [null, 'not_a_whole_number', 'i'],
      [1, 'not_a_whole_number', 'l'],
    ],
  )
})

test('dates, instants and booleans', async () => {
  const contract = contractOf({ d: { type: 'date' }, t: { type: 'timestamp' }, b: { type: 'boolean' } })
  assert.deepEqual(
    await clean(
      contract,
      [
        { id: 'a', d: '07/01/1904 12:00:00 AM', t: '2019-07-01T10:00:00-04:00', b: 'Yes' },
        { id: 'b', d: '1904-07-01', t: '2019-07-01 10:00', b: '0' },
        { id: 'c', d: '31/31/2000' },
        { id: 'd', t: 'soon' },
        { id: 'e', b: 'maybe' },
      ],
      ['CAST(d AS varchar)', 't', 'b', '_rule'],
    ),
    [
      ['1904-07-01', '2019-07-01T14:00:00.000Z', true, null],
      ['1904-07-01', '2019-07-01T10:00:00.000Z', false, null],
      [null, null, null, 'not_a_date'],
      [null, null, null, 'not_a_timestamp'],
      [null, null, null, 'not_a_boolean'],
    ],
  )
})

test('what is no JSON object, no UTF-8, no value or no known shape is told by name', async () => {
  const contract = contractOf({ n: { type: 'double' } })
  const rows = await clean(
    contract,
    [null, '\xff\xfe', '{"id":', '[1]', '"text"', { id: 'a', n: 1 }],
    ['_rule', '_message'],
  )
  assert.deepEqual(rows, [
    ['unreadable_file', 'why not'],
    ['not_utf8', 'the record is not UTF-8 text'],
    ...Array.from({ length: 3 }, () => ['not_json', 'the record is not a JSON object']),
    [null, null],
  ])
  const lost = await clean(contract, [{ id: 'a' }, null], ['_rule', 'id'], { bound: false })
  assert.deepEqual(lost, [
    ['unknown_layout', null],
    ['unreadable_file', null],
  ])
})

test('the first rule that is broken is told, in the order of the columns; warnings are all told', async () => {
  const contract = contractOf(
    {
      a: { required: { rule: 'no_a', severity: 'reject' }, domain: { is: { oneOf: ['x', 'y'] }, ...rule } },
      b: { type: 'double', domain: { is: { min: 0, max: 1 }, rule: 'not_a_share', severity: 'reject' } },
      c: { domain: { is: { matches: '[A-Z]+' }, rule: 'odd', severity: 'warn' } },
      d: { type: 'double', domain: { is: { max: 5 }, rule: 'big', severity: 'warn' } },
    },
    {
      rules: [
        {
          rule: 'b_for_x',
          severity: 'reject',
          about: 'x has b',
          holds: say.or(say.compare(say.column('a'), '<>', 'x'), say.not(say.isNull(say.column('b')))),
        },
      ],
    },
  )
  assert.deepEqual(
    await clean(
      contract,
      [
        { id: '1', a: 'x', b: '0.5', c: 'OK', d: '1' },
        { id: '2', a: '', b: '7', c: 'OK', d: '1' },
        { id: '3', a: 'z', b: '7', c: 'OK', d: '1' },
        { id: '4', a: 'y', b: '7', c: 'OK', d: '1' },
        { id: '5', a: 'x', b: '', c: 'OK', d: '1' },
        { id: '6', a: 'y', b: '', c: 'OKx', d: '9' },
      ],
      ['_rule', '_rule_column', '_received', '_message', 'warnings'],
    ),
    [
      [null, null, null, null, null],
      ['no_a', 'a', '', 'a is required and cannot be had', null],
      ['r', 'a', 'z', 'a is none of x, y', null],
      ['not_a_share', 'b', '7', 'b is outside 0 to 1', null],
      ['b_for_x', 'a', null, 'Not so: x has b', null],
      [null, null, null, null, 'odd,big'],
    ],
  )
})

test('expressions', async () => {
  const {
    capture,
    coalesce,
    column,
    concat,
    constant,
    digits,
    lookup,
    matches,
    multiply,
    number,
    round,
    source,
    upper,
    when,
  } = say
  const t = source('t')
  const cases: readonly (readonly [Partial<ColumnSpec>, unknown, unknown])[] = [
    [{ value: capture(t, '^([0-9]{2})-') }, '07-x', '07'],
    [{ value: capture(t, '^([0-9]{2})-') }, 'x', null],
    [{ value: digits(number(t), 6) }, '2601', '002601'],
    [{ value: digits(number(t), 2) }, '12345', '12345'],
    [{ type: 'double', value: multiply(number(t), 100) }, '2.98', 298],
    [{ type: 'integer', value: round(number(t)) }, '2.5', 3],
    [{ value: lookup(t, { Bronx: 'X', "O'Hare": 'O' }) }, "O'Hare", 'O'],
    [{ value: concat('a', t, 'b') }, 'x', 'axb'],
    [{ value: concat('a', t) }, '', null],
    [{ value: coalesce(t, 'none') }, 'N/A', 'none'],
    [{ value: upper(t) }, 'abc', 'ABC'],
    [{ value: when(matches(t, '^a'), constant('starts'), column('id')) }, 'abc', 'starts'],
    [{ value: when(matches(t, '^a'), constant('starts'), column('id')) }, 'xyz', 'key'],
    [{ type: 'boolean', value: say.and(matches(t, 'b'), say.not(say.isNull(t))) }, 'abc', true],
    [{ value: say.raw('t') }, ' N/A ', ' N/A '],
  ]
  for (const [spec, given, expected] of cases)
    assert.deepEqual(
      await clean(contractOf({ t: {}, made: { ...spec, from: ['t2'] } }), [{ id: 'key', t: given }], ['made', '_rule']),
      [[expected, null]],
    )
})

test('a number where a text is asked for is refused when it is compiled', async () => {
  const contract = contractOf({ x: { value: say.number(say.source('t')) } })
  await assert.rejects(clean(contract, [{ id: 'a' }], ['x']), /thing\.x is a string, and its value is a number/)
})

test('hashes tell null from blank and one column from the next', async () => {
  const contract = contractOf({ a: {}, b: {} }, { key: ['a', 'b'] })
  const hashes = async (rows: string) =>
    (
      await engine.query(
        `SELECT ${keyHash(contract, duckdb)}, ${valueHash(contract, duckdb)} FROM (VALUES ${rows}) AS v(id, a, b)`,
      )
    ).rows.map(([key]) => key)
  const told = await hashes(
    `('1', 'ab', 'c'), ('2', 'a', 'bc'), ('3', NULL, 'x'), ('4', '', 'x'), ('5', 'x', NULL), ('6', 'ab', 'c')`,
  )
  assert.equal(new Set(told).size, 5)
  assert.equal(told[0], told[5])
})

test('a contract’s columns may have any name that no Silver table has already', async () => {
  const names = [
    'text',
    'value',
    'headers',
    'parsed',
    'broken',
    'rule',
    'message',
    'measures',
    'key_hash',
    't_0',
    'n_0',
    'select',
    'item_',
  ]
  const contract = contractOf(Object.fromEntries(names.map((name) => [name, { type: 'integer' }])), { key: ['value'] })
  const record = Object.fromEntries(names.map((name, index) => [name, String(index)]))
  assert.deepEqual(
    await clean(
      contract,
      [{ id: 'a', ...record }],
      names.map((name) => `"${name}"`),
    ),
    [names.map((_, index) => index)],
  )
})
