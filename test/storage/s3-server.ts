import { crc32 } from 'node:zlib'
import type { Loopback } from './loopback.ts'
import { loopback, rangeOf } from './loopback.ts'

export interface S3Server extends Loopback {
  /** Method, URL and headers of what was asked, in order. */
  readonly asked: { readonly method: string; readonly url: string; readonly headers: NodeJS.Dict<string | string[]> }[]
}

/** As much of S3 as the store uses, for one bucket, in memory, with small pages; bucket in the path or in the host name. */
export async function s3Server(bucket: string, { pageObjects = 3, honoursCondition = true } = {}): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const asked: S3Server['asked'] = []
  const server = await loopback((request, body, response) => {
    const { method = '', url: target = '' } = request
    asked.push({ method, url: target, headers: request.headers })
    const url = new URL(target, 'http://x')
    const inHost = request.headers.host?.startsWith(`${bucket}.`) === true
    const [, name, encoded = ''] = inHost
      ? ['', bucket, url.pathname.slice(1)]
      : (/^\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? [])
    const key = decodeURIComponent(encoded)
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' })
      response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message></Error>`)
    }
    if (name !== bucket) return refuse(404, 'NoSuchBucket')
    if (method === 'PUT') {
      if (request.headers['x-amz-checksum-crc32'] !== checksum(body)) return refuse(400, 'BadDigest')
      if (honoursCondition && request.headers['if-none-match'] === '*' && objects.has(key)) {
        return refuse(412, 'PreconditionFailed')
      }
      objects.set(key, body)
      response.writeHead(200, { etag: '"x"' })
      response.end()
      return
    }
    if (method === 'DELETE') {
      objects.delete(key)
      response.writeHead(204)
      response.end()
      return
    }
    if (key === '') {
      const prefix = url.searchParams.get('prefix') ?? ''
      const after = url.searchParams.get('continuation-token') ?? url.searchParams.get('start-after') ?? ''
      const names = [...objects.keys()]
        .filter((each) => each.startsWith(prefix) && Buffer.compare(Buffer.from(each), Buffer.from(after)) > 0)
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const page = names.slice(0, pageObjects)
      const more = page.length < names.length
      const entries = page.map(
        (each) =>
          `<Contents><Key>${escaped(each)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>${objects.get(each)?.length}</Size></Contents>`,
      )
      response.writeHead(200, { 'content-type': 'application/xml' })
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : ''}${entries.join('')}</ListBucketResult>`,
      )
      return
    }
    const found = objects.get(key)
    if (found === undefined) return refuse(404, 'NoSuchKey')
    if (request.headers.range === undefined) {
      const sum =
        request.headers['x-amz-checksum-mode'] === 'ENABLED' ? { 'x-amz-checksum-crc32': checksum(found) } : {}
      response.writeHead(200, { ...sum, 'content-length': found.length })
      response.end(found)
      return
    }
    const range = rangeOf(found, request.headers.range)
    if (!range) return refuse(416, 'InvalidRange')
    response.writeHead(206, { 'content-range': range.contentRange, 'content-length': range.part.length })
    response.end(range.part)
  })
  return { ...server, asked }
}

function checksum(bytes: Buffer): string {
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(bytes))
  return sum.toString('base64')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
