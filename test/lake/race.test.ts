import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openTable } from '#lake'
import { localStore } from '#storage'
import { quietEffects } from './effects.ts'
import { commitLines, numbersOf } from './table.ts'

test('three processes that write the same tables lose nothing: every append is there once, every replace built on the one before', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-lake-'))
  try {
    const rounds = 15
    const child = join(import.meta.dirname, 'race-child.ts')
    const run = promisify(execFile)
    const writers = ['a', 'b', 'c']
    await Promise.all(
      writers.map((writer, i) => run(process.execPath, [child, folder, writer, String(rounds), String(i * 1000)])),
    )
    const store = localStore(folder)
    const log = await openTable(store, 'log', quietEffects()).snapshot()
    const expected = writers.flatMap((_, i) => Array.from({ length: rounds }, (__, round) => i * 1000 + round))
    assert.deepEqual(await numbersOf(store, 'log', log), expected)
    assert.equal(log?.version, writers.length * rounds - 1)
    for (const writer of writers) assert.equal(log.txns.get(writer), rounds)

    const counter = await openTable(store, 'counter', quietEffects()).snapshot()
    assert.deepEqual(await numbersOf(store, 'counter', counter), [writers.length * rounds])
    assert.equal(counter?.files.length, 1)
    for (let version = 0; version <= counter.version; version += 1) {
      const lines = await commitLines(store, 'counter', version)
      assert.equal(lines.filter((line) => line.remove).length, version === 0 ? 0 : 1)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})
