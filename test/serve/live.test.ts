import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ApiFault, LiveChange, LivePoint, LiveState, PublicationState } from '#api'
import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import type { RunningServer } from '#serve'
import { startServer } from '#serve'
import { changeOf } from '../../src/serve/live-change.ts'
import { applied, withNewest } from '../../web/src/live-change.ts'
import { eventsOf, get } from './client.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from './fixture.ts'
import type { Season } from './live-season.ts'
import { season } from './live-season.ts'

let webFolder: string

before(async () => {
  webFolder = await mkdtemp(join(tmpdir(), 'fairlead-web-'))
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>dashboard</title>')
})

after(() => rm(webFolder, { recursive: true, force: true }))

interface Serving {
  readonly stream: Season
  readonly server: RunningServer
  readonly faults: PlatformEvent[]
}

async function serving(work: (serving: Serving) => Promise<void>, stream: Season = season()): Promise<void> {
  const lake = await fixtureLake({ schools: 60, live: stream.reader })
  const faults: PlatformEvent[] = []
  const server = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets },
    {
      reader: lake.reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: (event) => faults.push(event),
      signal: new AbortController().signal,
    },
  )
  try {
    await work({ stream, server, faults })
  } finally {
    await server.close()
    await lake.end()
  }
}

function whole(state: LiveState | undefined): unknown {
  const key = ({ at, borough, respondent }: LivePoint) => `${at} ${borough} ${respondent}`
  return state && { ...state, curve: [...state.curve].sort((a, b) => (key(a) < key(b) ? -1 : 1)) }
}

test('applying every change in its order to the first state gives each state whole, whatever was published', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const stream = season({ seed })
    let nowMs = Date.UTC(2026, 2, 3)
    let before: LiveState | undefined
    let shown: LiveState | undefined
    for (let i = 0; i < 40; i += 1) {
      const draw = (seed * 31 + i * 17) % 23
      nowMs += 300 * draw
      if (draw === 0) stream.empty()
      if (draw === 5 && stream.state() !== undefined) stream.change({ held: 'Tests failed.' })
      else if (draw === 9) stream.change({ curve: stream.state()?.curve.slice(3) ?? [] })
      // Late events fall into intervals long past.
      else stream.publish(1 + draw * 3, nowMs - (draw === 7 ? 60_000 : 0))
      const state = stream.state()
      if (state === undefined) continue
      const change = JSON.parse(JSON.stringify(changeOf(before, state))) as LiveChange
      shown = applied(shown, change)
      assert.deepEqual(whole(shown), whole(state), `seed ${seed}, state ${i}`)
      before = state
    }
  }
})

test('a change says of the curve only what is new or other', () => {
  const stream = season()
  const first = stream.publish(500, Date.UTC(2026, 2, 3, 12, 0, 5))
  const second = stream.publish(3, Date.UTC(2026, 2, 3, 12, 0, 7))
  const change = changeOf(first, second)
  assert.equal(change.base, first.version)
  assert.ok(change.curve.length >= 1 && change.curve.length <= 3, `${change.curve.length} points`)
})

test('a browser that missed a state does not build on the wrong one', () => {
  const stream = season()
  const first = stream.publish(10)
  const second = stream.publish(10)
  const third = stream.publish(10)
  assert.equal(applied(first, changeOf(second, third)), undefined)
  assert.equal(applied(undefined, changeOf(first, second)), undefined)
  // The whole was asked for and overtook a message that was under way.
  assert.equal(applied(third, changeOf(first, second)), third)
  assert.deepEqual(whole(applied(third, changeOf(second, third))), whole(third))
})

test('a stream of another lake is sent whole, though its versions look like those that follow', () => {
  const old = season({ seed: 1 }).publish(10, Date.UTC(2026, 2, 3, 12))
  const other = { ...season({ seed: 2 }).publish(10, Date.UTC(2026, 2, 3, 13)), version: old.version }
  const change = changeOf(old, other)
  assert.equal(change.base, null)
  assert.deepEqual(whole(applied(old, change)), whole(other))
})

test('an event is listed once, however often it is told, newest first', () => {
  const { newest } = season().publish(30)
  const [first, second, ...rest] = newest
  assert.ok(first !== undefined && second !== undefined)
  const listed = withNewest(withNewest([], rest, 150), [first, second, ...rest, first], 12)
  assert.deepEqual(listed, newest.slice(0, 12))
  assert.equal(withNewest(listed, [first], 12), listed, 'nothing new changes nothing')
})

test('where no stream is published the answer says how to begin one', () =>
  serving(async ({ server }) => {
    const { status, body } = await get<ApiFault>(`${server.url}/api/v1/live`)
    assert.equal(status, 404)
    assert.equal(body.code, 'serve/no-stream')
    assert.match(body.mend, /fairlead stream season/)
    assert.equal((await get<PublicationState>(`${server.url}/api/v1/publication`)).body.live, false)
    assert.equal((await fetch(`${server.url}/live`)).headers.get('content-type'), 'text/html; charset=utf-8')
  }))

test('the whole state is answered as it was published, and a HEAD gives its headers alone', () =>
  serving(async ({ server, stream }) => {
    stream.publish(40)
    await eventually(async () => (await get(`${server.url}/api/v1/live`)).status === 200)
    const { body, headers } = await get<LiveState>(`${server.url}/api/v1/live`)
    assert.deepEqual(body, stream.state())
    assert.equal(headers.get('cache-control'), 'no-store')
    const head = await fetch(`${server.url}/api/v1/live`, { method: 'HEAD' })
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    assert.equal((await get<ApiFault>(`${server.url}/api/v1/live?since=3`)).body.code, 'serve/bad-request')
  }))

test('a browser that follows from the start shows every state it is told, to the last, at most about twice a second', () =>
  serving(async ({ server, stream }) => {
    stream.publish(40)
    await eventually(async () => (await get(`${server.url}/api/v1/live`)).status === 200)
    let shown: LiveState | undefined = (await get<LiveState>(`${server.url}/api/v1/live`)).body
    const started = performance.now()
    const publishing = setInterval(() => stream.publish(25), 40)
    let told = 0
    for await (const { event, data } of eventsOf(`${server.url}/api/v1/events`)) {
      if (event !== 'live') continue
      shown = applied(shown, data as LiveChange)
      assert.ok(shown !== undefined, 'no state was left out between two messages')
      told += 1
      if (told === 4) clearInterval(publishing)
      if (told >= 4 && shown.version === stream.state()?.version) break
    }
    clearInterval(publishing)
    const seconds = (performance.now() - started) / 1_000
    assert.ok(told <= 2 * seconds + 2, `${told} messages in ${seconds.toFixed(1)} seconds`)
    const { newest: rows, ...rest } = stream.state() ?? season().publish(1)
    assert.ok(rows.length > 0)
    assert.deepEqual(whole({ ...shown, newest: [] }), whole({ ...rest, newest: [] }))
  }))

test('the events of every publication are told once, though publications come faster than messages', () =>
  serving(async ({ server, stream }) => {
    stream.publish(1)
    await eventually(async () => (await get(`${server.url}/api/v1/live`)).status === 200)
    const published: string[] = []
    const told: string[] = []
    let publishing: NodeJS.Timeout | undefined
    for await (const { event, data } of eventsOf(`${server.url}/api/v1/events`)) {
      if (event !== 'live') continue
      if (publishing === undefined) {
        publishing = setInterval(() => {
          if (published.length < 24) published.push(...stream.publish(2).newest.map(({ eventId }) => eventId))
        }, 50)
        continue
      }
      told.push(...(data as LiveChange).newest.map(({ eventId }) => eventId))
      if (told.length >= 24) break
    }
    clearInterval(publishing)
    assert.deepEqual(told.sort(), published.sort())
  }))

test('a browser that comes back is told the newest at once, and nothing where it has seen that', () =>
  serving(async ({ server, stream }) => {
    stream.publish(10)
    await eventually(async () => (await get(`${server.url}/api/v1/live`)).status === 200)
    const first = await nextLive(server.url)
    stream.publish(10)
    await eventually(async () => (await get<LiveState>(`${server.url}/api/v1/live`)).body.version === 1)
    const back = await nextLive(server.url, first.id)
    assert.equal((back.data as LiveChange).version, 1)
    assert.notEqual(back.id, first.id)
    const again = eventsOf(`${server.url}/api/v1/events`, { 'last-event-id': back.id })
    const next = again.next()
    await new Promise((resolve) => setTimeout(resolve, 60))
    stream.publish(10)
    assert.equal(((await next).value?.data as LiveChange | undefined)?.version, 2)
    await again.return(undefined)
  }))

test('a server that starts anew on the same stream gives other ids, so that nobody takes its states for known', async () => {
  const stream = season()
  stream.publish(10)
  const ids: string[] = []
  for (let i = 0; i < 2; i += 1) {
    await serving(async ({ server }) => {
      ids.push((await nextLive(server.url, ids.at(-1))).id)
    }, stream)
  }
  assert.notEqual(ids[0], ids[1])
})

test('a lake that is emptied and streamed into again is told as gone, then whole', () =>
  serving(async ({ server, stream }) => {
    stream.publish(10)
    await eventually(async () => (await get(`${server.url}/api/v1/live`)).status === 200)
    const heard: (LiveChange | null)[] = []
    for await (const { event, data } of eventsOf(`${server.url}/api/v1/events`)) {
      if (event !== 'live') continue
      heard.push(data as LiveChange | null)
      if (heard.length === 1) stream.empty()
      if (heard.length === 2) stream.publish(10)
      if (heard.length === 3) break
    }
    assert.equal(heard[1], null)
    assert.equal(heard[2]?.base, null)
    assert.equal(heard[2]?.version, 0)
  }))

test('a state that cannot be read leaves the one before, is said once, and is read again', async () => {
  const stream = season()
  stream.publish(10)
  let broken = false
  const reader = {
    ...stream.reader,
    state: () =>
      broken
        ? Promise.reject(new Fault('store/read', 'The disk is away.', { mend: 'Wait.', retry: true }))
        : stream.reader.state(),
  }
  await serving(
    async ({ server, faults }) => {
      broken = true
      for (let i = 0; i < 5; i += 1) stream.publish(10)
      await eventually(() => faults.length > 0)
      assert.equal((await get<LiveState>(`${server.url}/api/v1/live`)).body.version, 0)
      broken = false
      await eventually(async () => (await get<LiveState>(`${server.url}/api/v1/live`)).body.version === 5)
    },
    { ...stream, reader },
  )
})

async function nextLive(url: string, lastEventId?: string) {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  for await (const sent of eventsOf(`${url}/api/v1/events`, headers)) if (sent.event === 'live') return sent
  throw new Error('The connection ended.')
}

async function eventually(holds: () => Promise<boolean> | boolean): Promise<void> {
  const until = Date.now() + 10_000
  while (!(await holds())) {
    assert.ok(Date.now() < until, 'it did not come true in ten seconds')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
