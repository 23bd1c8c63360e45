import type { ObjectStore, RetryEffects } from '#port'
import { retry } from '#port'

const patience = { attempts: 6, firstWaitMs: 50, maxWaitMs: 2000 }

/** The same store, where a read or a sync that meets weather is tried again. Writes pass as they are: what their failure means is for the writer to find out. */
export function patientReads(store: ObjectStore, effects: RetryEffects): ObjectStore {
  return {
    ...store,
    read: (path) => retry(() => store.read(path), { what: `reading ${path}`, ...patience }, effects),
    readRange: (path, start, end) =>
      retry(() => store.readRange(path, start, end), { what: `reading ${path}`, ...patience }, effects),
    sync: (folder) => retry(() => store.sync(folder), { what: `syncing ${folder}`, ...patience }, effects),
    async *list(prefix, after) {
      yield* await retry(
        () => Array.fromAsync(store.list(prefix, after)),
        { what: `listing ${prefix}`, ...patience },
        effects,
      )
    },
  }
}

/** Creates an object whose name is nobody else's, so that 'exists' after a lost answer means that it is there. */
export async function createOwn(
  store: ObjectStore,
  path: string,
  bytes: Uint8Array,
  effects: RetryEffects,
): Promise<void> {
  await retry(() => store.create(path, bytes), { what: `writing ${path}`, ...patience }, effects)
}
