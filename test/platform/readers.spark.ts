/**
 * Every kind of table that we write, one of ten thousand commits among them, reads the same by Spark, by delta-rs and by DuckDB. Needs `FAIRLEAD_SHARED/stack/spark`,
 * or a Spark Connect server with Delta Lake that `SPARK_REMOTE` names, and what `delta-rs.stack.ts` needs.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { pythonWithDeltaRs } from './python.ts'
import { kinds, longKinds, readByDeltaRs, withTables } from './readers.ts'
import { sparkPython, startSpark } from './spark.ts'

const bin = pythonWithDeltaRs()
const python = sparkPython()

test('every kind of table reads the same by Spark, by delta-rs and by DuckDB', {
  skip: (bin === undefined || python === undefined) && 'no Spark with Delta Lake, or no Python with delta-rs here',
  timeout: 1_800_000,
}, async (t) => {
  await withTables({ ...kinds, ...longKinds }, async (made) => {
    const { root, names, ours, asked, told } = made
    readByDeltaRs(bin ?? '', made)
    const spark = startSpark()
    try {
      const script = join(import.meta.dirname, 'readers-spark.py')
      const wanted = asked.map(({ table, version, columns }, i) => ({
        table,
        version,
        columns,
        out: join(root, `${i}.parquet`),
      }))
      execFileSync(python ?? '', ['-W', 'ignore', script], {
        ...{ encoding: 'utf8', input: JSON.stringify(wanted), env: { ...process.env, SPARK_REMOTE: spark.url } },
      })
      for (const [i, { out }] of wanted.entries()) {
        const of = asked[i]
        assert.ok(of)
        assert.equal(await told(out, of), ours[i], `${names[i]}, by Spark`)
      }
    } finally {
      spark.stop()
    }
    t.diagnostic(`${names.length} tables and versions`)
  })
})
