import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { keptLineage } from '#platform'
import { Fault } from '#port'

const effects = { report: () => {}, signal: new AbortController().signal }

test('who is stopped while lineage is read is told so, and may ask again', async () => {
  const stop = new AbortController()
  const lineage = keptLineage(
    { datasets: [], models: [], engine: { memoryMb: 512 } },
    { ...effects, signal: stop.signal },
  )
  setTimeout(() => stop.abort(), 300)
  await assert.rejects(lineage(), (error) => error instanceof Fault && error.code === 'machine/stopped' && error.retry)
})

test('lineage is read once for as long as the project stays as it is, and anew with a model more', async () => {
  const models = await mkdtemp(join(tmpdir(), 'fairlead-lineage-'))
  try {
    const lineage = keptLineage({ datasets: [], models: [models], engine: { memoryMb: 512 } }, effects)
    const [first, again] = [await lineage(), await lineage()]
    assert.equal(again, first)
    assert.ok(first.layout.boxes.length > 40)
    await writeFile(
      join(models, 'tract_count.sql'),
      "{{ config(schema='gold', materialized='table') }}\nwith recursive n as (select 1 as i union all select i + 1 from n where i < 3) select count(*) as tracts from {{ ref('tract_rank') }}",
    )
    const table = (await lineage()).lineage.tables.find(({ name }) => name === 'gold.tract_count')
    // Its columns are the engine's, its tables dbt's; only the way between them is not known, and that is said.
    assert.equal(table?.untraced, 'a recursive query')
    assert.deepEqual(table.reads, ['dbt_silver.tract_rank'])
    assert.deepEqual(table.columns, [{ name: 'tracts', type: 'long', about: '', from: [], chosenBy: [] }])
    await writeFile(join(models, 'tract_count.sql'), "select * from {{ ref('nothing') }}")
    await assert.rejects(lineage(), (error) => error instanceof Fault && error.code === 'model/project')
  } finally {
    await rm(models, { recursive: true, force: true })
  }
})
