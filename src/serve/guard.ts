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
}

export function statusOf(fault: Fault): number {
  return statuses[fault.code] ?? 500
}
