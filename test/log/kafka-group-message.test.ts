import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeAssignment, encodeAssignment, shareOut } from '../../src/log/kafka-group-message.ts'

test('an assignment is read as it was written; one that is cut off, or of another topic, assigns nothing', () => {
  const bytes = encodeAssignment('tópic', [3, 1, 2])
  assert.deepEqual(decodeAssignment(bytes, 'tópic'), [1, 2, 3])
  assert.deepEqual(decodeAssignment(bytes, 'other'), [])
  for (let length = 0; length < bytes.length - 4; length += 1) {
    assert.deepEqual(decodeAssignment(bytes.subarray(0, length), 'tópic'), [])
  }
})

test('every partition is one member’s, and no member has two more than another', () => {
  for (let partitions = 0; partitions <= 12; partitions += 1) {
    for (let members = 1; members <= 7; members += 1) {
      const ids = Array.from({ length: members }, (_, i) => `m${(i * 5) % 7}`)
      const parts = [...shareOut(partitions, ids).values()]
      const all = parts.flat().toSorted((a, b) => a - b)
      assert.deepEqual(
        all,
        Array.from({ length: partitions }, (_, i) => i),
      )
      const sizes = parts.map(({ length }) => length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    }
  }
})
