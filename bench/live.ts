/// <reference lib="dom" />
/**
 * From the moment a school reports to the text in an open, visible page: `node bench/live.ts [RATE] [SECONDS]`.
 * One process plays the season, lands, cleans, builds, tests, publishes and serves; Chromium shows the page. One event in fifty is followed, by its id.
 * Prints latencies, resident memory over time, and CPU per event.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { asking } from '../test/platform/stream-truth.ts'
import { findBrowser, openBrowser } from '../test/web/browser.ts'
import { tell } from './result.ts'

const [rate = 500, seconds = 60] = process.argv.slice(2).map(Number)
const schools = process.env.FAIRLEAD_BENCH_SCHOOLS ?? '1800'
const checkout = join(import.meta.dirname, '..')
const browserPath = findBrowser()
if (browserPath === undefined) throw new Error('No Chromium found: set FAIRLEAD_CHROMIUM to one.')

const root = mkdtempSync(join(tmpdir(), 'fairlead-live-'))
const lake = join(root, 'lake')

/** Resident megabytes and CPU seconds of a process. */
function usage(pid: number): { rssMb: number; cpuS: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = Number(stat[11]) + Number(stat[12])
  return { rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024, cpuS: ticks / 100 }
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

async function startedServer(): Promise<{ url: string; pid: number; stop(): Promise<void> }> {
  const argv = ['start', '--lake', lake, '--port', '0', '--schools', schools]
  const child = spawn(
    process.execPath,
    ['bin/fairlead.mjs', ...argv, '--rate', String(rate), '--seconds', String(seconds)],
    {
      cwd: checkout,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (piece: string) => {
      text += piece
      const found = /Dashboard: (http:\S+)/.exec(text)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
    child.on('exit', () => reject(new Error(text)))
  })
  return {
    url,
    pid: child.pid ?? -1,
    async stop() {
      child.kill('SIGINT')
      await gone
    },
  }
}

const server = await startedServer()
const browser = await openBrowser(browserPath)
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  await page.goto(`${server.url}/live`)
  await page.evaluate(() => {
    const seen: Record<string, number> = {}
    Object.assign(globalThis, { seenEvents: seen })
    const note = () => {
      const now = Date.now()
      for (const row of document.querySelectorAll('[data-event-id]')) {
        const id = row.getAttribute('data-event-id') ?? ''
        if (!(id in seen) && (row.textContent ?? '').includes(id)) seen[id] = now
      }
    }
    new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true })
    note()
  })
  const memory: { atS: number; rssMb: number }[] = []
  let began: { cpuS: number; atMs: number } | undefined
  const until = Date.now() + (seconds + 60) * 1000
  let quietSince = Date.now()
  let count = 0
  while (Date.now() < until) {
    await sleep(1000)
    const now = await page.evaluate(() => Object.keys(Reflect.get(globalThis, 'seenEvents')).length)
    const { rssMb, cpuS } = usage(server.pid)
    if (now > 0) began ??= { cpuS, atMs: Date.now() }
    if (began !== undefined) memory.push({ atS: (Date.now() - began.atMs) / 1000, rssMb })
    if (now !== count) quietSince = Date.now()
    count = now
    if (began !== undefined && Date.now() - quietSince > 15_000) break
  }
  const cpuS = usage(server.pid).cpuS - (began?.cpuS ?? 0)
  const seen: Record<string, number> = await page.evaluate(() => Reflect.get(globalThis, 'seenEvents'))
  await page.screenshot({ path: join(tmpdir(), `fairlead-live-${rate}.png`), fullPage: true })
  await browser.close()
  await server.stop()

  const ask = asking(lake)
  // A late report is older than its record by design; how old it is says nothing of the way from log to page.
  const sampled = await ask(
    `SELECT event_id, epoch_ms(event_at) FROM silver.survey_live WHERE "offset" % 50 = 0 AND epoch_ms(event_ts) - epoch_ms(event_at) < 1000`,
  )
  const [[total] = []] = await ask('SELECT count(*) FROM silver.survey_live')
  const [[landed] = []] = await ask('SELECT count(*) FROM bronze.survey_live')
  const latencies: number[] = []
  let missed = 0
  for (const [id, at] of sampled) {
    const shown = seen[String(id)]
    if (shown === undefined) missed += 1
    else latencies.push(shown - Number(at))
  }
  latencies.sort((a, b) => a - b)
  const share = (part: number) => `${Math.round(percentile(latencies, part))} ms`
  console.log(`${rate} events/s for ${seconds} s: ${landed} records landed, ${total} in Silver`)
  console.log(
    `event time to text in the page: p50 ${share(0.5)}, p95 ${share(0.95)}, p99 ${share(0.99)}, max ${share(1)}; n ${latencies.length}, not seen ${missed}`,
  )
  console.log(`CPU of the process: ${cpuS.toFixed(1)} s, ${((cpuS * 1e6) / Number(landed)).toFixed(0)} µs an event`)
  const tenths = Array.from({ length: 11 }, (_, i) => memory[Math.floor((i * (memory.length - 1)) / 10)])
  console.log(`resident: ${tenths.map((each) => `${each?.atS.toFixed(0)} s ${each?.rssMb.toFixed(0)} MB`).join(', ')}`)
  const figures = {
    n: `${latencies.length} of ${latencies.length + missed}`,
    ...{ p50Ms: percentile(latencies, 0.5), p95Ms: percentile(latencies, 0.95), p99Ms: percentile(latencies, 0.99) },
    ...{ mostMs: percentile(latencies, 1), cpuMicrosARecord: (cpuS * 1e6) / Number(landed) },
    residentMb: tenths.slice(1).map((each) => each?.rssMb ?? Number.NaN),
  }
  const rows = [{ name: 'event time to text in the page', figures }]
  tell({ rows, settings: { recordsPerS: rate, seconds, schools: Number(schools) }, versions: {} })
} finally {
  await browser.close().catch(() => {})
  await server.stop().catch(() => {})
  rmSync(root, { recursive: true, force: true })
}
