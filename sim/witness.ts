import type { Table } from '#lake'
import type { ObjectStore } from '#port'
import type { World } from './world.ts'

const commitName = /^(?:.*\/lake\/)?(.+)\/_delta_log\/(\d{20})\.json$/

function commitOf(path: string): { readonly root: string; readonly version: number } | undefined {
  const [, root, digits] = commitName.exec(path) ?? []
  return root === undefined || digits === undefined ? undefined : { root, version: Number(digits) }
}

/** Sees every commit at the store itself, where no process can be mistaken, and keeps it when the log is cleaned. */
export interface Witness {
  /** A commit came into being. */
  wrote(path: string, bytes: Uint8Array): void
  /** An object goes. */
  removed(path: string): void
  /** The same table, which takes down what it was told is in. */
  watch(table: Table): Table
  /** What stands after the machine lost power: what was answered must. */
  recount(store: ObjectStore): Promise<void>
  /** By table and version, from 0. */
  readonly commits: ReadonlyMap<string, readonly Uint8Array[]>
  /** When a commit was first asked to go, by table and version. */
  readonly removedMs: ReadonlyMap<string, ReadonlyMap<number, number>>
}

export function newWitness(world: World): Witness {
  const commits = new Map<string, Uint8Array[]>()
  const removedMs = new Map<string, Map<number, number>>()
  const answered = new Map<string, number>()
  return {
    commits,
    removedMs,
    wrote(path, bytes) {
      const commit = commitOf(path)
      if (commit === undefined) return
      const { root, version } = commit
      const known = commits.get(root) ?? []
      commits.set(root, known)
      if (version < known.length) world.fail('put-if-absent', `version ${version} of ${root} was written twice`)
      else if (version > known.length)
        world.fail('contiguous', `version ${version} of ${root} was written, and ${known.length} is not there`)
      known[version] = bytes.slice()
      world.tell(`${root} ${version}`)
    },
    removed(path) {
      const commit = commitOf(path)
      if (commit === undefined) return
      const { root, version } = commit
      const known = removedMs.get(root) ?? new Map<number, number>()
      removedMs.set(root, known)
      if (!known.has(version)) known.set(version, world.nowMs())
    },
    watch(table) {
      return {
        ...table,
        async commit(request) {
          const outcome = await table.commit(request)
          if (outcome.outcome === 'committed')
            answered.set(table.root, Math.max(answered.get(table.root) ?? -1, outcome.version))
          return outcome
        },
      }
    },
    async recount(store) {
      for (const [root, known] of commits) {
        const there = new Map<number, Uint8Array>()
        for await (const { path } of store.list(`${root}/_delta_log/`)) {
          const version = commitOf(path)?.version
          if (version !== undefined) there.set(version, (await store.read(path)) ?? new Uint8Array())
        }
        const newest = Math.max(-1, ...there.keys())
        const promised = answered.get(root) ?? -1
        if (newest < promised)
          world.fail(
            'durable',
            `version ${promised} of ${root} was answered as committed, and is gone after the power cut`,
          )
        for (const [version, bytes] of there) {
          if (Buffer.compare(bytes, known[version] ?? new Uint8Array()) !== 0)
            world.fail('durable', `version ${version} of ${root} is not what it was before the power cut`)
        }
        if (newest + 1 < known.length) {
          world.tally.add('forgotten commits', known.length - newest - 1)
          known.length = newest + 1
        }
      }
    },
  }
}
