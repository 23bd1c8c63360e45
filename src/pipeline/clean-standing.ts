import type { Contract } from '#contract'
import type { Snapshot } from '#lake'
import { Fault } from '#port'
import type { StageEffects } from './effects.ts'

/** How far one table has been brought for one dataset under one contract. */
export interface Standing {
  readonly root: string
  readonly snapshot: Snapshot | undefined
  /** The newest Bronze version whose records are in; −1 before the first, and where the table holds what another contract made. */
  readonly position: number
  /** All that the table's log says of the dataset. While it stays, so do the dataset's rows. */
  readonly mark: string
  /** True where what the dataset has in the table was made by another contract, or nothing is there. */
  readonly replace: boolean
}

export interface DatasetStanding {
  readonly silver: Standing
  readonly measure: Standing | undefined
  readonly quarantine: Standing
  readonly displaced: Standing
  readonly ledger: Standing
  /** Undefined where nothing of the dataset was ever landed. */
  readonly bronze: Snapshot | undefined
  readonly file: Snapshot | undefined
}

/** Which version of Bronze a table stands for. */
function progressTxn(dataset: string, print: string): string {
  return `clean:${dataset}:${print}`
}

/** Which contract made the rows that stand: the fingerprint's first 48 bits, for a txn's version is a number. */
function contractTxn(dataset: string): string {
  return `contract:${dataset}`
}

function contractNumber(print: string): number {
  return Number.parseInt(print.slice(0, 12), 16)
}

/** Txns of a commit that brings a table to a version of Bronze. */
export function txnsAt(dataset: string, print: string, version: number) {
  return [
    { appId: progressTxn(dataset, print), version },
    { appId: contractTxn(dataset), version: contractNumber(print) },
  ]
}

export function standingOf(root: string, snapshot: Snapshot | undefined, dataset: string, print: string): Standing {
  const txns = snapshot?.txns ?? new Map<string, number>()
  const ours = txns.get(contractTxn(dataset)) === contractNumber(print)
  const said = [...txns].filter(([appId]) => appId === contractTxn(dataset) || appId.startsWith(`clean:${dataset}:`))
  return {
    root,
    snapshot,
    position: ours ? (txns.get(progressTxn(dataset, print)) ?? -1) : -1,
    mark: JSON.stringify(said.sort(([a], [b]) => (a < b ? -1 : 1))),
    replace: !ours,
  }
}

/**
 * Silver is read first and Bronze last: Silver is committed after the tables that go with it, and after Bronze, so at the moment Silver was read
 * all others stood at least as far.
 */
export async function datasetStanding(
  contract: Contract,
  print: string,
  { table }: Pick<StageEffects, 'table'>,
): Promise<DatasetStanding> {
  const read = async (root: string): Promise<Standing> =>
    standingOf(root, await table(root).snapshot(), contract.name, print)
  const ledger = await read('silver/ledger')
  const silver = await read(`silver/${contract.name}`)
  const measure = contract.measureTable === undefined ? undefined : await read(`silver/${contract.measureTable}`)
  const quarantine = await read('silver/quarantine')
  const displaced = await read('silver/displaced')
  const bronze = await table(`bronze/${contract.name}`).snapshot()
  const file = await table('bronze/file').snapshot()
  if (silver.position > (bronze?.version ?? -1))
    throw new Fault(
      'clean/bronze-behind',
      `Silver's ${contract.name} was cleaned up to version ${silver.position} of Bronze, which has only ${bronze?.version ?? 'none'}.`,
      { mend: 'Restore bronze/ from the backup that silver/ is from, or remove silver/ and run again.' },
    )
  return { silver, measure, quarantine, displaced, ledger, bronze, file }
}

/** The Bronze versions to clean next, `from` exclusive, `to` inclusive; undefined where Silver has all of Bronze. */
export function nextBatch(standing: DatasetStanding): { readonly from: number; readonly to: number } | undefined {
  const { silver, measure, quarantine, displaced, bronze } = standing
  if (bronze === undefined) return undefined
  const from = silver.position
  // A table ahead of Silver: a batch was interrupted. The very same batch is done again, up to where the first of them stands.
  const ahead = [measure, quarantine, displaced].flatMap((each) =>
    each !== undefined && each.position > from ? [each.position] : [],
  )
  const to = ahead.length > 0 ? Math.min(...ahead) : bronze.version
  return to > from ? { from, to } : undefined
}

/** The same tables, to be filled as if they held nothing of the dataset. */
export function fromNothing(standing: DatasetStanding): DatasetStanding {
  const emptied = (each: Standing): Standing => ({ ...each, position: -1, replace: true })
  const { silver, measure, quarantine, displaced } = standing
  return {
    ...standing,
    silver: emptied(silver),
    measure: measure && emptied(measure),
    quarantine: emptied(quarantine),
    displaced: emptied(displaced),
  }
}

/** Grows with every file name recorded for the dataset, and with every file that becomes readable. */
export function filesRecorded(file: Snapshot | undefined, dataset: string): number {
  let sum = 0
  for (const [appId, version] of file?.txns ?? []) if (appId.startsWith(`file:${dataset}:`)) sum += version
  return sum
}

/** Sources that were landed from files; what else is in Bronze came by a topic. */
export function sourcesOfFiles(file: Snapshot | undefined, dataset: string): ReadonlySet<string> {
  const sources = new Set<string>()
  // `records:<dataset>:<sha256 of the bytes>:<source>:<name>`, both hashes of 64 characters.
  const start = `records:${dataset}:`.length + 65
  for (const appId of file?.txns.keys() ?? [])
    if (appId.startsWith(`records:${dataset}:`)) sources.add(appId.slice(start, start + 64))
  return sources
}

export function ledgerFilesTxn(dataset: string): string {
  return `ledger-files:${dataset}`
}

/**
 * True where the ledger tells exactly what the tables held before a batch, so that the batch may be added to it. Before the first batch of a dataset that no file
 * brought, a ledger that never heard of it does.
 */
export function ledgerIsAt({ ledger, displaced, file }: DatasetStanding, dataset: string, from: number): boolean {
  const txns = ledger.snapshot?.txns
  const files = filesRecorded(file, dataset)
  const isNew = from === -1 && files === 0 && txns?.get(contractTxn(dataset)) === undefined
  return (
    (isNew || !ledger.replace) &&
    ledger.position === from &&
    displaced.position <= from &&
    (txns?.get(ledgerFilesTxn(dataset)) ?? 0) >= files
  )
}

/** True where the ledger does not yet tell what the other tables hold. */
export function ledgerIsStale({ ledger, silver, file }: DatasetStanding, dataset: string): boolean {
  return (
    ledger.position < silver.position ||
    (ledger.snapshot?.txns.get(ledgerFilesTxn(dataset)) ?? 0) < filesRecorded(file, dataset)
  )
}
