import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { outputOf } from '../../src/cli/output.ts'

test('a reader that went away is no fault: the rest is dropped and the work goes on', async () => {
  const stream = new EventEmitter()
  let written = 0
  const output = outputOf({
    write: (_text, done) => {
      written += 1
      const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
      stream.emit('error', error)
      done(error)
      return false
    },
    on: (event, listener) => stream.on(event, listener),
  })
  await output.write('one')
  await output.write('two')
  assert.equal(written, 1)
})

test('only a terminal has a width', () => {
  const stream = { write: () => true, on: () => undefined }
  assert.equal(outputOf(stream).width, undefined)
  assert.equal(outputOf({ ...stream, isTTY: true, columns: 120 }).width, 120)
})
