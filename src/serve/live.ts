import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveChange, LiveState } from '#api'
import type { LiveReader } from '#platform'
import { changeOf } from './live-change.ts'

/** What the server last read of the stream. Made once for every browser. */
export interface LiveNow {
  readonly change: LiveChange
  /** The whole state, as it is answered. */
  readonly body: string
  /** How many states this server has seen, this one included. */
  readonly seen: number
}

export interface LiveFeed {
  /** Undefined where no stream is published. */
  now(): LiveNow | undefined
  /** Reads the newest state; asked again meanwhile, it reads once more after. */
  refresh(): Promise<void>
}

/** A browser is told at most twice a second, and at once where it was quiet before. */
const leastMs = 500

export function liveFeed(reader: LiveReader, onChange: () => void, signal: AbortSignal): LiveFeed {
  let now: (LiveNow & { readonly state: LiveState }) | undefined
  let seen = 0
  let refreshing: Promise<void> = Promise.resolve()
  let asked = false
  let nextMs = 0

  async function look(): Promise<void> {
    const waitMs = nextMs - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {}) // woken by the abort, seen below
    asked = false
    if (signal.aborted) return
    const state = await reader.state()
    if (state === undefined && now === undefined) return
    const body = JSON.stringify(state)
    if (body === now?.body) return
    seen += 1
    now = state === undefined ? undefined : { state, body, seen, change: changeOf(now?.state, state) }
    nextMs = performance.now() + leastMs
    onChange()
  }

  return {
    now: () => now,
    refresh() {
      if (!asked) {
        asked = true
        refreshing = refreshing.catch(() => {}).then(look)
      }
      return refreshing
    },
  }
}
