import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { ConnectionOptions } from './kafka-library.ts'

/** How brokers are reached. Nothing of it is secret but what `KafkaSecrets` holds. */
export interface KafkaOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[]
  /** Of topics that are made here; -1 leaves it to the brokers. */
  readonly replication: number
  /** Silence after which a member of a group is out. */
  readonly sessionMs: number
  readonly tls: KafkaTls | undefined
  readonly sasl: KafkaSasl | undefined
}

/** PEM texts. Without an authority, those that Node knows. */
export interface KafkaTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly keyPassword?: string | undefined
}

export type KafkaSasl =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  /** Asked for at each sign-in, because tokens grow old. */
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<string> }

const connectTimeoutMs = 5_000
/** A request that waits the longest is that of a group's member, which waits for the others. */
const requestTimeoutMs = 40_000
/** Nothing of ours sends so many at once; the broker answers them in order. */
const mostInflight = 64

export function connectionOptions({ tls, sasl }: KafkaOptions, host: string): ConnectionOptions {
  // A certificate's name is compared with the host in any case; the name is sent along only where it is one.
  const isName = !/^[0-9.]+$|:/.test(host)
  return {
    ...{ connectTimeout: connectTimeoutMs, requestTimeout: requestTimeoutMs, maxInflights: mostInflight },
    ...(tls === undefined ? {} : { tls: tlsOptions(tls), ...(isName ? { tlsServerName: host } : {}) }),
    ...(sasl === undefined ? {} : { sasl: { ...sasl } }),
  }
}

function tlsOptions({ ca, cert, key, keyPassword }: KafkaTls): TlsOptions {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(keyPassword === undefined ? {} : { passphrase: keyPassword }),
  }
}
