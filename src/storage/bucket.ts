import type { Spec } from '#config'
import type { ObjectInfo } from '#port'
import { Fault, isTextBefore } from '#port'
import { checkPath } from './path.ts'

/** What every store in a bucket is told. Who is asking is never among it: that stands in the environment alone. */
export const bucketSpec = {
  bucket: { kind: 'text', about: 'Bucket that holds the lake; it has to be there already' },
  prefix: { kind: 'text', about: 'Folder within the bucket, lake/of/mine; by default the whole bucket', default: '' },
  endpoint: {
    kind: 'text',
    about: 'URL of another service that speaks the same language, or of an emulator',
    optional: true,
  },
  timeoutMs: {
    kind: 'integer',
    about: 'Longest silence of the service before a request is given up, in milliseconds',
    default: 30_000,
    min: 100,
    max: 600_000,
  },
} as const satisfies Spec

/** Where a store stands in its bucket. */
export interface Place {
  /** `gs://bucket/prefix`. */
  readonly name: string
  readonly bucket: string
  /** URL without a `/` at its end; undefined: the service's own. */
  readonly endpoint: string | undefined
  keyOf(path: string): string
  /** Undefined for what consoles leave to show a folder: a key that ends in `/`. */
  pathOf(key: string): string | undefined
}

export function placeOf(
  scheme: 'gs' | 's3',
  options: { readonly bucket: string; readonly prefix: string; readonly endpoint: string | undefined },
): Place {
  const { bucket } = options
  if (!/^[a-z0-9][a-z0-9._-]{1,221}$/.test(bucket)) {
    throw new Fault('config/bucket', `${JSON.stringify(bucket)} is no name of a bucket.`, {
      mend: `Name the lake as ${scheme}://bucket/prefix.`,
      facts: { bucket },
    })
  }
  const prefix = options.prefix.replace(/^\/+|\/+$/g, '')
  if (prefix !== '') checkPath(prefix)
  const root = prefix === '' ? '' : `${prefix}/`
  return {
    name: `${scheme}://${bucket}${prefix === '' ? '' : `/${prefix}`}`,
    bucket,
    endpoint: options.endpoint === undefined ? undefined : checkedEndpoint(options.endpoint),
    keyOf: (path) => root + path,
    pathOf: (key) => (key.endsWith('/') ? undefined : key.slice(root.length)),
  }
}

function checkedEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint)
  const why =
    url === null || !/^https?:$/.test(url.protocol)
      ? 'is no URL of http or https'
      : url.username !== '' || url.password !== ''
        ? 'carries a user or a password'
        : url.search !== '' || url.hash !== ''
          ? 'has something after its path'
          : undefined
  if (why === undefined) return endpoint.replace(/\/+$/, '')
  // The endpoint itself is not repeated: it may hold a secret.
  throw new Fault('config/endpoint', `The endpoint of the object store ${why}.`, {
    mend: 'Give it as https://host:port; who is asking is set in the environment.',
  })
}

/** One entry of a service's listing. */
export interface Listed {
  readonly key: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * A listing as the port has it. A service that lists in another order (S3's directory buckets do) would make a log look shorter than it is, so that is a fault.
 */
export async function* inByteOrder(
  pages: AsyncIterable<readonly Listed[]>,
  { name, pathOf }: Place,
  after: string | undefined,
): AsyncIterable<ObjectInfo> {
  let last: string | undefined
  for await (const page of pages) {
    for (const { key, sizeBytes, modifiedMs } of page) {
      const path = pathOf(key)
      if (path === undefined || (after !== undefined && !isTextBefore(after, path))) continue
      if (last !== undefined && !isTextBefore(last, path)) {
        throw new Fault('store/refused', `${name} lists ${path} after ${last}, which is not in byte order.`, {
          mend: 'Use a bucket that lists in the order of names; S3 directory buckets do not.',
          facts: { path, last },
        })
      }
      last = path
      yield { path, sizeBytes, modifiedMs }
    }
  }
}

type Create = (path: string, bytes: Uint8Array) => Promise<'created' | 'exists'>

/**
 * Services that only resemble the original may take the condition of a create and overwrite all the same, and commits would be lost without a sign.
 * So the first object that is created is sent once more, and only a service that answers 'exists' is trusted.
 */
export function provenCreate(name: string, create: Create): Create {
  let proven = false
  return async (path, bytes) => {
    const outcome = await create(path, bytes)
    if (proven || outcome === 'exists') return outcome
    let again: 'created' | 'exists'
    try {
      again = await create(path, bytes)
    } catch (error) {
      if (error instanceof Fault && error.retry) return outcome // weather: the next create is the proof
      throw error
    }
    if (again === 'created') {
      throw new Fault('store/refused', `${name} overwrites an object where it was asked to create one.`, {
        mend: 'Use a service that honours ifGenerationMatch (Google) or If-None-Match (S3): commits rest on it.',
        facts: { path },
      })
    }
    proven = true
    return outcome
  }
}
