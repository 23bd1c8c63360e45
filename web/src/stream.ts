import type { ApiFault, LiveChange, LiveEventRow, LiveState } from '#api'
import { applied, withNewest } from './live-change.ts'
import { batch, signal } from './view.ts'

/** One signal for each part of the page, written only where that part changed, so that nothing else is drawn anew. */
export const stream = {
  /** What hardly ever changes: names, years, kind. Undefined until the first answer. */
  about: signal<About | undefined>(undefined),
  pace: signal<Pace | undefined>(undefined),
  counts: signal<LiveState['counts'] | undefined>(undefined),
  partitions: signal<LiveState['partitions']>([]),
  curve: signal<LiveState['curve']>([]),
  rates: signal<LiveState['rates']>([]),
  rules: signal<LiveState['rules']>([]),
  newest: signal<readonly LiveEventRow[]>([]),
}

export type About = Pick<
  LiveState,
  'dataset' | 'title' | 'topic' | 'simulated' | 'schoolYear' | 'finalYear' | 'intervalSeconds' | 'held' | 'logFault'
>
export type Pace = Pick<LiveState, 'version' | 'publishedAt' | 'lastEventAt' | 'perSecond' | 'tests'>

/** Why the stream could not be asked for; it is asked again. */
export const streamFault = signal<ApiFault | undefined>(undefined)

/** Since when the viewer has the page stand still, epoch milliseconds. */
export const pausedAt = signal<number | undefined>(undefined)

/** Publications that are out and not shown, while paused. Null: the stream began anew, so they cannot be counted. */
export const behind = signal<number | null>(0)

const mostRows = 150
const askAgainMs = 2_000

/** What the server said last. It is shown, unless the viewer has the page stand still. */
let known: LiveState | undefined
let rows: readonly LiveEventRow[] = []
let watching = false
/** Messages that came while the whole was under way; undefined where it is not. */
let waiting: (LiveChange | null)[] | undefined

/** Follows the stream until the returned function is called. Nobody looking costs nothing. */
export function watchStream(): () => void {
  watching = true
  lookAtStream()
  return () => {
    watching = false
    known = undefined
    rows = []
    pausedAt.value = undefined
    show()
  }
}

export function pause(): void {
  pausedAt.value = Date.now()
  behind.value = 0
}

export function resume(): void {
  pausedAt.value = undefined
  show()
}

/** Asks for the whole: at the start, after a gap, and whenever the connection is new, for the server or the lake may be another. */
export function lookAtStream(): void {
  if (!watching || waiting !== undefined) return
  waiting = []
  void whole().then((state) => {
    const heard = waiting ?? []
    waiting = undefined
    if (!watching) return
    take(state === null ? null : { ...state, base: null })
    for (const change of heard) take(change)
  })
}

export function heardOfStream(data: string): void {
  if (!watching) return
  const change = JSON.parse(data) as LiveChange | null
  if (waiting === undefined) take(change)
  else waiting.push(change)
}

async function whole(): Promise<LiveState | null> {
  while (watching) {
    try {
      const response = await fetch('/api/v1/live')
      const body = (await response.json()) as unknown
      if (response.ok) {
        streamFault.value = undefined
        return body as LiveState
      }
      streamFault.value = body as ApiFault
      if (response.status === 404) return null
    } catch {
      // The banner says that the server does not answer.
    }
    await new Promise((resolve) => setTimeout(resolve, askAgainMs))
  }
  return null
}

function take(change: LiveChange | null): void {
  if (change === null) {
    known = undefined
    rows = []
  } else {
    const next = applied(known, change)
    if (next === undefined) {
      lookAtStream()
      return
    }
    if (known !== undefined && next.version < known.version) rows = []
    known = next
    rows = withNewest(rows, change.newest, mostRows)
  }
  if (pausedAt.value === undefined) show()
  else {
    const shown = stream.pace.value?.version
    const newer = known === undefined || shown === undefined ? -1 : known.version - shown
    behind.value = newer < 0 ? null : newer
  }
}

function show(): void {
  batch(() => {
    if (known === undefined) {
      stream.about.value = undefined
      stream.pace.value = undefined
      stream.newest.value = []
      return
    }
    const { dataset, title, topic, simulated, schoolYear, finalYear, intervalSeconds, held, logFault } = known
    const { version, publishedAt, lastEventAt, perSecond, tests } = known
    put(stream.about, { dataset, title, topic, simulated, schoolYear, finalYear, intervalSeconds, held, logFault })
    put(stream.pace, { version, publishedAt, lastEventAt, perSecond, tests })
    put(stream.counts, known.counts)
    put(stream.partitions, known.partitions)
    put(stream.rates, known.rates)
    put(stream.rules, known.rules)
    stream.curve.value = known.curve
    stream.newest.value = rows
  })
}

function put<T>(part: { value: T }, next: T): void {
  if (JSON.stringify(part.value) !== JSON.stringify(next)) part.value = next
}
