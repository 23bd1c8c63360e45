import { setTimeout as sleepFor } from 'node:timers/promises'
import type { S3Client } from '@aws-sdk/client-s3'
import type { Options, Spec } from '#config'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import type { Call } from './answer.ts'
import { answerFault, garbledFault, missingBucket, networkCode, onceMore, silenceFault } from './answer.ts'
import type { Listed, Place } from './bucket.ts'
import { bucketSpec, inByteOrder, placeOf, provenCreate } from './bucket.ts'
import { optionalLibrary } from './library.ts'
import { checkPath } from './path.ts'
import type { Watch } from './silence.ts'
import { collected, watched } from './silence.ts'

export const s3Spec = {
  ...bucketSpec,
  region: {
    kind: 'text',
    about: "Region of the bucket; by default the environment's or the profile's",
    optional: true,
  },
  pathStyle: {
    kind: 'boolean',
    about: 'The bucket stands in the path and not in the host name, as emulators and many services of others want it',
    default: false,
  },
} as const satisfies Spec
export type S3Options = Options<typeof s3Spec>

export interface S3Effects {
  readonly sleep?: (ms: number) => Promise<unknown>
  /** 0 to 1. */
  readonly random?: () => number
}

/** A create that met another write of the same name is sent again this often. */
const conflictAttempts = 6
const firstConflictWaitMs = 50

const garbledCodes = /^(BadDigest|InvalidDigest|XAmzContentSHA256Mismatch|XAmzContentChecksumMismatch)$/
const awsSignIn = 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile that is signed in.'

/** What an answer that is no success says. */
interface Refusal {
  readonly status: number
  readonly code: string
}

type Library = typeof import('@aws-sdk/client-s3')

/**
 * Objects in a bucket of S3 or of a service that speaks its language. `create` rests on `If-None-Match: *`. The library tries nothing again by itself: a create
 * that it repeated after a lost answer would be told that something exists, our own.
 */
export function s3Store(options: S3Options, effects: S3Effects = {}): ObjectStore {
  const { sleep = sleepFor, random = Math.random } = effects
  const place = placeOf('s3', options)
  const Bucket = place.bucket
  let opened: Promise<{ readonly library: Library; readonly client: S3Client }> | undefined

  async function open(): Promise<{ readonly library: Library; readonly client: S3Client }> {
    const library = await optionalLibrary('@aws-sdk/client-s3', () => import('@aws-sdk/client-s3'))
    const client = new library.S3Client({
      maxAttempts: 1,
      forcePathStyle: options.pathStyle,
      requestHandler: { connectionTimeout: options.timeoutMs },
      ...(place.endpoint === undefined ? {} : { endpoint: place.endpoint }),
      ...(options.region === undefined ? {} : { region: options.region }),
    })
    return { library, client }
  }

  /** What `work` answers, or why the service refused. */
  async function ask<T>(
    call: Call,
    sentBytes: number,
    work: (client: S3Client, library: Library, watch: Watch) => Promise<T>,
  ): Promise<{ readonly answer: T } | Refusal> {
    opened ??= open()
    const { client, library } = await opened
    try {
      return { answer: await watched(options.timeoutMs, sentBytes, (watch) => work(client, library, watch)) }
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal?.code === 'NoSuchBucket') throw missingBucket(call)
      if (refusal && garbledCodes.test(refusal.code)) throw garbledFault(call)
      if (refusal) return refusal
      throw failure(call, error)
    }
  }

  async function read(
    path: string,
    range?: { readonly start: number; readonly end: number },
  ): Promise<Uint8Array | undefined> {
    checkPath(path)
    // Without the right to list, what is not there is answered as not permitted.
    const call = callOf(place, 'Reading', path, 's3:GetObject and s3:ListBucket')
    const Range = range && `bytes=${range.start}-${Math.max(range.start, range.end - 1)}`
    const result = await ask(call, 0, async (client, { GetObjectCommand }, watch) => {
      const command = new GetObjectCommand({
        Bucket,
        Key: place.keyOf(path),
        ...(range ? { Range } : { ChecksumMode: 'ENABLED' }),
      })
      const answer = await client.send(command, { abortSignal: watch.signal })
      watch.alive()
      const bytes = await collected(answer.Body as AsyncIterable<Uint8Array> | undefined, watch)
      if (answer.ContentLength !== undefined && answer.ContentLength !== bytes.length)
        throw silenceFault(call, 'ERR_SHORT')
      return { bytes, whole: answer.ContentRange === undefined }
    })
    if (!('answer' in result)) {
      if (result.status === 404) return undefined
      if (range && result.status === 416) return new Uint8Array() // the object ends before the range
      throw answerFault(call, result.status, result.code)
    }
    const { bytes, whole } = result.answer
    if (!range) return bytes
    return whole
      ? bytes.slice(range.start, Math.max(range.start, range.end))
      : bytes.subarray(0, Math.max(0, range.end - range.start))
  }

  function put(call: Call, path: string, bytes: Uint8Array, condition: { readonly IfNoneMatch?: '*' }) {
    return onceMore(() =>
      ask(call, bytes.length, (client, { PutObjectCommand }, { signal }) =>
        client.send(
          new PutObjectCommand({
            Bucket,
            Key: place.keyOf(path),
            Body: bytes,
            ContentLength: bytes.length,
            ContentType: 'application/octet-stream',
            ChecksumAlgorithm: 'CRC32',
            ...condition,
          }),
          { abortSignal: signal },
        ),
      ),
    )
  }

  async function create(path: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    checkPath(path)
    const call = callOf(place, 'Writing', path, 's3:PutObject')
    for (let attempt = 1; ; attempt += 1) {
      const result = await put(call, path, bytes, { IfNoneMatch: '*' })
      if ('answer' in result) return 'created'
      if (result.status === 412) return 'exists'
      // Another write of this name was under way; ours was not taken, so that it may be sent again.
      if (result.status !== 409 || attempt === conflictAttempts) throw answerFault(call, result.status, result.code)
      await sleep(Math.round(random() * firstConflictWaitMs * 2 ** attempt))
    }
  }

  async function* pages(prefix: string, after: string | undefined): AsyncIterable<readonly Listed[]> {
    const call = callOf(place, 'Listing', prefix, 's3:ListBucket')
    let ContinuationToken: string | undefined
    do {
      const token = ContinuationToken
      const result = await ask(call, 0, (client, { ListObjectsV2Command }, { signal }) =>
        client.send(
          new ListObjectsV2Command({
            Bucket,
            Prefix: place.keyOf(prefix),
            ...(after === undefined ? {} : { StartAfter: place.keyOf(after) }),
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          { abortSignal: signal },
        ),
      )
      if (!('answer' in result)) throw answerFault(call, result.status, result.code)
      const { Contents = [], IsTruncated, NextContinuationToken } = result.answer
      yield Contents.map(({ Key = '', Size = 0, LastModified }) => ({
        key: Key,
        sizeBytes: Size,
        modifiedMs: LastModified?.getTime() ?? 0,
      }))
      ContinuationToken = IsTruncated ? NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
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
      const call = callOf(place, 'Writing', path, 's3:PutObject')
      const result = await put(call, path, bytes, {})
      if (!('answer' in result)) throw answerFault(call, result.status, result.code)
    },
    async remove(path) {
      checkPath(path)
      const call = callOf(place, 'Removing', path, 's3:DeleteObject')
      const result = await ask(call, 0, (client, { DeleteObjectCommand }, { signal }) =>
        client.send(new DeleteObjectCommand({ Bucket, Key: place.keyOf(path) }), { abortSignal: signal }),
      )
      if (!('answer' in result) && result.status !== 404) throw answerFault(call, result.status, result.code)
    },
    // What is there to be read lasts.
    async sync() {},
  }
}

function callOf(place: Place, doing: Call['doing'], path: string, permission: string): Call {
  return { doing, what: `${place.name}/${path}`, bucket: place.bucket, permission, signIn: awsSignIn }
}

/** The library's error where the service answered; its text may quote what was sent, so only its code goes on. */
function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const { httpStatusCode: status } = error.$metadata as { readonly httpStatusCode?: number }
  return status === undefined || status < 300 ? undefined : { status, code: error.name }
}

/** No answer, half of one, or none that could be asked for. */
function failure(call: Call, error: unknown): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const code = networkCode(error)
  if (error.name === 'AbortError' || (error.name === 'TimeoutError' && code === undefined))
    return silenceFault(call, 'timeout')
  if (error.message.startsWith('Checksum mismatch')) return garbledFault(call)
  if (error.message.startsWith('Region is missing')) {
    return new Fault('config/region', `The region of the bucket ${call.bucket} is not set.`, {
      mend: 'Set it, or AWS_REGION in the environment; a service that has no regions takes us-east-1.',
    })
  }
  if (/^(Credentials|Token)ProviderError$/.test(error.name) || error.message.startsWith('Resolved credential object')) {
    return new Fault('store/refused', `${call.doing} ${call.what} failed: there are no credentials.`, {
      mend: awsSignIn,
      facts: { what: call.what },
    })
  }
  if (code !== undefined) return silenceFault(call, code)
  // An answer that cannot be read: half of one, or one from something in between.
  return '$metadata' in error ? silenceFault(call, 'ERR_NOT_XML') : error
}
