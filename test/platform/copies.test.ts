import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ObjectStore } from '#port'
import { memoryStore } from '#storage'
import { boundedCopies } from '../../src/platform/copies.ts'
import { makeScratch } from '../../src/platform/scratch.ts'

const objects = Array.from({ length: 40 }, (_, i) => `silver/a/part-${i}.parquet`)
const bytesOf = (object: string): Uint8Array => new TextEncoder().encode(object.padEnd(100, '.'))

interface Watched {
  readonly store: ObjectStore
  readonly fetched: string[]
  readonly mostAtOnce: () => number
}

async function watchedStore(): Promise<Watched> {
  const inner = memoryStore()
  for (const object of objects) await inner.create(object, bytesOf(object))
  const fetched: string[] = []
  let atOnce = 0
  let most = 0
  const store: ObjectStore = {
    ...inner,
    async read(path) {
      fetched.push(path)
      atOnce += 1
      most = Math.max(most, atOnce)
      await sleep(1)
      atOnce -= 1
      return inner.read(path)
    },
  }
  return { store, fetched, mostAtOnce: () => most }
}

async function assertHolds(paths: readonly string[]): Promise<void> {
  for (const [i, path] of paths.entries())
    assert.deepEqual(new Uint8Array(await readFile(path)), bytesOf(objects[i] ?? ''))
}

test('objects that are nowhere as files are fetched once in a process, some at a time, and each stage has files of its own', async () => {
  const { store, fetched, mostAtOnce } = await watchedStore()
  const first = await makeScratch(store)
  const second = await makeScratch(store)
  const [once, twice] = await Promise.all([first.localPaths(objects), first.localPaths(objects)])
  assert.deepEqual(once, twice)
  await assertHolds(once)
  const paths = await second.localPaths(objects)
  await first.dispose()
  await assertHolds(paths)
  await second.dispose()
  assert.deepEqual(fetched.toSorted(), objects.toSorted())
  assert.ok(mostAtOnce() > 1 && mostAtOnce() <= 16, `${mostAtOnce()} at once by two callers`)
})

test('what is kept is bounded, and a file that was handed out stays', async () => {
  const { store, fetched } = await watchedStore()
  const scratch = await makeScratch(store)
  try {
    const copies = boundedCopies(store, 1000)
    const paths = await copies.placeUnder(`${scratch.folder}/one`, objects)
    await assertHolds(paths)
    await copies.placeUnder(`${scratch.folder}/two`, objects.slice(-10))
    assert.equal(fetched.length, 40)
    await assertHolds(await copies.placeUnder(`${scratch.folder}/three`, objects))
    assert.equal(fetched.length, 70)
  } finally {
    await scratch.dispose()
  }
})

test('an object that a log names and that is not there is a fault, and is looked for again', async () => {
  const { store } = await watchedStore()
  const scratch = await makeScratch(store)
  try {
    await assert.rejects(scratch.localPaths(['gone']), { code: 'store/damaged' })
    await store.create('gone', bytesOf('gone'))
    assert.equal((await scratch.localPaths(['gone'])).length, 1)
  } finally {
    await scratch.dispose()
  }
})
