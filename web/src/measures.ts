import type { TableMeasure, TableMeasures } from '#api'
import { reachable } from './live.ts'
import { pausedAt } from './stream.ts'
import { signal } from './view.ts'

/** What the server knows of each table. Stands still where the page does. */
export const measures = signal<readonly TableMeasure[]>([])

const askEveryMs = 2_000

/** Asks again and again until the returned function is called. */
export function watchMeasures(): () => void {
  const stop = new AbortController()
  const look = async () => {
    if (!reachable.value || pausedAt.value !== undefined || document.hidden) return
    try {
      const response = await fetch('/api/v1/measures', { signal: stop.signal })
      if (!response.ok) return
      const { tables } = (await response.json()) as TableMeasures
      if (pausedAt.value === undefined) measures.value = tables
    } catch {
      // The banner says that the server does not answer.
    }
  }
  void look()
  const asking = setInterval(() => void look(), askEveryMs)
  return () => {
    clearInterval(asking)
    stop.abort()
    measures.value = []
  }
}
