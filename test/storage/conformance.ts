import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ObjectInfo, ObjectStore } from '#port'
import { Fault } from '#port'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)

async function paths(list: AsyncIterable<ObjectInfo>): Promise<readonly string[]> {
  return (await Array.fromAsync(list)).map(({ path }) => path)
}

/** What every ObjectStore does. An adapter is done when it passes; `makeStore` answers a new, empty store and how to remove it. */
export function testObjectStore(
  name: string,
  makeStore: () => Promise<{ readonly store: ObjectStore; readonly remove?: () => Promise<void> }>,
): void {
  const check = (what: string, body: (store: ObjectStore) => Promise<void>): void => {
    test(`${name}: ${what}`, async () => {
      const { store, remove } = await makeStore()
      try {
        await body(store)
      } finally {
        await remove?.()
      }
    })
  }

  check('what is not there reads as undefined, lists as nothing and removes without a fault', async (store) => {
    assert.equal(await store.read('a/b'), undefined)
    assert.equal(await store.readRange('a/b', 0, 1), undefined)
    assert.deepEqual(await paths(store.list('')), [])
    assert.deepEqual(await paths(store.list('a/')), [])
    await store.remove('a/b')
  })

  check('a folder is synced whether or not it is there, and nothing is changed by it', async (store) => {
    await store.sync('a/b')
    await store.create('a/b/c', bytes('one'))
    await store.sync('a/b')
    assert.equal(text(await store.read('a/b/c')), 'one')
    assert.deepEqual(await paths(store.list('')), ['a/b/c'])
  })

  check('create writes once; the second is told that something exists and changes nothing', async (store) => {
    assert.equal(await store.create('a/b/c', bytes('one')), 'created')
    assert.equal(await store.create('a/b/c', bytes('two')), 'exists')
    assert.equal(text(await store.read('a/b/c')), 'one')
  })

  check('replace writes whether or not something is there', async (store) => {
    await store.replace('a', bytes('one'))
    assert.equal(text(await store.read('a')), 'one')
    await store.replace('a', bytes('two'))
    assert.equal(text(await store.read('a')), 'two')
    assert.equal(await store.create('a', bytes('three')), 'exists')
  })

  check('remove makes room for a create', async (store) => {
    await store.create('a/b', bytes('one'))
    await store.remove('a/b')
    assert.equal(await store.read('a/b'), undefined)
    assert.equal(await store.create('a/b', bytes('two')), 'created')
  })

  check('a range starts inclusive, ends exclusive, and is clipped', async (store) => {
    await store.create('a', bytes('0123456789'))
    assert.equal(text(await store.readRange('a', 0, 3)), '012')
    assert.equal(text(await store.readRange('a', 7, 100)), '789')
    assert.equal(text(await store.readRange('a', 5, 5)), '')
    assert.equal(text(await store.readRange('a', 50, 60)), '')
  })

  check('an empty object is an object', async (store) => {
    assert.equal(await store.create('a', bytes('')), 'created')
    assert.equal((await store.read('a'))?.length, 0)
    assert.equal(await store.create('a', bytes('x')), 'exists')
  })

  check('list is in byte order of whole paths, at any depth', async (store) => {
    const names = [
      'b',
      'a/z',
      'a.b',
      'a-b',
      'a/b/c',
      'a/b.c',
      'a0',
      'é',
      'z',
      '\u{ffee}',
      '\u{1f600}',
      'A',
      'a/10',
      'a/9',
    ]
    for (const each of names) await store.create(each, bytes(each))
    const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(await paths(store.list('')), sorted)
    assert.deepEqual(
      await paths(store.list('a')),
      sorted.filter((each) => each.startsWith('a')),
    )
    assert.deepEqual(await paths(store.list('a/')), ['a/10', 'a/9', 'a/b.c', 'a/b/c', 'a/z'])
    for (const after of ['a', 'a/', 'a/9', 'a/b', 'a/b.', 'a/b/c', 'a/zz', 'b', '\u{ffee}', '~']) {
      assert.deepEqual(
        await paths(store.list('', after)),
        sorted.filter((each) => Buffer.compare(Buffer.from(each), Buffer.from(after)) > 0),
        `after ${after}`,
      )
    }
  })

  check('list tells size and time', async (store) => {
    await store.create('a', bytes('12345'))
    const [info] = await Array.fromAsync(store.list(''))
    assert.equal(info?.sizeBytes, 5)
    assert.ok(Number.isSafeInteger(info?.modifiedMs))
  })

  check('bytes are the store’s own: changing what was written or read changes nothing', async (store) => {
    const given = bytes('abc')
    await store.create('a', given)
    given[0] = 0
    const got = await store.read('a')
    assert.equal(text(got), 'abc')
    if (got) got[0] = 0
    assert.equal(text(await store.read('a')), 'abc')
  })

  check('any byte and any usual name comes back as it was', async (store) => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i)
    for (const path of ['year=2019/part 1 #%?.bin', 'with:colon+plus', 'ünïcode/ß']) {
      await store.create(path, all)
      assert.deepEqual(await store.read(path), all)
      assert.deepEqual(await paths(store.list(path)), [path])
    }
  })

  check('paths that would leave the store are refused', async (store) => {
    for (const path of ['', '/a', '../a', 'a/../b', 'a//b', './a', 'a/.', 'a/', 'a\\b', 'a\0b']) {
      for (const call of [
        () => store.read(path),
        () => store.create(path, bytes('x')),
        () => store.replace(path, bytes('x')),
        () => store.remove(path),
      ]) {
        await assert.rejects(call, (error) => error instanceof Fault && error.code === 'store/refused', path)
      }
    }
  })

  check('of many creates at once one wins, and its bytes stand', async (store) => {
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, async (_, i) => ({
          i,
          outcome: await store.create(`r/${round}`, bytes(`writer ${i}`)),
        })),
      )
      const winners = outcomes.filter(({ outcome }) => outcome === 'created')
      assert.equal(winners.length, 1)
      assert.equal(text(await store.read(`r/${round}`)), `writer ${winners[0]?.i}`)
    }
  })

  check('readers during replaces see one whole object', async (store) => {
    const whole = (letter: string) => bytes(letter.repeat(50_000))
    await store.replace('a', whole('x'))
    const writes = (async () => {
      for (let i = 0; i < 20; i += 1) await store.replace('a', whole(i % 2 ? 'x' : 'y'))
    })()
    for (let i = 0; i < 20; i += 1) {
      const seen = new Set(text(await store.read('a')))
      assert.equal(seen.size, 1)
      assert.equal((await store.read('a'))?.length, 50_000)
    }
    await writes
  })
}
