import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProduceEffects } from '#pipeline'
import { produceSeason } from '#pipeline'
import type { FailpointName, LogRecord, PlatformEvent } from '#port'
import type { LiveSeason } from '#season'
import { liveSeason, usualDisturbances } from '#season'
import type { TestLog } from './produce-log.ts'
import { testLog } from './produce-log.ts'

const topic = 'school_climate_stream'

function seasonOf(records: number, perSecond: number): LiveSeason {
  return liveSeason({
    seed: 3,
    schoolYear: 2026,
    schools: Array.from({ length: 40 }, (_, at) => ({
      dbn: `01M${100 + at}`,
      enrolment: 300 + at,
      rates: { student: 0.8, teacher: 0.9, parent: 0.4 },
    })),
    records,
    perSecond,
    ...usualDisturbances,
  })
}

interface Bench extends TestLog {
  readonly events: readonly PlatformEvent[]
  readonly clock: { nowMs: number }
  readonly effects: (more?: Partial<ProduceEffects>) => ProduceEffects
}

/** Time passes only where someone sleeps. */
function bench(): Bench {
  const clock = { nowMs: Date.UTC(2026, 1, 2) }
  const nowMs = () => clock.nowMs
  const log = testLog(nowMs)
  const events: PlatformEvent[] = []
  const effects = (more: Partial<ProduceEffects> = {}): ProduceEffects => ({
    log: log.log,
    nowMs,
    sleep: async (ms) => {
      await new Promise(setImmediate)
      clock.nowMs += Math.ceil(ms)
    },
    random: () => 0.5,
    report: (event) => events.push(event),
    failpoint: () => {},
    signal: new AbortController().signal,
    ...more,
  })
  return { ...log, events, clock, effects }
}

const textOf = ({ value }: LogRecord): string => (value === null ? '' : Buffer.from(value).toString())

const idOf = (record: LogRecord): string => /season-3-\w+-(\d{12})/.exec(textOf(record))?.[1] ?? ''

test('a season is played at its pace, in small batches, and tells once a second what it sent', async () => {
  const { effects, clock, records, sizes, events } = bench()
  const startedMs = clock.nowMs
  const season = seasonOf(2_000, 200)
  const produced = await produceSeason({ topic, partitions: 3, season, perSecond: 200 }, effects())
  assert.deepEqual(
    { ...produced, topic: produced.topic.partitions },
    { topic: 3, sent: 2_000, total: 2_000, complete: true },
  )
  assert.equal((await records(topic)).length, 2_000)
  assert.ok(Math.abs(clock.nowMs - startedMs - 10_000) < 100, `${clock.nowMs - startedMs} ms`)
  assert.ok(Math.max(...sizes) <= 10, `batches of ${Math.max(...sizes)}`)
  const told = events.flatMap((event) => (event.kind === 'stream/produced' ? event : []))
  assert.ok(told.length >= 9 && told.length <= 11, `${told.length} events`)
  assert.equal(
    told.reduce((sum, each) => sum + each.records, 0),
    2_000,
  )
})

test('one school is in one partition, in order, and all partitions are used', async () => {
  const { effects, records } = bench()
  await produceSeason({ topic, partitions: 3, season: seasonOf(3_000, 1_000), perSecond: 1_000 }, effects())
  const partitions = new Map<string, Set<number>>()
  for (const { key, partition } of await records(topic)) {
    const dbn = Buffer.from(key ?? []).toString()
    partitions.set(dbn, (partitions.get(dbn) ?? new Set()).add(partition))
  }
  assert.ok([...partitions.values()].every(({ size }) => size === 1))
  assert.equal(new Set([...partitions.values()].flatMap((each) => [...each])).size, 3)
})

test('a stall is caught up within bounds, and a long one is not made up for', async () => {
  const { effects, clock, sizes, records } = bench()
  const season = seasonOf(4_000, 400)
  const startedMs = clock.nowMs
  let stalled = false
  const sleep = async (ms: number): Promise<void> => {
    await new Promise(setImmediate)
    clock.nowMs += Math.ceil(ms)
    if (stalled || clock.nowMs < startedMs + 3_000) return
    stalled = true
    clock.nowMs += 60_000
  }
  await produceSeason({ topic, partitions: 3, season, perSecond: 400 }, effects({ sleep }))
  assert.equal((await records(topic)).length, 4_000)
  assert.ok(Math.max(...sizes) <= 100, `batches of ${Math.max(...sizes)}`)
  const tookMs = clock.nowMs - startedMs
  assert.ok(tookMs > 67_500 && tookMs < 68_500, `${tookMs} ms: two of the sixty seconds were caught up`)
})

test('killed before or after it sent, a producer goes on and every record is in once', async () => {
  const whole = bench()
  const season = seasonOf(1_500, 300)
  await produceSeason({ topic, partitions: 3, season, perSecond: 300 }, whole.effects())

  const { effects, records } = bench()
  let meets = 0
  const deaths = new Map<number, FailpointName>([
    [3, 'produce/before-append'],
    [20, 'produce/after-append'],
    [33, 'produce/after-append'],
    [60, 'produce/before-append'],
  ])
  const failpoint = (name: FailpointName): void => {
    meets += 1
    if (deaths.get(meets) === undefined || deaths.get(meets) !== name) return
    throw new Error('killed')
  }
  let lives = 0
  for (let ended = false; !ended; lives += 1) {
    const made = seasonOf(1_500, 300)
    ended = await produceSeason({ topic, partitions: 3, season: made, perSecond: 300 }, effects({ failpoint })).then(
      (produced) => produced.complete,
      () => false,
    )
  }
  assert.ok(lives >= 3, `${lives} lives`)
  assert.equal((await records(topic)).length, 1_500)
  const ids = new Set((await records(topic)).map(idOf))
  assert.ok((await whole.records(topic)).every((record) => ids.has(idOf(record))))
  // What it sent before is not sent again, and another season is another producer.
  assert.equal((await produceSeason({ topic, partitions: 3, season, perSecond: 300 }, effects())).sent, 0)
  const another = seasonOf(10, 300)
  assert.equal((await produceSeason({ topic, partitions: 3, season: another, perSecond: 300 }, effects())).sent, 10)
})

test('two producers of one season send each record once between them', async () => {
  const { effects, records } = bench()
  const season = seasonOf(1_000, 200)
  const options = { topic, partitions: 3, season, perSecond: 200 }
  const [one, two] = await Promise.all([produceSeason(options, effects()), produceSeason(options, effects())])
  assert.equal(one.sent + two.sent, 1_000)
  assert.ok(one.complete && two.complete)
  const counted = await records(topic)
  assert.equal(counted.length, 1_000)
  const fresh = counted.map(idOf).filter((id) => id !== '')
  assert.ok(fresh.length - new Set(fresh).size <= 20, 'only repeated records repeat')
})

test('weather is waited out, whether or not the batch came through', async () => {
  for (const when of ['before', 'after'] as const) {
    const { effects, records, failNext, events } = bench()
    failNext(3, when)
    const produced = await produceSeason(
      { topic, partitions: 3, season: seasonOf(500, 500), perSecond: 500 },
      effects(),
    )
    assert.equal(produced.complete, true)
    assert.equal((await records(topic)).length, 500)
    assert.ok(events.some(({ kind }) => kind === 'retry'))
  }
})

test('stopped, it leaves what was sent and goes on later', async () => {
  const { effects, records, clock } = bench()
  const stop = new AbortController()
  const startedMs = clock.nowMs
  const sleep = async (ms: number): Promise<void> => {
    clock.nowMs += Math.ceil(ms)
    if (clock.nowMs > startedMs + 1_000) stop.abort()
  }
  const options = { topic, partitions: 3, season: seasonOf(1_000, 200), perSecond: 200 }
  const first = await produceSeason(options, effects({ sleep, signal: stop.signal }))
  assert.ok(!first.complete && first.sent > 150 && first.sent < 250, `${first.sent} sent`)
  const second = await produceSeason(options, effects())
  assert.equal(second.sent, 1_000 - first.sent)
  assert.equal((await records(topic)).length, 1_000)
})

test('late and repeated records carry the instants at which their moment was sent', async () => {
  const { effects, records } = bench()
  const season = liveSeason({
    seed: 3,
    schoolYear: 2026,
    schools: [{ dbn: '01M001', enrolment: 400, rates: { student: 0.8, teacher: 0.9, parent: 0.4 } }],
    records: 4_000,
    perSecond: 200,
    late: 0.1,
    repeated: 0.1,
    malformed: 0,
  })
  await produceSeason({ topic, partitions: 1, season, perSecond: 200 }, effects())
  const seen = new Map<string, string>()
  let [repeated, late] = [0, 0]
  for (const record of await records(topic)) {
    const text = textOf(record)
    const { event_id, event_ts } = JSON.parse(text)
    if (seen.has(event_id)) {
      assert.equal(seen.get(event_id), text)
      repeated += 1
    } else if (Date.parse(event_ts) < record.timestampMs) late += 1
    else assert.equal(Date.parse(event_ts), record.timestampMs)
    seen.set(event_id, text)
  }
  assert.ok(Math.abs(repeated - 400) < 80, `${repeated} repeated`)
  assert.ok(Math.abs(late - 400) < 80, `${late} late`)
})
