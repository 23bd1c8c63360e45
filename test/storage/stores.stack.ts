/**
 * The stores in buckets against servers that others wrote: fake-gcs-server and versitygw, started from the shared stack (`FAIRLEAD_SHARED`, else `../shared`)
 * and stopped again. The first start builds them, which needs Go and its module proxy and takes up to ten minutes.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { openTable } from '#lake'
import { runOnce, writeSampleFolder } from '#platform'
import { quietEffects } from '../lake/effects.ts'
import { commitLines, numbersOf } from '../lake/table.ts'
import { lakeHash } from '../platform/lake-hash.ts'
import { lakeOptions } from '../platform/options.ts'
import { testObjectStore } from './conformance.ts'
import { testMishaps } from './fault-proxy-suite.ts'
import type { StoreKind } from './stores-race-child.ts'
import { openStore } from './stores-race-child.ts'

const run = promisify(execFile)
const stack = join(process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared'), 'stack/gcs')
const kinds = {
  gcs: { script: 'start', makeBucket: makeGcsBucket },
  s3: { script: 's3-start', makeBucket: makeS3Bucket },
} as const
process.env.AWS_ACCESS_KEY_ID = 'test'
process.env.AWS_SECRET_ACCESS_KEY = 'testtest'

for (const kind of ['gcs', 's3'] as const) {
  const url = await started(kind)
  if (url === undefined) {
    test(`${kind}: a server that others wrote`, {
      skip: `${stack}/${kinds[kind].script} is not there or did not start`,
    })
    continue
  }
  let buckets = 0
  const newBucket = async (): Promise<string> => {
    buckets += 1
    const bucket = `bucket-${process.pid}-${buckets}`
    await kinds[kind].makeBucket(url, bucket)
    return bucket
  }

  test(`${kind} server: a whole run ends in the bucket as it does in a folder`, { timeout: 300_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-bucket-'))
    try {
      const from = join(folder, 'files')
      const effects = { report: () => {}, signal: new AbortController().signal }
      await writeSampleFolder(from, { schools: 40, seed: 7 }, effects)
      const scheme = kind === 'gcs' ? 'gs' : 's3'
      const options = kind === 'gcs' ? '' : '&region=us-east-1&pathStyle=true'
      const inBucket = `${scheme}://${await newBucket()}/a/lake?endpoint=${encodeURIComponent(url)}${options}`
      const inFolder = join(folder, 'lake')
      for (const lake of [inFolder, inBucket]) {
        const result = await runOnce({ ...lakeOptions(lake), from, full: false }, effects)
        assert.equal(result.outcome, 'published', JSON.stringify(result.failed))
      }
      assert.deepEqual(await lakeHash(inBucket), await lakeHash(inFolder))
      assert.equal((await runOnce({ ...lakeOptions(inBucket), from, full: false }, effects)).outcome, 'unchanged')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  testObjectStore(`${kind} server`, async () => ({ store: openStore(kind, url, await newBucket()) }))

  testMishaps(`${kind} server, in weather`, async () => {
    const bucket = await newBucket()
    return {
      url,
      storeAt: (endpoint, timeoutMs) => openStore(kind, endpoint, bucket, timeoutMs),
      close: async () => {},
    }
  })

  test(`${kind} server: three processes that write the same tables lose nothing, and nothing is there twice`, {
    timeout: 300_000,
  }, async (t) => {
    const bucket = await newBucket()
    const rounds = 15
    const writers = ['a', 'b', 'c']
    const child = join(import.meta.dirname, 'stores-race-child.ts')
    const startedMs = performance.now()
    await Promise.all(
      writers.map((writer, i) =>
        run(process.execPath, [child, kind, url, bucket, writer, String(rounds), String(i * 1000)]),
      ),
    )
    const tookMs = performance.now() - startedMs
    const store = openStore(kind, url, bucket)
    const log = await openTable(store, 'log', quietEffects()).snapshot()
    const expected = writers.flatMap((_, i) => Array.from({ length: rounds }, (__, round) => i * 1000 + round))
    assert.deepEqual(await numbersOf(store, 'log', log), expected)
    assert.equal(log?.version, expected.length - 1)
    for (const writer of writers) assert.equal(log.txns.get(writer), rounds)
    const counter = await openTable(store, 'counter', quietEffects()).snapshot()
    assert.deepEqual(await numbersOf(store, 'counter', counter), [expected.length])
    for (let version = 0; version <= (counter?.version ?? 0); version += 1) {
      const lines = await commitLines(store, 'counter', version)
      assert.equal(lines.filter((line) => line.remove).length, version === 0 ? 0 : 1)
    }
    t.diagnostic(`${2 * expected.length} commits of three processes in ${(tookMs / 1000).toFixed(1)} s`)
  })
}

/** Undefined where the server cannot be had. */
async function started(kind: StoreKind): Promise<string | undefined> {
  const start = join(stack, kinds[kind].script)
  if (!existsSync(start)) return undefined
  const folder = await mkdtemp(join(tmpdir(), `fairlead-${kind}-`))
  try {
    const { stdout } = await run(start, [folder, String(await freePort())], { timeout: 20 * 60_000 })
    after(async () => {
      await run(join(stack, 'stop'), [folder])
      await rm(folder, { recursive: true, force: true })
    })
    return stdout.trim().split('\n').at(-1)
  } catch (error) {
    console.log(`${kind}: the server did not start: ${error instanceof Error ? error.message : error}`)
    await rm(folder, { recursive: true, force: true })
    return undefined
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}

async function makeGcsBucket(url: string, name: string): Promise<void> {
  const response = await fetch(`${url}/storage/v1/b?project=p`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  assert.equal(response.status, 200, await response.text())
}

async function makeS3Bucket(url: string, name: string): Promise<void> {
  const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket: name }))
  client.destroy()
}
