import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { chromium } from 'playwright-core'

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** A Chromium of this machine; undefined where there is none. */
export function findBrowser(): string | undefined {
  const named = process.env.FAIRLEAD_CHROMIUM
  return named === undefined || named === '' ? usual.find((path) => existsSync(path)) : named
}

export async function openBrowser(executablePath: string): Promise<Browser> {
  // Chromium has no sandbox for root.
  const root = process.getuid?.() === 0
  return chromium.launch({ executablePath, args: root ? ['--no-sandbox'] : [] })
}

export interface Watched {
  readonly page: Page
  /** Console errors, script errors and requests that left the origin: none of them may be. */
  readonly wrongs: string[]
}

export async function watchedPage(context: BrowserContext, origin: string): Promise<Watched> {
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const wrongs: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) wrongs.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:'))
      wrongs.push(`left the origin: ${request.url()}`)
  })
  return { page, wrongs }
}

/** Opens all that can be unfolded, so that it is looked at too. */
export const openAll = `for (const details of document.querySelectorAll('main details')) details.open = true`

/** Asks from outside until it is true: the page's policy forbids what Playwright would wait with inside. */
export async function until(page: Page, expression: string): Promise<void> {
  const end = Date.now() + 15_000
  while (!(await page.evaluate(expression))) {
    assert.ok(Date.now() < end, `not true in 15 seconds: ${expression}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[]
}

/** Barriers that axe finds; `axe` is its script. */
export async function violations(page: Page, axe: string): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate<{ violations: readonly Violation[] }>(
    'axe.run(document, { resultTypes: ["violations"] })',
  )
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`).join(' | ')}`,
  )
}
