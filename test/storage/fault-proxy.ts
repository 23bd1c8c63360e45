import type { IncomingHttpHeaders } from 'node:http'
import { request as httpRequest } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Loopback } from './loopback.ts'
import { loopback } from './loopback.ts'

/** What goes wrong with one request. */
export type Mishap =
  /** Answered here and never forwarded, as Google or S3 would put it. */
  | { readonly answer: number; readonly code: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks before the service sees anything. */
  | 'reset before'
  /** The service does it, and its answer is lost. */
  | 'reset after'
  /** Something on the way sends it again, and only the second answer comes back. */
  | 'send twice'
  | { readonly delayMs: number }
  /** The service's answer breaks off half way. */
  | 'truncate'
  /** One bit of what is sent, or of what is answered, is another on arrival. */
  | 'garble request'
  | 'garble answer'

export interface Seen {
  readonly method: string
  readonly url: string
  /** The URL and the beginning of what is sent, one of which names the object. */
  readonly head: string
  /** 1 for the first request that the proxy saw. */
  readonly n: number
}

export interface FaultProxy extends Loopback {
  /** Asked for every request; undefined lets it pass. */
  script: (seen: Seen) => Mishap | undefined
  readonly seen: readonly Seen[]
}

/** Stands between a store and its service and lets happen what the script says. */
export async function faultProxy(target: string): Promise<FaultProxy> {
  const seen: Seen[] = []
  const proxy = await loopback(async (request, body, response) => {
    const { method = '', url = '' } = request
    const each: Seen = { method, url, head: `${url} ${body.toString('latin1', 0, 400)}`, n: seen.length + 1 }
    seen.push(each)
    const mishap = handle.script(each)
    if (mishap === 'reset before') return void request.socket.resetAndDestroy()
    if (typeof mishap === 'object' && 'answer' in mishap) {
      response.writeHead(mishap.answer, { 'content-type': 'application/json', ...mishap.headers })
      response.end(refusal(mishap.code, each.url))
      return
    }
    if (typeof mishap === 'object') await sleep(mishap.delayMs)
    if (mishap === 'send twice') await forward(target, each, request.headers, body)
    const answer = await forward(target, each, request.headers, mishap === 'garble request' ? garbled(body) : body)
    if (mishap === 'reset after') return void request.socket.resetAndDestroy()
    const bytes = mishap === 'garble answer' ? garbled(answer.body) : answer.body
    const headers = { ...answer.headers }
    delete headers['transfer-encoding']
    if (bytes.length > 0) headers['content-length'] = String(bytes.length)
    response.writeHead(answer.status, headers)
    if (mishap === 'truncate') {
      response.write(bytes.subarray(0, bytes.length >> 1), () => request.socket.destroy())
      return
    }
    response.end(bytes)
  })
  const handle: FaultProxy = { ...proxy, seen, script: () => undefined }
  return handle
}

function refusal(code: string, url: string): string {
  return url.includes('/storage/v1/')
    ? JSON.stringify({ error: { errors: [{ reason: code }] } })
    : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`
}

function garbled(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.length >> 1
  copy[middle] = (copy[middle] ?? 0) ^ 1
  return copy
}

interface Forwarded {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function forward(
  target: string,
  { method, url }: Seen,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Forwarded> {
  // Host is kept, which S3 signs; the connection is this hop's own matter, and the body is whole.
  const { connection: _, expect: __, ...kept } = headers
  return new Promise((done, failed) => {
    const request = httpRequest(`${target}${url}`, { method, headers: kept }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', failed)
      answer.on('end', () =>
        done({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', failed)
    request.end(body)
  })
}
