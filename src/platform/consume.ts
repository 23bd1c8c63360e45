import { setTimeout as sleep } from 'node:timers/promises'
import type { Contract } from '#contract'
import type { Allowance, LandTopicEffects, StageEffects } from '#pipeline'
import { all, datasetCounts, landTopic, liveLine, newAsking } from '#pipeline'
import type { RecordLog, Report } from '#port'
import { retry } from '#port'
import type { ConsumeOptions, ConsumeResult, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import type { Lake } from './lake.ts'
import { openLake } from './lake.ts'
import type { Source, TickOutcome } from './live-tick.ts'
import { liveTick } from './live-tick.ts'
import { openLog } from './log.ts'
import type { MaintainRequest } from './maintain.ts'
import { maintainInThread } from './maintain.ts'
import { liveTables } from './project.ts'
import { inWorkshop } from './workshop.ts'

/** How long a quiet stream waits until it looks whether someone else left something undone, in milliseconds. */
const idleLookMs = 2_000
const maintainEngine = { memoryMb: 256 }

/**
 * Lands topics, cleans what landed, and publishes the live half of Gold on its own cadence, until the signal; with `once`, what the logs hold now.
 * Any number of consumers may do so at once. Faults: those of `landTopic`, of cleaning, and of the engine.
 */
export async function consume(options: ConsumeOptions, { report, signal }: WorkEffects): Promise<ConsumeResult> {
  const startedMs = Date.now()
  const failpoint = failpointFrom(process.env)
  const contracts = await listDatasets(options)
  const lake = await openLake(options.lake, { report, failpoint })
  const log = await openLog(options, report)
  try {
    return await inWorkshop(lake, options, { report, signal, failpoint }, async (effects) => {
      const look = () => sourcesOf(contracts, log)
      const sources = options.once ? await look() : await throughWeather(look, { report, signal })
      const { landed, held } = await follow(sources, { lake, log, options, signal }, effects)
      const counts = await datasetCounts(contracts, effects)
      return {
        datasets: Object.fromEntries(
          sources.map(({ contract: { name }, topic }) => {
            const { sources: _, ...totals } = counts[name] ?? { ...nothing, sources: {} }
            return [name, { topic, added: landed.get(name) ?? 0, ...totals }]
          }),
        ),
        published: await newestLive(effects),
        held,
        tookMs: Date.now() - startedMs,
      }
    })
  } finally {
    await log.close()
  }
}

const nothing = { landed: 0, silver: 0, quarantined: 0, duplicates: 0, superseded: 0 }

/** Who follows a log waits for it, from its first call on; nothing to follow where the signal ended the wait. */
function throughWeather(
  look: () => Promise<readonly Source[]>,
  { report, signal }: WorkEffects,
): Promise<readonly Source[]> {
  return retry(
    async () => (signal.aborted ? [] : look()),
    { what: 'looking for topics', attempts: Number.POSITIVE_INFINITY, firstWaitMs: 500, maxWaitMs: 10_000 },
    {
      ...{ random: Math.random, report },
      sleep: async (ms) => void (await sleep(ms, undefined, { signal }).catch(() => {})), // woken early by the end
    },
  )
}

/** Topics of the datasets' own are always followed; a dataset that was replayed has a topic of its name. */
async function sourcesOf(contracts: readonly Contract[], log: RecordLog): Promise<readonly Source[]> {
  const sources: Source[] = []
  for (const contract of contracts) {
    const topic = contract.stream?.topic ?? contract.name
    if (contract.stream !== undefined || (await log.topic(topic)) !== undefined) sources.push({ contract, topic })
  }
  return sources
}

interface FollowParts {
  readonly lake: Lake
  readonly log: RecordLog
  readonly options: ConsumeOptions
  /** Ends it, after what was read is committed. */
  readonly signal: AbortSignal
}

/** Answers the rows landed, by dataset, and whether the last live build was held back. */
async function follow(
  sources: readonly Source[],
  { lake, log, options, signal }: FollowParts,
  effects: StageEffects,
): Promise<{ readonly landed: ReadonlyMap<string, number>; readonly held: boolean }> {
  const { stream, once } = options
  const stop = new AbortController()
  const end = () => stop.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const bell = newBell()
  const report: Report = (event) => {
    effects.report(event)
    if (event.kind === 'stream/landed') bell.ring()
  }
  const landEffects: Omit<LandTopicEffects, 'flushing'> = {
    ...{ log, store: lake.store, table: lake.table, nowMs: Date.now, random: Math.random, report },
    ...{ failpoint: effects.failpoint, signal: stop.signal },
    sleep: async (ms) => void (await sleep(ms, undefined, { signal: stop.signal }).catch(() => {})), // woken early by the end
    after(ms, ring) {
      const timer = setTimeout(ring, ms)
      return () => clearTimeout(timer)
    },
    memoryIsTight: memoryAbove(stream.memoryMb * 1024 * 1024),
  }
  const flush = { maxBytes: stream.flushMb * 1024 * 1024, maxAgeMs: stream.flushMs }
  const allowed = new Set<Allowance>(options.allow)
  const landed = new Map<string, number>()
  const flushings = sources.map(() => newAsking())
  const landing = all(
    sources.map(async ({ contract: { name: dataset }, topic }, i) => {
      const request = { dataset, topic, flush, once, allowed, consumer: lake.store.name }
      landed.set(dataset, await landTopic(request, { ...landEffects, flushing: flushings[i] ?? newAsking() }))
    }),
  ).finally(end)
  landing.catch(() => {}) // told below, when the loop has ended too
  const maintaining = once
    ? Promise.resolve()
    : maintainInThread(
        {
          lake: options.lake,
          tables: maintainedTables(sources),
          everyMs: stream.maintainEveryMs,
          engine: maintainEngine,
        },
        { report: effects.report, signal: stop.signal },
      )
  maintaining.catch(end) // told below
  let last: TickOutcome = 'weather'
  try {
    const tick = await liveTick(sources, options, effects)
    while (!stop.signal.aborted) {
      const startedMs = Date.now()
      // What was read until now is cleaned and published in this tick; its own age would have it wait for the next.
      await Promise.all(flushings.map(({ ask }) => ask()))
      await tick()
      const spentMs = Date.now() - startedMs
      await bell.rung(idleLookMs, stop.signal)
      await sleep(Math.max(0, stream.cadenceMs - spentMs), undefined, { signal: stop.signal }).catch(() => {}) // woken early by the end
    }
    await landing
    // What landed since; weather is waited out, until it is a fault.
    while (last === 'weather' && !signal.aborted) {
      last = await tick()
      if (last === 'weather') await sleep(idleLookMs)
    }
  } finally {
    end()
    signal.removeEventListener('abort', end)
    await all<unknown>([landing, maintaining])
  }
  return { landed, held: last === 'held' }
}

/** How long what the system said of memory holds: to ask takes longer than to take in what a read brought. */
const memoryLookMs = 50

function memoryAbove(bytes: number): () => boolean {
  let askedMs = Number.NEGATIVE_INFINITY
  let isAbove = false
  return () => {
    const nowMs = performance.now()
    if (nowMs - askedMs >= memoryLookMs) {
      askedMs = nowMs
      isAbove = process.memoryUsage.rss() > bytes
    }
    return isAbove
  }
}

/** The tables that a stream writes to. Those that are written whole each time have no small files to put together. */
function maintainedTables(sources: readonly Source[]): MaintainRequest['tables'] {
  const grow = sources.flatMap(({ contract: { name } }) => [`bronze/${name}`, `silver/${name}`])
  const whole = [liveLine.root, 'silver/ledger', ...liveTables.map((name) => `gold/${name}`)]
  return [
    ...[...grow, 'silver/quarantine', 'silver/displaced'].map((root) => ({ root, compact: true })),
    ...whole.map((root) => ({ root, compact: false })),
  ]
}

async function newestLive({ table }: StageEffects): Promise<number | null> {
  return (await table(liveLine.root).snapshot())?.version ?? null
}

interface Bell {
  ring(): void
  /** Ends when it was rung since it last ended, at the latest after so many milliseconds or with the signal. */
  rung(atMostMs: number, signal: AbortSignal): Promise<void>
}

function newBell(): Bell {
  let rang = false
  let wake: () => void = () => {}
  return {
    ring() {
      rang = true
      wake()
    },
    async rung(atMostMs, signal) {
      if (!rang && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            resolve()
          }
          const timer = setTimeout(done, atMostMs)
          signal.addEventListener('abort', done, { once: true })
          wake = done
        })
      }
      rang = false
      wake = () => {}
    },
  }
}
