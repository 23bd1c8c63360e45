import { Worker } from 'node:worker_threads'
import type { Landing } from '#pipeline'
import type { FaultCode, PlatformEvent, Report } from '#port'
import { Fault } from '#port'

export interface LandRequest {
  /** Absolute folders. */
  readonly lake: string
  readonly from: string
  readonly datasets: readonly string[]
}

/** Threads hand each other plain data, and a Fault is more than that. */
export type PlainFault = ReturnType<Fault['toJSON']>
export type PlainEvent = PlatformEvent extends infer Event
  ? Event extends { readonly fault: Fault }
    ? Omit<Event, 'fault'> & { readonly fault: PlainFault }
    : Event
  : never

export type ThreadMessage =
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | {
      readonly kind: 'landed'
      readonly landing: Omit<Landing, 'faults'> & {
        readonly faults: readonly { readonly file: string; readonly fault: PlainFault }[]
      }
    }
  | { readonly kind: 'fault'; readonly fault: PlainFault }

/**
 * Lands a folder on a thread of its own: reading files is JavaScript's work, so it would keep the engine, which works on threads of its own, waiting for
 * its next statement. The two meet in the lake alone, as two processes may.
 */
export function landInThread(
  request: LandRequest,
  { report, signal }: { report: Report; signal: AbortSignal },
): Promise<Landing> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./land-worker.ts', import.meta.url), { workerData: request })
    const stop = () => worker.postMessage('stop')
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'event') report(eventOf(message.event))
      else if (message.kind === 'fault') reject(faultOf(message.fault))
      else
        resolve({
          ...message.landing,
          faults: message.landing.faults.map(({ file, fault }) => ({ file, fault: faultOf(fault) })),
        })
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop)
      // Without effect where it has said how it ended.
      reject(new Error('The landing thread ended without a word.'))
    })
  })
}

export function eventOf(event: PlainEvent): PlatformEvent {
  return 'fault' in event ? { ...event, fault: faultOf(event.fault) } : event
}

export function faultOf({ code, what, mend, retry, facts }: PlainFault): Fault {
  return new Fault(code as FaultCode, what, { mend, retry, facts })
}
