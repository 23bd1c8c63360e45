import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { AppendOutcome, NewRecord, PlatformEvent, ProducerPosition, Topic } from '#port'
import { recordsOf } from '#port'
import { openLogDatabase } from '../../src/log/format.ts'
import type { LogFile } from '../../src/log/log-file.ts'
import { logFile } from '../../src/log/log-file.ts'
import { encodeRecords, parcelOf, readParcel } from '../../src/log/record.ts'
import { logFault } from '../../src/log/sqlite.ts'
import { isFault, record } from './conformance.ts'
import { inFolder } from './fixture.ts'

const limits = { maxBytes: 1_000_000, maxRecords: 1_000 }

interface Given {
  readonly log: LogFile
  readonly topic: Topic
  readonly events: readonly PlatformEvent[]
  readonly file: string
}

function check(what: string, body: (given: Given) => void): void {
  test(`embedded: ${what}`, () =>
    inFolder(async (file) => {
      const events: PlatformEvent[] = []
      const log = logFile(openLogDatabase(file, 'this'), file, (event) => events.push(event))
      try {
        body({ log, topic: log.createTopic('t', 2, 'id'), events, file })
      } finally {
        log.close()
      }
    }))
}

function append(
  { log, topic }: Given,
  records: readonly NewRecord[],
  nowMs = 1_000,
  producer?: ProducerPosition,
): AppendOutcome {
  return log.append({ topic, ...encodeRecords(records), records: records.length, nowMs, producer })
}

/** What a call throws, as the port says it. */
function faultOf(work: () => unknown, file: string): unknown {
  try {
    work()
  } catch (error) {
    return logFault(error, file)
  }
  throw new Error('It went well.')
}

check('on a full disk nothing of a batch is written, and the log goes on once there is space', (given) => {
  const { log, topic, file } = given
  append(given, [record('before')])
  const pages = Number(log.database.prepare('PRAGMA page_count').get()?.page_count)
  log.database.exec(`PRAGMA max_page_count = ${pages + 10}`)
  const batch = Array.from({ length: 1_000 }, (_, i) => record('x'.repeat(200), i % 2))
  const first = { id: 'p', sequence: 0 }
  assert.ok(isFault('log/full', { file })(faultOf(() => append(given, batch, 1_000, first), file)))
  assert.deepEqual(
    log.ranges(topic).map(({ end }) => end),
    [1, 0],
  )
  assert.equal(log.sequenceOf(topic, 'p'), 0)
  log.database.exec('PRAGMA max_page_count = 1000000')
  assert.deepEqual(append(given, batch, 1_000, first), { outcome: 'appended' })
  assert.deepEqual(
    log.ranges(topic).map(({ end }) => end),
    [501, 500],
  )
})

check('a file that another program holds for long is a fault that is tried again', (given) => {
  const { log, file } = given
  log.database.exec('PRAGMA busy_timeout = 20')
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  const fault = faultOf(() => append(given, [record('a')]), file)
  assert.ok(isFault('log/unreachable')(fault))
  assert.equal((fault as { retry?: boolean }).retry, true)
  other.exec('ROLLBACK')
  other.close()
  assert.deepEqual(append(given, [record('a')]), { outcome: 'appended' })
})

check('reading does not wait for a process that writes', (given) => {
  const { log, topic, file } = given
  append(given, [record('a')])
  const other = new DatabaseSync(file)
  other.exec("BEGIN IMMEDIATE; INSERT INTO producer VALUES (1, 'x', 1)")
  assert.equal(log.read(topic, 0, 0, limits).length, 1)
  other.exec('COMMIT')
  other.close()
})

check('bytes that changed on the disk are a fault, never a record', (given) => {
  const { log, topic, file } = given
  append(given, [record('good')])
  append(given, [record('soon bad')])
  log.database.exec(
    "UPDATE chunk SET records = CAST(replace(CAST(records AS TEXT), 'bad', 'odd') AS BLOB) WHERE first = 1",
  )
  assert.equal(log.read(topic, 0, 0, { maxBytes: 1, maxRecords: 1 }).length, 1)
  assert.ok(isFault('log/damaged', { file })(faultOf(() => log.read(topic, 0, 1, limits), file)))
  log.database.exec('DELETE FROM chunk WHERE first = 0')
  assert.ok(isFault('log/damaged', { file })(faultOf(() => log.read(topic, 0, 0, limits), file)))
})

check(
  'a clock that steps back a little is passed over; one that fell far is said once, and times never fall',
  (given) => {
    const { log, topic, events } = given
    const hourMs = 3_600_000
    for (const nowMs of [10 * hourMs, 10 * hourMs - 5_000, 8 * hourMs, 8 * hourMs + 1, 11 * hourMs, 2 * hourMs]) {
      append(given, [record('a')], nowMs)
    }
    const records = recordsOf(readParcel(parcelOf(log.read(topic, 0, 0, limits)), 0, 0, limits))
    const newest = 10 * hourMs
    assert.deepEqual(
      records.map(({ timestampMs }) => timestampMs),
      [newest, newest, newest, newest, 11 * hourMs, 11 * hourMs],
    )
    assert.deepEqual(
      events.map((event) => event.kind === 'fault' && [event.fault.code, event.fault.facts.nowMs]),
      [
        ['log/clock', 8 * hourMs],
        ['log/clock', 2 * hourMs],
      ],
    )
  },
)

check('reading from anywhere in large batches answers the records from there', (given) => {
  const { log, topic } = given
  const batch = Array.from({ length: 2_000 }, (_, i) => record(`${i} ${'.'.repeat(200)}`))
  append(given, batch)
  append(given, batch)
  for (const offset of [0, 1, 299, 1_999, 2_000, 3_999]) {
    const [first] = recordsOf(readParcel(parcelOf(log.read(topic, 0, offset, limits)), 0, offset, limits))
    assert.equal(first?.offset, offset)
    assert.equal(new TextDecoder().decode(first?.value ?? undefined).split(' ')[0], String(offset % 2_000))
  }
})
