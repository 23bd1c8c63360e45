/** Every kind of table that we write reads the same by delta-rs and by DuckDB. Needs what `delta-rs.stack.ts` needs. */
import { test } from 'node:test'
import { pythonWithDeltaRs } from './python.ts'
import { kinds, readByDeltaRs, withTables } from './readers.ts'

const bin = pythonWithDeltaRs()

test('every kind of table reads the same by delta-rs and by DuckDB', {
  skip: bin === undefined && 'no Python with delta-rs here',
  timeout: 300_000,
}, async (t) => {
  await withTables(kinds, async (made) => {
    readByDeltaRs(bin ?? '', made)
    t.diagnostic(`${made.names.length} tables and versions`)
  })
})
