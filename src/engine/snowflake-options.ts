import { createPrivateKey } from 'node:crypto'
import { Fault } from '#port'
import type { ConnectionOptions } from './snowflake-library.ts'

/** How a session signs in. */
export type SnowflakeIdentity =
  | { readonly by: 'key-pair'; readonly privateKey: string; readonly password: string | undefined }
  | { readonly by: 'oauth'; readonly token: string }
  | { readonly by: 'password'; readonly password: string }

export interface SnowflakeOptions {
  /** `organisation-account`. */
  readonly account: string
  /** Another address than the account's own, as a private link has it. */
  readonly url: string | undefined
  readonly user: string
  readonly identity: SnowflakeIdentity
  readonly role: string
  readonly warehouse: string
  readonly database: string
  /** Of names that have none. */
  readonly schema: string
  /** Role that `confine` goes on with. */
  readonly readerRole: string
  /** Absolute folder for files on their way; made if absent. */
  readonly scratchFolder: string
}

/** For how long the driver tries to sign in, and how often. */
const signInTries = 2

export function connectionOptions(options: SnowflakeOptions): ConnectionOptions {
  const { account, url, user, role, warehouse, database, schema } = options
  return {
    ...{ account, role, warehouse, database, schema, username: user, application: 'Fairlead' },
    ...(url === undefined ? {} : { accessUrl: url }),
    ...signIn(options.identity),
    rowMode: 'array',
    fetchAsString: ['Number'],
    sfRetryMaxLoginRetries: signInTries,
    clientStoreTemporaryCredential: false,
    disableConsoleLogin: true,
    queryTag: 'fairlead',
  }
}

function signIn(identity: SnowflakeIdentity): ConnectionOptions {
  switch (identity.by) {
    case 'key-pair':
      return { authenticator: 'SNOWFLAKE_JWT', privateKey: plainKey(identity) }
    case 'oauth':
      return { authenticator: 'OAUTH', token: identity.token }
    case 'password':
      return { authenticator: 'SNOWFLAKE', password: identity.password }
  }
}

/** The key as the driver takes it: PKCS#8, without a password. Fault: `config/snowflake`, which repeats nothing of the key. */
function plainKey({ privateKey, password }: { privateKey: string; password: string | undefined }): string {
  try {
    // In an environment's variable, ends of lines are often written as two characters.
    const key = privateKey.replaceAll('\\n', '\n')
    const parsed = createPrivateKey({ key, format: 'pem', ...(password === undefined ? {} : { passphrase: password }) })
    return parsed.export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    throw new Fault('config/snowflake', 'The private key for Snowflake cannot be read.', {
      mend: 'Give a key in PEM, with its BEGIN and END lines, and FAIRLEAD_SNOWFLAKE_KEY_PASSWORD where it has a password.',
    })
  }
}
