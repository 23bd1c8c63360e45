import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { quietEffects } from './effects.ts'
import { append, changing, columns, numbersOf, writeRows } from './table.ts'

/** One writer of several that commit to the same tables at the same time: appends to one, replaces by key in the other. */
export async function race(store: ObjectStore, writer: string, rounds: number, base: number): Promise<void> {
  const effects = quietEffects({ sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) })
  const log = openTable(store, 'log', effects)
  const counter = openTable(store, 'counter', effects)
  for (let round = 0; round < rounds; round += 1) {
    await append(log, writer, [base + round], [{ appId: writer, version: round + 1 }])
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
