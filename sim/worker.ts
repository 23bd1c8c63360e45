import type { Table } from '#lake'
import { openTable } from '#lake'
import type { Allowance, LandTopicEffects } from '#pipeline'
import { landTopic, maintainer, newAsking } from '#pipeline'
import type { ObjectStore, RecordLog } from '#port'
import { Fault, noFailpoint } from '#port'
import { cleanBy, cleanIsStale } from '../src/pipeline/clean.ts'
import type { Asking } from '../src/pipeline/stream/index.ts'
import { neededFrom } from '../src/platform/maintain-needs.ts'
import type { Check } from './checks.ts'
import { copyingWorkshop } from './copying-engine.ts'
import { contract, roots, topicName } from './dataset.ts'
import { plainJudge } from './judge.ts'
import { rowReader } from './rows.ts'
import type { Process } from './scheduler.ts'
import type { Witness } from './witness.ts'
import type { World } from './world.ts'
import { countEvent, isWeather } from './world.ts'

/** The world as one process sees it: a store and a log for each of its tasks, by role. */
export interface Place {
  readonly process: Process
  readonly store: (role: string) => ObjectStore
  readonly log: (role: string) => RecordLog
  /** What a person does who is told that the log is no longer what was landed. */
  readonly parted: () => Promise<void>
  readonly witness: Witness
}

export interface WorkerOptions {
  /** What a person has allowed; they allow more where a fault asks for it. */
  readonly allowed: Set<Allowance>
  readonly signal: AbortSignal
}

const flush = { maxBytes: 1 << 20, maxAgeMs: 800 }
const cleanEveryMs = 1_200
const maintainEveryMs = 3_000
/** Fewer small files than a real stream would wait for. */
const compact = { targetBytes: 32 << 20, targetRows: 2_000_000, leastFiles: 4, mostFiles: 8, tierFactor: 1_000 }

/** Faults that a person answers by allowing what they ask for. */
const asks: Readonly<Record<string, Allowance>> = { 'stream/topic-anew': 'topic-anew', 'stream/truncated': 'gap' }
/** Faults that say that the log is no longer what was landed. */
const parted = new Set(['log/diverged', 'stream/log-behind'])
/** Faults after which a consumer is simply started again. */
const again = new Set(['log/topic-anew', 'log/no-topic', 'log/out-of-range'])

/** Lands, cleans and maintains as `stream consume` does, until the signal. Answers when all of it has ended. */
export async function work(world: World, place: Place, options: WorkerOptions): Promise<void> {
  const tables = tablesOf(world, place, 'work')
  const flushing = newAsking()
  await Promise.all([
    landing(world, place, tables, options, flushing),
    cleaning(world, place, tables, options, flushing),
    maintaining(world, place, options),
  ])
}

/** What is left of the topic, and all that follows from it, without weather. */
export async function drain(world: World, place: Place, allowed: Set<Allowance>): Promise<void> {
  const tables = tablesOf(world, place, 'work')
  const signal = new AbortController().signal
  await landOnce(world, place, tables, { allowed, signal }, newAsking(), true)
  const judge = plainJudge({ table: tables.table, rows: rowReader(tables.store) })
  const effects = commitEffects(world, tables, signal)
  while (await cleanIsStale(contract, effects)) await cleanBy(judge, contract, effects)
  await tables.settled()
}

interface Tables {
  readonly role: string
  readonly store: ObjectStore
  readonly table: (root: string) => Table
  readonly settled: () => Promise<void>
  readonly place: Place
}

/** Tables of one thread of the process. */
function tablesOf(world: World, place: Place, role: string): Tables {
  const { process, witness } = place
  const store = place.store(role)
  const dice = world.diceOf(`${process.name} ${role}`)
  const opened = new Map<string, Table>()
  const effects = {
    nowMs: world.nowMs,
    newId: world.newId,
    random: dice.next,
    sleep: (ms: number) => world.sleep(process, ms),
    report: () => {},
    failpoint: noFailpoint,
    engineInfo: process.name,
  }
  return {
    ...{ role, store, place },
    table(root) {
      const table = opened.get(root) ?? witness.watch(openTable(store, root, effects))
      opened.set(root, table)
      return table
    },
    settled: async () => void (await Promise.all([...opened.values()].map((table) => table.settled()))),
  }
}

async function landing(
  world: World,
  place: Place,
  tables: Tables,
  options: WorkerOptions,
  flushing: Asking,
): Promise<void> {
  while (!options.signal.aborted && place.process.isAlive) {
    await landOnce(world, place, tables, options, flushing, false)
    if (!options.signal.aborted) await world.sleep(place.process, 300)
  }
}

async function landOnce(
  world: World,
  place: Place,
  tables: Tables,
  { allowed, signal }: WorkerOptions,
  flushing: Asking,
  once: boolean,
): Promise<void> {
  const { process } = place
  const effects: LandTopicEffects = {
    ...{ log: place.log(once ? 'drain' : 'land'), store: tables.store, table: tables.table, nowMs: world.nowMs },
    ...{ random: world.diceOf(`${process.name} landing`).next, failpoint: noFailpoint, signal, flushing },
    sleep: (ms) => world.sleep(process, ms),
    after: (ms, ring) => world.scheduler.after(process, ms, ring),
    report: (event) => countEvent(world, event),
    memoryIsTight: () => false,
  }
  for (;;) {
    try {
      await landTopic({ dataset: contract.name, topic: topicName, consumer: 'sim', flush, once, allowed }, effects)
      return
    } catch (error) {
      const asked = error instanceof Fault ? asks[error.code] : undefined
      if (asked !== undefined) {
        world.tally.add(`allowed ${asked}`)
        allowed.add(asked)
      } else if (error instanceof Fault && parted.has(error.code)) await place.parted()
      else if (!(error instanceof Fault && (error.retry || again.has(error.code))))
        return surprised(world, 'landing', error)
      if (!once) return
      await world.sleep(process, 100)
    }
  }
}

function commitEffects(world: World, { store, table }: Tables, signal: AbortSignal) {
  return { store, table, nowMs: world.nowMs, report: () => {}, failpoint: noFailpoint, signal }
}

async function cleaning(
  world: World,
  place: Place,
  tables: Tables,
  { signal }: WorkerOptions,
  flushing: Asking,
): Promise<void> {
  const judge = plainJudge({ table: tables.table, rows: rowReader(tables.store) })
  const effects = commitEffects(world, tables, signal)
  while (!signal.aborted) {
    try {
      await flushing.ask()
      const { changed } = await cleanBy(judge, contract, effects)
      if (changed) world.tally.add('cleaned')
    } catch (error) {
      if (!isWeather(error)) return surprised(world, 'cleaning', error)
    }
    await world.sleep(place.process, cleanEveryMs)
  }
  await tables.settled()
}

async function maintaining(world: World, place: Place, { signal }: WorkerOptions): Promise<void> {
  const tables = tablesOf(world, place, 'maintain')
  const rows = rowReader(tables.store)
  const lake = { store: tables.store, table: tables.table, settled: tables.settled }
  const maintainers = Object.values(roots).map((root) =>
    maintainer(
      tables.table(root),
      { neededFrom: () => neededFrom(lake, root), ...(root === roots.ledger ? {} : { compact }) },
      {
        ...{ store: tables.store, nowMs: world.nowMs, failpoint: noFailpoint },
        report(event) {
          countEvent(world, event)
          if (event.kind === 'fault' && !event.fault.retry) surprised(world, 'maintaining', event.fault)
        },
        inWorkshop: (use) => use(copyingWorkshop(rows)),
      },
    ),
  )
  while (!signal.aborted) {
    for (const maintain of maintainers) {
      try {
        if (!signal.aborted) await maintain()
      } catch (error) {
        return surprised(world, 'maintaining', error)
      }
    }
    await world.sleep(place.process, maintainEveryMs)
  }
  await tables.settled()
}

/** Faults that say themselves what is broken. */
const checkOf: Readonly<Record<string, Check>> = {
  'lake/damaged': 'readable',
  'clean/conservation': 'conservation',
  'clean/bronze-behind': 'durable',
}

/** Ends the run as broken by an error that the weather does not explain. */
export function surprised(world: World, during: string, error: unknown): void {
  const isFault = error instanceof Fault
  const what = isFault ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : error
  world.fail((isFault ? checkOf[error.code] : undefined) ?? 'no surprise', `${during}: ${what}`)
}
