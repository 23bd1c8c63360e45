import { setImmediate } from 'node:timers/promises'

/** About 10 ms of the work that places do with one item. */
const itemsAtOnce = 64

/** The items, with a pause after some of them: the engine is told its next statement on this thread, and must not wait for long work of ours. */
export async function* inTurn<T>(items: Iterable<T>): AsyncIterable<T> {
  let left = itemsAtOnce
  for (const item of items) {
    yield item
    left -= 1
    if (left > 0) continue
    await setImmediate()
    left = itemsAtOnce
  }
}

/** All of them, or the first that failed, once none is under way any more. */
export async function all<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(works)
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
