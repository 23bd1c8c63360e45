import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LineageTable } from '#api'
import { fakeBackend, told } from './fake.ts'

const base = { about: '', uses: [], untraced: null } as const
const bronze: LineageTable = {
  ...{ ...base, name: 'bronze.svi', layer: 'bronze', madeBy: 'file', reads: [] },
  columns: [{ name: 'RPL_THEMES', type: 'string', about: '', from: [], chosenBy: [] }],
}
const silver: LineageTable = {
  ...{ ...base, name: 'silver.svi', layer: 'silver', madeBy: 'contract', reads: ['bronze.svi'] },
  columns: [
    {
      ...{ name: 'rpl_themes', type: 'double', about: '', chosenBy: [] },
      from: [{ kind: 'copied', table: 'bronze.svi', column: 'RPL_THEMES' }],
    },
  ],
  uses: [{ how: 'GROUP_BY', table: 'bronze.svi', column: 'FIPS' }],
}
const whole = { tables: [bronze, silver], tests: [], pages: [] }

test('lineage lists every table with what it is made from', async () => {
  const { backend } = fakeBackend({ askLineage: async () => ({ whole, picture: null }) })
  const { exitCode, stdout } = await told(['lineage'], backend)
  assert.equal(exitCode, 0)
  assert.match(stdout, /silver\.svi +silver +contract +1 +bronze\.svi/)
  assert.match(stdout, /2 tables, 2 columns, 0 tests\./)
})

test('a column is shown over what it is made from, with what decides the rows', async () => {
  const trace = { of: { table: 'silver.svi', column: 'rpl_themes' }, lineage: whole }
  const { backend, asked } = fakeBackend({
    askLineage: async (ask) => {
      asked.push(['askLineage', ask])
      return { trace, picture: null }
    },
  })
  const { stdout } = await told(['lineage', '--column', 'silver.svi.rpl_themes'], backend)
  assert.match(stdout, /^silver\.svi\.rpl_themes\n {2}copied bronze\.svi\.RPL_THEMES\n/)
  assert.match(stdout, /silver\.svi {2}GROUP_BY {2}bronze\.svi\.FIPS/)
  const [ask] = asked.map(([, options]) => (options as { of: object }).of)
  assert.deepEqual(ask, { column: 'silver.svi.rpl_themes', impact: undefined })
})

test('what a column reaches is told in columns, rows and tests', async () => {
  const impact = {
    ...{
      of: { table: 'bronze.svi', column: 'RPL_THEMES' },
      lineage: whole,
      tables: ['silver.svi', 'gold.x', 'gold.y'],
    },
    columns: [{ table: 'silver.svi', column: 'rpl_themes', kind: 'copied' }],
    influenced: [
      { table: 'gold.x', column: 'bucket', how: ['JOIN'] },
      { table: 'gold.x', column: 'label', how: ['JOIN'] },
    ],
    rows: [{ table: 'gold.x', how: 'JOIN', by: 'silver.svi.rpl_themes' }],
    tests: [{ id: 't', name: 'rank_is_a_share', reads: [] }],
    pages: [
      { name: 'Equity', path: '/equity', how: 'INDIRECT', reads: ['gold.x.bucket'] },
      { name: 'Rows', path: null, how: 'INDIRECT', reads: [] },
    ],
  } as const
  const { backend } = fakeBackend({ askLineage: async () => ({ impact, picture: null }) })
  const { stdout } = await told(['lineage', '--impact', 'bronze.svi.RPL_THEMES'], backend)
  assert.match(stdout, /^bronze\.svi\.RPL_THEMES reaches 3 columns, 3 tables, 1 test, 2 pages\./)
  assert.match(stdout, /INDIRECT\)\n.*\n.*\ngold\.x +JOIN +bucket, label\n/)
  assert.match(stdout, /gold\.x +JOIN +silver\.svi\.rpl_themes/)
  assert.match(stdout, /Through rows alone: gold\.y/)
  assert.match(stdout, /rank_is_a_share/)
  assert.match(stdout, /Equity +\/equity +INDIRECT +gold\.x\.bucket/)
  assert.match(stdout, /Rows +every page +INDIRECT +its rows/)
})

test('a picture is printed as it is, JSON under either flag', async () => {
  const { backend } = fakeBackend({
    askLineage: async ({ picture }) => ({ whole, picture: picture === undefined ? null : `drawn ${picture}\n` }),
  })
  assert.equal((await told(['lineage', '--format', 'mermaid'], backend)).stdout, 'drawn mermaid\n')
  for (const argv of [['--format', 'json'], ['--json']]) {
    assert.deepEqual(JSON.parse((await told(['lineage', ...argv], backend)).stdout), whole)
  }
})

test('an unknown format and two directions at once are usage faults with a mend', async () => {
  const { backend } = fakeBackend()
  const format = await told(['lineage', '--format', 'mermade'], backend)
  assert.equal(format.exitCode, 2)
  assert.match(format.stderr, /Did you mean mermaid\?/)
  const both = await told(['lineage', '--column', 'a.b.c', '--impact', 'a.b'], backend)
  assert.equal(both.exitCode, 2)
  assert.match(both.stderr, /opposite directions/)
})
