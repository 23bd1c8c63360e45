import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Scratch } from '#pipeline'
import type { ObjectStore } from '#port'
import { Fault } from '#port'

export interface OwnedScratch extends Scratch {
  /** Removes the folder with all that is in it. */
  dispose(): Promise<void>
}

/** A new folder under the system's temporary one. */
export async function makeScratch(store: ObjectStore): Promise<OwnedScratch> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-'))
  const copies = join(folder, 'objects')

  async function copy(object: string): Promise<string> {
    const path = join(copies, object)
    const bytes = await store.read(object)
    if (bytes === undefined) {
      throw new Fault('store/damaged', `${store.name}: ${object} is named by a table's log and is not there.`, {
        mend: 'Restore it from a copy of the lake, or start with a new lake.',
        facts: { object },
      })
    }
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
    return path
  }

  return {
    folder,
    read: (path) => readFile(path),
    remove: (path) => rm(path, { force: true }),
    async localPaths(objects) {
      const { localRoot } = store
      if (localRoot !== undefined) return objects.map((object) => join(localRoot, object))
      const paths: string[] = []
      for (const object of objects) paths.push(await copy(object))
      return paths
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}
