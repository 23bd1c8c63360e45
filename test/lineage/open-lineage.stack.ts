/** Lineage as OpenLineage, read by OpenLineage's own client: a package of Python, installed where there is none yet. The schemas themselves are in no package. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { openLineageEvents } from '#lineage'
import { readLineage } from '../../src/platform/lineage.ts'
import { pythonWithOpenLineage } from '../platform/python.ts'

const python = pythonWithOpenLineage()
const skip = python === undefined ? 'no Python 3, or no package registry' : false
const effects = { report: () => {}, signal: new AbortController().signal }

function readAgain(events: readonly object[]): {
  readonly status: number | null
  readonly stderr: string
  readonly events: readonly object[]
} {
  const input = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const script = join(import.meta.dirname, 'open-lineage.py')
  const { status, stdout, stderr } = spawnSync(python ?? '', [script], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 120_000,
  })
  return { status, stderr, events: stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])) }
}

test('every event is one to OpenLineage’s own classes, and comes out of them as it went in', { skip }, async () => {
  const lineage = await readLineage({ datasets: [], models: [], engine: { memoryMb: 512 } }, effects)
  const events = openLineageEvents(lineage, { at: new Date('2026-01-31T09:30:00Z'), producer: 'urn:fairlead' })
  assert.ok(events.length > 40)
  const again = readAgain(events)
  assert.equal(again.status, 0, again.stderr)
  assert.deepEqual(withoutEmpty(again.events), withoutEmpty(events))
})

test('an event that is none is refused by them', { skip }, () => {
  const event = {
    eventTime: '2026-01-31T09:30:00Z',
    producer: 'urn:fairlead',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent',
    job: { namespace: 'fairlead', name: 'gold.x', facets: {} },
  }
  assert.equal(readAgain([event]).status, 0)
  for (const broken of [
    { ...event, schemaURL: 'https://openlineage.io/spec/1-0-0/OpenLineage.json#/$defs/JobEvent' },
    { ...event, job: { name: 'gold.x' } },
    { ...event, eventTime: 'yesterday' },
    { ...event, outputs: [{ namespace: 'fairlead', name: 1 }] },
    { ...event, made: 'up' },
  ]) {
    assert.notEqual(readAgain([broken]).status, 0, JSON.stringify(broken))
  }
})

/** A list or an object with nothing in it says what its absence says. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, each]) => [key, withoutEmpty(each)] as const)
  return Object.fromEntries(
    entries.filter(([, each]) => typeof each !== 'object' || each === null || Object.keys(each).length > 0),
  )
}
