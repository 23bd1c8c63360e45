import type { ApiFault } from '#api'
import { published } from './live.ts'
import { slicers } from './route.ts'
import { useEffect, useState } from './view.ts'

export interface Answer<T> {
  /** While another question is under way, the answer to the one before. */
  readonly data: T | undefined
  readonly fault: ApiFault | undefined
  readonly loading: boolean
}

const kept = new Map<string, unknown>()
const mostKept = 80

/** Path of an API question under the slicers of the address and what the page adds. */
export function question(name: string, extra: Readonly<Record<string, string | undefined>> = {}): string {
  const parameters = slicers()
  for (const [key, value] of Object.entries(extra)) {
    if (value !== undefined && value !== '') parameters.set(key, value)
  }
  return `${name}?${parameters}`
}

/** Asks the API; asks again when the path changes or a newer publication is out. */
export function useAnswer<T>(path: string): Answer<T> {
  const run = published.value?.publication?.runId
  const key = `${run} ${path}`
  const [state, setState] = useState<{ key: string; data: T | undefined; fault: ApiFault | undefined }>({
    key: '',
    data: undefined,
    fault: undefined,
  })

  useEffect(() => {
    if (run === undefined) return
    const known = kept.get(key)
    if (known !== undefined) {
      setState({ key, data: known as T, fault: undefined })
      return
    }
    const stop = new AbortController()
    void ask<T>(path, stop.signal).then((result) => {
      if (stop.signal.aborted) return
      if ('data' in result) keep(key, result.data)
      setState((before) =>
        'data' in result
          ? { key, data: result.data, fault: undefined }
          : { key, data: before.data, fault: result.fault },
      )
    })
    return () => stop.abort()
  }, [key])

  return { data: state.data, fault: state.key === key ? state.fault : undefined, loading: state.key !== key }
}

export async function ask<T>(path: string, signal?: AbortSignal): Promise<{ data: T } | { fault: ApiFault }> {
  try {
    const response = await fetch(`/api/v1/${path}`, signal === undefined ? {} : { signal })
    const body = (await response.json()) as unknown
    return response.ok ? { data: body as T } : { fault: body as ApiFault }
  } catch {
    return {
      fault: {
        code: 'web/unreachable',
        what: 'The server does not answer.',
        mend: 'Start it with `fairlead serve`; this page follows by itself.',
      },
    }
  }
}

function keep(key: string, data: unknown): void {
  const [oldest] = kept.keys()
  if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
  kept.set(key, data)
}
