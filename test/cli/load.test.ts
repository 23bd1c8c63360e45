import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBackend, told } from './fake.ts'

test('a load tells each table, and how it went; its JSON is the result', async () => {
  const { backend, asked } = fakeBackend()
  const { exitCode, stdout } = await told(['load', '--to', 'snowflake', '--database', 'OTHER'], backend)
  assert.equal(exitCode, 0)
  assert.match(stdout, /silver\.svi +loaded +3 +12 +note/)
  assert.match(stdout, /1 table loaded into OTHER, 1 file of 2,048 bytes, in 1\.5 s\./)
  assert.equal(asked[0]?.[0], 'loadLake')
  const json = JSON.parse((await told(['load', '--json'], fakeBackend().backend)).stdout)
  assert.deepEqual([json.database, json.tables[0].rows], ['SCHOOL_CLIMATE', 12])
})

test('setup prints statements and loads nothing', async () => {
  const { backend, asked } = fakeBackend()
  const { stdout } = await told(['load', '--setup', '--developers', 'ada,grace'], backend)
  assert.equal(stdout, 'CREATE ROLE A;\n')
  assert.deepEqual(
    asked.map(([name]) => name),
    ['warehouseSetup'],
  )
})

test('another warehouse is told with what was probably meant', async () => {
  const { exitCode, stderr } = await told(['load', '--to', 'snowflak'], fakeBackend().backend)
  assert.equal(exitCode, 2)
  assert.match(stderr, /snowflak is no warehouse\. Did you mean snowflake\?/)
})

test('a password of Snowflake in the file is refused, and not shown', async () => {
  const configText = () => 'snowflake:\n  password: hush-hush\n'
  const { exitCode, stdout, stderr } = await told(['load'], fakeBackend().backend, { configText })
  assert.equal(exitCode, 1)
  assert.match(stderr, /FAIRLEAD_SNOWFLAKE_PASSWORD/)
  assert.ok(!`${stdout}${stderr}`.includes('hush-hush'))
})
