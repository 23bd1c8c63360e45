import assert from 'node:assert/strict'
import dns from 'node:dns'
import { after, test } from 'node:test'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { s3Store } from '#storage'
import { testObjectStore } from './conformance.ts'
import { testMishaps } from './fault-proxy-suite.ts'
import type { Handle } from './loopback.ts'
import { loopback } from './loopback.ts'
import { s3Server } from './s3-server.ts'
import { assertKeepsSecrets, assertNoSecret, echoing } from './secrets.ts'

const options = { bucket: 'a-bucket', prefix: 'lakes/one', timeoutMs: 10_000, region: 'us-east-1', pathStyle: true }
const one = new Uint8Array([1])
const signed = {
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a-secret-key',
  AWS_SESSION_TOKEN: 'a-secret-token',
}
/** So that nothing of this machine's own is found. */
const elsewhere = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
}
const before = { ...process.env }
Object.assign(process.env, signed, elsewhere)
after(() => {
  process.env = before
})

testObjectStore('s3', async () => {
  const server = await s3Server(options.bucket)
  return { store: s3Store({ ...options, endpoint: server.url }), remove: server.close }
})

testMishaps('s3, in weather', async () => {
  const server = await s3Server(options.bucket, { pageObjects: 100 })
  return {
    ...server,
    storeAt: (endpoint, timeoutMs) => s3Store({ ...options, endpoint, timeoutMs }, { sleep: async () => {} }),
  }
})

test('s3: the bucket stands in the host name unless the path is asked for', async (t) => {
  // No machine's resolver knows the buckets of this test.
  t.mock.method(dns, 'lookup', (_host: string, _options: unknown, done: (...answer: unknown[]) => void) =>
    done(null, [{ address: '127.0.0.1', family: 4 }]),
  )
  const server = await s3Server(options.bucket)
  try {
    const endpoint = server.url.replace('127.0.0.1', 'localhost')
    const store = s3Store({ ...options, pathStyle: false, endpoint })
    assert.equal(await store.create('a/b c', one), 'created')
    assert.deepEqual(await store.read('a/b c'), one)
    for (const { headers } of server.asked) assert.match(String(headers.host), /^a-bucket\.localhost:/)
  } finally {
    await server.close()
  }
})

test('s3: a create carries its condition and its checksum, a replace no condition; nothing is sent twice', async () => {
  const server = await s3Server(options.bucket)
  try {
    const store = s3Store({ ...options, endpoint: server.url })
    await store.replace('a/b c.json', one)
    await store.create('a/b c.json', one)
    const puts = server.asked.map(({ method, url, headers }) => [
      method,
      url.replace(/\?.*$/, ''),
      headers['if-none-match'],
      headers['x-amz-checksum-crc32'],
    ])
    const path = '/a-bucket/lakes/one/a/b%20c.json'
    assert.deepEqual(puts, [
      ['PUT', path, undefined, 'pQXfGw=='],
      ['PUT', path, '*', 'pQXfGw=='],
    ])
  } finally {
    await server.close()
  }
})

test('s3: a bucket that is not there is a fault, an object that is not there is none', async () => {
  const server = await s3Server('another')
  try {
    const store = s3Store({ ...options, endpoint: server.url })
    for (const call of [
      () => store.read('a'),
      () => Array.fromAsync(store.list('')),
      () => store.create('a', one),
      () => store.remove('a'),
    ]) {
      await assert.rejects(call, { code: 'store/missing-bucket', retry: false })
    }
    assert.equal(await s3Store({ ...options, bucket: 'another', endpoint: server.url }).read('a'), undefined)
  } finally {
    await server.close()
  }
})

test('s3: no secret is shown, whatever the service says back', async () => {
  let status = 400
  const server = await loopback(echoing(() => status))
  try {
    const store = s3Store({ ...options, endpoint: server.url }, { sleep: async () => {} })
    for (status of [301, 400, 401, 403, 409, 418, 429, 500]) {
      await assertKeepsSecrets(store, ['a-secret-key', 'a-secret-token', 'AKIAEXAMPLE', 'AWS4-HMAC'])
    }
  } finally {
    await server.close()
  }
})

test('s3: without credentials it says which to set', async () => {
  const server = await s3Server(options.bucket)
  for (const name of Object.keys(signed)) delete process.env[name]
  try {
    const error = await s3Store({ ...options, endpoint: server.url })
      .read('a')
      .then(String, (reason: unknown) => reason)
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, 'store/refused')
    assert.match(error.mend, /AWS_ACCESS_KEY_ID/)
    assert.deepEqual(server.asked, [])
    assertNoSecret(error, ['a-secret-key'])
  } finally {
    Object.assign(process.env, signed)
    await server.close()
  }
})

test('s3: without a region it says so', async () => {
  const store = s3Store({ ...options, region: undefined, endpoint: 'http://127.0.0.1:9' })
  delete process.env.AWS_REGION
  await assert.rejects(store.read('a'), { code: 'config/region', mend: /AWS_REGION/ })
})

test('s3: a create that meets another is sent again within a bound, and waits longer each time', async () => {
  let conflicts = 2
  let puts = 0
  const waits: number[] = []
  const server = await loopback((_request, _body, response) => {
    puts += 1
    response.writeHead(puts <= conflicts ? 409 : 200)
    response.end(puts <= conflicts ? '<Error><Code>ConditionalRequestConflict</Code></Error>' : '')
  })
  try {
    const effects = { sleep: async (ms: number) => void waits.push(ms), random: () => 1 }
    const store = s3Store({ ...options, endpoint: server.url }, effects)
    await assert.rejects(store.create('a', one), { code: 'store/refused', mend: /If-None-Match/ }) // it took the proof
    assert.deepEqual(waits, [100, 200])
    conflicts = Number.POSITIVE_INFINITY
    puts = 0
    await assert.rejects(store.create('b', one), { code: 'store/unreachable', retry: true })
    assert.equal(puts, 6)
  } finally {
    await server.close()
  }
})

test('s3: a bucket of another region is refused with what to set', async () => {
  await withServer(
    (_request, _body, response) => {
      response.writeHead(301, { 'x-amz-bucket-region': 'eu-west-1' })
      response.end('<Error><Code>PermanentRedirect</Code></Error>')
    },
    async (store) => assert.rejects(store.read('a'), { code: 'store/refused', mend: /region/ }),
  )
})

test('s3: a listing out of order is refused', async () => {
  const entry = (key: string) =>
    `<Contents><Key>lakes/one/${key}</Key><Size>1</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>`
  await withServer(
    (_request, _body, response) =>
      void response.end(`<?xml version="1.0"?><ListBucketResult>${['b', 'a'].map(entry).join('')}</ListBucketResult>`),
    async (store) => assert.rejects(Array.fromAsync(store.list('')), { code: 'store/refused', mend: /order of names/ }),
  )
})

async function withServer(handle: Handle, body: (store: ObjectStore) => Promise<void>): Promise<void> {
  const server = await loopback(handle)
  try {
    await body(s3Store({ ...options, endpoint: server.url }))
  } finally {
    await server.close()
  }
}
