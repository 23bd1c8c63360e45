import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { gcsStore } from '#storage'
import { crc32cOf } from '../../src/storage/crc32c.ts'
import { googleIdentity } from '../../src/storage/gcs-identity.ts'
import { testObjectStore } from './conformance.ts'
import { testMishaps } from './fault-proxy-suite.ts'
import { gcsServer } from './gcs-server.ts'
import type { Handle } from './loopback.ts'
import { loopback } from './loopback.ts'
import { assertKeepsSecrets, assertNoSecret, echoing } from './secrets.ts'

const options = { bucket: 'a-bucket', prefix: 'lakes/one', timeoutMs: 10_000 }
const one = new Uint8Array([1])

testObjectStore('gcs', async () => {
  const server = await gcsServer(options.bucket)
  return { store: gcsStore({ ...options, endpoint: server.url }), remove: server.close }
})

testMishaps('gcs, in weather', async () => {
  const server = await gcsServer(options.bucket, 100)
  return { ...server, storeAt: (endpoint, timeoutMs) => gcsStore({ ...options, endpoint, timeoutMs }) }
})

test('gcs: the checksum is the one that Google writes', () => {
  assert.equal(crc32cOf(new TextEncoder().encode('123456789')), '4waSgw==') // RFC 3720's check value e3069283
})

test('gcs: a create carries its condition and its checksum, a replace no condition; keys are encoded whole', async () => {
  const server = await gcsServer(options.bucket)
  try {
    const store = gcsStore({ ...options, endpoint: server.url })
    await store.replace('a/b c.json', one)
    await store.create('a/b c.json', one)
    await store.read('a/b c.json')
    assert.deepEqual(
      server.asked.map(({ method, url }) => `${method} ${url}`),
      [
        'POST /upload/storage/v1/b/a-bucket/o?uploadType=multipart&fields=size%2Ccrc32c',
        'POST /upload/storage/v1/b/a-bucket/o?uploadType=multipart&fields=size%2Ccrc32c&ifGenerationMatch=0',
        'GET /storage/v1/b/a-bucket/o/lakes%2Fone%2Fa%2Fb%20c.json?alt=media',
      ],
    )
  } finally {
    await server.close()
  }
})

test('gcs: a bucket that is not there is a fault, an object that is not there is none', async () => {
  const server = await gcsServer('another')
  try {
    for (const call of callsOf(gcsStore({ ...options, endpoint: server.url }))) {
      await assert.rejects(call, { code: 'store/missing-bucket', retry: false })
    }
    const store = gcsStore({ ...options, bucket: 'another', endpoint: server.url })
    assert.equal(await store.read('a'), undefined)
    assert.equal(await store.read('b'), undefined)
    const asked = server.asked.slice(-3).map(({ url }) => url.replace(/^.*\/b\//, ''))
    assert.deepEqual(asked, [
      'another/o/lakes%2Fone%2Fa?alt=media',
      'another/o?maxResults=1',
      'another/o/lakes%2Fone%2Fb?alt=media',
    ])
  } finally {
    await server.close()
  }
})

test('gcs: no secret is shown, whatever the service says back', async () => {
  let status = 400
  const server = await loopback(echoing(() => status))
  try {
    const identify = async () => ({ authorization: 'Bearer a-secret-token' })
    const store = gcsStore({ ...options, endpoint: server.url }, { identify })
    for (status of [301, 400, 401, 403, 418, 429, 500]) await assertKeepsSecrets(store, ['a-secret-token'])
  } finally {
    await server.close()
  }
})

test('gcs: credentials that are not there or not taken are refused with how to sign in, and are not shown', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-gcs-'))
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS
  try {
    const file = join(folder, 'key.json')
    const key = { type: 'service_account', client_email: 'a@b.iam', private_key: 'a-secret-key', project_id: 'p' }
    await writeFile(file, JSON.stringify(key))
    for (const path of [join(folder, 'absent.json'), file]) {
      process.env.GOOGLE_APPLICATION_CREDENTIALS = path
      const error = await googleIdentity()().then(String, (reason: unknown) => reason)
      assert.ok(error instanceof Fault, String(error))
      assert.equal(error.code, 'store/refused')
      assert.match(error.mend, /GOOGLE_APPLICATION_CREDENTIALS/)
      assertNoSecret(error, ['a-secret-key'])
    }
  } finally {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before
    await rm(folder, { recursive: true })
  }
})

test('gcs: a sign-in that is never answered is weather', async () => {
  const store = gcsStore(
    { ...options, timeoutMs: 100, endpoint: 'http://127.0.0.1:9' },
    { identify: () => new Promise(() => {}) },
  )
  await assert.rejects(store.read('a'), { code: 'store/unreachable', retry: true })
})

test('gcs: nobody is named at an endpoint that is not Google’s', async () => {
  const server = await gcsServer(options.bucket)
  const before = process.env.GOOGLE_APPLICATION_CREDENTIALS
  process.env.GOOGLE_APPLICATION_CREDENTIALS = '/nowhere/key.json'
  try {
    await gcsStore({ ...options, endpoint: server.url }).replace('a', one)
    assert.deepEqual(
      server.asked.map(({ headers }) => headers.authorization),
      [undefined],
    )
  } finally {
    if (before === undefined) delete process.env.GOOGLE_APPLICATION_CREDENTIALS
    else process.env.GOOGLE_APPLICATION_CREDENTIALS = before
    await server.close()
  }
})

test('gcs: an endpoint that is none, or that holds a password, is refused and not repeated', () => {
  for (const endpoint of ['storage', 'ftp://host', 'https://me:a-secret@host', 'https://host/?key=a-secret']) {
    assert.throws(
      () => gcsStore({ ...options, endpoint }),
      (error) =>
        error instanceof Fault && error.code === 'config/endpoint' && !JSON.stringify(error).includes('secret'),
    )
  }
  for (const bucket of ['', 'A', 'a/b', '..']) {
    assert.throws(() => gcsStore({ ...options, bucket, endpoint: undefined }), { code: 'config/bucket' })
  }
  const named = (prefix: string) => gcsStore({ ...options, prefix, endpoint: undefined }).name
  assert.deepEqual([named(''), named('/a/b/')], ['gs://a-bucket', 'gs://a-bucket/a/b'])
})

test('gcs: a service that overwrites where it was asked to create is refused at the first create', async () => {
  await withServer(
    (_request, body, response) => {
      const crc32c = /"crc32c":"([^"]+)"/.exec(body.toString('latin1'))?.[1]
      response.end(JSON.stringify({ size: '1', crc32c }))
    },
    async (store) => {
      await assert.rejects(store.create('a', one), { code: 'store/refused', mend: /ifGenerationMatch/ })
    },
  )
})

test('gcs: a policy that refuses with the status of a condition is no object that exists', async () => {
  await withServer(
    (_request, _body, response) => {
      response.writeHead(412)
      response.end('{"error":{"errors":[{"reason":"orgPolicyConstraintFailed"}]}}')
    },
    async (store) => {
      await assert.rejects(store.create('a', one), { code: 'store/refused' })
    },
  )
})

test('gcs: a listing out of order is refused, and marks of folders are passed over', async () => {
  const item = (name: string) => ({ name: `lakes/one/${name}`, size: '1', updated: '2026-01-01T00:00:00Z' })
  let names = ['', 'a', 'a/', 'a/b']
  await withServer(
    (_request, _body, response) => void response.end(JSON.stringify({ items: names.map(item) })),
    async (store) => {
      assert.deepEqual(
        (await Array.fromAsync(store.list(''))).map(({ path }) => path),
        ['a', 'a/b'],
      )
      names = ['b', 'a']
      await assert.rejects(Array.fromAsync(store.list('')), { code: 'store/refused', mend: /order of names/ })
    },
  )
})

async function withServer(handle: Handle, body: (store: ObjectStore) => Promise<void>): Promise<void> {
  const server = await loopback(handle)
  try {
    await body(gcsStore({ ...options, endpoint: server.url }))
  } finally {
    await server.close()
  }
}

function callsOf(store: ObjectStore): readonly (() => Promise<unknown>)[] {
  return [
    () => store.read('a'),
    () => store.readRange('a', 0, 2),
    () => Array.fromAsync(store.list('')),
    () => store.create('a', one),
    () => store.replace('a', one),
    () => store.remove('a'),
  ]
}
