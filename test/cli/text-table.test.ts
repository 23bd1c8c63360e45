import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alignedTable } from '../../src/cli/text-table.ts'

const columns = [{ name: 'name' }, { name: 'n' }]

test('numbers stand to the right, text to the left, and null is empty', () => {
  const rows = [
    ['a', 5],
    ['longer', 1234],
    [null, null],
  ]
  assert.deepEqual(
    [...alignedTable({ columns, rows }, undefined)],
    ['name       n\n', '──────  ────\n', 'a          5\n', 'longer  1234\n', '\n'],
  )
})

test('with a width the widest columns are cut until every line fits', () => {
  const rows = [['x'.repeat(200), 12]]
  for (const line of alignedTable({ columns, rows }, 40)) assert.ok([...line].length <= 41, line)
  assert.match([...alignedTable({ columns, rows }, 40)].join(''), /x…/)
})

test('a cell is one line, and a terminal does not obey what a file says', () => {
  const rows = [['a\nb\u001b[31mred\u001b[0m\u0007', { k: 1 }]]
  assert.equal([...alignedTable({ columns, rows }, undefined)][2], 'a bred   {"k":1}\n')
})

test('a table without rows is its header', () => {
  assert.equal([...alignedTable({ columns, rows: [] }, 80)].length, 2)
})
