import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LogRecord, NewRecord, RecordLog, Topic } from '#port'
import { Fault, recordsOf } from '#port'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | null): string | null => value && new TextDecoder().decode(value)
const limits = { maxBytes: 1_000_000, maxRecords: 1_000 }
/** A test ends its waits itself, unless it asks for another signal. */
const never = new AbortController().signal

export function record(value: string, partition = 0): NewRecord {
  return { partition, key: bytes(`key of ${value}`), value: bytes(value), headers: [] }
}

/** A partition's values from an offset to its end. */
export async function valuesFrom(log: RecordLog, topic: Topic, partition = 0, from = 0): Promise<(string | null)[]> {
  const values: (string | null)[] = []
  for (let next = from; ; ) {
    const answer = await log.read(topic, partition, next, limits)
    values.push(...recordsOf(answer).map(({ value }) => text(value)))
    if (answer.next === next) return values
    next = answer.next
  }
}

export function isFault(code: string, facts: Fault['facts'] = {}): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, code)
    assert.notEqual(error.mend, '')
    for (const [name, value] of Object.entries(facts)) assert.equal(error.facts[name], value, name)
    return true
  }
}

async function answersWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), ms)
  const answered = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return answered
}

/**
 * What every RecordLog does. An adapter is done when it passes; `makeLog` answers a new, empty log and how to remove it. A log that keeps marks of its own
 * between records says so: then offsets rise, and need not be contiguous.
 */
export function testRecordLog(
  name: string,
  makeLog: () => Promise<{ readonly log: RecordLog; readonly remove?: () => Promise<void> }>,
  { hasMarks = false } = {},
): void {
  const check = (what: string, body: (log: RecordLog) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const { log, remove } = await makeLog()
      try {
        await body(log)
      } finally {
        await log.close()
        await remove?.()
      }
    })
  }

  check('a topic is made once, and stands as it was made', async (log) => {
    assert.equal(await log.topic('t'), undefined)
    const made = await log.createTopic('t', 3)
    assert.deepEqual(made, { name: 't', id: made.id, partitions: 3 })
    assert.deepEqual(await log.createTopic('t', 5), made)
    assert.deepEqual(await log.topic('t'), made)
    assert.deepEqual(await log.ranges(made), [
      { partition: 0, start: 0, end: 0 },
      { partition: 1, start: 0, end: 0 },
      { partition: 2, start: 0, end: 0 },
    ])
    assert.deepEqual(recordsOf(await log.read(made, 2, 0, limits)), [])
    assert.equal(await log.sequenceOf(made, 'p'), 0)
  })

  check(
    `offsets ${hasMarks ? 'rise' : 'are contiguous'} from 0 in each partition, in the order of appending`,
    async (log) => {
      const topic = await log.createTopic('t', 2)
      const before = Date.now()
      assert.deepEqual(await log.append(topic, [record('a', 1), record('b', 0), record('c', 1)]), {
        outcome: 'appended',
      })
      await log.append(topic, [record('d', 1)])
      const answer = await log.read(topic, 1, 0, limits)
      const records = recordsOf(answer)
      assert.deepEqual(
        records.map(({ partition, key, value }) => [partition, text(key), text(value)]),
        [
          [1, 'key of a', 'a'],
          [1, 'key of c', 'c'],
          [1, 'key of d', 'd'],
        ],
      )
      const offsets = records.map(({ offset }) => offset)
      if (hasMarks)
        assert.deepEqual(
          [...new Set(offsets)].toSorted((a, b) => a - b),
          offsets,
        )
      else assert.deepEqual(offsets, [0, 1, 2])
      assert.ok(records.every(({ timestampMs }) => Number.isInteger(timestampMs) && timestampMs >= before - 60_000))
      assert.deepEqual(await valuesFrom(log, topic, 0), ['b'])
      assert.deepEqual(await valuesFrom(log, topic, 1, 1), ['c', 'd'])
      assert.deepEqual(await valuesFrom(log, topic, 1, (offsets[1] ?? 0) + 1), ['d'])
      const end0 = (await log.read(topic, 0, 0, limits)).next
      if (!hasMarks) assert.deepEqual([end0, answer.next], [1, 3])
      assert.deepEqual(await log.ranges(topic), [
        { partition: 0, start: 0, end: end0 },
        { partition: 1, start: 0, end: answer.next },
      ])
    },
  )

  check('timestamps never fall within a partition', async (log) => {
    const topic = await log.createTopic('t', 1)
    for (let i = 0; i < 20; i += 1) await log.append(topic, [record(`${i}`), record(`${i} again`)])
    const times = recordsOf(await log.read(topic, 0, 0, limits)).map(({ timestampMs }) => timestampMs)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  check('bytes come back as they went in: null, empty, text that is none, headers in order', async (log) => {
    const topic = await log.createTopic('t', 1)
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    const invalid = new Uint8Array([0xff, 0xfe, 0xc0, 0x80, 0xed, 0xa0, 0x80])
    const given: readonly NewRecord[] = [
      { partition: 0, key: null, value: null, headers: [] },
      { partition: 0, key: new Uint8Array(0), value: new Uint8Array(0), headers: [] },
      { partition: 0, key: null, value: all, headers: [{ key: '', value: new Uint8Array(0) }] },
      { partition: 0, key: invalid, value: null, headers: [] },
      {
        partition: 0,
        key: all,
        value: invalid,
        headers: [
          { key: 'ünïcode \u{1f600}', value: invalid },
          { key: 'same', value: bytes('one') },
          { key: 'same', value: bytes('two') },
          { key: '\ufeffmarked', value: all },
          { key: 'nothing', value: null },
        ],
      },
    ]
    await log.append(topic, given)
    await log.append(topic, given)
    const read = recordsOf(await log.read(topic, 0, 0, limits))
    assert.deepEqual(read.map(plain), [...given, ...given].map(plain))
    assert.deepEqual(recordsOf(await log.read(topic, 0, 8, limits)).map(plain), given.slice(3).map(plain))
  })

  check('bytes are the log’s own: changing what was handed over or read changes nothing', async (log) => {
    const topic = await log.createTopic('t', 1)
    const value = bytes('abc')
    const appended = log.append(topic, [{ partition: 0, key: null, value, headers: [] }])
    await appended
    value[0] = 0
    const [first] = recordsOf(await log.read(topic, 0, 0, limits))
    if (first?.value) first.value[0] = 0
    assert.deepEqual(await valuesFrom(log, topic), ['abc'])
  })

  check('a large record is read although it is over the limit', async (log) => {
    const topic = await log.createTopic('t', 1)
    const large = new Uint8Array(900_000).map((_, i) => i * 31)
    await log.append(topic, [record('small'), { partition: 0, key: null, value: large, headers: [] }, record('after')])
    const [alone, ...others] = recordsOf(await log.read(topic, 0, 1, { maxBytes: 10, maxRecords: 10 }))
    assert.deepEqual(alone?.value, large)
    assert.deepEqual(others, [])
    assert.deepEqual(await valuesFrom(log, topic, 0, 2), ['after'])
  })

  check('reading ends at its limits, and what follows is read from there', async (log) => {
    const topic = await log.createTopic('t', 1)
    const given = Array.from({ length: 500 }, (_, i) => `${i}`.padStart(100, '.'))
    for (let i = 0; i < given.length; i += 50) {
      await log.append(
        topic,
        given.slice(i, i + 50).map((value) => record(value)),
      )
    }
    assert.equal(recordsOf(await log.read(topic, 0, 3, { maxBytes: 1_000_000, maxRecords: 7 })).length, 7)
    const some = recordsOf(await log.read(topic, 0, 40, { maxBytes: 3_000, maxRecords: 1_000 }))
    assert.ok(some.length > 1 && some.length < 30, `${some.length} records`)
    const read: LogRecord[] = []
    for (;;) {
      const next = recordsOf(await log.read(topic, 0, read.length, { maxBytes: 1_234, maxRecords: 9 }))
      if (next.length === 0) break
      read.push(...next)
    }
    assert.deepEqual(
      read.map(({ value }) => text(value)),
      given,
    )
    assert.deepEqual(
      read.map(({ offset }) => offset),
      given.map((_, i) => i),
    )
  })

  check('an answer says where reading goes on, and each record lies where its block says', async (log) => {
    const topic = await log.createTopic('t', 2)
    await log.append(topic, [record('a', 1), { ...record('b', 1), headers: [{ key: 'h', value: bytes('x') }] }])
    await log.append(topic, [record('c', 1)])
    const { blocks, next } = await log.read(topic, 1, 1, limits)
    assert.equal(next, 3)
    assert.equal(
      blocks.reduce((sum, { count }) => sum + count, 0),
      2,
    )
    for (const block of blocks) {
      assert.equal(block.partition, 1)
      const records = recordsOf({ blocks: [block], next })
      assert.deepEqual([block.offsets.length, block.spans.length], [block.count, block.count * 4])
      assert.equal(
        block.sizeBytes,
        records.reduce(
          (sum, { key, value, headers }) =>
            sum + (key?.length ?? 0) + (value?.length ?? 0) + headers.reduce((own, h) => own + h.key.length + 1, 0),
          0,
        ),
      )
    }
    assert.deepEqual(await log.read(topic, 1, 3, limits), { blocks: [], next: 3 })
  })

  check('a member has its partitions from the start, and may leave', async (log) => {
    const topic = await log.createTopic('t', 2)
    const member = await log.join(topic, 'reader', async () => {})
    assert.deepEqual(member.assigned().partitions, [0, 1])
    await member.leave()
  })

  check('nothing appended is nothing: no record, and a producer that stays where it is', async (log) => {
    const topic = await log.createTopic('t', 1)
    assert.deepEqual(await log.append(topic, []), { outcome: 'appended' })
    assert.deepEqual(await log.append(topic, [], { id: 'p', sequence: 0 }), { outcome: 'appended' })
    assert.deepEqual(await log.append(topic, [], { id: 'p', sequence: 4 }), { outcome: 'moved', sequence: 0 })
    assert.deepEqual(await log.ranges(topic), [{ partition: 0, start: 0, end: 0 }])
  })

  check('an offset below the start or beyond the end is a fault that says where the log stands', async (log) => {
    const topic = await log.createTopic('t', 2)
    await log.append(topic, [record('a', 1), record('b', 1)])
    assert.deepEqual(recordsOf(await log.read(topic, 1, 2, limits)), [])
    const facts = { partition: 1, start: 0, end: 2 }
    await assert.rejects(log.read(topic, 1, 3, limits), isFault('log/out-of-range', { ...facts, offset: 3 }))
    await assert.rejects(log.read(topic, 1, -1, limits), isFault('log/out-of-range', { ...facts, offset: -1 }))
  })

  check('a partition that the topic has not is a fault, and nothing of such a batch is written', async (log) => {
    const topic = await log.createTopic('t', 2)
    const facts = { partition: 2, partitions: 2 }
    await assert.rejects(log.read(topic, 2, 0, limits), isFault('log/no-partition', facts))
    const batch = [record('a'), record('b', 2)]
    await assert.rejects(log.append(topic, batch, { id: 'p', sequence: 0 }), isFault('log/no-partition', facts))
    assert.deepEqual(await valuesFrom(log, topic), [])
    assert.equal(await log.sequenceOf(topic, 'p'), 0)
  })

  check('a producer that sends again is told where it stands, and nothing is in twice', async (log) => {
    const topic = await log.createTopic('t', 2)
    const batch = [record('a'), record('b', 1), record('c')]
    assert.deepEqual(await log.append(topic, batch, { id: 'p', sequence: 0 }), { outcome: 'appended' })
    assert.deepEqual(await log.append(topic, batch, { id: 'p', sequence: 0 }), { outcome: 'moved', sequence: 3 })
    assert.deepEqual(await log.append(topic, batch, { id: 'p', sequence: 4 }), { outcome: 'moved', sequence: 3 })
    assert.deepEqual(await log.append(topic, [record('d')], { id: 'p', sequence: 3 }), { outcome: 'appended' })
    assert.equal(await log.sequenceOf(topic, 'p'), 4)
    assert.equal(await log.sequenceOf(topic, 'another'), 0)
    assert.deepEqual(await log.append(topic, [record('e')], { id: 'another', sequence: 0 }), { outcome: 'appended' })
    assert.deepEqual(await valuesFrom(log, topic), ['a', 'c', 'd', 'e'])
    assert.deepEqual(await valuesFrom(log, topic, 1), ['b'])
  })

  check('a producer stands in each topic by itself', async (log) => {
    const [one, other] = [await log.createTopic('one', 1), await log.createTopic('other', 1)]
    await log.append(one, [record('a')], { id: 'p', sequence: 0 })
    assert.equal(await log.sequenceOf(other, 'p'), 0)
  })

  check('of many appends of one sequence at once one is taken', async (log) => {
    const topic = await log.createTopic('t', 1)
    for (let round = 0; round < 5; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, (_, i) => log.append(topic, [record(`${round} ${i}`)], { id: 'p', sequence: round })),
      )
      assert.equal(outcomes.filter(({ outcome }) => outcome === 'appended').length, 1)
      for (const each of outcomes) if (each.outcome === 'moved') assert.equal(each.sequence, round + 1)
    }
    assert.equal((await valuesFrom(log, topic)).length, 5)
  })

  check('appends at once are all in, each as a whole', async (log) => {
    const topic = await log.createTopic('t', 1)
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => log.append(topic, [record(`${i} a`), record(`${i} b`), record(`${i} c`)])),
    )
    const values = await valuesFrom(log, topic)
    assert.equal(values.length, 60)
    for (let i = 0; i < 60; i += 3) {
      const [batch] = values[i]?.split(' ') ?? []
      assert.deepEqual(values.slice(i, i + 3), [`${batch} a`, `${batch} b`, `${batch} c`])
    }
  })

  check('a topic that was removed is not there; made anew it is another one', async (log) => {
    await log.removeTopic('t')
    const old = await log.createTopic('t', 1)
    await log.append(old, [record('old')], { id: 'p', sequence: 0 })
    await log.noteConsumed(old, 'c', new Map([[0, 1]]))
    await log.removeTopic('t')
    assert.equal(await log.topic('t'), undefined)
    const calls = [
      () => log.read(old, 0, 0, limits),
      () => log.append(old, [record('x')]),
      () => log.ranges(old),
      () => log.sequenceOf(old, 'p'),
      () => log.noteConsumed(old, 'c', new Map([[0, 1]])),
    ]
    for (const call of calls) await assert.rejects(call, isFault('log/no-topic', { topic: 't' }))
    const anew = await log.createTopic('t', 2)
    assert.notEqual(anew.id, old.id)
    for (const call of calls) await assert.rejects(call, isFault('log/topic-anew', { topic: 't' }))
    assert.equal(anew.partitions, 2)
    assert.equal(await log.sequenceOf(anew, 'p'), 0)
    assert.deepEqual(await valuesFrom(log, anew), [])
    await log.append(anew, [record('new')])
    assert.deepEqual(await valuesFrom(log, anew), ['new'])
  })

  check('waiting ends when a partition ends beyond what was given, at once where it does', async (log) => {
    const topic = await log.createTopic('t', 2)
    const ends = new Map([
      [0, 0],
      [1, 0],
    ])
    const waiting = log.waitBeyond(topic, ends, never)
    assert.equal(await answersWithin(waiting, 60), false)
    await log.append(topic, [record('a', 1)])
    await waiting
    await log.waitBeyond(topic, ends, never)
    assert.deepEqual(await valuesFrom(log, topic, 1), ['a'])
  })

  check('waiting looks only at the partitions that are named', async (log) => {
    const topic = await log.createTopic('t', 2)
    const waiting = log.waitBeyond(topic, new Map([[0, 0]]), never)
    await log.append(topic, [record('a', 1)])
    assert.equal(await answersWithin(waiting, 60), false)
    await log.append(topic, [record('b', 0)])
    await waiting
  })

  check('waiting ends with its signal, and with its topic', async (log) => {
    const topic = await log.createTopic('t', 1)
    const ends = new Map([[0, 0]])
    const stop = new AbortController()
    const waiting = log.waitBeyond(topic, ends, stop.signal)
    const other = log.waitBeyond(topic, ends, never)
    stop.abort()
    await waiting
    await log.waitBeyond(topic, ends, stop.signal)
    await log.removeTopic('t')
    await other
    await log.createTopic('t', 1)
    await log.waitBeyond(topic, ends, never)
  })
}

function plain({ partition, key, value, headers }: NewRecord): unknown {
  const list = (each: Uint8Array | null) => each && [...each]
  return { partition, key: list(key), value: list(value), headers: headers.map((h) => [h.key, list(h.value)]) }
}
