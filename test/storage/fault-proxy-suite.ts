import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Table } from '#lake'
import { openTable } from '#lake'
import type { ObjectStore } from '#port'
import { Fault } from '#port'
import { quietEffects } from '../lake/effects.ts'
import { append, changing, columns, numbersOf, pathsIn, writeRows } from '../lake/table.ts'
import type { FaultProxy, Mishap, Seen } from './fault-proxy.ts'
import { faultProxy } from './fault-proxy.ts'

/** A service with an empty bucket, and stores on it: straight, or at another URL and soon out of patience. */
export interface Service {
  readonly url: string
  storeAt(url: string, timeoutMs: number): ObjectStore
  close(): Promise<void>
}

/** Patience of the stores that are to run out of it; the others have more, for a busy machine. */
const shortMs = 300
const longMs = 10_000
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined => value && new TextDecoder().decode(value)

/** What a store behind HTTP answers, and that the lake commits once, whatever happens on the way. */
export function testMishaps(name: string, open: () => Promise<Service>): void {
  const check = (
    what: string,
    body: (stores: {
      direct: ObjectStore
      store: ObjectStore
      impatient: ObjectStore
      proxy: FaultProxy
    }) => Promise<void>,
  ): void => {
    test(`${name}: ${what}`, { timeout: 120_000 }, async () => {
      const service = await open()
      const proxy = await faultProxy(service.url)
      try {
        const store = service.storeAt(proxy.url, longMs)
        const impatient = service.storeAt(proxy.url, shortMs)
        // Past the proof that the service honours the condition of a create, so that every request is the test's own.
        await store.create('proof', bytes('proof'))
        await body({ direct: service.storeAt(service.url, longMs), store, impatient, proxy })
      } finally {
        await proxy.close()
        await service.close()
      }
    })
  }

  check('weather makes every call a fault that may be tried again, and nothing is written', async (stores) => {
    const { direct, store, proxy } = stores
    await direct.create('a', bytes('old'))
    const weather: readonly Mishap[] = [
      { answer: 408, code: 'RequestTimeout' },
      { answer: 429, code: 'rateLimitExceeded' },
      { answer: 500, code: 'InternalError' },
      { answer: 503, code: 'SlowDown', headers: { 'retry-after': '1' } },
      'reset before',
    ]
    for (const mishap of weather) {
      proxy.script = () => mishap
      for (const call of callsOf(store)) await rejects(call, 'store/unreachable', true)
    }
    assert.deepEqual(await pathsIn(direct, ''), ['a', 'proof'])
    assert.equal(text(await direct.read('a')), 'old')
  })

  check('who is not known or not allowed is told what to do, and it is not tried again', async ({ store, proxy }) => {
    for (const [status, code, mend] of [
      [401, 'authError', /Set /],
      [403, 'AccessDenied', /Give the identity .* on the bucket/],
    ] as const) {
      proxy.script = () => ({ answer: status, code })
      for (const call of callsOf(store)) assert.match((await rejects(call, 'store/refused', false)).mend, mend)
    }
  })

  check('a service that is silent for too long is weather, one that is slow is not', async (stores) => {
    const { direct, store, impatient, proxy } = stores
    await direct.create('a', bytes('old'))
    proxy.script = () => ({ delayMs: 2 * shortMs })
    assert.equal(text(await store.read('a')), 'old')
    const fault = await rejects(() => impatient.read('a'), 'store/unreachable', true)
    assert.equal(fault.facts.code, 'timeout')
  })

  check('a lost answer is weather, and the write stands', async ({ direct, store, proxy }) => {
    proxy.script = () => 'reset after'
    await rejects(() => store.create('a', bytes('mine')), 'store/unreachable', true)
    await rejects(() => store.replace('b', bytes('mine')), 'store/unreachable', true)
    proxy.script = () => undefined
    assert.equal(text(await direct.read('a')), 'mine')
    assert.equal(text(await direct.read('b')), 'mine')
    assert.equal(await store.create('a', bytes('again')), 'exists')
  })

  check('an answer that breaks off is weather', async ({ direct, store, proxy }) => {
    await direct.create('a', bytes('0123456789'.repeat(1000)))
    proxy.script = () => 'truncate'
    await rejects(() => store.read('a'), 'store/unreachable', true)
    await rejects(() => store.readRange('a', 5, 5000), 'store/unreachable', true)
    await rejects(() => pathsIn(store, ''), 'store/unreachable', true)
  })

  check('bytes that change on the way are read once more, then damaged', async ({ direct, store, proxy }) => {
    await direct.create('a', bytes('0123456789'))
    proxy.script = nth(proxy, 1, 'garble answer')
    assert.equal(text(await store.read('a')), '0123456789')
    proxy.script = () => 'garble answer'
    await rejects(() => store.read('a'), 'store/damaged', false)
  })

  check(
    'bytes that change on the way are sent once more, then damaged and not there',
    async ({ direct, store, proxy }) => {
      const large = 'x'.repeat(5000) // so that the middle of the request is the object's
      proxy.script = nth(proxy, 1, 'garble request')
      assert.equal(await store.create('a', bytes(large)), 'created')
      assert.equal(text(await direct.read('a')), large)
      proxy.script = () => 'garble request'
      await rejects(() => store.create('b', bytes(large)), 'store/damaged', false)
      await rejects(() => store.replace('a', bytes(`y${large}`)), 'store/damaged', false)
      assert.deepEqual(await pathsIn(direct, ''), ['a', 'proof'])
      assert.equal(text(await direct.read('a')), large)
    },
  )

  check('a create that something on the way sends twice is told that it exists', async ({ direct, store, proxy }) => {
    proxy.script = () => 'send twice'
    assert.equal(await store.create('a', bytes('mine')), 'exists')
    assert.equal(text(await direct.read('a')), 'mine')
  })

  check(
    'the lake commits once, whichever request of a commit meets which mishap',
    async ({ direct, store, impatient, proxy }) => {
      const mishaps: readonly Mishap[] = [
        'reset before',
        'reset after',
        'send twice',
        'garble request',
        'truncate',
        { answer: 412, code: 'conditionNotMet' },
        { answer: 409, code: 'ConditionalRequestConflict' },
        { answer: 429, code: 'rateLimitExceeded' },
        { answer: 503, code: 'SlowDown' },
        { delayMs: 2 * shortMs },
      ]
      for (const [i, mishap] of mishaps.entries()) {
        let round = 0
        const delayed = typeof mishap === 'object' && 'delayMs' in mishap
        const table = openTable(delayed ? impatient : store, `log${i}`, quietEffects())
        // A refused condition means that somebody's object is there, so only a commit, which looks, may meet one that is false.
        const falsely = typeof mishap === 'object' && 'answer' in mishap && mishap.answer === 412
        for (let n = 1, met = true; met; n += 1) {
          met = false
          const from = proxy.seen.length
          proxy.script = (seen) => {
            if (seen.n !== from + n) return undefined
            met = true
            return falsely && !isCommit(seen) ? undefined : mishap
          }
          // Without a txn, so that the commit alone keeps the row from being there twice.
          await append(table, 'w', [round])
          round += 1
        }
        proxy.script = () => undefined
        await assertOnce(direct, `log${i}`, { w: round })
      }
    },
  )

  check(
    'two writers race through a storm and lose nothing, and nothing is there twice',
    async ({ direct, store, proxy }) => {
      const mishaps: readonly Mishap[] = [
        'reset before',
        'reset after',
        'send twice',
        'truncate',
        { answer: 503, code: 'SlowDown' },
      ]
      let dice = 7
      proxy.script = () => {
        dice = (dice * 48_271) % 2_147_483_647 // Park and Miller
        return dice % 10 < 4 ? mishaps[(dice >> 8) % mishaps.length] : undefined
      }
      const rounds = 12
      const writer = async (who: string): Promise<void> => {
        const table = openTable(store, 'log', quietEffects())
        for (let round = 0; round < rounds; round += 1) await appendOnce(table, who, round)
      }
      await Promise.all([writer('a'), writer('b')])
      await assertOnce(direct, 'log', { a: rounds, b: rounds })
    },
  )
}

/** Every call of the port that asks the service, none of which an earlier one helps. */
function callsOf(store: ObjectStore): readonly (() => Promise<unknown>)[] {
  return [
    () => store.read('a'),
    () => store.readRange('a', 0, 2),
    () => pathsIn(store, ''),
    () => store.create('new', bytes('new')),
    () => store.replace('a', bytes('new')),
    () => store.remove('a'),
  ]
}

async function rejects(call: () => Promise<unknown>, code: string, retry: boolean): Promise<Fault> {
  try {
    await call()
  } catch (error) {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, code, error.message)
    assert.equal(error.retry, retry)
    return error
  }
  return assert.fail(`no fault; ${code} was expected`)
}

/** Lets the n-th request from now meet the mishap, and no other. */
function nth(proxy: FaultProxy, n: number, mishap: Mishap): FaultProxy['script'] {
  const from = proxy.seen.length
  return (seen) => (seen.n === from + n ? mishap : undefined)
}

function isCommit({ method, head }: Seen): boolean {
  return /^(PUT|POST)$/.test(method) && head.includes('_delta_log/')
}

/** Appends a row as a caller does that may be told nothing: whether it is in stands in the table. */
async function appendOnce(table: Table, writer: string, round: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const file = await writeRows(table, writer, [round])
      await table.commit({
        operation: 'WRITE',
        blindAppend: true,
        stage: (newest) =>
          (newest?.txns.get(writer) ?? -1) >= round
            ? undefined
            : changing({
                ...(newest ? {} : { columns }),
                add: [file],
                txns: [{ appId: writer, version: round }],
              }),
      })
      return
    } catch (error) {
      if (!(error instanceof Fault && error.retry) || attempt === 20) throw error
    }
  }
}

/** Rows 0 to n of each writer are in once, and the log has one commit for each. */
async function assertOnce(store: ObjectStore, root: string, rounds: Readonly<Record<string, number>>): Promise<void> {
  const snapshot = await openTable(store, root, quietEffects()).snapshot()
  const expected = Object.values(rounds).flatMap((each) => Array.from({ length: each }, (_, i) => i))
  assert.deepEqual(
    await numbersOf(store, root, snapshot),
    expected.sort((a, b) => a - b),
  )
  const commits = (await pathsIn(store, `${root}/_delta_log/`)).filter((path) => /\/\d{20}\.json$/.test(path))
  assert.deepEqual(
    commits.map((path) => Number(/(\d+)\.json$/.exec(path)?.[1])),
    Array.from({ length: expected.length }, (_, i) => i),
  )
}
