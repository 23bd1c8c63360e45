import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import type { PlatformEvent } from '#port'
import type { RunningServer } from '#serve'
import { startServer } from '#serve'
import type { FixtureLake } from '../serve/fixture.ts'
import { datasets, fixtureLake, fixtureLineage, unmeasured } from '../serve/fixture.ts'
import { findBrowser, openAll, openBrowser, until, violations, watchedPage } from './browser.ts'

const executable = findBrowser()
const skip =
  executable === undefined ? 'no Chromium found: set FAIRLEAD_CHROMIUM to one to run the browser test' : false
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))

let browser: Browser
let lake: FixtureLake
let server: RunningServer
const faults: PlatformEvent[] = []

before(async () => {
  if (executable === undefined) return
  browser = await openBrowser(executable)
  lake = await fixtureLake()
  lake.publish()
  server = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets },
    {
      reader: lake.reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: (event) => faults.push(event),
      signal: new AbortController().signal,
    },
  )
})

after(async () => {
  await browser?.close()
  await server?.close()
  await lake?.end()
  assert.deepEqual(faults, [])
})

type View = { width?: number; height?: number; scheme?: 'light' | 'dark'; reducedMotion?: 'reduce' }

async function visit(path: string, view: View, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: view.width ?? 1440, height: view.height ?? 900 },
    colorScheme: view.scheme ?? 'light',
    reducedMotion: view.reducedMotion ?? 'reduce',
    acceptDownloads: true,
  })
  const { page, wrongs } = await watchedPage(context, server.url)
  try {
    await page.goto(`${server.url}${path}`)
    await page.locator('main h1').first().waitFor()
    await settled(page)
    await work(page)
    assert.deepEqual(wrongs, [])
  } finally {
    await context.close()
  }
}

/** Nothing loading any more. */
async function settled(page: Page): Promise<void> {
  await until(page, 'document.querySelector(".loading, [aria-busy=true]") === null')
}

test('a filter narrows every figure, stands in the address, and survives a reload and the way back', { skip }, () =>
  visit('/', {}, async (page) => {
    const schools = page.locator('.standfirst').first()
    const before = await schools.textContent()
    await page.locator('.slicer summary', { hasText: 'Borough' }).click()
    await page.getByRole('checkbox', { name: /Brooklyn/ }).check()
    await page.waitForURL(/borough=K/)
    await page.locator('.chip', { hasText: 'Brooklyn' }).waitFor()
    await until(page, `document.querySelector('.standfirst').textContent !== ${JSON.stringify(before)}`)
    const narrowed = await schools.textContent()
    await page.reload()
    await page.locator('.chip', { hasText: 'Brooklyn' }).waitFor()
    assert.equal(await schools.textContent(), narrowed)
    await page.getByRole('link', { name: 'Schools', exact: true }).click()
    await page.waitForURL(/\/schools\?borough=K$/)
    await settled(page)
    assert.match((await page.locator('h1').textContent()) ?? '', /^672 schools/)
    await page.goBack()
    await page.waitForURL(/\/\?borough=K$/)
    await page.getByRole('link', { name: 'Clear all' }).click()
    await until(page, `document.querySelector('.standfirst').textContent === ${JSON.stringify(before)}`)
  }),
)

test('a bar of the histogram opens by keyboard to its rows, and they download as CSV and Parquet', { skip }, () =>
  visit('/', {}, async (page) => {
    const bar = page.getByRole('link', { name: /^85% to 90%: \d+ schools$/ })
    const n = Number(/: (\d+) schools/.exec((await bar.getAttribute('aria-label')) ?? '')?.[1])
    await bar.focus()
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await drawer.getByText(`${n} rows ·`).waitFor()
    assert.match(page.url(), /rows=/)

    const folder = await mkdtemp(join(tmpdir(), 'fairlead-download-'))
    try {
      for (const kind of ['CSV', 'Parquet']) {
        const downloading = page.waitForEvent('download')
        await drawer.getByRole('link', { name: `Download ${kind}` }).click()
        const download = await downloading
        assert.match(download.suggestedFilename(), /^SAMPLE-fairlead-schools.*\.(csv|parquet)$/)
        const path = join(folder, kind)
        await download.saveAs(path)
        const bytes = await readFile(path)
        if (kind === 'CSV') assert.equal(bytes.toString('utf8').trimEnd().split('\r\n').length - 1, n)
        else assert.equal(bytes.subarray(0, 4).toString('latin1'), 'PAR1')
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'hidden' })
    // A dialog says that it closed after it has; the address follows that.
    await page.waitForURL(({ href }) => !href.includes('rows='), { timeout: 5_000 })
  }),
)

test('thousands of schools scroll, sort, search and open by keyboard', { skip }, () =>
  visit('/schools', {}, async (page) => {
    const rows = page.locator('.school-table tbody tr:not(.spacer)')
    assert.ok((await rows.count()) < 80, 'only the rows in sight are in the document')
    await page.getByRole('link', { name: /^Students/ }).click()
    await page.waitForURL(/sort=student_response_rate&order=desc/)
    await until(page, `document.querySelector('.school-table tbody tr:not(.spacer) td.rate')?.textContent === '100%'`)
    await page.locator('[data-row="0"]').focus()
    await page.keyboard.press('End')
    await until(page, `document.activeElement?.getAttribute('data-row') === '1799'`)
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowDown')
    await until(page, `document.activeElement?.getAttribute('data-row') === '1'`)
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog')
      .getByText(/every measure of every year/)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('searchbox').fill('roosevelt')
    await until(page, `Number(document.querySelector('.school-table').getAttribute('aria-rowcount')) < 400`)
    assert.ok(
      (await page.locator('.school-table tbody th a').allTextContents()).every((name) => /roosevelt/i.test(name)),
    )
  }),
)

test('the heatmap moves by arrow keys and opens a cell', { skip }, () =>
  visit('/heatmap', {}, async (page) => {
    await page.locator('[data-cell="0 0"]').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.evaluate(`document.activeElement.getAttribute('data-cell')`), '1 1')
    await page.keyboard.press('Enter')
    await page
      .getByRole('dialog')
      .getByText(/District 2/)
      .waitFor()
  }),
)

test(
  'climate by vulnerability says plainly that there is no clear relation, with n, caveat and vintage',
  { skip },
  () =>
    visit('/vulnerability?measure=parent_response_rate', {}, async (page) => {
      assert.match((await page.locator('h1').textContent()) ?? '', /^No clear relation/)
      await page.getByText('Places are not pupils.').waitFor()
      await page.getByRole('link', { name: 'SVI 2018' }).click()
      await page.getByText('SVI 2018, rank within New York State').first().waitFor()
      const switched = page.getByRole('switch')
      const before = await page.locator('.buckets .caption').textContent()
      await switched.check()
      await page.waitForURL(/citywide=in/)
      await until(page, `document.querySelector('.buckets .caption').textContent !== ${JSON.stringify(before)}`)
    }),
)

test('equity shows every gap with its interval and n, and says plainly where nothing is clear', { skip }, () =>
  visit('/equity?year=2019&measure=parent_response_rate', {}, async (page) => {
    await page.getByText('Places are not pupils.').waitFor()
    const buckets = page.locator('.equity-buckets')
    assert.match(
      (await buckets.locator('.dek').textContent()) ?? '',
      /^No clear relation.*95% interval.*Rank correlation/,
    )
    assert.match((await buckets.locator('.caption').textContent()) ?? '', /n = [\d,]+ schools.*without a rank/)
    // Every measure of the year, those without a value too.
    assert.equal(await page.locator('.correlations .chart a').count(), 8)
    await page.evaluate(openAll)
    const rows = page.locator('.gap-table tbody tr')
    assert.equal(await rows.count(), 9)
    assert.match((await rows.filter({ hasText: 'Supportive Environment' }).textContent()) ?? '', /no value/)
    await page
      .locator('.gaps')
      .getByRole('link', { name: /^Response rate of teachers: .*95% interval.*n \d/ })
      .focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/measure=teacher_response_rate/)
    await buckets.getByRole('heading', { name: 'Response rate of teachers, by bucket of vulnerability' }).waitFor()
    // What withholds and what may not be concluded is said; what causes is not.
    const said = (await page.locator('main').textContent()) ?? ''
    assert.match(said, /nothing of causes/)
    assert.doesNotMatch(said, /because of|leads to|due to|impact|affects|drives/i)
  }),
)

test('small groups are said to be withheld on the equity page, by program', { skip }, () =>
  visit('/equity?year=2019&of=alternative', {}, async (page) => {
    await page.getByText('withheld: fewer than 5 schools').first().waitFor()
    await page.getByRole('link', { name: 'Community', exact: true }).click()
    await page.waitForURL(/of=community/)
    await page.getByText('community schools, the whole city').waitFor()
  }),
)

test('a table of Gold says what its columns mean, with what to bear in mind', { skip }, () =>
  visit('/data', {}, async (page) => {
    await page.getByRole('link', { name: 'equity gap' }).click()
    await page.waitForURL(/table=equity_gap/)
    const row = page.locator('.meanings tr', { hasText: 'spearman_low95' })
    assert.match((await row.first().textContent()) ?? '', /Bonett and Wright.*coefficient.*nothing of causes/)
  }),
)

test('a table and a column are chosen by keyboard, and what is around them stands out', { skip }, () =>
  visit('/lineage', {}, async (page) => {
    await page.locator('.lineage-picture a[aria-label^="silver.svi,"]').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/table=silver\.svi/)
    assert.equal(await page.locator('.lineage-picture a.above').count(), 1)
    assert.equal(await page.locator('.lineage-picture a.below').count(), 1)
    await page.getByRole('link', { name: 'rpl_themes', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/column=rpl_themes/)
    const ways = page.locator('.lineage-ways')
    assert.match(
      (await ways.textContent()) ?? '',
      /bronze\.svi\.RPL_THEMES, copied.*gold\.svi_by_district\.median_svi, aggregated/,
    )
    const choice = page.locator('details', { hasText: 'Looked up by one column' })
    assert.match((await choice.textContent()) ?? '', /bronze\.svi\.FIPS, compared by a join/)
    await page.getByText('Which rows silver.svi has is decided by one column').click()
    await page.getByText('tested by a filter').waitFor()
    const shows = page.locator('details', { hasText: 'One part of this dashboard shows it' })
    assert.equal(await shows.getByRole('link', { name: 'Vulnerability' }).getAttribute('href'), '/vulnerability')
    await page.getByText('One test reads it').click()
    await page.getByText('median_is_a_rank').waitFor()
  }),
)

test('on a narrow screen lineage is a list, and nothing is wider than the screen', { skip }, () =>
  visit('/lineage?table=silver.svi', { width: 390 }, async (page) => {
    assert.equal(await page.locator('.lineage-picture').isVisible(), false)
    await page.getByText('All tables by layer, as a list').click()
    await page.locator('.lineage-layer').getByRole('link', { name: 'gold.svi_by_district' }).click()
    await page.waitForURL(/table=gold\.svi_by_district/)
    assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'))
  }),
)

test('an address with a filter that is not known says what mends it', { skip }, async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${server.url}/?borough=Z`)
  await page.getByRole('alert').getByText('Use one of').waitFor()
  await page.getByRole('link', { name: 'Clear the filters' }).click()
  await page.locator('.kpi').first().waitFor()
  await context.close()
})

const pages = [
  '/',
  '/?year=2025',
  '/?by=district',
  '/schools',
  '/heatmap?scale=score_1_5',
  '/heatmap?year=2025',
  '/vulnerability',
  '/equity?year=2019',
  '/equity?year=2025&of=charter',
  '/lineage',
  '/lineage?table=silver.svi&column=rpl_themes',
  '/data',
  '/data?table=equity_gap',
  '/?rows=of%3Dschools%26measure%3Dparent_response_rate%26bin%3D9',
]

for (const scheme of ['light', 'dark'] as const) {
  for (const path of pages) {
    test(`no barrier found by axe, sample data said: ${path}, ${scheme}`, { skip }, () =>
      visit(path, { scheme }, async (page) => {
        if (path.includes('rows=')) await page.getByRole('dialog').locator('table').waitFor()
        await page.evaluate(openAll)
        assert.deepEqual(await violations(page, axe), [])
        assert.ok((await page.getByText('Sample data').count()) > 0)
      }),
    )
  }
}

for (const width of [360, 768, 2560]) {
  test(`every page fits a screen ${width} pixels wide`, { skip }, async () => {
    for (const path of pages) {
      await visit(path, { width }, async (page) => {
        const wider = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
        assert.ok(wider <= 0, `${path} is ${wider} pixels too wide`)
      })
    }
  })
}

test('a held run is said on every page, and a new publication arrives without a reload', { skip }, () =>
  visit('/', {}, async (page) => {
    await page.evaluate('window.notReloaded = true')
    const big = page.locator('.kpi .big').first()
    const before = await big.textContent()

    lake.hold()
    await page.getByText('The last good figures are shown.').waitFor()
    await page.getByText('One check failed').click()
    await page.getByText(/rates between 0 and 1/).waitFor()
    assert.equal(await big.textContent(), before)
    assert.deepEqual(await violations(page, axe), [])

    lake.publish(-8)
    await page.getByText(/New figures: publication 1 is out/).waitFor()
    await until(page, `document.querySelector('.kpi .big').textContent !== ${JSON.stringify(before)}`)
    await page.getByText('The last good figures are shown.').waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('window.notReloaded'), true)
  }),
)

test('before anything is published the page says what to do, and follows by itself', { skip }, async () => {
  const young = await fixtureLake({ schools: 60 })
  const starting = await startServer(
    { port: 0, host: '127.0.0.1', webFolder, datasets },
    {
      reader: young.reader,
      measures: unmeasured,
      lineage: fixtureLineage,
      report: () => {},
      signal: new AbortController().signal,
    },
  )
  const context = await browser.newContext()
  try {
    const { page, wrongs } = await watchedPage(context, starting.url)
    await page.goto(starting.url)
    await page.getByRole('heading', { name: 'Nothing has been published yet' }).waitFor()
    young.publish()
    await page.locator('.kpi').first().waitFor()
    assert.deepEqual(wrongs, [])
  } finally {
    await context.close()
    await starting.close()
    await young.end()
  }
})
