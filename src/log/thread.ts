import { Worker } from 'node:worker_threads'
import type { AppendOutcome, FaultCode, OffsetRange, ReadLimits, Report, Topic } from '#port'
import { Fault } from '#port'
import type { AppendRequest } from './log-file.ts'
import type { ChunkParcel } from './record.ts'
import type { RetentionOptions } from './retention.ts'

/** What the thread is started with. */
export interface ThreadStart extends RetentionOptions {
  /** Absolute path of the log's file. */
  readonly file: string
  readonly machine: string
}

/** What can be asked of the thread. */
export interface LogCalls {
  open(): void
  topic(name: string): Topic | undefined
  createTopic(name: string, partitions: number, id: string): Topic
  removeTopic(name: string): void
  append(request: AppendRequest): AppendOutcome
  sequenceOf(topic: Topic, producer: string): number
  read(topic: Topic, partition: number, offset: number, limits: ReadLimits): ChunkParcel
  ranges(topic: Topic): readonly OffsetRange[]
  /** `wait` is a number of the caller's, for `endWait`. */
  waitBeyond(wait: number, topic: Topic, ends: ReadonlyMap<number, number>): Promise<void>
  endWait(wait: number): void
  noteConsumed(topic: Topic, consumer: string, next: ReadonlyMap<number, number>): void
  close(): void
}

export interface ThreadRequest {
  readonly id: number
  readonly call: keyof LogCalls
  readonly given: readonly unknown[]
}

/** Threads hand each other plain data, and a Fault is more than that. */
export type PlainFault = ReturnType<Fault['toJSON']>

export type ThreadAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly fault: PlainFault }
  | { readonly id: number; readonly error: unknown }
  | { readonly report: PlainFault }

export interface LogThread {
  ask<C extends keyof LogCalls>(
    call: C,
    given: Parameters<LogCalls[C]>,
    /** What is handed over; it is gone here. */
    handOver?: readonly ArrayBuffer[],
  ): Promise<Awaited<ReturnType<LogCalls[C]>>>
  /** Ends the thread, whatever it does. */
  end(): Promise<void>
}

/** Starts the thread that does a log's work. It keeps the process alive only while it is asked something. */
export function startLogThread(start: ThreadStart, report: Report): LogThread {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: start })
  const pending = new Map<number, { resolve(answer: never): void; reject(error: unknown): void }>()
  let lastId = 0
  let ended: unknown
  worker.unref()

  function settle(id: number) {
    const asked = pending.get(id)
    pending.delete(id)
    if (pending.size === 0) worker.unref()
    return asked
  }

  function endAll(error: unknown): void {
    ended ??= error
    for (const id of [...pending.keys()]) settle(id)?.reject(ended)
  }

  worker.on('message', (message: ThreadAnswer) => {
    if ('report' in message) report({ kind: 'fault', fault: faultOf(message.report) })
    else if ('fault' in message) settle(message.id)?.reject(faultOf(message.fault))
    else if ('error' in message) settle(message.id)?.reject(message.error)
    else settle(message.id)?.resolve(message.answer as never)
  })
  worker.on('error', endAll)
  worker.on('exit', () => endAll(new Error(`The log ${start.file} is closed.`)))

  return {
    ask(call, given, handOver = []) {
      return new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended)
          return
        }
        lastId += 1
        pending.set(lastId, { resolve, reject })
        worker.ref()
        worker.postMessage({ id: lastId, call, given } satisfies ThreadRequest, handOver)
      })
    },
    async end() {
      await worker.terminate()
    },
  }
}

function faultOf({ code, what, mend, retry, facts }: PlainFault): Fault {
  return new Fault(code as FaultCode, what, { mend, retry, facts })
}
