import { setTimeout as sleep } from 'node:timers/promises'
import type { LiveRule, LiveState } from '#api'
import type { Contract } from '#contract'
import type { DataFile, Table } from '#lake'
import { recordsOf } from '#lake'
import type { Publication } from '#pipeline'
import { liveLine, liveRunRoot, newestPublication, readLastRun, runLine } from '#pipeline'
import { Fault } from '#port'
import { goldRows, rowsIn } from './gold-rows.ts'
import type { Lake } from './lake.ts'
import type { LiveTable } from './live-columns.ts'
import { liveColumns } from './live-columns.ts'
import type { FinalRates, TableRow } from './live-state.ts'
import { countsOf, curveOf, isoOf, newestOf, newestRates, perSecondOf, ratesOf, rulesOf } from './live-state.ts'
import type { LogGlance } from './log-glance.ts'
import { topicStanding } from './partitions.ts'
import type { LiveReader } from './reader.ts'

/** How often a followed lake is looked at, in milliseconds: one small file is asked for. */
const lookEveryMs = 100
/** Whether a build was held, the batch half published anew, or the log fell silent or speaks again, is asked once in so many looks. */
const rareLook = 10
/** Seconds that a school's clock may be ahead of ours and still count for the pace. */
const aheadS = 60
/** Rows looked into where nothing was looked into before: compacted files hold millions. */
const firstRows = 20_000
/** Files looked into for newest events and examples where nothing was looked into before. */
const firstLook = 12
/** Examples shown of one rule. */
const examplesShown = 5

export interface LiveReaderEffects {
  /** The lake as it stands; undefined where there is none yet. */
  readonly lake: () => Promise<Lake | undefined>
  /** The log that feeds it. */
  readonly log: LogGlance
}

/** What was seen of the tables that only grow, so that each look reads what is new. */
interface Seen {
  readonly lake: Lake
  /** Ids of the two lines' tables: others are another lake's in the same place. */
  readonly ids: string
  silver: number
  quarantine: number
  newest: readonly TableRow[]
  /** Events by second of event time. */
  seconds: Map<number, number>
  examples: Map<string, LiveRule['examples']>
  finals: { readonly runId: string; readonly rates: FinalRates | undefined } | undefined
}

/** Reads the live half of a lake. It only reads, and keeps nothing that it could not read again. */
export function liveReader(contract: Contract, effects: LiveReaderEffects): LiveReader {
  let seen: Seen | undefined
  const topicName = contract.stream?.topic ?? contract.name

  async function state(): Promise<LiveState | undefined> {
    const lake = await effects.lake()
    const publication = lake && (await newestPublication(liveLine, lake))
    if (lake === undefined || publication === undefined) return undefined
    const ids = await idsOf(lake)
    if (seen?.lake !== lake || seen.ids !== ids)
      seen = {
        lake,
        ids,
        silver: -1,
        quarantine: -1,
        newest: [],
        seconds: new Map(),
        examples: new Map(),
        finals: undefined,
      }
    await look(seen, publication, contract)
    const gold = (name: 'live_response' | 'live_curve') =>
      goldRows(lake, publication, name, liveColumns[`gold.${name}`])
    const responses = await gold('live_response')
    const ledger = await ledgerOf(lake, contract.name)
    const finals = await finalRates(seen)
    const curve = curveOf(await gold('live_curve'))
    const lastEvent = Math.max(...responses.map(({ last_event_ts: at }) => Number(at)))
    const years = responses.map(({ school_year: year }) => Number(year))
    const standing = await topicStanding(lake, effects.log, contract)
    const logFault = effects.log.fault()
    return {
      dataset: contract.name,
      title: contract.title,
      topic: topicName,
      simulated: contract.simulated === true,
      schoolYear: years.length === 0 ? null : Math.max(...years),
      finalYear: finals?.year ?? null,
      version: publication.version,
      publishedAt: publication.publishedAt,
      lastEventAt: Number.isFinite(lastEvent) ? isoOf(lastEvent) : null,
      perSecond: perSecondOf(seen.seconds),
      counts: countsOf(ledger),
      partitions: standing?.partitions ?? [],
      logFault: logFault === undefined ? null : `${logFault.message} ${logFault.mend}`,
      intervalSeconds: intervalOf(curve),
      curve,
      rates: ratesOf(responses, finals),
      newest: newestOf(seen.newest),
      rules: rulesOf(ledger, seen.examples),
      tests: publication.tests,
      held: await heldSince(lake, publication),
    }
  }

  async function markOf(roots: readonly string[]): Promise<string> {
    const lake = await effects.lake()
    if (lake === undefined) return ''
    const versions = roots.map(async (root) => {
      const snapshot = await lake.table(root).snapshot()
      return `${snapshot?.id}@${snapshot?.version}`
    })
    return (await Promise.all(versions)).join(' ')
  }

  return {
    state,
    async watch(onChange, signal) {
      let last: string | undefined
      let rare = ''
      for (let look = 0; !signal.aborted; look += 1) {
        if (look % rareLook === 0) {
          await effects.log.topic(topicName)
          rare = `${await markOf([liveRunRoot, runLine.root])} ${effects.log.fault()?.code}`
        }
        const now = `${await markOf([liveLine.root])} ${rare}`
        if (now !== last) {
          last = now
          onChange()
        }
        await sleep(lookEveryMs, undefined, { signal }).catch(() => {}) // woken by the abort, which the loop sees
      }
    },
  }
}

async function idsOf(lake: Lake): Promise<string> {
  const lines = [runLine.root, liveLine.root].map(async (root) => (await lake.table(root).snapshot())?.id)
  return (await Promise.all(lines)).join(' ')
}

/** Reads what Silver and quarantine gained since the last look. */
async function look(seen: Seen, publication: Publication, { name }: Contract): Promise<void> {
  const silver = seen.lake.table(`silver/${name}`)
  const counted = publication.silver.find(({ table }) => table === `silver.${name}`)?.version ?? -1
  if (counted !== seen.silver) {
    const rows = await gainedRows(seen.lake, 'silver.survey_live', silver, [seen.silver, counted])
    if (rows.length > 0) seen.newest = rows
    seen.silver = counted
    // A report from a clock that is ahead would make all others old.
    const latest = Date.parse(publication.publishedAt) / 1000 + aheadS
    for (const { event_at: at } of rows) {
      const second = Math.floor(Number(at) / 1_000_000)
      if (second > latest) continue
      seen.seconds.set(second, (seen.seconds.get(second) ?? 0) + 1)
    }
    const newest = Math.max(...seen.seconds.keys())
    for (const second of seen.seconds.keys()) if (second < newest - 10) seen.seconds.delete(second)
  }
  const quarantine = seen.lake.table('silver/quarantine')
  const to = (await quarantine.snapshot())?.version ?? -1
  if (to === seen.quarantine) return
  const rows = await gainedRows(seen.lake, 'silver.quarantine', quarantine, [seen.quarantine, to])
  seen.quarantine = to
  for (const row of rows) {
    if (row.dataset !== name) continue
    const rule = String(row.rule)
    const example = {
      partition: Number(row.partition),
      offset: Number(row.offset),
      received: textOf(row.received),
      message: textOf(row.message),
    }
    seen.examples.set(rule, [example, ...(seen.examples.get(rule) ?? [])].slice(0, examplesShown))
  }
}

async function gainedRows(
  lake: Lake,
  name: LiveTable,
  table: Table,
  [from, to]: readonly [from: number, to: number],
): Promise<readonly TableRow[]> {
  if (to < 0) return []
  const snapshot = await table.snapshotAt(to)
  let files = newestFiles(snapshot.files)
  if (from >= 0 && from < to) {
    try {
      files = newestFiles((await table.dataChangesBetween(from, to)).added)
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'lake/no-version') throw error
    }
  }
  return rowsIn(lake, table, { ...snapshot, files }, liveColumns[name])
}

/** The last files, as far as they are small: what is shown is the newest, and a compacted file has little of that. */
function newestFiles(files: readonly DataFile[]): DataFile[] {
  const newest: DataFile[] = []
  let rows = 0
  for (const file of files.slice(-firstLook).reverse()) {
    rows += recordsOf(file) ?? firstRows
    if (rows > firstRows) break
    newest.unshift(file)
  }
  return newest
}

async function ledgerOf(lake: Lake, dataset: string): Promise<readonly TableRow[]> {
  const table = lake.table('silver/ledger')
  const snapshot = await table.snapshot()
  const rows = snapshot === undefined ? [] : await rowsIn(lake, table, snapshot, liveColumns['silver.ledger'])
  return rows.filter((row) => row.dataset === dataset)
}

/** The newest year of the batch half that has response rates. */
async function finalRates(seen: Seen): Promise<FinalRates | undefined> {
  const { lake } = seen
  const publication = await newestPublication(runLine, lake)
  if (publication === undefined) return undefined
  if (seen.finals?.runId === publication.runId) return seen.finals.rates
  const columns = liveColumns['gold.school_climate_snapshot']
  const rows = await goldRows(lake, publication, 'school_climate_snapshot', columns)
  const rates = newestRates(rows)
  seen.finals = { runId: publication.runId, rates }
  return rates
}

/** Why the newest publication is not what the newest events would make it. */
async function heldSince(lake: Lake, publication: Publication): Promise<string | null> {
  const run = await readLastRun(lake.store, lake.table(liveRunRoot))
  if (run === undefined || run.startedAt <= publication.publishedAt) return null
  if (run.fault !== null) return `${run.fault.what} ${run.fault.mend}`
  return `Tests failed: ${run.failed.map(({ id }) => id).join(', ')}`
}

/** The smallest step between points; 0 where there are fewer than two moments. */
function intervalOf(curve: LiveState['curve']): number {
  const moments = [...new Set(curve.map(({ at }) => Date.parse(at)))].sort((a, b) => a - b)
  const steps = moments.slice(1).map((at, index) => at - (moments[index] ?? at))
  return steps.length === 0 ? 0 : Math.min(...steps) / 1000
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
