import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ColumnSpec, Contract } from '#contract'
import { defineContract, fingerprint, say } from '#contract'
import { Fault } from '#port'

const good: Contract = {
  name: 'visit',
  title: 'Visits',
  about: 'Who came.',
  grain: 'one visit',
  publisher: 'us',
  licence: 'MIT',
  attribution: 'us',
  url: 'https://example.org',
  files: ['*.csv'],
  encodings: ['utf-8'],
  missing: ['N/A'],
  layouts: [{ name: 'plain', about: 'plain', format: 'csv', requires: ['id', 'rate'], constants: { year: 2019 } }],
  columns: {
    id: { type: 'string', about: 'id', unit: 'code', from: ['id'], required: { rule: 'no_id', severity: 'reject' } },
    year: { type: 'integer', about: 'year', unit: 'year' },
    rate: { type: 'double', about: 'rate', unit: 'fraction', from: ['rate'] },
  },
  key: ['id', 'year'],
  rules: [],
}

const withColumn = (name: string, spec: Partial<ColumnSpec>): Contract => ({
  ...good,
  columns: { ...good.columns, [name]: { type: 'string', about: 'x', unit: 'x', from: [`${name} header`], ...spec } },
})

const slips: readonly (readonly [what: string, contract: unknown, code: string, says: RegExp])[] = [
  ['an unknown field', { ...good, colums: {} }, 'contract/field', /colums.*Did you mean columns\?/],
  [
    'an unknown field of a column',
    withColumn('x', { requird: 1 } as never),
    'contract/field',
    /Did you mean required\?/,
  ],
  ['an unknown type', withColumn('x', { type: 'doubel' as never }), 'contract/type', /Did you mean double\?/],
  ['a key that is no column', { ...good, key: ['id', 'yaer'] }, 'contract/key', /yaer.*Did you mean year\?/],
  ['a topic without a layout', { ...good, stream: { topic: 't', partitions: 1 } }, 'contract/stream', /no layout/],
  [
    'messages without a topic',
    { ...good, layouts: [{ ...good.layouts[0], format: 'message' }] },
    'contract/stream',
    /no topic/,
  ],
  [
    'a topic of no name',
    { ...good, layouts: [{ ...good.layouts[0], format: 'message' }], stream: { topic: 'a b', partitions: 1 } },
    'contract/stream',
    /a b is not a topic's name/,
  ],
  ['an empty key', { ...good, key: [] }, 'contract/key', /key is empty/],
  [
    'a constant for no column',
    { ...good, layouts: [{ ...good.layouts[0], constants: { yeer: 2019 } }] },
    'contract/constant',
    /yeer.*Did you mean year\?/,
  ],
  [
    'a rule that reads no column',
    { ...good, rules: [{ rule: 'r', severity: 'warn', about: 'r', holds: say.isNull(say.column('rat')) }] },
    'contract/expression',
    /rule r.*rat\..*Did you mean rate\?/,
  ],
  [
    'a value that reads no column',
    withColumn('x', { value: say.column('idd') }),
    'contract/expression',
    /Did you mean id\?/,
  ],
  ['a column made from itself', withColumn('x', { value: say.column('x') }), 'contract/expression', /from itself/],
  [
    'columns made from each other',
    {
      ...good,
      columns: {
        ...good.columns,
        a: { type: 'string', about: 'a', unit: 'a', value: say.column('b') },
        b: { type: 'string', about: 'b', unit: 'b', value: say.column('a') },
      },
    },
    'contract/expression',
    /a → b → a/,
  ],
  ['a tract without vintage in its name', withColumn('tract', {}), 'contract/vintage', /no vintage/],
  ['a tract without vintage in its type', withColumn('tract_2010', {}), 'contract/vintage', /Give it type tract_2010/],
  [
    'a tract under the other vintage',
    withColumn('tract_2010', { type: 'tract_2020' }),
    'contract/vintage',
    /tract_2020/,
  ],
  [
    'a measure without a table',
    withColumn('x', { type: 'double', measure: { respondent: 'school', construct: 'x', scale: 'rate' } }),
    'contract/measure',
    /measureTable/,
  ],
  [
    'a pattern that is none',
    withColumn('x', { domain: { is: { matches: '(' }, rule: 'r', severity: 'warn' } }),
    'contract/pattern',
    /\/\(\//,
  ],
  [
    'a pattern that engines disagree on',
    withColumn('x', { value: say.capture(say.source('x'), '^(\\d+)$') }),
    'contract/pattern',
    /\[0-9\]/,
  ],
  ['a header for two columns', withColumn('x', { from: ['RATE'] }), 'contract/alias', /rate and x both/],
  ['a column from nowhere', withColumn('x', { from: [] }), 'contract/source', /from nowhere/],
  ['a column without a unit', withColumn('x', { unit: '' }), 'contract/missing', /unit/],
  ['a common column', withColumn('source', {}), 'contract/name', /every Silver table/],
  [
    'a range of text',
    withColumn('x', { domain: { is: { min: 1 }, rule: 'r', severity: 'warn' } }),
    'contract/domain',
    /Only numbers/,
  ],
  [
    'an unknown severity',
    withColumn('x', { required: { rule: 'r', severity: 'rejct' as never } }),
    'contract/severity',
    /Did you mean reject\?/,
  ],
  [
    'a rule of two severities',
    withColumn('x', { required: { rule: 'no_id', severity: 'warn' } }),
    'contract/severity',
    /both/,
  ],
  [
    'a rule with a name of ours',
    withColumn('x', { required: { rule: 'not_json', severity: 'warn' } }),
    'contract/rule',
    /every dataset/,
  ],
  [
    'a layout that takes all',
    { ...good, layouts: [{ ...good.layouts[0], requires: [] }] },
    'contract/layout',
    /every file/,
  ],
  ['no publisher', { ...good, publisher: '' }, 'contract/missing', /publisher/],
]

test('a good contract passes and is frozen', () => {
  const contract = defineContract(good)
  assert.throws(() => {
    ;(contract.columns as Record<string, unknown>).id = {}
  }, TypeError)
})

for (const [what, contract, code, says] of slips) {
  test(`${what} is refused by name`, () => {
    assert.throws(
      () => defineContract(contract as Contract),
      (error) => error instanceof Fault && error.code === code && says.test(`${error.message} ${error.mend}`),
    )
  })
}

test('the fingerprint follows what decides the rows and nothing else', () => {
  const print = fingerprint(good)
  assert.match(print, /^[0-9a-f]{64}$/)
  const { name, title, ...rest } = good
  assert.equal(fingerprint({ ...rest, title: 'Other words', name } as Contract), print)
  assert.notEqual(fingerprint({ ...good, missing: ['N/A', '-'] }), print)
  assert.notEqual(fingerprint(withColumn('x', {})), print)
  const { id, year, rate } = good.columns
  assert.notEqual(
    fingerprint({ ...good, columns: { year, id, rate } as never }),
    print,
    'the order of columns is the table’s',
  )
})
