import { randomUUID } from 'node:crypto'
import type { Options, Spec } from '#config'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import type { Call } from './answer.ts'
import { answerFault, garbledFault, missingBucket, networkCode, onceMore, silenceFault } from './answer.ts'
import type { Listed, Place } from './bucket.ts'
import { bucketSpec, inByteOrder, placeOf, provenCreate } from './bucket.ts'
import { crc32cOf } from './crc32c.ts'
import type { Identify } from './gcs-identity.ts'
import { googleIdentity, googleSignIn } from './gcs-identity.ts'
import { checkPath } from './path.ts'
import { collected, watched } from './silence.ts'

export const gcsSpec = { ...bucketSpec } as const satisfies Spec
export type GcsOptions = Options<typeof gcsSpec>

export interface GcsEffects {
  /** Who is asking. By default Google's own order at Google, and nobody at any other endpoint: a token never leaves for elsewhere. */
  readonly identify?: Identify
}

const googleEndpoint = 'https://storage.googleapis.com'
const pageObjects = 1000
/** An error's text is read up to here, for its reason alone. */
const mostErrorBytes = 16_384

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** Why, in the service's words, where it is no success. */
  readonly reason: string | undefined
}

interface Ask {
  readonly method: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
}

/**
 * Objects in a bucket of Google Cloud Storage, over its JSON API. `create` rests on `ifGenerationMatch=0`. Nothing is sent twice by itself but what arrived
 * garbled and so was not taken: what a lost answer means is for the writer to find out.
 */
export function gcsStore(options: GcsOptions, effects: GcsEffects = {}): ObjectStore {
  const place = placeOf('gs', options)
  const endpoint = place.endpoint ?? googleEndpoint
  const identify = effects.identify ?? (isGoogle(endpoint) ? googleIdentity() : async () => ({}))
  const objects = `/storage/v1/b/${encodeURIComponent(place.bucket)}/o`
  /** Google answers 404 for an object and for a bucket that is not there; once the bucket was seen, it is the object. */
  let bucketSeen = false

  async function ask(call: Call, { method, path, query = {}, headers = {}, body }: Ask): Promise<Answer> {
    const url = `${endpoint}${path}?${new URLSearchParams(query)}`
    try {
      return await watched(options.timeoutMs, body?.length ?? 0, async (watch) => {
        const identity = await identify()
        const response = await fetch(url, {
          method,
          // Without it the bytes might come compressed, and neither length nor checksum would be theirs.
          headers: { 'accept-encoding': 'identity', ...headers, ...identity },
          ...(body === undefined ? {} : { body }),
          redirect: 'manual',
          signal: watch.signal,
        })
        watch.alive()
        const bytes = await collected(response.body, watch, response.ok ? undefined : mostErrorBytes)
        if (response.ok) bucketSeen = true
        const reason = response.ok ? undefined : reasonOf(bytes)
        return { status: response.status, headers: response.headers, bytes, reason }
      })
    } catch (error) {
      if (error instanceof Fault) throw error
      const code = error instanceof DOMException && error.name === 'AbortError' ? 'timeout' : networkCode(error)
      throw code === undefined ? error : silenceFault(call, code)
    }
  }

  /** Undefined where there is no such object. */
  async function read(
    path: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Uint8Array | undefined> {
    checkPath(path)
    const call = callOf(place, 'Reading', path, 'storage.objects.get')
    const answer = await ask(call, {
      method: 'GET',
      path: `${objects}/${encodeURIComponent(place.keyOf(path))}`,
      query: { alt: 'media' },
      headers: range ? { range: `bytes=${range.start}-${Math.max(range.start, range.end - 1)}` } : {},
    })
    const { status, headers, bytes, reason } = answer
    if (status === 404) return absent(call)
    if (range && status === 416) return new Uint8Array() // the object ends before the range
    if (range && status === 206) return bytes.subarray(0, Math.max(0, range.end - range.start))
    if (status !== 200) throw answerFault(call, status, reason)
    const expected = /crc32c=([^,\s]+)/.exec(headers.get('x-goog-hash') ?? '')?.[1]
    if (expected !== undefined && expected !== crc32cOf(bytes)) throw garbledFault(call)
    return range ? bytes.slice(range.start, Math.max(range.start, range.end)) : bytes
  }

  async function absent(call: Call): Promise<undefined> {
    if (bucketSeen) return undefined
    const { status, reason } = await ask(call, { method: 'GET', path: objects, query: { maxResults: '1' } })
    if (status === 404) throw missingBucket(call)
    // Whoever may not list may still read; then the object is what is not there.
    if (status === 200 || status === 403) return undefined
    throw answerFault(call, status, reason)
  }

  /** Name, checksum and bytes in one request, so that an object is whole or is not. */
  async function put(
    call: Call,
    path: string,
    bytes: Uint8Array,
    query: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const boundary = randomUUID()
    const crc32c = crc32cOf(bytes)
    const metadata = JSON.stringify({ name: place.keyOf(path), crc32c })
    const body = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\ncontent-type: application/json\r\n\r\n${metadata}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`,
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    const answer = await ask(call, {
      method: 'POST',
      path: `/upload${objects}`,
      query: { uploadType: 'multipart', fields: 'size,crc32c', ...query },
      headers: { 'content-type': `multipart/related; boundary=${boundary}` },
      body,
    })
    if (answer.status === 404) throw missingBucket(call)
    if (answer.status === 400 && answer.reason === 'checksum') throw garbledFault(call)
    if (answer.status !== 200) return answer
    const stored: { size?: string; crc32c?: string } = parsed(answer.bytes, call)
    if (Number(stored.size) === bytes.length && stored.crc32c === crc32c) return answer
    throw new Fault('store/refused', `${call.what} was written, and the service says it is something else.`, {
      mend: 'Use a service that keeps size and crc32c of an object as Google does.',
      facts: { what: call.what },
    })
  }

  async function create(path: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    checkPath(path)
    const call = callOf(place, 'Writing', path, 'storage.objects.create')
    const { status, reason } = await onceMore(() => put(call, path, bytes, { ifGenerationMatch: '0' }))
    if (status === 200) return 'created'
    // A policy of the organisation is refused with the same status.
    if (status === 412 && (reason === undefined || reason === 'conditionNotMet')) return 'exists'
    throw answerFault(call, status, reason)
  }

  async function* pages(prefix: string, after: string | undefined): AsyncIterable<readonly Listed[]> {
    const call = callOf(place, 'Listing', prefix, 'storage.objects.list')
    let pageToken: string | undefined
    do {
      const { status, bytes, reason } = await ask(call, {
        method: 'GET',
        path: objects,
        query: {
          prefix: place.keyOf(prefix),
          maxResults: String(pageObjects),
          fields: 'items(name,size,updated),nextPageToken',
          ...(after === undefined ? {} : { startOffset: place.keyOf(after) }),
          ...(pageToken === undefined ? {} : { pageToken }),
        },
      })
      if (status === 404) throw missingBucket(call)
      if (status !== 200) throw answerFault(call, status, reason)
      const page: ListPage = parsed(bytes, call)
      yield (page.items ?? []).map(({ name, size, updated }) => ({
        key: name,
        sizeBytes: Number(size),
        modifiedMs: Date.parse(updated),
      }))
      pageToken = page.nextPageToken
    } while (pageToken)
  }

  return {
    name: place.name,
    localRoot: undefined,
    read: (path) => onceMore(() => read(path)),
    readRange: (path, start, end) => onceMore(() => read(path, { start, end })),
    list: (prefix, after) => inByteOrder(pages(prefix, after), place, after),
    create: place.endpoint === undefined ? create : provenCreate(place.name, create),
    async replace(path, bytes) {
      checkPath(path)
      const call = callOf(place, 'Writing', path, 'storage.objects.create and storage.objects.delete')
      const { status, reason } = await onceMore(() => put(call, path, bytes, {}))
      if (status !== 200) throw answerFault(call, status, reason)
    },
    async remove(path) {
      checkPath(path)
      const call = callOf(place, 'Removing', path, 'storage.objects.delete')
      const { status, reason } = await ask(call, {
        method: 'DELETE',
        path: `${objects}/${encodeURIComponent(place.keyOf(path))}`,
      })
      if (status === 404) return absent(call)
      if (status !== 204 && status !== 200) throw answerFault(call, status, reason)
    },
    // What is there to be read lasts.
    async sync() {},
  }
}

interface ListPage {
  readonly items?: readonly { readonly name: string; readonly size: string; readonly updated: string }[]
  readonly nextPageToken?: string
}

function callOf(place: Place, doing: Call['doing'], path: string, permission: string): Call {
  return { doing, what: `${place.name}/${path}`, bucket: place.bucket, permission, signIn: googleSignIn }
}

function isGoogle(endpoint: string): boolean {
  return /^https:\/\/([a-z0-9-]+\.)*googleapis\.com(:\d+)?$/.test(endpoint)
}

/** Google's word for what is wrong; of a checksum that does not match it says so only in the text. */
function reasonOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes)
  if (/crc32c/i.test(text)) return 'checksum'
  return /"reason":\s*"([A-Za-z]+)"/.exec(text)?.[1]
}

function parsed<T>(bytes: Uint8Array, call: Call): T {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw silenceFault(call, 'ERR_NOT_JSON') // half an answer, or one from something in between
  }
}
