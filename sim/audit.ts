import type { RowOf, Snapshot, Table } from '#lake'
import { checkLog, logRetentionMs, openTable, removedFileRetentionMs } from '#lake'
import type { Allowance } from '#pipeline'
import { datasetCounts } from '#pipeline'
import type { ObjectStore } from '#port'
import { Fault, noFailpoint } from '#port'
import type { HeldTopic } from './audit-bronze.ts'
import { checkBronze } from './audit-bronze.ts'
import { Broken } from './checks.ts'
import type { Sighting } from './dataset.ts'
import { contract, fatesOf, placeOf, roots } from './dataset.ts'
import type { Dice } from './dice.ts'
import { placeOfRow, sightingOfRow } from './judge.ts'
import { rowReader } from './rows.ts'
import type { Replayed } from './truth.ts'
import { replayOf } from './truth.ts'
import type { Witness } from './witness.ts'

export interface AuditInput {
  readonly store: ObjectStore
  readonly topics: readonly HeldTopic[]
  readonly witness: Witness
  /** What was allowed by name; else nothing may be passed over. */
  readonly allowed: ReadonlySet<Allowance>
  readonly nowMs: number
  readonly dice: Dice
}

/** Reads the lake with a fresh eye, by what the log held and what the store saw. Throws `Broken` at the first thing that must not be. */
export async function audit(input: AuditInput): Promise<{ readonly landed: number }> {
  const { store, witness } = input
  const rows = rowReader(store)
  const tables = Object.fromEntries(Object.entries(roots).map(([name, root]) => [name, freshTable(input, root)]))
  const rowsOf = async (name: keyof typeof roots): Promise<readonly RowOf[]> => {
    const snapshot = await reading(name, async () => tables[name]?.snapshot())
    return reading(name, async () => (await rows.ofSnapshot(roots[name], snapshot)).map(({ row }) => row))
  }
  for (const [root, commits] of witness.commits) await checkTable(input, root, commits)
  const bronze = (await rowsOf('bronze')).map(sightingOfRow)
  checkBronze(bronze, input.topics, input.allowed)
  checkPlaces(bronze, await rowsOf('silver'), await rowsOf('quarantine'), await rowsOf('displaced'))
  const counts = (await datasetCounts([contract], { store, table: (root) => freshTable(input, root) }))[contract.name]
  if (counts?.landed !== bronze.length)
    throw new Broken('ledger', `the ledger counts ${counts?.landed} records landed, Bronze has ${bronze.length}`)
  return { landed: bronze.length }
}

function freshTable({ store, nowMs, dice }: AuditInput, root: string): Table {
  return openTable(store, root, {
    ...{ nowMs: () => nowMs, newId: () => '', sleep: async () => {}, random: dice.next, report: () => {} },
    ...{ failpoint: noFailpoint, engineInfo: 'audit' },
  })
}

async function reading<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw new Broken('readable', `${what}: ${error.message}`)
    throw error
  }
}

/** Each record of Bronze is in exactly one place, and it is the right one. */
function checkPlaces(
  bronze: readonly Sighting[],
  silver: readonly RowOf[],
  quarantine: readonly RowOf[],
  displaced: readonly RowOf[],
): void {
  const places = new Map<string, string>()
  const put = (row: RowOf, fate: string): void => {
    const place = placeOfRow(row)
    const other = places.get(place)
    if (other !== undefined) throw new Broken('one place', `${place} is in ${other} and in ${fate}`)
    places.set(place, fate)
  }
  for (const row of silver) put(row, 'silver')
  for (const row of quarantine) put(row, 'quarantine')
  for (const row of displaced) put(row, String(row.fate))
  const byKey = Map.groupBy(bronze, ({ said }) => said?.id)
  for (const [key, records] of byKey) {
    const fates = key === undefined ? undefined : fatesOf(records)
    for (const each of records) {
      const place = placeOf(each)
      const wanted = fates?.get(place)?.fate ?? 'quarantine'
      const is = places.get(place)
      if (is !== wanted) throw new Broken('one place', `${place} belongs to ${wanted} and is in ${is ?? 'no table'}`)
      places.delete(place)
    }
  }
  const [stray] = places
  if (stray !== undefined) throw new Broken('one place', `${stray[0]} is in ${stray[1]} and not in Bronze`)
}

/** The log holds together, versions read as the commits made them, and their files are there as long as they must. */
async function checkTable(input: AuditInput, root: string, commits: readonly Uint8Array[]): Promise<void> {
  const { store, nowMs, dice, witness } = input
  for await (const { kind, where, what } of checkLog(store, root))
    throw new Broken(kind === 'txn' ? 'txn' : 'log', `${root}, ${where}: ${what}`)
  const states = replayOf(root, commits)
  const newest = states.length - 1
  const table = freshTable(input, root)
  const present = new Map<string, number>()
  for await (const { path, sizeBytes } of store.list(`${root}/`)) present.set(path.slice(root.length + 1), sizeBytes)
  const oldest = oldestReadable(present, newest)
  const wanted = new Set([newest, oldest, dice.whole(oldest, newest), dice.whole(oldest, newest)])
  const configuration = (await reading(root, () => table.snapshot()))?.configuration ?? {}
  /** From when on a version was not the newest any more. */
  const untilMs = (version: number): number => states[version + 1]?.timestampMs ?? Number.POSITIVE_INFINITY
  const logRetained = logRetentionMs(configuration)
  const owed = states.findIndex((_, version) => untilMs(version) > nowMs - logRetained)
  if (oldest > owed) throw new Broken('readable', `${root} reads from version ${oldest} on, and must from ${owed} on`)
  for (const [version, removedMs] of witness.removedMs.get(root) ?? []) {
    if (untilMs(version) <= removedMs - logRetained) continue
    throw new Broken('readable', `the log lost version ${version} of ${root} before its retention was over`)
  }
  const filesSinceMs = nowMs - removedFileRetentionMs(configuration)
  for (const version of wanted) {
    const snapshot = await reading(`${root} at version ${version}`, () => table.snapshotAt(version))
    checkState(root, snapshot, states[version])
  }
  for (const [version, state] of states.entries()) {
    if (untilMs(version) < filesSinceMs) continue
    for (const [path, sizeBytes] of state.files) {
      if (present.get(path) !== sizeBytes)
        throw new Broken('readable', `${root} at version ${version} names ${path}, which is not there as it was`)
    }
  }
}

/** The oldest version from which commits run to the newest without a hole, and which is the first of all or has a checkpoint; else the newest. */
function oldestReadable(present: ReadonlyMap<string, number>, newest: number): number {
  const file = (version: number, kind: string): string => `_delta_log/${String(version).padStart(20, '0')}.${kind}`
  let oldest = newest
  for (let version = newest; present.has(file(version, 'json')); version -= 1) {
    if (version === 0 || present.has(file(version, 'checkpoint.parquet'))) oldest = version
  }
  return oldest
}

function checkState(root: string, snapshot: Snapshot, state: Replayed | undefined): void {
  const { version } = snapshot
  const files = snapshot.files.map(({ path }) => path).sort()
  const wanted = [...(state?.files.keys() ?? [])].sort()
  if (JSON.stringify(files) !== JSON.stringify(wanted))
    throw new Broken(
      'readable',
      `${root} at version ${version} has ${files.length} files, its commits say ${wanted.length}`,
    )
  const txns = JSON.stringify([...snapshot.txns].sort())
  const said = JSON.stringify([...(state?.txns ?? [])].sort())
  if (txns !== said)
    throw new Broken('txn', `${root} at version ${version} has the txns ${txns}, its commits say ${said}`)
}
