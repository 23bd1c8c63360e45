import type { ObjectStore } from '#port'
import { Fault } from '#port'

/** Counts of the store's writes, for a test that wants to meet each of them. */
export interface CountedStore extends ObjectStore {
  readonly writes: number
}

function counted(
  store: ObjectStore,
  write: (n: number, doIt: () => Promise<unknown>) => Promise<unknown>,
): CountedStore {
  let writes = 0
  return {
    ...store,
    get writes() {
      return writes
    },
    async create(path, bytes) {
      writes += 1
      let outcome: 'created' | 'exists' = 'exists'
      await write(writes, async () => {
        outcome = await store.create(path, bytes)
      })
      return outcome
    },
    async replace(path, bytes) {
      writes += 1
      await write(writes, () => store.replace(path, bytes))
    },
    async remove(path) {
      writes += 1
      await write(writes, () => store.remove(path))
    },
  }
}

/** A disk that has no room from the n-th write on (1 is the first), until it is given back as `store`. */
export function storeFullAt(store: ObjectStore, n: number): CountedStore {
  return counted(store, async (write, doIt) => {
    if (write >= n) throw new Fault('store/full', 'No space is left.', { mend: 'Free space.' })
    return doIt()
  })
}

/** A store whose n-th write fails and does nothing; with `retry`, as weather. */
export function storeFailingAt(store: ObjectStore, n: number, { retry = false } = {}): CountedStore {
  return counted(store, async (write, doIt) => {
    if (write === n) {
      throw retry
        ? new Fault('store/unreachable', 'The store did not answer.', { mend: 'Try again.', retry: true })
        : new Fault('store/damaged', 'The disk failed.', { mend: 'Replace it.' })
    }
    return doIt()
  })
}

/** A store whose n-th write lands while its answer is lost. */
export function storeLosingAnswerAt(store: ObjectStore, n: number): CountedStore {
  return counted(store, async (write, doIt) => {
    const answer = await doIt()
    if (write === n) throw new Fault('store/unreachable', 'The answer was lost.', { mend: 'Try again.', retry: true })
    return answer
  })
}

/** A store whose n-th write takes the process with it, `before` it lands or `after`: no call answers from then on. */
export function storeDyingAt(store: ObjectStore, n: number, when: 'before' | 'after'): CountedStore {
  let dead = false
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new Died()
    return work()
  }
  const living: ObjectStore = {
    ...store,
    read: (path) => alive(() => store.read(path)),
    readRange: (path, start, end) => alive(() => store.readRange(path, start, end)),
    async *list(prefix, after) {
      if (dead) throw new Died()
      yield* store.list(prefix, after)
    },
  }
  return counted(living, async (write, doIt) => {
    if (dead || (write === n && when === 'before')) {
      dead = true
      throw new Died()
    }
    await doIt()
    dead = write === n
    if (dead) throw new Died()
  })
}

/** Not a Fault: nothing in the code under test may take it for weather. */
export class Died extends Error {
  override readonly name = 'Died'
}
