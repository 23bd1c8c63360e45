import type { GoogleAuth } from 'google-auth-library'
import { Fault } from '#port'
import { networkCode } from './answer.ts'
import { optionalLibrary } from './library.ts'

/** Headers that say who is asking; asked for before every request, so that a token that ends is renewed. */
export type Identify = () => Promise<Readonly<Record<string, string>>>

export const googleSignIn =
  'Set GOOGLE_APPLICATION_CREDENTIALS to a file of credentials, or sign in with gcloud auth application-default login.'

/** Google's own order: GOOGLE_APPLICATION_CREDENTIALS, then gcloud's sign-in, then the machine's service account. */
export function googleIdentity(): Identify {
  let opened: Promise<GoogleAuth> | undefined
  return async () => {
    try {
      opened ??= open()
      const headers = await (await opened).getRequestHeaders()
      return Object.fromEntries(headers)
    } catch (error) {
      opened = undefined
      throw identityFault(error)
    }
  }
}

async function open(): Promise<GoogleAuth> {
  const { GoogleAuth } = await optionalLibrary('google-auth-library', () => import('google-auth-library'))
  return new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/devstorage.read_write'] })
}

/** The library's error holds the request that it made, key and all, so nothing of it goes on but a code. */
function identityFault(error: unknown): unknown {
  if (error instanceof Fault) return error
  const status =
    error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : undefined
  const code = networkCode(error)
  if (
    (status !== undefined && (status >= 500 || status === 429)) ||
    (code !== undefined && /^E[A-Z]+$/.test(code) && code !== 'ENOENT')
  ) {
    return new Fault('store/unreachable', 'Signing in at Google failed: the service did not answer as it should.', {
      mend: 'It is tried again; if it stays so, see that the network is right.',
      retry: true,
      facts: { status: status ?? null, code: code ?? null },
    })
  }
  return new Fault('store/refused', 'Signing in at Google failed: there are no credentials, or they are not taken.', {
    mend: googleSignIn,
    facts: { status: status ?? null, code: code ?? null },
  })
}
