import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Scratch } from '#pipeline'
import type { ObjectStore } from '#port'
import { copiesOf } from './copies.ts'

export interface OwnedScratch extends Scratch {
  /** Removes the folder with all that is in it. */
  dispose(): Promise<void>
}

/** A new folder under the system's temporary one. */
export async function makeFolder(): Promise<{ folder: string; dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-'))
  return { folder, dispose: () => rm(folder, { recursive: true, force: true }) }
}

/** The same, for a stage over a store. */
export async function makeScratch(store: ObjectStore): Promise<OwnedScratch> {
  const { folder, dispose } = await makeFolder()
  return {
    folder,
    read: (path) => readFile(path),
    remove: (path) => rm(path, { force: true }),
    async localPaths(objects) {
      const { localRoot } = store
      if (localRoot !== undefined) return objects.map((object) => join(localRoot, object))
      return copiesOf(store).placeUnder(join(folder, 'objects'), objects)
    },
    dispose,
  }
}
