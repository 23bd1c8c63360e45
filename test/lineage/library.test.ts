import assert from 'node:assert/strict'
import { registerHooks } from 'node:module'
import { test } from 'node:test'
import { withSqlReader } from '#lineage'

test('where the library is not installed, that is a fault that says what mends it', async () => {
  const hooks = registerHooks({
    resolve(name, context, next) {
      if (name !== '@polyglot-sql/sdk') return next(name, context)
      throw Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })
    },
  })
  try {
    const asked = withSqlReader(async () => {})
    await assert.rejects(asked, { code: 'machine/library', mend: 'Run npm ci.' })
  } finally {
    hooks.deregister()
  }
})
