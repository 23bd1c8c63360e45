import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request } from 'node:http'
import { gunzipSync } from 'node:zlib'

/** What happens to a statement, by its number from 1; undefined: it passes. */
export type Fate = 'lost' | 'unanswered' | { readonly code: string; readonly message: string }

export interface Proxy {
  readonly url: string
  /** Statements that came, in order. */
  readonly statements: readonly string[]
  /** Ends the sessions that went through, as the service does with those of clients that are gone: their transactions are rolled back. */
  endSessions(): Promise<void>
  close(): Promise<void>
}

/**
 * Stands between a client and the service. From a statement that is `lost` (never reaches the service) or `unanswered` (is done, and nobody hears of it) on,
 * nothing passes any more: the client might as well be dead. A fate with a code is the service's refusal. `signIn` refuses at the door.
 */
export async function proxyOf(
  target: string,
  fateOf: (number: number, sql: string) => Fate | undefined,
  signIn?: { readonly code: string; readonly message: string },
): Promise<Proxy> {
  const statements: string[] = []
  const tokens = new Set<string>()
  let dead = false

  async function handle(from: IncomingMessage, to: ServerResponse): Promise<void> {
    const body = await bodyOf(from)
    if (dead) return void from.socket.destroy()
    const path = from.url ?? '/'
    if (signIn !== undefined && path.startsWith('/session/v1/login-request')) return refuse(to, signIn)
    if (!path.startsWith('/queries/v1/query-request')) return answer(to, await send(target, from, body))
    const { authorization } = from.headers
    if (authorization !== undefined) tokens.add(authorization)
    const { sqlText } = JSON.parse(textOf(body, from.headers))
    statements.push(String(sqlText))
    const fate = fateOf(statements.length, String(sqlText))
    if (typeof fate === 'object') return refuse(to, fate)
    if (fate !== undefined) dead = true
    if (fate === 'lost') return void from.socket.destroy()
    const answered = await send(target, from, body)
    if (fate === 'unanswered') return void from.socket.destroy()
    answer(to, answered)
  }

  const server = createServer((from, to) => void handle(from, to).catch(() => from.socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    statements,
    async endSessions() {
      for (const authorization of tokens) {
        await fetch(`${target}/session?delete=true`, { method: 'POST', headers: { authorization } })
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

async function bodyOf(from: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of from) pieces.push(piece)
  return Buffer.concat(pieces)
}

function textOf(body: Buffer, headers: IncomingHttpHeaders): string {
  return (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString()
}

function send(target: string, from: IncomingMessage, body: Buffer): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const options = { method: from.method, headers: { ...from.headers, host: new URL(target).host } }
    const passed = request(`${target}${from.url}`, options, (back) => {
      bodyOf(back).then((all) => resolve({ status: back.statusCode ?? 500, headers: back.headers, body: all }), reject)
    })
    passed.on('error', reject)
    passed.end(body)
  })
}

function answer(to: ServerResponse, { status, headers, body }: Answered): void {
  to.writeHead(status, headers)
  to.end(body)
}

/** As the service words it: HTTP 200, and no success. */
function refuse(to: ServerResponse, { code, message }: { code: string; message: string }): void {
  to.writeHead(200, { 'content-type': 'application/json' })
  to.end(
    JSON.stringify({
      success: false,
      code,
      message,
      data: { errorCode: code, sqlState: code === '003001' ? '42501' : '02000' },
    }),
  )
}
