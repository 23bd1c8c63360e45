import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SourceFile } from '#pipeline'
import { cleanDataset } from '#pipeline'
import type { FailpointName } from '#port'
import { failpoints } from '#port'
import { dieAt, land, withBench } from './clean-fixture.ts'
import { files, quiet, tellAll, visit } from './clean-visit-fixture.ts'

const places = failpoints.filter(
  (name) => name.startsWith('clean/') || name === 'lake/data-written' || name === 'lake/commit-created',
)

test('a process that dies anywhere in a batch loses and doubles nothing, in the first batch and in later ones', async () => {
  const [a, b, c] = files as [SourceFile, SourceFile, SourceFile]
  const expected = await quiet([files])
  for (const place of places)
    for (const nth of place.startsWith('lake/') ? [1, 2, 3, 4, 5] : [1])
      await withBench(async (at) => {
        await land([a, c], [visit], await at.worker())
        const clean = async (failpoint?: (name: FailpointName) => void) =>
          cleanDataset(visit, await at.worker(failpoint && { failpoint }))
        const died = clean(dieAt(place, nth))
        if (place.startsWith('clean/')) await assert.rejects(died, /killed/)
        else await died.catch(() => {}) // a batch may be done in fewer writes
        // More lands before the batch is done again: the interrupted tables are ahead of Silver, and behind Bronze.
        await land([b], [visit], await at.worker())
        await clean(dieAt(place, nth)).catch(() => {})
        await clean()
        assert.deepEqual(await tellAll(await at.worker()), expected, `${place}, ${nth}`)
      })
})
