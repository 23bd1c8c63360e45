import { Fault } from '#port'

/** A request as a message tells of it. */
export interface Call {
  readonly doing: 'Reading' | 'Writing' | 'Listing' | 'Removing'
  /** `gs://bucket/prefix/path`. */
  readonly what: string
  readonly bucket: string
  /** What the caller must be allowed to do, in the service's own words. */
  readonly permission: string
  /** How to say who is asking. */
  readonly signIn: string
}

/** Only this much of what a service says is ever repeated: its text may quote what was sent, and so a secret. */
const plainCode = /^[A-Za-z][A-Za-z0-9_.]{0,63}$/

/** Reasons for which Google and S3 refuse with a status that otherwise means something else. */
const busyCodes = /^(rateLimitExceeded|userRateLimitExceeded|SlowDown|RequestTimeout|OperationAborted)$/
const signInCodes =
  /^(ExpiredToken|InvalidToken|TokenRefreshRequired|InvalidAccessKeyId|SignatureDoesNotMatch|RequestTimeTooSkewed)$/

/** A status that is no success and has no meaning for this call, as a Fault of the ObjectStore port. */
export function answerFault(call: Call, status: number, code?: string): Fault {
  const named = code !== undefined && plainCode.test(code) ? code : undefined
  const facts = { what: call.what, status, ...(named === undefined ? {} : { code: named }) }
  const what = `${call.doing} ${call.what} failed: the service answered ${status}${named === undefined ? '' : ` (${named})`}`
  if (status === 408 || status === 429 || status >= 500 || status === 409 || busyCodes.test(named ?? '')) {
    return new Fault('store/unreachable', `${what}, it is busy.`, {
      mend: 'It is tried again; if it stays so, look at the status page of the service.',
      retry: true,
      facts,
    })
  }
  if (status === 401 || signInCodes.test(named ?? '')) {
    return new Fault('store/refused', `${what}, it does not know who is asking.`, {
      mend: `${call.signIn} See that the machine's clock is right.`,
      facts,
    })
  }
  if (status === 403) {
    return new Fault('store/refused', `${what}, not permitted.`, {
      mend: `Give the identity that runs this ${call.permission} on the bucket ${call.bucket}.`,
      facts,
    })
  }
  if (status >= 300 && status < 400) {
    return new Fault('store/refused', `${what}, the bucket ${call.bucket} is answered for elsewhere.`, {
      mend: 'Set the region or the endpoint of the bucket.',
      facts,
    })
  }
  return new Fault('store/refused', `${what}.`, {
    mend: 'See that the endpoint is a service of this kind, and that the bucket is as the lake needs it.',
    facts,
  })
}

export function missingBucket({ doing, what, bucket }: Call): Fault {
  return new Fault('store/missing-bucket', `${doing} ${what} failed: there is no bucket ${bucket}.`, {
    mend: 'Make the bucket, or correct its name in --lake.',
    facts: { what, bucket },
  })
}

/** Nothing came, or not all of it. `code` is the errno, or `timeout`. */
export function silenceFault({ doing, what }: Call, code: string): Fault {
  const facts = { what, code }
  if (/CERT|SIGNED|SIGNATURE|TLS/.test(code)) {
    return new Fault(
      'store/refused',
      `${doing} ${what} failed: ${code}, the certificate of the service is not trusted.`,
      {
        mend: 'Correct the endpoint, or name the authority that signed it in NODE_EXTRA_CA_CERTS.',
        facts,
      },
    )
  }
  return new Fault('store/unreachable', `${doing} ${what} failed: ${code}, the service did not answer in full.`, {
    mend: 'It is tried again; if it stays so, see that the network and the endpoint are right.',
    retry: true,
    facts,
  })
}

/** What came, or what the service says it got, is not what was sent. */
export function garbledFault({ doing, what }: Call): Fault {
  return new Fault(
    'store/damaged',
    `${doing} ${what} failed: the bytes do not have the checksum or the length they should.`,
    {
      mend: 'Run again; if it stays so, restore the object from a copy of the lake.',
      facts: { what },
    },
  )
}

/** The code of an error or of what caused it, where it comes from the network and not from us. */
export function networkCode(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string' && plainCode.test(each.code)) return each.code
  }
  return undefined
}

/** Bytes may be changed on their way, so what did not arrive as it was sent is asked for once more. */
export async function onceMore<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault && error.code === 'store/damaged') return work()
    throw error
  }
}
