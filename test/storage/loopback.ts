import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Loopback {
  readonly url: string
  close(): Promise<void>
}

export type Handle = (request: IncomingMessage, body: Buffer, response: ServerResponse) => void | Promise<void>

/** An HTTP server on a free port of this machine alone; it sees each request with its whole body. */
export async function loopback(handle: Handle): Promise<Loopback> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => response.destroy())
    request.on('end', () => {
      Promise.resolve(handle(request, Buffer.concat(chunks), response)).catch(() => response.destroy())
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

/** A part of an object as a `Range` header asks for it; undefined where it lies beyond the end. */
export function rangeOf(
  bytes: Buffer,
  header: string,
): { readonly part: Buffer; readonly contentRange: string } | undefined {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(header) ?? []
  const start = Number(first)
  if (start >= bytes.length) return undefined
  const end = Math.min(bytes.length, last === '' ? bytes.length : Number(last) + 1)
  return { part: bytes.subarray(start, end), contentRange: `bytes ${start}-${end - 1}/${bytes.length}` }
}
