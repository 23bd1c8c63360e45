import type { ApiFault } from '#api'
import type { Report } from '#port'
import { Fault } from '#port'

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

/** A page of another site can point its own name at this machine (DNS rebinding): only our own names are answered. */
export function refuseForeignHost(host: string | undefined): void {
  const name = host?.replace(/:[0-9]{1,5}$/, '').toLowerCase()
  if (name !== undefined && loopback.has(name)) return
  throw new Fault('serve/foreign-host', 'This server answers to localhost only.', {
    mend: 'Open it as http://localhost with its port.',
  })
}

/** Sent with every answer. Nothing is loaded from elsewhere, nothing inline runs, nobody frames the page. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
}

export function checkMethod(method: string): void {
  if (method === 'GET' || method === 'HEAD') return
  throw new Fault('serve/method', `${method} is not answered here.`, {
    mend: 'Use GET: nothing can be changed here.',
  })
}

const statuses: Readonly<Record<string, number>> = {
  'serve/bad-request': 400,
  'serve/foreign-host': 403,
  'serve/not-found': 404,
  'serve/no-rows': 404,
  'serve/no-stream': 404,
  'serve/method': 405,
  'serve/too-many-rows': 413,
  'serve/no-publication': 503,
  'serve/busy': 503,
  'machine/stopped': 503,
  'machine/killed': 503,
}

/** Nothing that anyone has to mend. */
const expected: readonly string[] = ['serve/no-publication', 'machine/stopped']

function statusOf(fault: Fault): number {
  return statuses[fault.code] ?? 500
}

/** What a request is told that cannot be answered. Our own faults are reported, and their words kept to ourselves. */
export function faultAnswer(error: unknown, report: Report): Response {
  const fault = faultOf(error)
  const status = statusOf(fault)
  if (status >= 500 && !expected.includes(fault.code)) report({ kind: 'fault', fault })
  const known = status !== 500
  const body: ApiFault = known
    ? { code: fault.code, what: fault.message, mend: fault.mend }
    : { code: fault.code, what: 'The server could not answer this.', mend: 'Look at what the server printed.' }
  const headers = { ...securityHeaders, 'cache-control': 'no-store', ...(fault.retry ? { 'retry-after': '2' } : {}) }
  return Response.json(body, { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' } })
}

export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('serve/bug', error instanceof Error ? error.message : String(error), {
    mend: 'This is a fault of Fairlead itself; please report it.',
    cause: error,
  })
}
