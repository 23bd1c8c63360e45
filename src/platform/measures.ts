import type { PlatformEvent, Report } from '#port'
import type { Histogram } from './histogram.ts'
import { emptyHistogram, withValue } from './histogram.ts'

/** What a process did to one table. */
export interface TableMeasures {
  /** Rows that files and topics brought. */
  readonly rowsLanded: number
  readonly commits: ReadonlyMap<string, number>
  /** Rows in files that commits added, those of compaction left out. */
  readonly rows: number
  readonly files: number
  readonly removedFiles: number
  readonly sizeBytes: number
  readonly lostRaces: number
  readonly commitSeconds: Histogram
  /** Of the newest commits, oldest first. */
  readonly recentCommitMs: readonly number[]
  /** `rows` by second of the clock, for the newest few seconds that had any, oldest first. */
  readonly recentRows: readonly { readonly second: number; readonly rows: number }[]
}

/** What a process landed of one topic. */
export interface TopicMeasures {
  readonly table: string
  readonly fences: number
  /** Timestamp of the newest record landed, milliseconds since 1970; null where none had one. */
  readonly newestMs: number | null
  /** How old that record was when it was in. */
  readonly ageMs: number | null
  /** Its own at the newest commit. */
  readonly partitions: readonly { readonly partition: number; readonly next: number; readonly lag: number }[]
}

export interface LineMeasures {
  readonly published: number
  readonly held: number
}

/** All that the events of one process added up to. It never changes; each event makes another of it. */
export interface Measures {
  readonly tables: ReadonlyMap<string, TableMeasures>
  readonly topics: ReadonlyMap<string, TopicMeasures>
  /** Records sent, by topic. */
  readonly produced: ReadonlyMap<string, number>
  readonly lines: Readonly<Record<'batch' | 'live', LineMeasures>>
  readonly liveBuildSeconds: Histogram
  readonly livePublishSeconds: Histogram
  /** Of the newest live build; undefined where there was none. */
  readonly liveTests: { readonly passed: number; readonly failed: number; readonly warned: number } | undefined
  /** By the code of the fault that was waited out. */
  readonly retries: ReadonlyMap<string, number>
  readonly faults: ReadonlyMap<string, number>
}

const secondsBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const recentCommits = 50
const recentSeconds = 10
/** More names than a project has tables, topics or codes: whatever events say, memory stays bounded. What comes beyond them is counted under one name. */
const mostNames = 1000
const otherNames = 'other'

const noLine: LineMeasures = { published: 0, held: 0 }

export const noMeasures: Measures = {
  ...{ tables: new Map(), topics: new Map(), produced: new Map(), lines: { batch: noLine, live: noLine } },
  ...{ liveBuildSeconds: emptyHistogram(secondsBounds), livePublishSeconds: emptyHistogram(secondsBounds) },
  ...{ liveTests: undefined, retries: new Map(), faults: new Map() },
}

const noTable: TableMeasures = {
  ...{ rowsLanded: 0, commits: new Map(), rows: 0, files: 0, removedFiles: 0, sizeBytes: 0, lostRaces: 0 },
  ...{ commitSeconds: emptyHistogram(secondsBounds), recentCommitMs: [], recentRows: [] },
}

/** Passes events on and keeps their measures. */
export function measuring(report: Report): { readonly report: Report; now(): Measures } {
  let measures = noMeasures
  return {
    report(event) {
      measures = measuresAfter(measures, event, Date.now())
      report(event)
    },
    now: () => measures,
  }
}

export function measuresAfter(before: Measures, event: PlatformEvent, nowMs: number): Measures {
  switch (event.kind) {
    case 'lake/committed':
      return { ...before, tables: withCommit(before.tables, event, nowMs) }
    case 'stream/landed':
      return {
        ...before,
        tables: withLanded(before.tables, event.dataset, event.rows),
        topics: withTopic(before.topics, event),
      }
    case 'stream/fenced':
      return { ...before, topics: withFence(before.topics, event) }
    case 'land/file':
      if (event.outcome !== 'landed') return before
      return { ...before, tables: withLanded(before.tables, event.dataset, event.rows) }
    case 'stream/produced':
      return { ...before, produced: plus(before.produced, event.topic, event.records) }
    case 'live/published':
      return {
        ...withLine(before, 'live', 'published'),
        liveBuildSeconds: withValue(before.liveBuildSeconds, event.buildMs / 1000),
        livePublishSeconds: withValue(before.livePublishSeconds, event.tookMs / 1000),
        liveTests: event.tests,
      }
    case 'live/held':
      return {
        ...withLine(before, 'live', 'held'),
        liveBuildSeconds: withValue(before.liveBuildSeconds, event.buildMs / 1000),
        liveTests: event.tests,
      }
    case 'publish/published':
      return withLine(before, 'batch', 'published')
    case 'publish/held':
      return withLine(before, 'batch', 'held')
    case 'retry':
      return { ...before, retries: plus(before.retries, event.fault.code, 1) }
    case 'fault':
      return { ...before, faults: plus(before.faults, event.fault.code, 1) }
    default:
      return before
  }
}

type Event<Kind extends PlatformEvent['kind']> = Extract<PlatformEvent, { kind: Kind }>

/** `bronze/survey_live` → `bronze.survey_live`. */
export function tableName(root: string): string {
  return root.replaceAll('/', '.')
}

function bronzeName(dataset: string): string {
  return `bronze.${dataset}`
}

function withCommit(tables: Measures['tables'], event: Event<'lake/committed'>, nowMs: number): Measures['tables'] {
  const { operation, files, removed, sizeBytes, lostRaces, tookMs } = event
  const rows = operation === 'OPTIMIZE' ? 0 : event.rows
  return changed(tables, tableName(event.table), (table = noTable) => ({
    ...table,
    commits: plus(table.commits, operation, 1),
    rows: table.rows + rows,
    files: table.files + files,
    removedFiles: table.removedFiles + removed,
    sizeBytes: table.sizeBytes + sizeBytes,
    lostRaces: table.lostRaces + lostRaces,
    commitSeconds: withValue(table.commitSeconds, tookMs / 1000),
    recentCommitMs: [...table.recentCommitMs, tookMs].slice(-recentCommits),
    recentRows: rows === 0 ? table.recentRows : withSecond(table.recentRows, Math.floor(nowMs / 1000), rows),
  }))
}

function withSecond(recent: TableMeasures['recentRows'], second: number, rows: number): TableMeasures['recentRows'] {
  const last = recent.at(-1)
  const all =
    last?.second === second
      ? [...recent.slice(0, -1), { second, rows: last.rows + rows }]
      : [...recent, { second, rows }]
  // And the one that is not over yet.
  return all.slice(-recentSeconds - 1)
}

function withLanded(tables: Measures['tables'], dataset: string, rows: number): Measures['tables'] {
  return changed(tables, bronzeName(dataset), (table = noTable) => ({ ...table, rowsLanded: table.rowsLanded + rows }))
}

function withTopic(topics: Measures['topics'], event: Event<'stream/landed'>): Measures['topics'] {
  const { topic, dataset, newestMs, atMs, partitions } = event
  return changed(topics, topic, (before) => ({
    table: bronzeName(dataset),
    fences: before?.fences ?? 0,
    newestMs: newestMs === null ? (before?.newestMs ?? null) : Math.max(newestMs, before?.newestMs ?? newestMs),
    ageMs: newestMs === null ? null : Math.max(0, atMs - newestMs),
    partitions,
  }))
}

function withFence(topics: Measures['topics'], { topic, dataset }: Event<'stream/fenced'>): Measures['topics'] {
  return changed(topics, topic, (before) => ({
    ...(before ?? { table: bronzeName(dataset), newestMs: null, ageMs: null, partitions: [] }),
    fences: (before?.fences ?? 0) + 1,
  }))
}

function withLine(before: Measures, line: 'batch' | 'live', what: keyof LineMeasures): Measures {
  const { [line]: counts } = before.lines
  return { ...before, lines: { ...before.lines, [line]: { ...counts, [what]: counts[what] + 1 } } }
}

function plus(counts: ReadonlyMap<string, number>, name: string, more: number): ReadonlyMap<string, number> {
  return changed(counts, name, (count = 0) => count + more)
}

function changed<Value>(
  map: ReadonlyMap<string, Value>,
  name: string,
  change: (before: Value | undefined) => Value,
): ReadonlyMap<string, Value> {
  const key = map.has(name) || map.size < mostNames ? name : otherNames
  return new Map(map).set(key, change(map.get(key)))
}

/** Rows a second over the ten seconds before this one. */
export function rowsPerSecond({ recentRows }: TableMeasures, nowMs: number): number {
  const now = Math.floor(nowMs / 1000)
  const whole = recentRows.filter(({ second }) => second < now && second >= now - recentSeconds)
  return whole.reduce((sum, { rows }) => sum + rows, 0) / recentSeconds
}

/** Of the newest commits; undefined where there were none. */
export function medianCommitMs({ recentCommitMs }: TableMeasures): number | undefined {
  const sorted = [...recentCommitMs].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
