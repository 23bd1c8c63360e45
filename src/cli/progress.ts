import type { PlatformEvent, Report, Stage } from '#port'
import { count, duration, figure } from './words.ts'

export interface Progress {
  readonly report: Report
  /** Takes the redrawn line away, so that something else can be printed. */
  clear(): void
}

interface ProgressEffects {
  readonly write: (text: string) => void
  readonly nowMs: () => number
}

/** A terminal's line is redrawn at most this often; elsewhere a line is printed at most this often. */
const redrawMs = 100
const plainMs = 5000

/** Shows events on a terminal (`width` characters wide) as one redrawn line with rows, rate and time left; elsewhere as plain lines; quietly, only faults. */
export function progress(
  { quiet, width }: { quiet: boolean; width: number | undefined },
  effects: ProgressEffects,
): Progress {
  const { write, nowMs } = effects
  let drawn = false
  let lastMs = Number.NEGATIVE_INFINITY
  let stage: { name: Stage; startedMs: number } | undefined
  const streams = new Map<string, StreamSoFar>()
  const clear = () => {
    if (drawn) write('\r\x1b[2K')
    drawn = false
  }
  const line = (text: string) => {
    clear()
    write(`${text}\n`)
  }
  const redraw = (text: string) => {
    const now = nowMs()
    if (now - lastMs < (width === undefined ? plainMs : redrawMs)) return
    lastMs = now
    if (width === undefined) return line(text)
    write(`\r\x1b[2K${text.slice(0, width - 1)}`)
    drawn = true
  }
  const report = (event: PlatformEvent) => {
    if (event.kind === 'fault') return line(faultText(event.fault))
    if (quiet) return
    if (event.kind === 'stage/started') {
      stage = { name: event.stage, startedMs: nowMs() }
      lastMs = width === undefined ? nowMs() : Number.NEGATIVE_INFINITY
      return
    }
    if (event.kind === 'stage/progress') {
      const startedMs = stage?.name === event.stage ? stage.startedMs : nowMs()
      return redraw(progressText(event, nowMs() - startedMs))
    }
    if (event.kind === 'stream/landed') {
      const stream = streamAfter(streams.get(event.dataset), event, nowMs())
      streams.set(event.dataset, stream)
      return redraw(streamText(event.dataset, stream))
    }
    const text = eventText(event)
    if (text !== undefined) line(text)
  }
  return { report, clear }
}

/** What landed of one stream since the command began. */
interface StreamSoFar {
  readonly rows: number
  /** Over the newest whole stretch; undefined while the first is not over. */
  readonly perSecond: number | undefined
  /** Where the stretch began that is not over. */
  readonly since: { readonly atMs: number; readonly rows: number }
  readonly newest: LandedEvent
}

type LandedEvent = Extract<PlatformEvent, { kind: 'stream/landed' }>

/** A pace over less than this jumps with every commit. */
const stretchMs = 2000

function streamAfter(before: StreamSoFar | undefined, event: LandedEvent, nowMs: number): StreamSoFar {
  const rows = (before?.rows ?? 0) + event.rows
  const since = before?.since ?? { atMs: nowMs, rows }
  const tookMs = nowMs - since.atMs
  if (tookMs < stretchMs) return { rows, perSecond: before?.perSecond, since, newest: event }
  const perSecond = ((rows - since.rows) / tookMs) * 1000
  return { rows, perSecond, since: { atMs: nowMs, rows }, newest: event }
}

/** `stream   survey_live: 12,345 rows landed, 1,200 rows/s, lag 210, newest 0.4 s old, commit 23 ms` */
function streamText(dataset: string, stream: StreamSoFar): string {
  const { rows, perSecond, newest } = stream
  const { partitions, newestMs, atMs, tookMs } = newest
  const lag = partitions.reduce((sum, partition) => sum + partition.lag, 0)
  const parts = [
    `${count(rows, 'row')} landed`,
    ...(perSecond === undefined ? [] : [`${figure(perSecond)} rows/s`]),
    `lag ${figure(lag)}`,
    ...(newestMs === null ? [] : [`newest ${duration(Math.max(0, atMs - newestMs))} old`]),
    `commit ${duration(tookMs)}`,
  ]
  return `${head('stream')}${dataset}: ${parts.join(', ')}`
}

type ProgressEvent = Extract<PlatformEvent, { kind: 'stage/progress' }>

/** `land    School_Survey.csv: 1,200 of 1,829 rows, 41,000 rows/s, 1 s left` */
function progressText({ stage, what, done, total, unit }: ProgressEvent, tookMs: number): string {
  const parts = [total === undefined ? `${figure(done)} ${unit}` : `${figure(done)} of ${figure(total)} ${unit}`]
  if (tookMs > 500 && done > 0) {
    const perSecond = (done / tookMs) * 1000
    if (perSecond >= 1) parts.push(`${figure(perSecond)} ${unit}/s`)
    const leftMs = total === undefined ? 0 : ((total - done) / done) * tookMs
    if (leftMs >= 1000) parts.push(`${duration(leftMs)} left`)
  }
  return `${head(stage)}${what === '' ? '' : `${what}: `}${parts.join(', ')}`
}

/** What deserves a line of its own; undefined for what the stage's own line says well enough. */
function eventText(
  event: Exclude<PlatformEvent, { kind: 'fault' | 'stage/started' | 'stage/progress' | 'stream/landed' }>,
): string | undefined {
  switch (event.kind) {
    case 'stage/ended':
      return `${head(event.stage)}${event.what} (${duration(event.tookMs)})`
    case 'land/file':
      if (event.outcome === 'known') return undefined
      return event.outcome === 'landed'
        ? `${head('land')}${event.file}: ${count(event.rows, 'row')} into ${event.dataset} (${duration(event.tookMs)})`
        : `${head('land')}${event.file}: cannot be read, kept in quarantine of ${event.dataset}`
    case 'land/recognised':
      return undefined
    case 'land/unmatched':
      return `${head('land')}${event.file}: no dataset takes it`
    case 'clean/dataset':
      return `${head('clean')}${event.dataset}: ${figure(event.landed)} landed = ${figure(event.silver)} silver + ${figure(event.quarantined)} quarantined + ${figure(event.duplicates)} duplicates + ${figure(event.superseded)} superseded (${duration(event.tookMs)})`
    case 'model/node':
      if (event.status === 'success' || event.status === 'pass' || event.status === 'skipped') return undefined
      return `${head('build')}${event.id}: ${event.status}${event.message === null ? '' : `: ${event.message}`}`
    case 'model/log':
      return `${head('build')}dbt: ${event.message}`
    case 'publish/published':
      return `${head('publish')}version ${event.version}, ${count(event.tables, 'table')} (${duration(event.tookMs)})`
    case 'publish/held':
      return `${head('publish')}held back, the publication before stands. Failed: ${event.failed.join(', ')}`
    case 'stream/fenced':
      return `${head('stream')}${event.topic}, partition ${event.partition}: another consumer was first; going on from offset ${figure(event.standing)}`
    case 'live/held':
      return `${head('live')}held back, the live publication before stands. Failed: ${event.failed.join(', ')}`
    case 'stream/produced':
    case 'live/published':
    case 'lake/committed':
    case 'lake/maintained':
      return undefined
    case 'retry':
      return `         ${event.what}: ${event.fault.message} Attempt ${event.attempt} failed; again in ${duration(event.waitMs)}.`
  }
}

function head(stage: string): string {
  return stage.padEnd(9)
}

function faultText(fault: { readonly message: string; readonly code: string; readonly mend: string }): string {
  return `fairlead: ${fault.message} (${fault.code})\n  ${fault.mend}`
}
