import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Contract, Layout } from '#contract'
import { bindHeaders, blockedHeaders, headerKey, matchLayout } from '#contract'

test('headers are compared by letters and digits alone', () => {
  assert.equal(headerKey('Total Parent \nResponse Rate %'), 'total_parent_response_rate')
  assert.equal(headerKey('total_parent_response_rate'), 'total_parent_response_rate')
  assert.equal(headerKey('\uFEFFDBN'), 'dbn')
  assert.equal(headerKey('  '), '')
})

test('the first layout whose headers are there takes the file, unless one it forbids is', () => {
  const layout = (name: string, requires: string[], forbids: string[] = [], headerRows = 1): Layout => ({
    name,
    about: name,
    format: 'csv',
    requires,
    forbids,
    headerRows,
  })
  const contract: Partial<Contract> = {
    layouts: [layout('new', ['a', 'b'], ['old']), layout('old', ['a']), layout('two', ['c'], [], 2)],
  }
  const match = (headers: string[], row?: number) => matchLayout(contract as Contract, 'csv', headers, row)?.name
  assert.equal(match(['A', 'B']), 'new')
  assert.equal(match(['A', 'B', 'old']), 'old')
  assert.equal(match(['b']), undefined)
  assert.equal(match(['c'], 1), undefined)
  assert.equal(match(['c'], 2), 'two')
  assert.equal(matchLayout(contract as Contract, 'geojson', ['a', 'b']), undefined)
})

test('headers in blocks are told apart by their block, repeated ones by number, blank ones by place', () => {
  const blocks = [
    { title: 'Students', prefix: 'S' },
    { title: 'Family', prefix: 'F1' },
    { title: 'Family', prefix: 'F2' },
  ]
  assert.deepEqual(
    blockedHeaders({ blocks }, ['Name', 'Students', 'Trust', 'Family', 'Trust', 'Family', 'Trust', 'Trust']),
    [...['Name', 'Students', 'S / Trust', 'Family', 'F1 / Trust', 'Family (2)', 'F2 / Trust', 'F2 / Trust (2)']],
  )
  assert.deepEqual(blockedHeaders({}, ['a', '', 'a', ' ']), ['a', 'column 2', 'a (2)', 'column 4'])
})

test('a header finds its Bronze key under any of its names', () => {
  const layout: Layout = { name: 'l', about: 'l', format: 'csv', requires: ['a'] }
  const { keyOf } = bindHeaders(layout, ['DBN', 'Trust Score', 'dbn (2)'])
  assert.equal(keyOf(['school', 'dbn']), 'DBN')
  assert.equal(keyOf(['trust_score']), 'Trust Score')
  assert.equal(keyOf(['nothing']), undefined)
  assert.equal(bindHeaders({ ...layout, format: 'geojson' }, []).keyOf(['geometry']), 'geometry')
})
