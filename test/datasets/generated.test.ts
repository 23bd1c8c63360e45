import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

test('what is generated from the contracts is up to date', async () => {
  const script = join(import.meta.dirname, '../../scripts/generate.ts')
  const { stderr } = await promisify(execFile)(process.execPath, [script, '--check'])
  assert.equal(stderr, '')
})
