import type { PublicationState } from '#api'
import { heardOfStream, lookAtStream } from './stream.ts'
import { signal } from './view.ts'

/** What the server says is published, kept current. Undefined until the first answer. */
export const published = signal<PublicationState | undefined>(undefined)

/** False while the server cannot be reached; what is shown then is what came before. */
export const reachable = signal(true)

/** Said once when a newer publication replaced the one shown. */
export const notice = signal<string | undefined>(undefined)

const noticeMs = 12_000

async function refreshPublished(): Promise<void> {
  try {
    const response = await fetch('/api/v1/publication')
    if (!response.ok) return
    const before = published.value?.publication?.runId
    const next = (await response.json()) as PublicationState
    const after = next.publication
    published.value = next
    if (before !== undefined && after !== null && after.runId !== before)
      say(`New figures: publication ${after.version} is out.`)
  } catch {
    // The event stream says when the server is back, and this runs again.
    reachable.value = false
  }
}

function say(text: string): void {
  notice.value = text
  setTimeout(() => {
    if (notice.value === text) notice.value = undefined
  }, noticeMs)
}

export function followServer(): void {
  void refreshPublished()
  const events = new EventSource('/api/v1/events')
  events.addEventListener('open', () => {
    reachable.value = true
    void refreshPublished()
    lookAtStream()
  })
  events.addEventListener('error', () => {
    reachable.value = false
  })
  for (const kind of ['publication', 'run']) events.addEventListener(kind, () => void refreshPublished())
  events.addEventListener('live', ({ data }) => {
    const streams = data !== 'null'
    const state = published.value
    if (state !== undefined && state.live !== streams) published.value = { ...state, live: streams }
    heardOfStream(data)
  })
}
