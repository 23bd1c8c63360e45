import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { memoryLog } from '#log'
import type { RecordLog, Topic } from '#port'
import { recordsOf } from '#port'
import { isFault, record, testRecordLog, valuesFrom } from './conformance.ts'
import { inFolder, openLog } from './fixture.ts'

const run = promisify(execFile)
const child = join(import.meta.dirname, 'append-child.ts')

testRecordLog('embedded', async () => {
  const { promise: removed, resolve: remove } = Promise.withResolvers<void>()
  const { promise: opened, resolve, reject } = Promise.withResolvers<RecordLog>()
  // The folder of the file itself need not be there.
  const done = inFolder(async (file) => {
    await openLog(join(dirname(file), 'not', 'yet', 'log.sqlite')).then(resolve, reject)
    await removed
  })
  return {
    log: await opened,
    remove: () => {
      remove()
      return done
    },
  }
})

async function allValues(log: RecordLog, topic: Topic): Promise<readonly string[]> {
  const values: (string | null)[] = []
  for (const { partition } of await log.ranges(topic)) values.push(...(await valuesFrom(log, topic, partition)))
  return values.map(String)
}

function numbersOf(values: readonly string[], writer: string): readonly number[] {
  return values
    .filter((value) => value.startsWith(`${writer} `))
    .map((value) => Number(value.slice(writer.length + 1)))
    .sort((a, b) => a - b)
}

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, i) => i)

/** Starts an appender and kills it once the log has answered so many batches; answers how far it had been told that it was. */
async function killedAfter(answers: number, argv: readonly string[]): Promise<number> {
  const process_ = spawn(process.execPath, [child, ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  process_.stdout.setEncoding('utf8').on('data', (piece: string) => {
    output += piece
    if (output.split('\n').length > answers) process_.kill('SIGKILL')
  })
  await once(process_, 'close')
  return Number(output.trim().split('\n').at(-1)?.split(' ')[1] ?? 0)
}

test('embedded: what three processes append at once is all in, in each one’s order, at contiguous offsets', () =>
  inFolder(async (file) => {
    await Promise.all(['a', 'b', 'c'].map((writer) => run(process.execPath, [child, file, writer, '40', '30'])))
    const log = await openLog(file)
    const topic = await log.createTopic('t', 3)
    const values = await allValues(log, topic)
    assert.equal(values.length, 3 * 40 * 30)
    for (const writer of ['a', 'b', 'c']) assert.deepEqual(numbersOf(values, writer), upTo(40 * 30))
    for (const { partition } of await log.ranges(topic)) {
      const own = (await valuesFrom(log, topic, partition)).map(String).filter((value) => value.startsWith('b '))
      assert.deepEqual(
        own.map((value) => Number(value.slice(2))),
        numbersOf(own, 'b'),
      )
    }
    await log.close()
  }))

test('embedded: an appender that is killed leaves whole batches, and a log that opens and goes on', () =>
  inFolder(async (file) => {
    for (const [i, answers] of [1, 3, 6].entries()) {
      const told = await killedAfter(answers, [file, `w${i}`, '10000', '3000'])
      const log = await openLog(file)
      const topic = await log.createTopic('t', 3)
      const own = numbersOf(await allValues(log, topic), `w${i}`)
      assert.deepEqual(own, upTo(own.length))
      assert.equal(own.length % 3000, 0)
      assert.ok(own.length >= told && told >= answers * 3000, `${own.length} stand, ${told} were answered`)
      assert.deepEqual(await log.append(topic, [record('next')]), { outcome: 'appended' })
      await log.close()
    }
  }))

test('embedded: a producer that is killed and started again sends nothing twice and leaves nothing out', () =>
  inFolder(async (file) => {
    const argv = [file, 'w', '400', '7', 'producer']
    for (const answers of [1, 5, 20]) await killedAfter(answers, argv)
    await run(process.execPath, [child, ...argv])
    const log = await openLog(file)
    const topic = await log.createTopic('t', 3)
    assert.deepEqual(numbersOf(await allValues(log, topic), 'w'), upTo(2800))
    assert.equal(await log.sequenceOf(topic, 'producer'), 2800)
    await log.close()
  }))

test('embedded: of two processes with one producer’s id each record is in once', () =>
  inFolder(async (file) => {
    const argv = [file, 'w', '60', '5', 'producer']
    const outputs = await Promise.all([1, 2].map(() => run(process.execPath, [child, ...argv])))
    const log = await openLog(file)
    const topic = await log.createTopic('t', 3)
    assert.deepEqual(numbersOf(await allValues(log, topic), 'w'), upTo(300))
    assert.equal(outputs.flatMap(({ stdout }) => stdout.match(/appended/g) ?? []).length, 60)
    await log.close()
  }))

test('embedded: a wait hears of what another opening of the file appends, within a blink', () =>
  inFolder(async (file) => {
    const [reader, writer] = [await openLog(file), await openLog(file)]
    const topic = await reader.createTopic('t', 1)
    for (let end = 0; end < 5; end += 1) {
      const waiting = reader.waitBeyond(topic, new Map([[0, end]]), new AbortController().signal)
      await new Promise((done) => setTimeout(done, 40))
      const appended = performance.now()
      await writer.append(topic, [record('a')])
      await waiting
      // 25 ms between looks, and a busy machine.
      assert.ok(performance.now() - appended < 2_000)
    }
    await reader.close()
    await writer.close()
  }))

test('embedded: what was appended is there when the log is opened again', () =>
  inFolder(async (file) => {
    const first = await openLog(file)
    const topic = await first.createTopic('t', 1)
    const large = new Uint8Array(5_000_000).map((_, i) => i * 7)
    await first.append(topic, [{ partition: 0, key: null, value: large, headers: [] }, record('small')])
    await first.close()
    await first.close()
    const second = await openLog(file)
    assert.deepEqual(await second.topic('t'), topic)
    const [whole] = recordsOf(await second.read(topic, 0, 0, { maxBytes: 1, maxRecords: 1 }))
    assert.deepEqual(whole?.value, large)
    assert.deepEqual(await valuesFrom(second, topic, 0, 1), ['small'])
    await second.close()
    await assert.rejects(second.topic('t'), /is closed/)
  }))

test('embedded: a file that another machine made is a fault that names both', () =>
  inFolder(async (file) => {
    await (await openLog(file)).close()
    const opening = openLog(file, { effects: { machineId: () => 'another' } })
    await assert.rejects(opening, isFault('log/other-machine', { owner: 'this', machine: 'another', file }))
    await (await openLog(file)).close()
  }))

test('embedded: what is no log is damaged, and is left as it was', () =>
  inFolder(async (file) => {
    const text = 'school_dbn,score\n'.repeat(1_000)
    await writeFile(file, text)
    await assert.rejects(openLog(file), isFault('log/damaged', { file }))
    assert.equal((await stat(file)).size, text.length)
    await rm(file)
    const foreign = new DatabaseSync(file)
    foreign.exec('CREATE TABLE another (program TEXT)')
    await assert.rejects(openLog(file), isFault('log/damaged', { file }))
    assert.equal(foreign.prepare('PRAGMA journal_mode').get()?.journal_mode, 'delete')
    foreign.close()
  }))

test('embedded: a log of a newer format is not touched', () =>
  inFolder(async (file) => {
    await (await openLog(file)).close()
    const newer = new DatabaseSync(file)
    newer.exec('PRAGMA user_version = 2')
    newer.close()
    await assert.rejects(openLog(file), isFault('log/damaged', { version: 2 }))
  }))

test('embedded: a file that lost its end is damaged; an empty one is a new log', () =>
  inFolder(async (file) => {
    const log = await openLog(file)
    const topic = await log.createTopic('t', 1)
    await log.append(topic, [record('x'.repeat(300_000)), record('y'.repeat(300_000))])
    await log.close()
    await truncate(file, 100_000)
    const reading = openLog(file).then(async (opened) => {
      try {
        await valuesFrom(opened, topic)
      } finally {
        await opened.close()
      }
    })
    await assert.rejects(reading, isFault('log/damaged', { file }))
    await truncate(file, 0)
    const anew = await openLog(file)
    assert.equal(await anew.topic('t'), undefined)
    await anew.close()
  }))

test('embedded: a folder where the file should be, or a file where its folder should be, is refused', () =>
  inFolder(async (file) => {
    await mkdir(file)
    await assert.rejects(openLog(file), isFault('log/refused'))
    await writeFile(join(file, 'file'), '')
    await assert.rejects(openLog(join(file, 'file', 'log.sqlite')), isFault('log/refused'))
  }))

test(
  'embedded: where the file is removed under open logs, they begin anew as one, and say that the topic is gone',
  { skip: process.platform === 'win32' && 'there, a file that is open stays' },
  () =>
    inFolder(async (file) => {
      const [one, other] = [await openLog(file), await openLog(file)]
      const old = await one.createTopic('t', 1)
      await other.append(old, [record('lost')])
      const waiting = one.waitBeyond(old, new Map([[0, 1]]), new AbortController().signal)
      for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true })
      await waiting
      const anew = await one.createTopic('t', 1)
      await one.append(anew, [record('a')])
      await assert.rejects(other.append(old, [record('x')]), isFault('log/topic-anew'))
      await other.append(anew, [record('b')])
      await other.close()
      await one.append(anew, [record('c')])
      await one.close()
      const again = await openLog(file)
      assert.deepEqual(await valuesFrom(again, anew), ['a', 'b', 'c'])
      await again.close()
    }),
)

test('embedded: whatever is asked in whatever order is answered as the log in memory answers it', () =>
  inFolder(async (file) => {
    let seed = 20_261_126
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((seed / 2 ** 31) * below)
    }
    let nowMs = 0
    let ids = 0
    const effects = { nowMs: () => nowMs, newId: () => `id ${ids}` }
    const logs = [memoryLog(effects), await openLog(file, { effects })] as const
    const topics: Topic[] = [{ name: 't', id: 'never', partitions: 2 }]
    for (let step = 0; step < 600; step += 1) {
      nowMs += random(2_000) - 500
      ids += 1
      const topic = topics[Math.max(0, topics.length - 1 - random(random(2) + 1))] as Topic
      const records = Array.from({ length: random(random(4) === 0 ? 800 : 4) }, (_, i) =>
        record('v'.repeat(random(300)) + i, random(random(20) === 0 ? 3 : 2)),
      )
      const id = `p${random(2)}`
      const sequence = (await logs[0].sequenceOf(topic, id).catch(() => 0)) + (random(6) === 0 ? 1 : 0)
      const producer = random(2) === 0 ? { id, sequence } : undefined
      // Between one record and all, a log may stop where its pieces end.
      const given = [random(2), random(30), { maxBytes: random(2) * 1_000_000, maxRecords: 1 + random(50) }] as const
      const kind = random(40)
      const call = (log: RecordLog): Promise<unknown> => {
        if (kind === 0) return log.removeTopic('t')
        if (kind < 3) return log.createTopic('t', 2)
        if (kind < 5) return log.sequenceOf(topic, 'p0')
        if (kind < 8) return log.ranges(topic)
        if (kind < 22) {
          return log.read(topic, ...given).then((answer) => [answer.next, recordsOf(answer)])
        }
        return log.append(topic, records, producer)
      }
      const [expected, actual] = await Promise.all(
        logs.map((log) =>
          call(log).then(
            (answer) => ({ answer }),
            ({ code, facts }) => ({ code, facts }),
          ),
        ),
      )
      assert.deepEqual(actual, expected, `step ${step}`)
      const made = await logs[0].topic('t')
      if (made !== undefined && topics.at(-1)?.id !== made.id) topics.push(made)
    }
    assert.ok(topics.length > 3)
    for (const log of logs) await log.close()
  }))

test('embedded: a log that nobody closed does not keep its process', () =>
  inFolder(async (file) => {
    const script = `
      const { embeddedLog } = await import('#log')
      const log = await embeddedLog({ file: ${JSON.stringify(file)}, keepHours: 1, maxMb: 16 },
        { nowMs: Date.now, newId: () => 'id', report() {}, machineId: () => 'this' })
      console.log((await log.createTopic('t', 1)).id)`
    const { stdout } = await run(process.execPath, ['--eval', script], { cwd: import.meta.dirname, timeout: 20_000 })
    assert.equal(stdout, 'id\n')
  }))
