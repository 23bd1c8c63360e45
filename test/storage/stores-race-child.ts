// One of several processes that race in a bucket.
import type { ObjectStore } from '#port'
import { gcsStore, s3Store } from '#storage'
import { race } from '../lake/race.ts'

export type StoreKind = 'gcs' | 's3'

export function openStore(kind: StoreKind, endpoint: string, bucket: string, timeoutMs = 10_000): ObjectStore {
  const options = { bucket, prefix: 'lakes/one', endpoint, timeoutMs }
  return kind === 'gcs' ? gcsStore(options) : s3Store({ ...options, region: 'us-east-1', pathStyle: true })
}

if (import.meta.main) {
  const [kind = '', endpoint = '', bucket = '', writer = '', rounds = '0', base = '0'] = process.argv.slice(2)
  await race(openStore(kind as StoreKind, endpoint, bucket), writer, Number(rounds), Number(base))
}
