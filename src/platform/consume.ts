import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contract } from '#contract'
import { embeddedRunner } from '#model'
import type { Allowance, LandTopicEffects, LiveOutcome, RunRecord, StageEffects } from '#pipeline'
import { cleanDataset, datasetCounts, landTopic, liveLine, liveRunRoot, publishLive, recordRun } from '#pipeline'
import type { ModelRunner, RecordLog, Report } from '#port'
import { Fault } from '#port'
import type { ConsumeOptions, ConsumeResult, WorkEffects } from './api.ts'
import { listDatasets } from './contracts.ts'
import { failpointFrom } from './failpoint.ts'
import type { Lake } from './lake.ts'
import { openLake } from './lake.ts'
import { openLog } from './log.ts'
import type { MaintainRequest } from './maintain.ts'
import { maintainInThread } from './maintain.ts'
import { goldProject, hashProject, lakeTables, liveDataset, liveSelect, liveTables } from './project.ts'
import { inWorkshop } from './workshop.ts'

/** A topic, and the dataset it brings. */
interface Source {
  readonly contract: Contract
  readonly topic: string
}

/** How long a quiet stream waits until it looks whether someone else left something undone, in milliseconds. */
const idleLookMs = 2_000
const maintainEngine = { memoryMb: 256 }
/** How often a clean or a live build that met weather is tried again before it is a fault. */
const patience = 8

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
      const sources = await sourcesOf(contracts, log)
      const landed = await follow(sources, { lake, log, options, signal }, effects)
      const counts = await datasetCounts(contracts, effects)
      return {
        datasets: Object.fromEntries(
          sources.map(({ contract: { name }, topic }) => {
            const { sources: _, ...totals } = counts[name] ?? { ...nothing, sources: {} }
            return [name, { topic, added: landed.get(name) ?? 0, ...totals }]
          }),
        ),
        published: await newestLive(effects),
        tookMs: Date.now() - startedMs,
      }
    })
  } finally {
    await log.close()
  }
}

const nothing = { landed: 0, silver: 0, quarantined: 0, duplicates: 0, superseded: 0 }

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

/** Answers the rows landed, by dataset. */
async function follow(
  sources: readonly Source[],
  { lake, log, options, signal }: FollowParts,
  effects: StageEffects,
): Promise<ReadonlyMap<string, number>> {
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
  const landEffects: LandTopicEffects = {
    ...{ log, store: lake.store, table: lake.table, nowMs: Date.now, random: Math.random, report },
    ...{ failpoint: effects.failpoint, signal: stop.signal },
    sleep: async (ms) => void (await sleep(ms, undefined, { signal: stop.signal }).catch(() => {})), // woken early by the end
    memoryIsTight: () => process.memoryUsage.rss() > stream.memoryMb * 1024 * 1024,
  }
  const flush = { maxBytes: stream.flushMb * 1024 * 1024, maxAgeMs: stream.flushMs }
  const allowed = new Set<Allowance>(options.allow)
  const landed = new Map<string, number>()
  const landing = Promise.all(
    sources.map(async ({ contract: { name: dataset }, topic }) => {
      const request = { dataset, topic, flush, once, allowed, consumer: lake.store.name }
      landed.set(dataset, await landTopic(request, landEffects))
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
  const tick = await liveTick(sources, options, effects)
  try {
    while (!stop.signal.aborted) {
      const startedMs = Date.now()
      await tick()
      const spentMs = Date.now() - startedMs
      await bell.rung(idleLookMs, stop.signal)
      await sleep(Math.max(0, stream.cadenceMs - spentMs), undefined, { signal: stop.signal }).catch(() => {}) // woken early by the end
    }
  } finally {
    end()
    signal.removeEventListener('abort', end)
    await landing
    await maintaining
  }
  if (!signal.aborted) await tick()
  return landed
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

/** Cleans what landed and publishes what that changes; what failed is recorded, so that whoever looks is told why nothing newer is shown. */
async function liveTick(
  sources: readonly Source[],
  options: ConsumeOptions,
  effects: StageEffects,
): Promise<() => Promise<void>> {
  const live = sources.find(({ contract }) => contract.name === liveDataset)?.contract
  const project = goldProject(options, process.env)
  const projectHash = live === undefined ? '' : await hashProject(project, [live])
  const runner = embeddedRunner({ report: quietly(effects.report), nowMs: effects.nowMs, newId: randomUUID })
  let told = ''
  let failures = 0

  async function record(
    outcome: RunRecord['outcome'],
    failed: readonly { id: string; message: string | null }[],
    fault: Fault | null,
  ) {
    const text = JSON.stringify([outcome, failed, fault])
    if (text === told) return
    told = text
    await recordRun(effects.table(liveRunRoot), {
      ...{ runId: randomUUID(), startedAt: new Date(effects.nowMs()).toISOString(), tookMs: 0, outcome },
      failed: failed.map((each) => ({ ...each, failures: null })),
      fault: fault === null ? null : { code: fault.code, what: fault.message, mend: fault.mend },
    })
  }

  return async () => {
    try {
      for (const { contract } of sources) await cleanDataset(contract, { ...effects, report: quietly(effects.report) })
      if (live === undefined) return
      const outcome = await publishOnce(live, { project, projectHash }, runner, effects)
      failures = 0
      if (outcome.outcome === 'held') await record('held', outcome.failed, null)
      else told = ''
    } catch (error) {
      if (!(error instanceof Fault) || effects.signal.aborted) {
        if (error instanceof Fault) return // stopped between two commits; the next start goes on from there
        throw error
      }
      failures += 1
      if (!error.retry || failures >= patience) {
        await record('failed', [], error).catch(() => {}) // the fault itself tells more
        throw error
      }
      effects.report({ kind: 'fault', fault: error })
    }
  }
}

function publishOnce(
  live: Contract,
  { project, projectHash }: { readonly project: ReturnType<typeof goldProject>; readonly projectHash: string },
  runner: ModelRunner,
  effects: StageEffects,
): Promise<LiveOutcome> {
  const name = `silver.${live.name}`
  const columns = lakeTables([live]).find((table) => table.name === name)?.columns ?? []
  return publishLive(
    {
      ...{ project, projectHash, select: liveSelect, runId: randomUUID(), simulated: live.simulated === true },
      targetFolder: join(effects.scratch.folder, 'live'),
      source: { name, columns },
    },
    runner,
    effects,
  )
}

/** Every second's cleaning and building is no news; what goes wrong is. */
function quietly(report: Report): Report {
  return (event) => {
    if (event.kind === 'fault' || event.kind === 'retry') report(event)
  }
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
