import { request } from 'node:http'
import type { Rows } from '#api'

/** What a request brought back. */
export interface Got<T> {
  readonly status: number
  readonly headers: Headers
  readonly body: T
}

export async function get<T = unknown>(url: string, headers: Record<string, string> = {}): Promise<Got<T>> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(20_000) })
  return { status: response.status, headers: response.headers, body: (await response.json()) as T }
}

/** `fetch` does not let a Host header be chosen. */
export function getWithHost(url: string, host: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url)
    const sent = request({ hostname, port, path: pathname, headers: { host } }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

export async function totalRows(url: string): Promise<number> {
  return (await get<Rows>(url)).body.total
}

export interface SentEvent {
  readonly id: string
  readonly event: string
  readonly data: unknown
}

/** Reads server-sent events as they come. Ending the loop ends the connection. */
export async function* eventsOf(url: string, headers: Record<string, string> = {}): AsyncGenerator<SentEvent> {
  const stop = new AbortController()
  const timeout = setTimeout(() => stop.abort(), 20_000)
  try {
    const response = await fetch(url, { headers, signal: stop.signal })
    let waiting = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      waiting += decoder.decode(chunk, { stream: true })
      const frames = waiting.split('\n\n')
      waiting = frames.pop() ?? ''
      for (const frame of frames) {
        const fields = new Map(
          frame.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        const event = fields.get('event')
        if (event !== undefined)
          yield { id: fields.get('id') ?? '', event, data: JSON.parse(fields.get('data') ?? 'null') }
      }
    }
  } finally {
    clearTimeout(timeout)
    stop.abort()
  }
}
