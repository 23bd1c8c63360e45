import assert from 'node:assert/strict'
import { test } from 'node:test'
import { versioned } from '../../src/lake/versioned.ts'

test('every version stays as it was, however much changes after it', () => {
  const values = versioned<string>()
  const copies: Map<string, string>[] = []
  const views: ReturnType<typeof values.at>[] = []
  const now = new Map<string, string>()
  let random = 1
  for (let version = 0; version < 2000; version += 1) {
    for (let change = 0; change < 3; change += 1) {
      random = (random * 48271) % 2147483647
      const key = `k${random % 50}`
      if (random % 3 === 0) {
        values.drop(key, version)
        now.delete(key)
      } else {
        values.put(key, `${key} at ${version}.${change}`, version)
        now.delete(key)
        now.set(key, `${key} at ${version}.${change}`)
      }
    }
    views.push(values.at(version))
    copies.push(new Map(now))
  }
  for (const [version, view] of views.entries()) {
    const copy = copies[version]
    assert.deepEqual(view.values(), [...(copy?.values() ?? [])], `version ${version}`)
    assert.equal(view.size, copy?.size)
    for (let key = 0; key < 50; key += 7) assert.equal(view.get(`k${key}`), copy?.get(`k${key}`))
  }
})

test('what is swept is gone from then on', () => {
  const values = versioned<number>()
  for (let i = 0; i < 10; i += 1) values.put(String(i), i, i)
  const before = values.at(9)
  values.sweep((value) => value < 5, 10)
  assert.deepEqual(values.at(10).values(), [5, 6, 7, 8, 9])
  assert.equal(before.values().length, 10)
  assert.equal(values.size, 5)
})
