import { crc32cOf } from '../../src/storage/crc32c.ts'
import type { Loopback } from './loopback.ts'
import { loopback, rangeOf } from './loopback.ts'

export interface GcsServer extends Loopback {
  /** Method, URL and headers of what was asked, in order. */
  readonly asked: { readonly method: string; readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[]
}

/** As much of Google's JSON API as the store uses, for one bucket, in memory, with small pages. */
export async function gcsServer(bucket: string, pageObjects = 3): Promise<GcsServer> {
  const objects = new Map<string, Buffer>()
  const asked: GcsServer['asked'] = []
  const server = await loopback((request, body, response) => {
    const { method = '', url: target = '' } = request
    asked.push({ method, url: target, headers: request.headers })
    const url = new URL(target, 'http://x')
    const [, upload, name, key] = /^(\/upload)?\/storage\/v1\/b\/([^/]+)\/o(?:\/(.+))?$/.exec(url.pathname) ?? []
    const refuse = (status: number, reason: string, message = ''): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }))
    }
    const answer = (json: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(json))
    }
    if (name !== bucket) return refuse(404, 'notFound', 'The specified bucket does not exist.')
    if (upload !== undefined) {
      const { metadata, bytes } = parts(body, String(request.headers['content-type']))
      if (metadata.crc32c !== crc32cOf(bytes)) return refuse(400, 'invalid', 'Provided CRC32C does not match.')
      if (url.searchParams.get('ifGenerationMatch') === '0' && objects.has(metadata.name)) {
        return refuse(412, 'conditionNotMet')
      }
      objects.set(metadata.name, bytes)
      return answer({ size: String(bytes.length), crc32c: metadata.crc32c })
    }
    if (key === undefined) {
      const prefix = url.searchParams.get('prefix') ?? ''
      const from = url.searchParams.get('pageToken') ?? url.searchParams.get('startOffset') ?? ''
      const names = [...objects.keys()]
        .filter((each) => each.startsWith(prefix) && Buffer.compare(Buffer.from(each), Buffer.from(from)) >= 0)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const page = names.slice(0, Math.min(pageObjects, Number(url.searchParams.get('maxResults'))))
      const items = page.map((each) => ({
        name: each,
        size: String(objects.get(each)?.length),
        updated: '2026-01-01T00:00:00Z',
      }))
      return answer({ items, nextPageToken: names[page.length] })
    }
    const found = objects.get(decodeURIComponent(key))
    if (found === undefined) {
      response.writeHead(404)
      response.end(`No such object: ${bucket}/${key}`)
      return
    }
    if (method === 'DELETE') {
      objects.delete(decodeURIComponent(key))
      response.writeHead(204)
      response.end()
      return
    }
    const headers = { 'x-goog-hash': `crc32c=${crc32cOf(found)},md5=AAAAAAAAAAAAAAAAAAAAAA==` }
    if (request.headers.range === undefined) {
      response.writeHead(200, { ...headers, 'content-length': found.length })
      response.end(found)
      return
    }
    const range = rangeOf(found, request.headers.range)
    if (!range) return refuse(416, 'requestedRangeNotSatisfiable')
    response.writeHead(206, { ...headers, 'content-range': range.contentRange, 'content-length': range.part.length })
    response.end(range.part)
  })
  return { ...server, asked }
}

function parts(body: Buffer, contentType: string): { metadata: { name: string; crc32c: string }; bytes: Buffer } {
  const boundary = `--${/boundary=(.+)$/.exec(contentType)?.[1]}`
  const head = body.indexOf('\r\n\r\n') + 4
  const second = body.indexOf(`\r\n${boundary}`, head)
  const bytes = body.subarray(body.indexOf('\r\n\r\n', second) + 4, body.lastIndexOf(`\r\n${boundary}--`))
  return { metadata: JSON.parse(body.subarray(head, second).toString()), bytes }
}
