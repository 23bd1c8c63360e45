import { fork } from 'node:child_process'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import type { WorkEffects } from './api.ts'
import type { ThreadMessage } from './thread.ts'
import { hearing, plainEvent } from './thread.ts'

/**
 * As `inThread`, with a process of its own: what work needs so much memory for that it must come back when it ends, which that of a thread does not. It starts
 * some tenths of a second later, and ends with whoever started it. Faults: those of the work, `machine/stopped` where the signal ended it, `machine/killed`.
 */
export async function inProcess<Request, Result>(
  file: URL,
  request: Request,
  { report, signal }: WorkEffects,
): Promise<Result> {
  const ended = Promise.withResolvers<Result>()
  const child = fork(file, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const stop = () => child.kill()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  child.on('message', hearing<Result>(report, ended))
  child.on('error', ended.reject)
  child.on('close', (code, killedBy) => {
    signal.removeEventListener('abort', stop)
    // Without effect where it has said how it ended.
    if (signal.aborted) ended.reject(stopped())
    else if (killedBy === 'SIGKILL' || killedBy === 'SIGTERM') ended.reject(killed(killedBy))
    else ended.reject(new Error(`A process ended without a word, by ${killedBy ?? `code ${code}`}.`))
  })
  // What cannot be told it any more has ended, and says so above.
  child.send({ request }, () => {})
  return ended.promise
}

function killed(by: string): Fault {
  return new Fault('machine/killed', `A process of Fairlead was ended from outside, by ${by}.`, {
    mend: 'A machine that runs out of memory does that: give it more, or end what else runs there, and ask again.',
    retry: true,
    facts: { signal: by },
  })
}

function stopped(): Fault {
  return new Fault('machine/stopped', 'Fairlead was stopped before it had the answer.', {
    mend: 'Ask again once it runs.',
    retry: true,
  })
}

/** What a file started by `inProcess` does: one piece of work, its events and its end told by messages. */
export async function asProcess<Request, Result>(
  work: (request: Request, effects: WorkEffects) => Promise<Result>,
): Promise<void> {
  const stop = new AbortController()
  process.once('disconnect', () => stop.abort())
  const say = (message: ThreadMessage<Result>) => new Promise<void>((told) => process.send?.(message, () => told()))
  const report = (event: PlatformEvent) => void say({ kind: 'event', event: plainEvent(event) })
  const { request } = await new Promise<{ request: Request }>((asked) => process.once('message', asked))
  try {
    await say({ kind: 'ended', result: await work(request, { report, signal: stop.signal }) })
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    await say({ kind: 'fault', fault: error.toJSON() })
  } finally {
    if (process.connected) process.disconnect()
  }
}
