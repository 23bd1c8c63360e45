import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ApiFault, Kpis, PublicationState } from '#api'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import type { RunningServer } from '#serve'
import { startServer } from '#serve'
import { eventsOf, get, getWithHost } from './client.ts'
import type { FixtureLake } from './fixture.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from './fixture.ts'

let webFolder: string

before(async () => {
  webFolder = await mkdtemp(join(tmpdir(), 'fairlead-web-'))
  await mkdir(join(webFolder, 'assets'))
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>dashboard</title>')
  await writeFile(join(webFolder, 'assets', 'index-abc.js'), 'export {}')
})

after(() => rm(webFolder, { recursive: true, force: true }))

interface Serving {
  readonly lake: FixtureLake
  readonly server: RunningServer
  readonly events: PlatformEvent[]
}

async function serving(work: (serving: Serving) => Promise<void>): Promise<void> {
  const lake = await fixtureLake({ schools: 60 })
  const events: PlatformEvent[] = []
  const stop = new AbortController()
  const server = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets, heartbeatMs: 50 },
    {
      reader: lake.reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: (event) => events.push(event),
      signal: stop.signal,
    },
  )
  try {
    await work({ lake, server, events })
  } finally {
    stop.abort()
    await server.close()
    assert.equal(lake.open.size, 0, 'every publication is closed')
    await lake.end()
  }
}

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  const until = Date.now() + 10_000
  while (!(await holds())) {
    assert.ok(Date.now() < until, 'it did not come true in ten seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('before anything is published the server lives, is not ready, and says what to do', () =>
  serving(async ({ lake, server }) => {
    assert.equal((await get(`${server.url}/healthz`)).status, 200)
    const ready = await get<ApiFault>(`${server.url}/readyz`)
    assert.equal(ready.status, 503)
    const kpis = await get<ApiFault>(`${server.url}/api/v1/kpis`)
    assert.equal(kpis.status, 503)
    assert.equal(kpis.body.code, 'serve/no-publication')
    assert.match(kpis.body.mend, /fairlead run/)
    const state = await get<PublicationState>(`${server.url}/api/v1/publication`)
    assert.equal(state.body.publication, null)

    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
  }))

test('a browser hears of a new publication, and the next answer is of it', () =>
  serving(async ({ lake, server }) => {
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    const first = (await get<Kpis>(`${server.url}/api/v1/kpis?year=2019`)).body
    const heard: unknown[] = []
    for await (const { event, data } of eventsOf(`${server.url}/api/v1/events`)) {
      if (event !== 'publication') continue
      heard.push((data as { version: number }).version)
      if (heard.length === 1) lake.publish(-10)
      if (heard.length === 2) break
    }
    assert.deepEqual(heard, [0, 1])
    const second = (await get<Kpis>(`${server.url}/api/v1/kpis?year=2019`)).body
    assert.equal(second.publication, 1)
    assert.notEqual(second.kpis[0]?.mean, first.kpis[0]?.mean)
    await eventually(() => !lake.open.has(0))
  }))

test('a browser that comes back with the last event id is not told again what it knows', () =>
  serving(async ({ lake, server }) => {
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    let last = ''
    for await (const { id } of eventsOf(`${server.url}/api/v1/events`)) {
      last = id
      break
    }
    const after = eventsOf(`${server.url}/api/v1/events`, { 'last-event-id': last })
    const next = after.next()
    await new Promise((resolve) => setTimeout(resolve, 120))
    lake.publish()
    const { value } = await next
    assert.deepEqual((value?.data as { version?: number } | undefined)?.version, 1)
    await after.return(undefined)
  }))

test('a lake that was emptied and filled again is followed, though its versions begin anew', () =>
  serving(async ({ lake, server }) => {
    lake.publish()
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    const first = await get<Kpis>(`${server.url}/api/v1/kpis?year=2019`)
    lake.empty()
    lake.publish(-10)
    await eventually(async () => {
      const { body } = await get<Kpis>(`${server.url}/api/v1/kpis?year=2019`)
      return body.kpis[0]?.mean !== first.body.kpis[0]?.mean
    })
  }))

test('a held run leaves the last publication standing and says which tests failed', () =>
  serving(async ({ lake, server }) => {
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    lake.hold()
    await eventually(async () => (await get<PublicationState>(`${server.url}/api/v1/publication`)).body.held)
    const { body } = await get<PublicationState>(`${server.url}/api/v1/publication`)
    assert.equal(body.publication?.version, 0)
    assert.equal(body.lastRun?.outcome, 'held')
    assert.equal(body.lastRun?.failed[0]?.failures, 3)
    assert.equal((await get(`${server.url}/api/v1/kpis`)).status, 200)
  }))

test('requests under way end on the publication they began on, which is closed after them', () =>
  serving(async ({ lake, server, events }) => {
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    const asked = Array.from({ length: 30 }, (_, i) =>
      get<Kpis>(`${server.url}/api/v1/summaries?by=district&program=${i % 2 ? 'charter' : 'community'}`),
    )
    lake.publish()
    for (const { status, body } of await Promise.all(asked)) {
      assert.equal(status, 200)
      assert.ok(body.publication === 0 || body.publication === 1)
    }
    await eventually(() => lake.open.size === 1 && lake.open.has(1))
    assert.deepEqual(events, [])
  }))

test('an answer is kept by the browser until a newer publication is out', () =>
  serving(async ({ lake, server }) => {
    lake.publish()
    await eventually(async () => (await get(`${server.url}/readyz`)).status === 200)
    const url = `${server.url}/api/v1/kpis`
    const etag = (await get(url)).headers.get('etag') ?? ''
    const again = await fetch(url, { headers: { 'if-none-match': etag } })
    assert.equal(again.status, 304)
    lake.publish()
    await eventually(async () => (await fetch(url, { headers: { 'if-none-match': etag } })).status === 200)
  }))

test('only localhost is answered, whatever name points at this machine', () =>
  serving(async ({ server }) => {
    const { port } = new URL(server.url)
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'localhost']) {
      assert.equal((await getWithHost(`${server.url}/healthz`, host)).status, 200, host)
    }
    for (const host of ['evil.example', `evil.example:${port}`, `localhost.evil.example:${port}`, '169.254.169.254']) {
      const { status, body } = await getWithHost(`${server.url}/healthz`, host)
      assert.equal(status, 403, host)
      assert.match(body, /serve\/foreign-host/)
    }
  }))

test('nothing can be changed over HTTP', () =>
  serving(async ({ server }) => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await fetch(`${server.url}/api/v1/kpis`, { method })
      assert.equal(response.status, 405)
    }
  }))

test('pages come with a policy that loads nothing from elsewhere; assets are kept for good', () =>
  serving(async ({ server }) => {
    for (const path of ['/', '/schools', '/vulnerability?measure=trust_score']) {
      const response = await fetch(`${server.url}${path}`)
      assert.equal(response.status, 200)
      assert.match(await response.text(), /dashboard/)
      assert.match(
        response.headers.get('content-security-policy') ?? '',
        /default-src 'none'; script-src 'self'; style-src 'self'/,
      )
      assert.equal(response.headers.get('cache-control'), 'no-cache')
    }
    const asset = await fetch(`${server.url}/assets/index-abc.js`)
    assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
    assert.equal((await fetch(`${server.url}/assets/../../package.json`)).status, 404)
    assert.equal((await fetch(`${server.url}/%2e%2e%2fpackage.json`)).status, 404)
    assert.equal((await get<ApiFault>(`${server.url}/api/v1/nothing`)).body.code, 'serve/not-found')
  }))

test('a port in use is a fault with its mend', () =>
  serving(async ({ lake, server }) => {
    const port = Number(new URL(server.url).port)
    const again = startServer(
      { port, host: '127.0.0.1', webFolder, datasets },
      {
        reader: lake.reader,
        measures: unmeasured,
        lineage: fixtureLineage,
        report: () => {},
        signal: new AbortController().signal,
      },
    )
    await assert.rejects(
      again,
      (fault) => fault instanceof Fault && fault.code === 'serve/port-in-use' && /--port/.test(fault.mend),
    )
  }))

test('a dashboard that was not built is a fault with its mend', async () => {
  const lake = await fixtureLake({ schools: 60 })
  const starting = startServer(
    { port: 0, host: '127.0.0.1', webFolder: join(webFolder, 'assets'), datasets },
    {
      reader: lake.reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: () => {},
      signal: new AbortController().signal,
    },
  )
  await assert.rejects(
    starting,
    (fault) => fault instanceof Fault && fault.code === 'serve/no-bundle' && fault.mend === 'npm run build',
  )
  await lake.end()
})

test('a newer publication that cannot be opened leaves the one before in place', async () => {
  const lake = await fixtureLake({ schools: 60 })
  const events: PlatformEvent[] = []
  let broken = false
  const reader = {
    ...lake.reader,
    open: (publication: Parameters<typeof lake.reader.open>[0]) =>
      broken
        ? Promise.reject(new Fault('lake/damaged', 'A log cannot be read.', { mend: 'Restore it.' }))
        : lake.reader.open(publication),
  }
  lake.publish()
  const server = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets },
    {
      reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: (event) => events.push(event),
      signal: new AbortController().signal,
    },
  )
  try {
    broken = true
    lake.publish()
    await eventually(() => events.length === 1)
    const { body } = await get<Kpis>(`${server.url}/api/v1/kpis`)
    assert.equal(body.publication, 0)
    broken = false
    lake.publish()
    await eventually(async () => (await get<Kpis>(`${server.url}/api/v1/kpis`)).body.publication === 2)
  } finally {
    await server.close()
    await lake.end()
  }
})
