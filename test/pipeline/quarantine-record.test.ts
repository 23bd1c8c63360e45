import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMendedLine, readRecordId } from '#pipeline'
import type { Original } from '../../src/pipeline/quarantine/mended.ts'
import { mend, originHeader, replayId } from '../../src/pipeline/quarantine/mended.ts'
import { bytesOf, recordId, shownBytes } from '../../src/pipeline/quarantine/record.ts'

const bytes = (text: string) => Buffer.from(text, 'utf8')

const original: Original = {
  at: { dataset: 'visit', source: 's', partition: 2, offset: 40 },
  ...{
    topic: 'visits',
    timestamp: 1_000_000,
    timestampType: 'log_append_time',
    rule: 'no_id',
    rejectedBy: 'f'.repeat(64),
  },
  ...{ key: bytes('k'), value: bytes('{"id":""}'), headers: [{ key: 'trace', value: bytes('t') }], layout: undefined },
}

test('whatever bytes a record has, what is shown of them comes back as the same bytes', () => {
  const texts = [
    '',
    'plain',
    '{"a":1}',
    '{"a": 1}',
    '{"a":1.0}',
    '{"2":1,"1":2}',
    '{"a":1,"a":2}',
    '[1]',
    'null',
    '{"base64":"aGk="}',
    '{"a":12345678901234567890}',
    '\u0000\u001b[2J',
    '\ufeff{}',
    '{"__proto__":1}',
  ]
  for (const text of texts) assert.deepEqual(bytesOf(shownBytes(bytes(text))), bytes(text), text)
  for (const raw of [[0xff, 0xfe], [0xc3], [0x00, 0x80]]) {
    const shown = shownBytes(new Uint8Array(raw))
    assert.deepEqual(bytesOf(shown), Buffer.from(raw))
    assert.equal(typeof shown, 'object')
  }
  assert.equal(bytesOf(shownBytes(null)), null)
  assert.deepEqual(shownBytes(bytes('{"a":{"b":[1]}}')), { a: { b: [1] } })
})

test('a record’s id names it, and nothing else is one', () => {
  assert.equal(recordId(original.at), 'visit/s/2/40')
  assert.deepEqual(readRecordId('visit/s/2/40'), original.at)
  for (const text of ['', 'visit', 'visit/s/2', 'visit/s/-1/4', 'visit/s/2/4/5', 'visit/s/2/4e3', 'vi sit/s/2/4'])
    assert.equal(readRecordId(text), undefined, text)
})

test('a number that a double would round is landed as it was written', () => {
  const line = readMendedLine('{"record":"visit/s/2/40","value":{"id":12345678901234567890,"share":1.10}}', 1)
  assert.equal(mend(line, original)?.value?.toString(), '{"id":12345678901234567890,"share":1.10}')
})

test('what a line does not say stays, what it says is taken, and where nothing differs nothing is mended', () => {
  const line = (change: object) =>
    readMendedLine(JSON.stringify({ record: 'visit/s/2/40', value: { id: '' }, ...change }), 1)
  assert.equal(mend(line({}), original), undefined)
  assert.equal(mend(line({ key: 'k', headers: [{ key: 'trace', value: 't' }] }), original), undefined)
  const mended = mend(line({ value: { id: 'x' } }), original)
  assert.deepEqual([mended?.key, mended?.headers], [original.key, original.headers])
  assert.equal(mend(line({ key: null }), original)?.key, null)
  assert.deepEqual(mend(line({ headers: [] }), original)?.headers, [])
  const ofFile = mend(line({ value: { id: 'x' } }), { ...original, layout: 'plain' })
  assert.deepEqual(ofFile?.headers.at(-1), { key: 'layout', value: bytes('plain') })
})

test('the same mended the same way has one hash, whatever earlier replay it went through; anything else another', () => {
  const hashOf = (value: string, of = original) =>
    mend(readMendedLine(JSON.stringify({ record: 'visit/s/2/40', value }), 1), of)?.hash ?? assert.fail()
  const again = { ...original, headers: [...original.headers, originHeader(original, 'c')] }
  assert.equal(hashOf('x'), hashOf('x', again))
  assert.notEqual(hashOf('x'), hashOf('y'))
  assert.notEqual(hashOf('x'), hashOf('x', { ...original, at: { ...original.at, offset: 41 } }))
  assert.notEqual(replayId('visit', ['1']), replayId('visit_b', ['1']))
  assert.match(replayId('visit', ['1']), /^[0-9a-f]{64}$/)
})

test('a line that is not one of ours is refused by its number', () => {
  for (const [text, what] of [
    ['hello', /Line 3 is no JSON\./],
    ['1', /is no JSON object/],
    ['{"value":{}}', /names no record/],
    ['{"record":"visit/s/2/40"}', /has no value/],
    ['{"record":"visit/s/2/40","value":[1]}', /has no value/],
    ['{"record":"visit/s/2/40","value":1}', /has no value/],
    ['{"record":"visit/s/2/40","value":"","headers":[1]}', /headers/],
    ['{"record":"visit/s/2/40","value":"","key":[]}', /key/],
  ] as const)
    assert.throws(() => readMendedLine(text, 3), { code: 'quarantine/bad-line', message: what, facts: { line: 3 } })
})
