import { didYouMean, fieldsOf, isAddress, readOptions } from '#config'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { gcsSpec, gcsStore, localStore, s3Spec, s3Store } from '#storage'

/** Bucket stores of this process, by the lake's name: what one of them has fetched is not fetched again. */
const opened = new Map<string, ObjectStore>()

/**
 * The store in which a lake stands: a folder, or a bucket with its options after a `?`, as in `s3://bucket/prefix?region=us-east-1&pathStyle=true`.
 * Who is asking is never among them. Faults: `config/lake`, and those of the store's own options.
 */
export function storeOf(lake: string): ObjectStore {
  if (!isAddress(lake)) return localStore(lake)
  const store = opened.get(lake) ?? bucketStore(lake)
  opened.set(lake, store)
  return store
}

function bucketStore(lake: string): ObjectStore {
  const url = URL.parse(lake)
  if (
    url === null ||
    !['gs:', 's3:'].includes(url.protocol) ||
    url.username !== '' ||
    url.password !== '' ||
    url.hash !== ''
  ) {
    throw new Fault('config/lake', 'The lake’s address is none of a bucket.', {
      mend: 'Write gs://bucket/prefix or s3://bucket/prefix; keys and passwords are set in the environment.',
    })
  }
  const spec = url.protocol === 'gs:' ? gcsSpec : s3Spec
  const known = [...fieldsOf(spec).keys()]
  const prefix = url.pathname.slice(1)
  const place = [['bucket', url.host] as const, ...(prefix === '' ? [] : [['prefix', prefix] as const])]
  const given = [...url.searchParams, ...place]
  const flags: Record<string, { flag: string; value: string }> = {}
  for (const [key, value] of given) {
    if (!known.includes(key)) {
      throw new Fault('config/lake', `${key} is no option of a lake in a bucket.${didYouMean(key, known)}`, {
        mend: `Options are ${known.join(', ')}.`,
      })
    }
    flags[key] = { flag: `the lake’s ${key}`, value }
  }
  const sources = { flags, environment: {}, file: { name: '', text: undefined }, resolve: (path: string) => path }
  return url.protocol === 'gs:'
    ? gcsStore(readOptions(gcsSpec, sources).options)
    : s3Store(readOptions(s3Spec, sources).options)
}
