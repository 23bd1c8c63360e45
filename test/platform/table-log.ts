/** A table's log beside the processes that write it. */
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault, noFailpoint } from '#port'

/** Counts what comes into the log, which is cleaned while it grows: commits by operation, checkpoints, and commits put into one file. */
export function logWatch(folder: string, counts: Record<string, number>): () => Promise<void> {
  const seen = new Set<string>()
  const add = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  return async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      if (seen.has(name)) continue
      seen.add(name)
      if (/^[0-9]{20}\.checkpoint.*\.parquet$/.test(name)) add('checkpoint')
      if (/^[0-9]{20}\.[0-9]{20}\.compacted\.json$/.test(name)) add('log compaction')
      if (!/^[0-9]{20}\.json$/.test(name)) continue
      const text = await readFile(join(folder, name), 'utf8').catch(() => '') // cleaned meanwhile
      const operation = /"operation":"([^"]+)"/.exec(text)?.[1]
      if (operation !== undefined) add(operation)
    }
  }
}

/** So many commits by a writer that leaves no checkpoints, as some do: those that come due meanwhile are left to others. */
export async function commitBare(store: ObjectStore, root: string, commits: number): Promise<void> {
  const bare: ObjectStore = {
    ...store,
    async create(path, bytes) {
      if (!path.includes('.checkpoint')) return store.create(path, bytes)
      throw new Fault('store/refused', 'This writer leaves no checkpoints.', { mend: 'None is due.' })
    },
  }
  const table = openTable(bare, root, {
    ...{ nowMs: Date.now, newId: randomUUID, sleep: async (ms) => void (await sleep(ms)), random: Math.random },
    ...{ report: () => {}, failpoint: noFailpoint, engineInfo: 'another writer' },
  })
  const writer = randomUUID()
  for (let version = 1; version <= commits; version += 1) {
    await table.commit({
      operation: 'ANOTHER WRITER',
      blindAppend: true,
      stage: () => ({ add: [], remove: [], txns: [{ appId: `another:${writer}`, version }] }),
    })
  }
  await table.settled()
}
