import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import type { Measures } from '#platform'
import { measuring } from '#platform'
import type { PlatformEvent } from '#port'
import type { RunningServer } from '#serve'
import { startServer } from '#serve'
import type { FixtureLake } from '../serve/fixture.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from '../serve/fixture.ts'
import type { Season } from '../serve/live-season.ts'
import { season } from '../serve/live-season.ts'
import { findBrowser, openAll, openBrowser, until, violations, watchedPage } from './browser.ts'

const executable = findBrowser()
const skip =
  executable === undefined ? 'no Chromium found: set FAIRLEAD_CHROMIUM to one to run the browser test' : false
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))

let browser: Browser

before(async () => {
  if (executable !== undefined) browser = await openBrowser(executable)
})

after(() => browser?.close())

interface Scene {
  readonly page: Page
  readonly stream: Season
  readonly lake: FixtureLake
  readonly wrongs: string[]
  /** Stops the server and starts another on the same port, over the same lake. */
  restart(meanwhile: () => Promise<void>): Promise<void>
}

interface View {
  readonly path?: string
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
  /** Publications a second, of twenty events each. */
  readonly rate?: number
  readonly streaming?: boolean
  /** True: the server's own process lands the stream. */
  readonly lands?: boolean
}

/** What a process that lands the stream has measured of itself. */
function consumerMeasures(): () => Measures {
  const { report, now } = measuring(() => {})
  report({
    ...{ kind: 'lake/committed', table: 'bronze/survey_live', operation: 'STREAMING UPDATE', version: 41 },
    ...{ files: 1, removed: 0, sizeBytes: 9_000, rows: 60, lostRaces: 3, tookMs: 23 },
  })
  const landed = { dataset: 'survey_live', topic: 'school_climate_stream' }
  const partitions = [{ partition: 0, next: 30, lag: 12 }]
  const [atMs, newestMs] = [Date.now(), Date.now() - 1_400]
  report({ kind: 'stream/landed', ...landed, rows: 60, sizeBytes: 9_000, partitions, newestMs, atMs, tookMs: 30 })
  report({ kind: 'stream/fenced', ...landed, partition: 1, from: 20, standing: 30 })
  return now
}

/** A season already under way, served by a real server and watched by a real browser. */
async function watching(
  { path = '/live', width = 1440, scheme = 'light', rate = 5, streaming = true, lands = false }: View,
  work: (scene: Scene) => Promise<void>,
): Promise<void> {
  const stream = season({ startMs: streaming ? Date.now() - 20 * 60_000 : Date.now() })
  const lake = await fixtureLake({ schools: 60, live: stream.reader })
  if (streaming) lake.publish()
  const faults: PlatformEvent[] = []
  const measures = lands ? consumerMeasures() : unmeasured
  const start = (port: number) =>
    startServer(
      { port, host: '127.0.0.1', webFolder, datasets },
      {
        reader: lake.reader,
        measures,
        lineage: fixtureLineage,
        report: (event) => faults.push(event),
        signal: new AbortController().signal,
      },
    )
  let server: RunningServer = await start(0)
  const publishing = streaming && rate > 0 ? setInterval(() => stream.publish(20), 1_000 / rate) : undefined
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  const { page, wrongs } = await watchedPage(context, server.url)
  page.setDefaultTimeout(30_000)
  try {
    await page.goto(`${server.url}${path}`)
    if (streaming) await page.locator('.pulse').waitFor()
    await work({
      page,
      stream,
      lake,
      wrongs,
      async restart(meanwhile) {
        await server.close()
        await meanwhile()
        server = await start(Number(new URL(server.url).port))
      },
    })
    assert.deepEqual(wrongs, [])
    assert.deepEqual(faults, [])
  } finally {
    clearInterval(publishing)
    await context.close()
    await server.close()
    await lake.end()
  }
}

function newestId(stream: Season): string {
  return stream.state()?.newest[0]?.eventId ?? 'none'
}

test('an event that is published stands on the page with its id and its time, once, without a reload', { skip }, () =>
  watching({ rate: 0 }, async ({ page, stream }) => {
    await page.evaluate('window.notReloaded = true')
    for (let i = 0; i < 3; i += 1) {
      stream.publish(3)
      const id = newestId(stream)
      const row = page.locator(`[data-event-id="${id}"]`)
      await row.waitFor()
      assert.match((await row.textContent()) ?? '', new RegExp(id))
      assert.match((await row.textContent()) ?? '', /\d\d:\d\d:\d\d\.\d{3}/)
      assert.equal(await row.getAttribute('data-event-at'), stream.state()?.newest[0]?.eventAt)
      assert.equal(await row.count(), 1)
      assert.equal(await page.locator('[data-event-id]').first().getAttribute('data-event-id'), id)
    }
    assert.equal(await page.evaluate('window.notReloaded'), true)
  }),
)

test(
  'what an event is worth is on the page: pace, total, law, lag, rates, finals and what was set aside',
  { skip },
  () =>
    watching({ rate: 0 }, async ({ page, stream }) => {
      const state = stream.publish(20)
      const landed = state.counts.landed.toLocaleString('en-US')
      await page.locator('.equation').getByText(landed, { exact: true }).waitFor()
      await page.getByText('Every event that landed is accounted for').waitFor()
      await page.locator('.pulse').getByText(landed, { exact: true }).waitFor()
      assert.equal(await page.locator('.partitions tbody').getByText('unknown').count(), 2)
      assert.match((await page.locator('.partitions tfoot').textContent()) ?? '', /at least/)
      assert.equal(await page.locator('.rates-table tbody tr:not(.group)').count(), 15)
      assert.match((await page.locator('.rates-table').textContent()) ?? '', /none published/)
      assert.equal(await page.locator('.multiple svg[role=img]').count(), 3)
      assert.match((await page.locator('.finals').first().textContent()) ?? '', /Brooklyn\s*82\.0%\s*\d+ schools/)
      await page
        .getByText(/each weighted by how many it has invited/)
        .first()
        .waitFor()
      await page.getByText('One point is not a poll.').waitFor()
      await page.locator('.rule summary').first().focus()
      await page.keyboard.press('Enter')
      await page.getByText('responded 812 is more than invited 640').first().waitFor()
      // It stays open while the page goes on.
      stream.publish(20)
      await page.locator(`[data-event-id="${newestId(stream)}"]`).waitFor()
      assert.ok(await page.getByText('responded 812 is more than invited 640').first().isVisible())
    }),
)

test('simulated is said above the page and in every figure', { skip }, () =>
  watching({}, async ({ page }) => {
    await page.getByRole('complementary', { name: 'Simulated' }).waitFor()
    const figures = await page.locator('.page-live .figure').count()
    assert.equal(
      await page.locator('.page-live .figure .caption .sample-mark', { hasText: 'Simulated' }).count(),
      figures,
    )
    await until(page, `document.title.includes('Live')`)
  }),
)

test(
  'a page that is paused by keyboard stands still, counts what it is behind, and resumes at the newest',
  { skip },
  () =>
    watching({}, async ({ page, stream }) => {
      await page.getByRole('button', { name: 'Pause' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText(/since \d\d:\d\d:\d\d/).waitFor()
      const main = page.locator('.equation')
      const before = [await main.textContent(), await page.locator('.events').textContent()]
      await until(page, `/[2-9] publications behind/.test(document.querySelector('.standing').textContent)`)
      assert.deepEqual([await main.textContent(), await page.locator('.events').textContent()], before)
      await page.keyboard.press('Enter')
      await page.locator('.standing.live').waitFor()
      const id = newestId(stream)
      await page.locator(`[data-event-id="${id}"]`).waitFor()
      await until(page, `document.querySelectorAll('[data-event-id]').length <= 150`)
    }),
)

test('a server that starts anew on the same port is followed, and so is another lake', { skip }, () =>
  watching({ rate: 0 }, async ({ page, stream, wrongs, restart }) => {
    await page.evaluate('window.notReloaded = true')
    await restart(async () => {
      await page.getByText('Reconnecting').waitFor()
      stream.publish(30)
      stream.publish(30)
    })
    await page.locator(`[data-event-id="${newestId(stream)}"]`).waitFor()
    const landed = stream.state()?.counts.landed.toLocaleString('en-US') ?? ''
    await page.locator('.equation').getByText(landed, { exact: true }).waitFor()
    await page.locator('.standing.live').waitFor()

    stream.publish(5)
    await page.locator(`[data-event-id="${newestId(stream)}"]`).waitFor()
    const listed = await page.evaluate<string[]>(
      `[...document.querySelectorAll('[data-event-id]')].map((row) => row.dataset.eventId)`,
    )
    assert.equal(new Set(listed).size, listed.length, 'nothing is shown twice')

    await restart(async () => {
      stream.empty()
      stream.publish(9)
    })
    await page.locator('.equation').getByText('9', { exact: true }).first().waitFor()
    assert.equal(await page.locator('[data-event-id]').count(), 9)
    assert.equal(await page.evaluate('window.notReloaded'), true)
    // A connection that was refused is said by the browser itself.
    assert.ok(
      wrongs.every((wrong) =>
        /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/.test(wrong),
      ),
      wrongs.join('\n'),
    )
    wrongs.length = 0
  }),
)

test('filters narrow the curve, the rates and the events, and stand in the address', { skip }, () =>
  watching({}, async ({ page }) => {
    await page.locator('.slicer summary', { hasText: 'Borough' }).click()
    await page.getByRole('checkbox', { name: /Brooklyn/ }).check()
    await page.waitForURL(/borough=K/)
    await page.locator('.slicer summary', { hasText: 'Who answers' }).click()
    await page.getByRole('checkbox', { name: /Parents/ }).check()
    await page.waitForURL(/respondent=parent/)
    await page.reload()
    await page.locator('.pulse').waitFor()
    assert.equal(await page.locator('.multiple').count(), 1)
    assert.equal(await page.locator('.rates-table tr:not(.group) th[scope=row]').count(), 1)
    const rows = await page.locator('[data-event-id] .who b').allTextContents()
    assert.ok(
      rows.every((dbn) => dbn.charAt(2) === 'K'),
      rows.join(),
    )
    await page.getByRole('link', { name: 'Since the beginning' }).click()
    await page.waitForURL(/span=season/)
    await page.getByText(/intervals in all, \d+ in one point/).waitFor()
    await page.getByRole('link', { name: 'Clear all' }).click()
    await until(page, `document.querySelectorAll('.multiple').length === 3`)
  }),
)

test('a stream that stands still says for how long, and one that is held says why', { skip }, () =>
  watching({ rate: 0 }, async ({ page, stream }) => {
    stream.publish(5, Date.now() - 30_000)
    await page.getByText(/no new event for 3\d s/).waitFor()
    stream.change({ held: 'A test failed: rates between 0 and 1.' })
    await page.getByText('The last good figures of the stream are shown.').waitFor()
    await page.getByText('A test failed: rates between 0 and 1.').waitFor()
    assert.deepEqual(await violations(page, axe), [])
  }),
)

test('without a stream the page says how one is begun, and follows by itself', { skip }, () =>
  watching({ streaming: false }, async ({ page, stream }) => {
    await page.getByRole('heading', { name: 'No stream runs into this lake' }).waitFor()
    await page.getByText('fairlead stream season').waitFor()
    assert.deepEqual(await violations(page, axe), [])
    stream.publish(20)
    await page.locator(`[data-event-id="${newestId(stream)}"]`).waitFor()
    stream.empty()
    await page.getByRole('heading', { name: 'No stream runs into this lake' }).waitFor()
  }),
)

async function measureCells(page: Page): Promise<string[][]> {
  await page.locator('.measures table').waitFor()
  const rows = await page.locator('.measures tbody tr').all()
  return Promise.all(rows.map((row) => row.locator('th, td').allTextContents()))
}

test('a server that lands the stream shows what its process measured of each table', { skip }, () =>
  watching({ lands: true, rate: 0 }, async ({ page }) => {
    const [bronze = [], silver] = await measureCells(page)
    const [table, rows = '', ...others] = bronze
    assert.equal(table, 'bronze.survey_live')
    assert.match(rows, /^\d\.\d$/)
    assert.deepEqual(others, ['12', '1.4 s', '23 ms', '7', '3', '1'])
    assert.deepEqual(silver, ['silver.survey_live', 'unknown', '–', '–', 'unknown', '7', 'unknown', '–'])
  }),
)

test('a server that only reads says of each table what it knows, and names what it does not', { skip }, () =>
  watching({ rate: 0 }, async ({ page }) => {
    const [bronze, silver, quarantine] = await measureCells(page)
    assert.deepEqual(bronze, [
      ...['bronze.survey_live', 'unknown', '12', 'unknown', 'unknown', '7', 'unknown', 'unknown'],
    ])
    assert.deepEqual(silver, ['silver.survey_live', 'unknown', '–', '–', 'unknown', '7', 'unknown', '–'])
    assert.equal(quarantine?.[0], 'silver.quarantine')
    await page.getByText('This server only reads.').waitFor()
  }),
)

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [1440, 360]) {
    test(`no barrier found by axe, running and then paused: ${scheme}, ${width} pixels wide`, { skip }, () =>
      watching({ scheme, width, rate: 1 }, async ({ page }) => {
        await page.locator('.measures table').waitFor()
        assert.deepEqual(await violations(page, axe), [])
        await page.getByRole('button', { name: 'Pause' }).click()
        await page.evaluate(openAll)
        await page.locator('.as-table table').waitFor()
        assert.deepEqual(await violations(page, axe), [])
      }),
    )
  }
}

for (const width of [360, 768, 2560]) {
  test(`the live page fits a screen ${width} pixels wide`, { skip }, () =>
    watching({ width }, async ({ page }) => {
      await page.evaluate(openAll)
      const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      assert.ok(wider <= 0, `${wider} pixels too wide`)
    }),
  )
}

test('at five publications a second the page stays light: what did not change is not drawn anew', { skip }, () =>
  watching({}, async ({ page, stream }) => {
    const spent = async () => {
      const client = await page.context().newCDPSession(page)
      await client.send('Performance.enable')
      const { metrics } = await client.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
    }
    await page.evaluate(
      'window.rule = document.querySelector(".rule"); window.row = document.querySelector("[data-event-id]")',
    )
    const before = await spent()
    const from = Date.now()
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    const share = (await spent()) - before
    const seconds = (Date.now() - from) / 1_000
    assert.ok(share < seconds * 0.8, `${share.toFixed(2)} s of work in ${seconds.toFixed(1)} s`)
    assert.equal(await page.evaluate('window.rule.isConnected'), true)
    assert.ok((stream.state()?.version ?? 0) > 10)
  }),
)
