import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatherWriter } from '#parquet'
import * as real from '#parquet'
import { bronzeColumns } from '#pipeline'
import * as plain from '../../sim/plain-parquet.ts'

const bytes = new TextEncoder().encode('keyvalueheader')

/** Three records, of which one has a header and one no value. */
function fill(file: GatherWriter): Uint8Array {
  const spans = new Int32Array([0, 3, 3, 5, -1, -1, 3, 5, 0, 3, -1, -1])
  for (const name of ['topic', 'source']) file.runs(name).add('sightings', 3)
  file.runs('timestamp_type').add('create_time', 3)
  for (const name of ['partition', 'ingest_ts']) file.runs(name).add(7, 3)
  file.numbers('offset').add(new Float64Array([4, 5, 9]), 1)
  file.numbers('timestamp').add(new Float64Array([1, Number.NaN, 3]), 1000)
  file.spans('key').add({ bytes, spans, stride: 4, first: 0, count: 3 })
  file.spans('value').add({ bytes, spans, stride: 4, first: 2, count: 3 })
  file.pairs('headers').add(3, new Int32Array([0, 1, 1]), new Int32Array([8, 6, 3, 5]), bytes)
  file.added(3, 40)
  return file.finish()
}

test('a file that is kept plain gives the rows that it gives as Parquet', async () => {
  const read = async (parquet: typeof real | typeof plain) =>
    (await parquet.openParquet(fill(parquet.gatherWriter(bronzeColumns)), 'file')).read()
  const comparable = (rows: unknown): string =>
    JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value))
  assert.equal(comparable(await read(plain)), comparable(await read(real)))
})

test('a plain file that is torn is told, and so are bytes of no file', async () => {
  const whole = fill(plain.gatherWriter(bronzeColumns))
  for (const torn of [whole.subarray(0, -1), whole.subarray(0, 5), new Uint8Array()])
    await assert.rejects(plain.openParquet(torn, 'file'), { code: 'lake/damaged' })
  plain.forgetFiles()
  await assert.rejects(plain.openParquet(whole, 'file'), { code: 'lake/damaged' })
})
