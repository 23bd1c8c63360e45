import { Worker } from 'node:worker_threads'
import type { Report } from '#port'
import type { PlainEvent, PlainFault } from './land-thread.ts'
import { eventOf, faultOf } from './land-thread.ts'

export interface MaintainRequest {
  /** Absolute folder of the lake. */
  readonly lake: string
  readonly tables: readonly MaintainedTable[]
  /** Between two rounds over all tables, in milliseconds. */
  readonly everyMs: number
  readonly engine: { readonly memoryMb: number }
}

export interface MaintainedTable {
  /** Folder in the lake, `bronze/survey_live`. */
  readonly root: string
  /** True where its small files are to be put together. Not for a table whose newest commit says something, as `publication` does. */
  readonly compact: boolean
}

export type MaintainMessage =
  | { readonly kind: 'event'; readonly event: PlainEvent }
  | { readonly kind: 'fault'; readonly fault: PlainFault }
  | { readonly kind: 'stopped' }

/**
 * Keeps tables in order until the signal is aborted, on a thread of its own, one small step after the other: what is measured in seconds there must not
 * be waited for by who appends. The two meet in the lake alone. Tables that are not there yet are looked for again in each round.
 */
export function maintainInThread(
  request: MaintainRequest,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./maintain-worker.ts', import.meta.url), { workerData: request })
    const stop = () => worker.postMessage('stop')
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    worker.on('message', (message: MaintainMessage) => {
      if (message.kind === 'event') report(eventOf(message.event))
      else if (message.kind === 'fault') reject(faultOf(message.fault))
      else resolve()
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      signal.removeEventListener('abort', stop)
      // Without effect where it has said how it ended.
      reject(new Error('The maintenance thread ended without a word.'))
    })
  })
}
