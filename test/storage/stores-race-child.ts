// One of several processes that commit to the same tables in a bucket: appends to one, counts up in the other.
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { gcsStore, s3Store } from '#storage'
import { quietEffects } from '../lake/effects.ts'
import { append, changing, columns, numbersOf, writeRows } from '../lake/table.ts'

export type StoreKind = 'gcs' | 's3'

export function openStore(kind: StoreKind, endpoint: string, bucket: string, timeoutMs = 10_000): ObjectStore {
  const options = { bucket, prefix: 'lakes/one', endpoint, timeoutMs }
  return kind === 'gcs' ? gcsStore(options) : s3Store({ ...options, region: 'us-east-1', pathStyle: true })
}

if (import.meta.main) {
  const [kind = '', endpoint = '', bucket = '', writer = '', rounds = '0', base = '0'] = process.argv.slice(2)
  const store = openStore(kind as StoreKind, endpoint, bucket)
  const effects = quietEffects({ sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) })
  const log = openTable(store, 'log', effects)
  const counter = openTable(store, 'counter', effects)
  for (let round = 0; round < Number(rounds); round += 1) {
    await append(log, writer, [Number(base) + round], [{ appId: writer, version: round + 1 }])
    await counter.commit({
      operation: 'MERGE',
      blindAppend: false,
      // What is written depends on what stands, so it has to be made anew for each try.
      async stage(newest) {
        const [standing = 0] = await numbersOf(store, 'counter', newest)
        const file = await writeRows(counter, writer, [standing + 1])
        return changing({ ...(newest ? {} : { columns }), add: [file], remove: newest?.files ?? [] })
      },
    })
  }
}
