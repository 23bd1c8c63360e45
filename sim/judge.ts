import type { DataFile, RowOf, Table } from '#lake'
import { displacedColumns, ledgerColumns, quarantineColumns } from '#pipeline'
import type { Column } from '#port'
import type { PreparedChange } from '../src/pipeline/clean-commit.ts'
import type { Judge } from '../src/pipeline/clean-judge.ts'
import type { DatasetStanding, Standing } from '../src/pipeline/clean-standing.ts'
import type { LedgerLine, Tally } from '../src/pipeline/clean-tally.ts'
import { countNames, nothingCounted } from '../src/pipeline/clean-tally.ts'
import type { Sighting } from './dataset.ts'
import { contract, fatesOf, placeOf, roots, sayingOf, silver } from './dataset.ts'
import type { HeldRow, RowReader } from './rows.ts'
import { writeRows } from './rows.ts'

export interface JudgeEffects {
  readonly table: (root: string) => Table
  readonly rows: RowReader
}

type Deltas = Map<string, { -readonly [name in keyof Tally]: Tally[name] }>

/**
 * Judges records in TypeScript as the SQL of a contract does: what is new goes to the quarantine, or meets what stands under its key, and of these each gains
 * and loses the rows that follow. So that a seed needs no engine; that both judge alike is not shown here.
 */
export function plainJudge({ table, rows }: JudgeEffects): Judge {
  const own = ({ row }: HeldRow): boolean => row.dataset === contract.name

  async function bronzeRows(to: number, standing: DatasetStanding): Promise<readonly Sighting[]> {
    const at = standing.bronze?.version === to ? standing.bronze : await table(roots.bronze).snapshotAt(to)
    return (await rows.ofSnapshot(roots.bronze, at)).map(({ row }) => sightingOfRow(row))
  }

  async function freshRows(from: number, to: number, standing: DatasetStanding): Promise<readonly Sighting[]> {
    if (from === -1) return bronzeRows(to, standing)
    const { added } = await table(roots.bronze).dataChangesBetween(from, to)
    const columns = standing.bronze?.columns ?? []
    return (await rows.of(roots.bronze, columns, added)).map(({ row }) => sightingOfRow(row))
  }

  /** Rows that go take their file with them: what else it holds is written again. */
  async function change(
    standing: Standing,
    columns: readonly Column[],
    to: number,
    { gain, lose, always }: { gain: readonly RowOf[]; lose: readonly HeldRow[]; always: boolean },
  ): Promise<PreparedChange> {
    const about = { standing, columns, gain: undefined, lose: undefined, own: undefined, always }
    if (standing.position >= to) return { change: about, add: [], remove: [] }
    const root = table(standing.root)
    const remove: DataFile[] = [...new Set(lose.map(({ file }) => file))]
    const going = new Set(lose.map(({ row }) => row))
    const all = await rows.of(standing.root, columns, remove)
    const kept = all.filter(({ row }) => !going.has(row)).map(({ row }) => row)
    return {
      change: about,
      add: [...(await writeRows(root, columns, kept)), ...(await writeRows(root, columns, gain))],
      remove,
    }
  }

  return {
    async batch({ to, print }, from, standing) {
      const fresh = await freshRows(from, to, standing)
      const bad = fresh.filter(({ said }) => said === undefined)
      const good = fresh.filter(({ said }) => said !== undefined)
      const keys = new Set(good.map(({ said }) => said?.id))
      const silverRows = standing.silver.replace ? [] : await rows.ofSnapshot(roots.silver, standing.silver.snapshot)
      const held = silverRows.filter(({ row }) => keys.has(String(row.id)))
      const displacedRows = await rows.ofSnapshot(roots.displaced, standing.displaced.snapshot)
      const anew = standing.displaced.replace
      const past = displacedRows.filter((each) => own(each) && (anew || keys.has(String(each.row.key_hash))))
      // What stands, what is displaced, what is new: records of the same keys, wherever an interrupted batch has left them.
      const met = (await bronzeRows(to, standing)).filter(({ said }) => said !== undefined && keys.has(said.id))
      const byKey = Map.groupBy(met, ({ said }) => said?.id)
      const fates = new Map([...byKey.values()].flatMap((records) => [...fatesOf(records)]))
      const isSilver = (place: string): boolean => fates.get(place)?.fate === 'silver'
      const heldPlaces = new Set(held.map(({ row }) => placeOfRow(row)))
      const freshPlaces = new Set(good.map(placeOf))

      const ousted = held.filter(({ row }) => !isSilver(placeOfRow(row)))
      const stands = met.filter((each) => isSilver(placeOf(each)))
      // New ones as they come, those that were displaced and stand again; never one that stands already and is not new.
      const gained = stands.filter((each) => freshPlaces.has(placeOf(each)) || !heldPlaces.has(placeOf(each)))
      const gone = met.filter((each) => !isSilver(placeOf(each)))

      const deltas: Deltas = new Map()
      for (const each of fresh) count(deltas, each.source, { landed: 1 })
      for (const each of bad) {
        count(deltas, each.source, { quarantined: 1 })
        count(deltas, each.source, { quarantined: 1 }, 'no_id')
      }
      for (const each of gained) count(deltas, each.source, { silver: 1 })
      for (const { row } of ousted) count(deltas, String(row.source), { silver: -1 })
      for (const each of gone) count(deltas, each.source, displacedCount(fates.get(placeOf(each))?.fate, 1))
      if (!anew) for (const { row } of past) count(deltas, String(row.source), displacedCount(String(row.fate), -1))

      const rejected = standing.quarantine.replace
        ? (await rows.ofSnapshot(roots.quarantine, standing.quarantine.snapshot)).filter(own)
        : []
      const quarantined = bad.map((each) => ({ ...rowOf(each), rule: 'no_id', stage: 'clean', contract: print }))
      const displacedGain = gone.map((each) => {
        const { fate, by } = fates.get(placeOf(each)) ?? { fate: 'superseded', by: each }
        const hashes = { key_hash: each.said?.id ?? '', value_hash: each.said?.value ?? '' }
        return { ...rowOf(each), ...hashes, fate, by_source: by.source, by_offset: by.offset }
      })
      const silverGain = gained.map((each) => ({ ...rowOf(each), ...each.said }))
      return {
        tallies: [...deltas.values()],
        topics: new Map(fresh.map(({ source }) => [source, contract.name])),
        silver: await change(standing.silver, silver, to, { gain: silverGain, lose: ousted, always: true }),
        quarantine: await change(standing.quarantine, quarantineColumns, to, {
          gain: quarantined,
          lose: rejected,
          always: false,
        }),
        displaced: await change(standing.displaced, displacedColumns, to, {
          gain: displacedGain,
          lose: past,
          always: false,
        }),
        measure: undefined,
      }
    },
    async count(standing) {
      const deltas: Deltas = new Map()
      const { silver: stands, quarantine, displaced } = standing
      for (const each of await bronzeRows(stands.position, standing)) count(deltas, each.source, { landed: 1 })
      for (const { row } of await rows.ofSnapshot(roots.silver, stands.snapshot))
        count(deltas, String(row.source), { silver: 1 })
      for (const each of (await rows.ofSnapshot(roots.quarantine, quarantine.snapshot)).filter(own)) {
        count(deltas, String(each.row.source), { quarantined: 1 })
        count(deltas, String(each.row.source), { quarantined: 1 }, String(each.row.rule))
      }
      for (const each of (await rows.ofSnapshot(roots.displaced, displaced.snapshot)).filter(own))
        count(deltas, String(each.row.source), displacedCount(String(each.row.fate), 1))
      return [...deltas.values()].map((each) => ({ ...each, dataset: contract.name, fileName: contract.name }))
    },
    async ledger({ ledger }) {
      const held = await rows.ofSnapshot(roots.ledger, ledger.snapshot)
      return { own: held.map(({ row }) => lineOf(row)), others: [], remove: [...new Set(held.map(({ file }) => file))] }
    },
    async end() {},
  }
}

function count(into: Deltas, source: string, more: Partial<Tally>, rule = ''): void {
  const key = `${source} ${rule}`
  const line = into.get(key) ?? { ...nothingCounted, source, rule }
  for (const name of countNames) line[name] += more[name] ?? 0
  into.set(key, line)
}

function displacedCount(fate: string | undefined, by: number): Partial<Tally> {
  return fate === 'duplicate' ? { duplicates: by } : { superseded: by }
}

function lineOf(row: RowOf): LedgerLine {
  const [dataset, source, fileName, rule, ...counts] = ledgerColumns.map(({ name }) => row[name])
  const numbers = Object.fromEntries(countNames.map((name, at) => [name, Number(counts[at])]))
  const texts = { dataset: String(dataset), source: String(source), fileName: String(fileName), rule: String(rule) }
  return { ...nothingCounted, ...numbers, ...texts }
}

export function sightingOfRow(row: RowOf): Sighting {
  const { source, partition, offset, timestamp, value } = row
  return {
    ...{ source: String(source), partition: Number(partition), offset: Number(offset) },
    ...{ timestampMs: Number(timestamp) / 1000, said: sayingOf(value instanceof Uint8Array ? value : null) },
  }
}

function rowOf({ source, partition, offset, timestampMs }: Sighting): RowOf {
  const at = timestampMs * 1000
  return {
    dataset: contract.name,
    topic: contract.name,
    source,
    partition,
    offset,
    timestamp: at,
    event_ts: at,
    ingest_ts: at,
  }
}

export function placeOfRow(row: RowOf): string {
  return placeOf({ source: String(row.source), partition: Number(row.partition), offset: Number(row.offset) })
}
