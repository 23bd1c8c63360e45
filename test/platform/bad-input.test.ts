import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { boundMb, checkBad, consumeBad, sendBad } from './bad-input-run.ts'

const records = Number(process.env.FAIRLEAD_BAD_RECORDS ?? 5_000)

test('whatever is sent is in Silver, quarantined or displaced, once, and the process lives within its memory', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'fairlead-bad-'))
  try {
    const startedMs = performance.now()
    const source = await sendBad(join(root, 'log'), records, 1)
    const sentMs = performance.now()
    const { counts, mostMb } = await consumeBad(join(root, 'lake'), join(root, 'log'))
    const consumedMs = performance.now()
    await checkBad(join(root, 'lake'), source, records, counts)
    assert.ok(mostMb === undefined || mostMb < boundMb, `${mostMb} MB`)
    const [sent, consumed] = [sentMs - startedMs, consumedMs - sentMs].map((ms) => (ms / 1000).toFixed(1))
    t.diagnostic(`${JSON.stringify(counts)}, sent in ${sent} s, consumed in ${consumed} s, at most ${mostMb} MB`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
