import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { machineId } from '#log'

test('a machine is called by an id that outlives its host name, where it has one', () => {
  const own = existsSync('/etc/machine-id') ? readFileSync('/etc/machine-id', 'utf8').trim() : ''
  if (own !== '') assert.equal(machineId(), own)
  assert.notEqual(machineId(), '')
  assert.equal(machineId(), machineId())
})
