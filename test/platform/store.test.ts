import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAddress } from '#config'
import { Fault } from '#port'
import { storeOf } from '../../src/platform/store.ts'

test('a lake stands in a folder, or in a bucket that its address names', () => {
  assert.equal(isAddress('/home/ada/lake'), false)
  assert.equal(storeOf('/home/ada/lake').localRoot, '/home/ada/lake')
  assert.equal(storeOf('gs://bucket/a/b').name, 'gs://bucket/a/b')
  assert.equal(storeOf('s3://bucket?region=us-east-1&pathStyle=true').name, 's3://bucket')
  assert.equal(storeOf('gs://bucket/a/b').localRoot, undefined)
  // What one opening has fetched, the next one has.
  assert.equal(storeOf('gs://bucket/a/b'), storeOf('gs://bucket/a/b'))
})

test('a slip in the address is told by name, and a secret in it is not repeated', () => {
  const faultOf = (lake: string): Fault => {
    try {
      storeOf(lake)
    } catch (error) {
      if (error instanceof Fault) return error
      throw error
    }
    throw new Error(`${lake} was taken`)
  }
  assert.equal(faultOf('s3://bucket?regoin=us-east-1').code, 'config/lake')
  assert.match(faultOf('s3://bucket?regoin=us-east-1').message, /Did you mean region\?/)
  assert.equal(faultOf('gs://bucket?region=x').code, 'config/lake')
  assert.equal(faultOf('https://bucket/lake').code, 'config/lake')
  assert.equal(faultOf('s3://bucket?timeoutMs=soon').code, 'usage/bad-value')
  const secret = faultOf('s3://key:hunter2@bucket/lake')
  assert.equal(secret.code, 'config/lake')
  assert.doesNotMatch(JSON.stringify(secret), /hunter2/)
})
