/** The thread that does an embedded log's work. Started by `startLogThread`; answers requests in their order, and waits between them. */
import { parentPort, workerData } from 'node:worker_threads'
import type { PlatformEvent, Topic } from '#port'
import { Fault } from '#port'
import { openLogDatabase } from './format.ts'
import type { LogFile } from './log-file.ts'
import { logFile } from './log-file.ts'
import type { ChunkParcel } from './record.ts'
import { parcelOf } from './record.ts'
import type { Retention } from './retention.ts'
import { retention } from './retention.ts'
import { logFault } from './sqlite.ts'
import type { LogCalls, ThreadAnswer, ThreadRequest, ThreadStart } from './thread.ts'

const port = parentPort
if (port === null) throw new TypeError('This file is the start of a thread.')

const start: ThreadStart = workerData

/** While someone waits, another process's appends are looked for this often; less so the longer nothing comes. */
const firstPollMs = 2
const longestPollMs = 25

/** What is too old or too much is removed this often, or when so much was written. */
const retentionEveryMs = 10_000
const retentionEveryBytes = (start.maxMb * 1024 * 1024) / 32

interface Wait {
  readonly topic: Topic
  readonly ends: ReadonlyMap<number, number>
  resolve(): void
  reject(error: unknown): void
}

let opened: { readonly log: LogFile; readonly retention: Retention } | undefined
const waits = new Map<number, Wait>()
let seenVersion = 0
let pollMs = firstPollMs
let pollTimer: NodeJS.Timeout | undefined
let isCleaning = false
let cleanedAtMs = -Infinity
let writtenBytes = 0
let isClosed = false

const say = (message: ThreadAnswer, handOver: readonly ArrayBuffer[] = []) => port.postMessage(message, handOver)
const report = (event: PlatformEvent) => {
  if (event.kind === 'fault') say({ report: event.fault.toJSON() })
}

/** The log; opened anew where its file was removed or replaced. */
function standing(): LogFile {
  if (opened?.log.stands() === false) {
    opened.log.close()
    opened = undefined
  }
  if (opened === undefined) {
    const database = openLogDatabase(start.file, start.machine)
    opened = { log: logFile(database, start.file, report), retention: retention(database, start.file, start, report) }
    seenVersion = 0
  }
  return opened.log
}

function changed(bytes: number): void {
  pollMs = firstPollMs
  answerWaits()
  writtenBytes += bytes
  if (isCleaning) return
  if (writtenBytes < retentionEveryBytes && performance.now() - cleanedAtMs < retentionEveryMs) return
  isCleaning = true
  setImmediate(clean)
}

/** Step by step, with what is asked in between. */
function clean(): void {
  if (isClosed) return
  try {
    standing()
    if (opened?.retention.step()) {
      setImmediate(clean)
      return
    }
  } catch (error) {
    const fault = logFault(error, start.file)
    if (!(fault instanceof Fault)) throw fault
    // Another process that holds the file may clean it as well.
    if (!fault.retry) say({ report: fault.toJSON() })
  }
  isCleaning = false
  cleanedAtMs = performance.now()
  writtenBytes = 0
}

function answerWaits(): void {
  for (const [id, { topic, ends, resolve, reject }] of waits) {
    try {
      if (!standing().isBeyond(topic, ends)) continue
      resolve()
    } catch (error) {
      reject(error)
    }
    waits.delete(id)
  }
}

function poll(): void {
  pollTimer = undefined
  try {
    const version = standing().dataVersion()
    pollMs = version === seenVersion ? Math.min(pollMs * 2, longestPollMs) : firstPollMs
    if (version !== seenVersion) answerWaits()
    seenVersion = version
  } catch (error) {
    for (const { reject } of waits.values()) reject(error)
    waits.clear()
  }
  if (waits.size > 0) pollTimer = setTimeout(poll, pollMs)
}

const calls: LogCalls = {
  open: () => void standing(),
  topic: (name) => standing().topic(name),
  createTopic(name, partitions, id) {
    const topic = standing().createTopic(name, partitions, id)
    changed(0)
    return topic
  },
  removeTopic(name) {
    standing().removeTopic(name)
    cleanedAtMs = -Infinity
    changed(0)
  },
  append(request) {
    const outcome = standing().append(request)
    changed(request.bytes.length)
    return outcome
  },
  sequenceOf: (topic, producer) => standing().sequenceOf(topic, producer),
  read: (topic, partition, offset, limits) => parcelOf(standing().read(topic, partition, offset, limits)),
  ranges: (topic) => standing().ranges(topic),
  waitBeyond(wait, topic, ends) {
    if (standing().isBeyond(topic, ends)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      waits.set(wait, { topic, ends, resolve, reject })
      pollMs = firstPollMs
      pollTimer ??= setTimeout(poll, pollMs)
    })
  },
  endWait(wait) {
    waits.get(wait)?.resolve()
    waits.delete(wait)
  },
  noteConsumed: (topic, consumer, next) => standing().noteConsumed(topic, consumer, next),
  close() {
    for (const { resolve } of waits.values()) resolve()
    waits.clear()
    clearTimeout(pollTimer)
    isClosed = true
    opened?.retention.sayForced()
    opened?.log.close()
    opened = undefined
  },
}

port.on('message', async ({ id, call, given }: ThreadRequest) => {
  try {
    const answer = await (calls[call] as (...given: readonly unknown[]) => unknown)(...given)
    const handOver = call === 'read' ? [(answer as ChunkParcel).bytes.buffer] : []
    say({ id, answer }, handOver)
  } catch (error) {
    const fault = logFault(error, start.file)
    say(fault instanceof Fault ? { id, fault: fault.toJSON() } : { id, error: fault })
  }
})
