import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compared } from '../../scripts/dbt-support.ts'

test('every feature that the embedded runner supports stands in a project that dbt builds as well', () => {
  const alone = compared().filter(({ places }) => places.length === 0)
  assert.deepEqual(
    alone.map(({ group, feature }) => `${group}: ${feature}`),
    [],
  )
})

test('places are projects of the checkout, and the list is not empty', () => {
  assert.ok(
    compared().every(({ places }) => places.every((place) => place === 'dbt' || place.startsWith('test/cases/'))),
  )
  assert.ok(compared().length > 150)
})
