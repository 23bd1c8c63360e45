import type { LiveChange, LiveEventRow, LiveState } from '#api'
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

/** Rows of events that one message carries, at most: more than that nobody reads. */
const mostRows = 150

/** Every state is read as it comes out; what came out between two messages is told in the second. */
export function liveFeed(reader: LiveReader, onChange: () => void, signal: AbortSignal): LiveFeed {
  let now: (LiveNow & { readonly state: LiveState }) | undefined
  let latest: LiveState | undefined
  let rows: readonly LiveEventRow[] = []
  let seen = 0
  let refreshing: Promise<void> = Promise.resolve()
  let asked = false
  let nextMs = 0
  let due: NodeJS.Timeout | undefined
  signal.addEventListener('abort', () => clearTimeout(due), { once: true })

  async function look(): Promise<void> {
    asked = false
    const state = await reader.state()
    if (signal.aborted) return
    if (state === undefined) rows = []
    else if (state.publishedAt !== latest?.publishedAt) rows = [...state.newest, ...rows].slice(0, mostRows)
    latest = state
    const waitMs = nextMs - performance.now()
    if (waitMs <= 0) tell()
    else due ??= setTimeout(tell, waitMs)
  }

  function tell(): void {
    clearTimeout(due)
    due = undefined
    const state = latest
    if (state === undefined && now === undefined) return
    const body = JSON.stringify(state)
    if (body === now?.body) return
    seen += 1
    now = state && { state, body, seen, change: { ...changeOf(now?.state, state), newest: rows } }
    rows = []
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
