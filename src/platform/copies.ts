import { rmSync } from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ObjectStore } from '#port'
import { Fault } from '#port'

/** Beyond it the copies that were not asked for the longest go. */
const mostBytes = 2 * 1024 ** 3
/** Each is held in memory on its way, and no line is faster for more. */
const fetchedAtOnce = 8

/** Objects of one store as files. Data files never change under their name, so each is fetched once, for as long as it is kept. */
export interface Copies {
  /** Makes each object a file under `folder`, by its path; answers their absolute paths, in order. They stay whatever becomes of the copies. */
  placeUnder(folder: string, objects: readonly string[]): Promise<readonly string[]>
}

interface Copy {
  readonly file: string
  readonly sizeBytes: number
}

const known = new WeakMap<ObjectStore, Copies>()

/** The copies that this process keeps of a store; gone when it ends. */
export function copiesOf(store: ObjectStore): Copies {
  const copies = known.get(store) ?? boundedCopies(store, mostBytes)
  known.set(store, copies)
  return copies
}

export function boundedCopies(store: ObjectStore, keptBytes: number): Copies {
  /** The one asked for last stands last. */
  const copies = new Map<string, Promise<Copy>>()
  let folder: Promise<string> | undefined
  let heldBytes = 0
  let named = 0

  async function makeFolder(): Promise<string> {
    const made = await mkdtemp(join(tmpdir(), 'fairlead-copies-'))
    process.once('exit', () => rmSync(made, { recursive: true, force: true }))
    return made
  }

  async function fetched(object: string): Promise<Copy> {
    const bytes = await store.read(object)
    if (bytes === undefined) {
      throw new Fault('store/damaged', `${store.name}: ${object} is named by a table's log and is not there.`, {
        mend: 'Restore it from a copy of the lake, or start with a new lake.',
        facts: { object },
      })
    }
    folder ??= makeFolder()
    named += 1
    const name = String(named)
    const file = join(await folder, name)
    await writeFile(file, bytes)
    heldBytes += bytes.length
    return { file, sizeBytes: bytes.length }
  }

  function copyOf(object: string): Promise<Copy> {
    const copy = copies.get(object) ?? fetched(object)
    copies.delete(object)
    copies.set(object, copy)
    copy.catch(() => copies.delete(object))
    return copy
  }

  /** A second name for the file, so that it stays when the copy is dropped. */
  async function place(object: string, path: string): Promise<void> {
    const copy = copyOf(object)
    const { file } = await copy
    await mkdir(dirname(path), { recursive: true })
    try {
      await link(file, path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code === 'EEXIST') return // asked for twice by the same stage
      if (code !== 'ENOENT') return copyFile(file, path) // no hard links here
      if (copies.get(object) === copy) copies.delete(object) // dropped in between
      await place(object, path)
    }
  }

  async function dropOldest(): Promise<void> {
    for (const [object, copy] of copies) {
      if (heldBytes <= keptBytes) return
      const held = await copy.catch(() => undefined) // its fault is told to who asked for it
      if (held === undefined || copies.get(object) !== copy) continue
      copies.delete(object)
      heldBytes -= held.sizeBytes
      await rm(held.file, { force: true })
    }
  }

  return {
    async placeUnder(target, objects) {
      const waiting = objects.entries()
      const work = async (): Promise<void> => {
        for (const [, object] of waiting) await place(object, join(target, object))
      }
      await Promise.all(Array.from({ length: fetchedAtOnce }, work))
      await dropOldest()
      return objects.map((object) => join(target, object))
    },
  }
}
