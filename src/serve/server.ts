import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { LineageView } from '#api'
import type { LakeReader, Measures } from '#platform'
import type { Report } from '#port'
import { app } from './app.ts'
import { readBundle } from './bundle.ts'
import { currentPublication } from './current.ts'
import { eventHub } from './events.ts'
import type { DatasetAbout } from './figures/question.ts'
import { faultOf } from './guard.ts'
import { listen } from './listen.ts'
import { liveFeed } from './live.ts'
import { stateEvents } from './state.ts'

export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number
  /** Loopback only: there is no login. */
  readonly host: '127.0.0.1'
  /** Absolute folder of the built dashboard, `web/dist`. */
  readonly webFolder: string
  /** Every dataset that a contract declares. */
  readonly datasets: readonly DatasetAbout[]
  /** How often a browser is told that the connection lives, in milliseconds. Proxies cut what is silent for a minute. */
  readonly heartbeatMs?: number
}

export interface ServerEffects {
  readonly reader: LakeReader
  /** What this process did, for `/metrics`. */
  readonly measures: () => Measures
  /** Where the tables come from. Faults: those of reading the contracts and the project. */
  readonly lineage: () => Promise<LineageView>
  readonly report: Report
  /** Aborted: the server closes. */
  readonly signal: AbortSignal
}

export interface RunningServer {
  readonly url: string
  close(): Promise<void>
}

const graceMs = 2_000
const watchAgainMs = 2_000

/**
 * Serves the dashboard and its API until closed or aborted. Answers as soon as it listens, published or not.
 * Faults: `serve/no-bundle`, `serve/port-in-use`, `serve/port-refused`, and the reader's own.
 */
export async function startServer(
  { port, host, webFolder, datasets, heartbeatMs = 15_000 }: ServerOptions,
  { reader, measures, lineage, report, signal }: ServerEffects,
): Promise<RunningServer> {
  const bundle = await readBundle(webFolder)
  const current = currentPublication(reader, (change) => announce(change), report)
  const stop = new AbortController()
  const live = liveFeed(reader.live, () => announce('live'), stop.signal)
  const startId = randomUUID().slice(0, 8)
  const events = eventHub(() => stateEvents(current, live, startId), heartbeatMs)

  const tryingAgain = new Set<() => Promise<void>>()

  function announce(change: 'publication' | 'run' | 'live'): void {
    const event = stateEvents(current, live, startId).find((candidate) => candidate.event === change)
    if (event !== undefined) events.send(event)
    else if (change === 'live') events.send({ id: `${startId}-none`, event: 'live', data: null })
  }

  async function follow(watched: Pick<LakeReader, 'watch'>, look: () => Promise<void>): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await watched.watch(() => void refresh(look), stop.signal)
        return
      } catch (error) {
        if (stop.signal.aborted) return
        report({ kind: 'fault', fault: faultOf(error) })
        await sleep(watchAgainMs, undefined, { signal: stop.signal }).catch(() => {})
      }
    }
  }

  /** What is newer and cannot be opened leaves what was before in place, and is tried again while the fault is weather. */
  async function refresh(look: () => Promise<void>): Promise<void> {
    if (tryingAgain.has(look)) return
    try {
      await look()
    } catch (error) {
      const fault = faultOf(error)
      report({ kind: 'fault', fault })
      if (!fault.retry || stop.signal.aborted) return
      tryingAgain.add(look)
      await sleep(watchAgainMs, undefined, { signal: stop.signal }).catch(() => {})
      tryingAgain.delete(look)
      if (!stop.signal.aborted) await refresh(look)
    }
  }

  try {
    await current.refresh()
    await live.refresh().catch((error: unknown) => report({ kind: 'fault', fault: faultOf(error) }))
    const metrics = { measures, standing: reader.standing }
    const parts = { bundle, current, events, live, metrics, lineage, datasets, startId, report }
    const listening = await listen(app(parts).fetch, { port, host, flag: '--port' })
    const following = Promise.all([follow(reader, current.refresh), follow(reader.live, live.refresh)])

    let closing: Promise<void> | undefined
    const close = () => {
      closing ??= (async () => {
        stop.abort()
        events.close()
        await listening.close(graceMs)
        await current.close()
        await following
      })()
      return closing
    }
    signal.addEventListener('abort', () => void close(), { once: true })
    if (signal.aborted) await close()
    return { url: listening.url, close }
  } catch (error) {
    events.close()
    await current.close()
    throw error
  }
}
