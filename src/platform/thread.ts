import { parentPort, Worker, workerData } from 'node:worker_threads'
import type { FaultCode, PlatformEvent, Report } from '#port'
import { Fault } from '#port'
import type { WorkEffects } from './api.ts'

/** Threads hand each other plain data, and a Fault is more than that. */
export type PlainFault = ReturnType<Fault['toJSON']>
type PlainEvent = PlatformEvent extends infer Event
  ? Event extends { readonly fault: Fault }
    ? Omit<Event, 'fault'> & { readonly fault: PlainFault }
    : Event
  : never

export type ThreadMessage<Result> =
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | { readonly kind: 'ended'; readonly result: Result }
  | { readonly kind: 'fault'; readonly fault: PlainFault }

/** Starts `file` as a thread, hands it the request, and answers what it answers. An aborted signal asks it to end. Both sides are plain data. */
export async function inThread<Request, Result>(
  file: URL,
  request: Request,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Result> {
  const ended = Promise.withResolvers<Result>()
  const worker = new Worker(file, { workerData: request })
  const stop = () => worker.postMessage('stop')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  worker.on('message', hearing(report, ended))
  worker.on('error', ended.reject)
  worker.on('exit', () => {
    signal.removeEventListener('abort', stop)
    // Without effect where it has said how it ended.
    ended.reject(new Error('A thread ended without a word.'))
  })
  return ended.promise
}

/** Hears what work done elsewhere says: its events, and how it ended. */
export function hearing<Result>(
  report: Report,
  { resolve, reject }: Pick<PromiseWithResolvers<Result>, 'resolve' | 'reject'>,
): (message: ThreadMessage<Result>) => void {
  return (message) => {
    if (message.kind === 'event') report(eventOf(message.event))
    else if (message.kind === 'fault') reject(faultOf(message.fault))
    else resolve(message.result)
  }
}

/** What a file started by `inThread` does: one piece of work, its events and its end told by messages. */
export async function asThread<Request, Result>(
  work: (request: Request, effects: WorkEffects) => Promise<Result>,
): Promise<void> {
  const port = parentPort
  if (port === null) throw new TypeError('This file is the start of a thread.')
  const stop = new AbortController()
  port.on('message', () => stop.abort())
  const say = (message: ThreadMessage<Result>) => port.postMessage(message)
  const report = (event: PlatformEvent) => say({ kind: 'event', event: plainEvent(event) })
  try {
    say({ kind: 'ended', result: await work(workerData, { report, signal: stop.signal }) })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    say({ kind: 'fault', fault: error.toJSON() })
  } finally {
    port.close()
  }
}

export function plainEvent(event: PlatformEvent): PlainEvent {
  return 'fault' in event ? { ...event, fault: event.fault.toJSON() } : event
}

function eventOf(event: PlainEvent): PlatformEvent {
  return 'fault' in event ? { ...event, fault: faultOf(event.fault) } : event
}

export function faultOf({ code, what, mend, retry, facts }: PlainFault): Fault {
  return new Fault(code as FaultCode, what, { mend, retry, facts })
}
