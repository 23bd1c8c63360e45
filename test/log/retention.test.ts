import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { test } from 'node:test'
import type { Fault, PlatformEvent, Topic } from '#port'
import { openLogDatabase } from '../../src/log/format.ts'
import type { LogFile } from '../../src/log/log-file.ts'
import { logFile } from '../../src/log/log-file.ts'
import { encodeRecords } from '../../src/log/record.ts'
import type { RetentionOptions } from '../../src/log/retention.ts'
import { retention } from '../../src/log/retention.ts'
import { isFault, record } from './conformance.ts'
import { inFolder, openLog } from './fixture.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const day = 24

interface Given {
  readonly log: LogFile
  readonly topic: Topic
  /** Appends records of a value's size to a partition. */
  append(records: number, sizeBytes: number, nowMs: number, partition?: number): void
  /** Removes what may go, and answers the faults that were said. */
  clean(): readonly Fault[]
  starts(): readonly number[]
}

function check(what: string, options: RetentionOptions, body: (given: Given) => void): void {
  test(`embedded: ${what}`, () =>
    inFolder(async (file) => {
      const events: PlatformEvent[] = []
      const report = (event: PlatformEvent) => void events.push(event)
      const database = openLogDatabase(file, 'this')
      const log = logFile(database, file, report)
      const topic = log.createTopic('t', 2, 'id')
      const { step } = retention(database, file, options, report)
      try {
        body({
          log,
          topic,
          append(records, sizeBytes, nowMs, partition = 0) {
            const batch = Array.from({ length: records }, () => record('x'.repeat(sizeBytes), partition))
            log.append({ topic, ...encodeRecords(batch), records, nowMs, producer: undefined })
          },
          clean() {
            while (step()) {}
            return events.splice(0).flatMap((event) => (event.kind === 'fault' ? [event.fault] : []))
          },
          starts: () => log.ranges(topic).map(({ start }) => start),
        })
      } finally {
        log.close()
      }
    }))
}

const aged: RetentionOptions = { keepHours: day, maxMb: 64 }

check('records go when they are older than is kept', aged, ({ append, clean, starts, log, topic }) => {
  for (let i = 0; i <= 100; i += 1) append(1, 10, i * 30 * minuteMs)
  assert.deepEqual(clean(), [])
  assert.deepEqual(starts(), [52, 0])
  assert.deepEqual(log.ranges(topic)[0], { partition: 0, start: 52, end: 101 })
  const [first] = log.read(topic, 0, 52, { maxBytes: 1, maxRecords: 1 })
  assert.equal(first?.first, 52)
  assert.throws(
    () => log.read(topic, 0, 51, { maxBytes: 1, maxRecords: 1 }),
    isFault('log/out-of-range', { partition: 0, offset: 51, start: 52, end: 101 }),
  )
})

check('what a known consumer lacks is kept, however old', aged, ({ append, clean, starts, log, topic }) => {
  log.noteConsumed(topic, 'slow', new Map([[0, 10]]))
  log.noteConsumed(
    topic,
    'fast',
    new Map([
      [0, 90],
      [1, 1],
    ]),
  )
  append(1, 10, 0, 1)
  for (let i = 0; i <= 100; i += 1) append(1, 10, i * hourMs)
  assert.deepEqual(clean(), [])
  assert.deepEqual(starts(), [10, 0], 'a consumer of the topic lacks what it never spoke of')
  log.noteConsumed(
    topic,
    'slow',
    new Map([
      [0, 40],
      [1, 1],
    ]),
  )
  assert.deepEqual(clean(), [])
  assert.deepEqual(starts(), [40, 1])
})

check('a clock that leaps forward, and back, removes nothing', aged, ({ append, clean, starts }) => {
  append(1, 10, 0)
  append(1, 10, 2 * minuteMs)
  append(1, 10, 20 * 365 * day * hourMs)
  append(1, 10, 20 * 365 * day * hourMs + minuteMs)
  append(1, 10, 4 * minuteMs)
  append(1, 10, 40 * 365 * day * hourMs)
  clean()
  assert.deepEqual(starts(), [0, 0])
})

check('over its size the log removes first what every consumer has', { keepHours: day, maxMb: 4 }, (given) => {
  const { append, clean, starts, log, topic } = given
  append(1_000, 1_000, 0, 1)
  append(3_500, 1_000, 1, 0)
  log.noteConsumed(
    topic,
    'c',
    new Map([
      [0, 3_000],
      [1, 0],
    ]),
  )
  assert.deepEqual(clean(), [])
  const [start = 0] = starts()
  assert.ok(start >= 600 && start <= 3_000, `starts at ${start}`)
  assert.deepEqual(starts(), [start, 0], 'the older records of the other partition stay: the consumer lacks them')
})

check(
  'what a hard bound removes before a consumer has it is said, with its offsets',
  { keepHours: day, maxMb: 4 },
  (given) => {
    const { append, clean, starts, log, topic } = given
    log.noteConsumed(topic, 'c', new Map([[0, 100]]))
    append(6_000, 1_000, 0)
    const faults = clean()
    const [start = 0] = starts()
    assert.ok(start > 1_500 && start < 6_000, `starts at ${start}`)
    assert.equal(faults.length, 1)
    assert.ok(isFault('log/dropped', { topic: 't', partition: 0, to: start, maxMb: 4 })(faults[0]))
    assert.deepEqual(clean(), [], 'once')
  },
)

check('a removed topic leaves nothing, and its space goes back to the disk', aged, ({ append, clean, log }) => {
  append(20_000, 1_000, 0)
  const pages = () => Number(log.database.prepare('PRAGMA page_count').get()?.page_count)
  const before = pages()
  assert.ok(before > 4_900)
  log.removeTopic('t')
  assert.deepEqual(clean(), [])
  assert.equal(log.database.prepare('SELECT count(*) AS n FROM chunk').get()?.n, 0)
  assert.equal(log.database.prepare('SELECT count(*) AS n FROM partition').get()?.n, 0)
  assert.ok(pages() < before / 2, `${pages()} of ${before} pages are left`)
})

test('embedded: a log that is written without end stays within its size, and says what it let go', () =>
  inFolder(async (file) => {
    const events: PlatformEvent[] = []
    const report = (event: PlatformEvent) => void events.push(event)
    const log = await openLog(file, { options: { maxMb: 16 }, effects: { report } })
    const topic = await log.createTopic('t', 1)
    const batch = Array.from({ length: 1_000 }, () => record('x'.repeat(1_000)))
    for (let i = 0; i < 40; i += 1) await log.append(topic, batch)
    for (let patience = 100; events.length === 0 && patience > 0; patience -= 1) await log.ranges(topic)
    const [range] = await log.ranges(topic)
    await log.close()
    assert.ok(range && range.start > 20_000, `starts at ${range?.start}`)
    const { size } = await stat(file)
    assert.ok(size < 24_000_000, `${size} bytes`)
    assert.ok(events.length > 0)
  }))
