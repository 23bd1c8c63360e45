import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { Fault } from '#port'
import { localStore } from '#storage'
import { forgetfulDisk } from '../../sim/disk.ts'
import { storeFault } from '../../src/storage/errno.ts'
import { testObjectStore } from './conformance.ts'

async function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'fairlead-store-'))
}

testObjectStore('local', async () => {
  const folder = await temporaryFolder()
  // The folder of the store itself need not be there.
  return { store: localStore(join(folder, 'not', 'yet')), remove: () => rm(folder, { recursive: true }) }
})

testObjectStore('local, on a disk in memory', async () => ({ store: localStore('/lake/here', forgetfulDisk()) }))

test('local: what a write has answered survives the loss of power', async () => {
  const disk = forgetfulDisk()
  const body = (text: string) => new TextEncoder().encode(text)
  for (let round = 0; round < 5; round += 1) {
    const store = localStore('/lake/here', disk)
    for (const path of [`a${round}`, `deep/er/${round}/b`, `deep/er/${round}/c`]) {
      assert.equal(await store.create(path, body(path)), 'created')
    }
    await store.replace('same', body(`round ${round}`))
    if (round > 0) await store.remove(`deep/er/${round - 1}/c`)
    disk.crash()
    const found = localStore('/lake/here', disk)
    assert.deepEqual(await found.read('same'), body(`round ${round}`))
    for (let old = 0; old <= round; old += 1) {
      assert.deepEqual(await found.read(`a${old}`), body(`a${old}`))
      assert.deepEqual(await found.read(`deep/er/${old}/b`), body(`deep/er/${old}/b`))
      assert.equal((await found.read(`deep/er/${old}/c`)) !== undefined, old === round)
    }
  }
})

test('local: what is written into a folder that another process made survives, though that process never synced its name', async () => {
  const disk = forgetfulDisk()
  await disk.makeFolder('/lake')
  await disk.syncFolder('/')
  for (const folder of ['/lake/here/_tmp', '/lake/here/deep/er']) await disk.makeFolder(folder)
  assert.equal(await localStore('/lake/here', disk).create('deep/er/a', new Uint8Array([1])), 'created')
  disk.crash()
  assert.deepEqual(await localStore('/lake/here', disk).read('deep/er/a'), new Uint8Array([1]))
})

test('local: what another process named and never synced survives once the folder is synced', async () => {
  const disk = forgetfulDisk()
  const store = localStore('/lake/here', disk)
  assert.equal(await store.create('log/0', new Uint8Array([0])), 'created')
  const dead = localStore('/lake/here', { ...disk, syncFolder: async () => {} })
  for (const path of ['log/1', 'log/2']) assert.equal(await dead.create(path, new Uint8Array([1])), 'created')
  await store.sync('log')
  assert.equal(await dead.create('log/3', new Uint8Array([1])), 'created')
  disk.crash()
  const paths = (await Array.fromAsync(localStore('/lake/here', disk).list('log/'))).map(({ path }) => path)
  assert.deepEqual(paths, ['log/0', 'log/1', 'log/2'])
})

test('local: a folder that was synced before it was there is made to last like any other', async () => {
  const disk = forgetfulDisk()
  await disk.makeFolder('/lake')
  await disk.syncFolder('/')
  const store = localStore('/lake', disk)
  await store.create('other/0', new Uint8Array([0]))
  await store.sync('log')
  // Another process makes it, and dies before it syncs the name.
  await disk.makeFolder('/lake/log')
  assert.equal(await store.create('log/0', new Uint8Array([0])), 'created')
  disk.crash()
  assert.deepEqual(await localStore('/lake', disk).read('log/0'), new Uint8Array([0]))
})

test('local: a folder in the way of temporaries is a fault, not an object that exists', async () => {
  const folder = await temporaryFolder()
  try {
    await writeFile(join(folder, '_tmp'), 'a file')
    await assert.rejects(localStore(folder).create('a', new Uint8Array([1])), (error) => error instanceof Fault)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('local: of four processes that create the same objects, one wins each, and no loser reads a part', async () => {
  const folder = await temporaryFolder()
  try {
    const rounds = 60
    const run = promisify(execFile)
    const child = join(import.meta.dirname, 'race-child.ts')
    const outputs = await Promise.all(
      ['a', 'b', 'c', 'd'].map((writer) => run(process.execPath, [child, folder, writer, String(rounds)])),
    )
    const results: { writer: string; won: number[]; torn: number[] }[] = outputs.map(({ stdout }) => JSON.parse(stdout))
    assert.deepEqual(
      results.flatMap(({ torn }) => torn),
      [],
    )
    const won = results.flatMap((result) => result.won).sort((a, b) => a - b)
    assert.deepEqual(
      won,
      Array.from({ length: rounds }, (_, i) => i),
    )
    const store = localStore(folder)
    for (const { writer, won: rows } of results) {
      for (const round of rows) {
        const seen = await store.read(`log/${String(round).padStart(6, '0')}`)
        assert.equal(seen?.[0], writer.charCodeAt(0))
      }
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('local: no temporary stays behind, those of a killed process go after a day, and none is listed', async () => {
  const folder = await temporaryFolder()
  try {
    await mkdir(join(folder, '_tmp'))
    for (const name of ['old', 'new']) await writeFile(join(folder, '_tmp', name), 'half')
    const longAgo = new Date(Date.now() - 25 * 3600 * 1000)
    await utimes(join(folder, '_tmp', 'old'), longAgo, longAgo)
    const store = localStore(folder)
    await store.create('a', new Uint8Array([1]))
    await store.create('a', new Uint8Array([2]))
    await store.replace('a', new Uint8Array([3]))
    assert.deepEqual(await readdir(join(folder, '_tmp')), ['new'])
    const listed = (await Array.fromAsync(store.list(''))).map(({ path }) => path)
    assert.deepEqual(listed, ['a'])
    await assert.rejects(store.read('_tmp/new'), (error) => error instanceof Fault && error.code === 'store/refused')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('local: a root that is a file is refused with a mend', async () => {
  const folder = await temporaryFolder()
  try {
    await writeFile(join(folder, 'file'), '')
    const store = localStore(join(folder, 'file'))
    assert.equal(await store.read('a'), undefined)
    await assert.rejects(
      store.create('a', new Uint8Array([1])),
      (error) => error instanceof Fault && error.code === 'store/refused' && error.mend !== '',
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('local: what the file system answers becomes a Fault with a mend', () => {
  const errno = (code: string) => Object.assign(new Error(code), { code })
  const cases: readonly [string, string, boolean][] = [
    ['ENOSPC', 'store/full', false],
    ['EDQUOT', 'store/full', false],
    ['EACCES', 'store/refused', false],
    ['EROFS', 'store/refused', false],
    ['ENOTSUP', 'store/refused', false],
    ['EMFILE', 'store/unreachable', true],
    ['EBUSY', 'store/unreachable', true],
    ['EIO', 'store/damaged', false],
  ]
  for (const [code, faultCode, retry] of cases) {
    const fault = storeFault(errno(code), 'Writing', 'a')
    assert.ok(fault instanceof Fault, code)
    assert.equal(fault.code, faultCode)
    assert.equal(fault.retry, retry)
    assert.notEqual(fault.mend, '')
  }
  const bug = new TypeError('ours')
  assert.equal(storeFault(bug, 'Writing', 'a'), bug)
})
