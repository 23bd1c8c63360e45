import type { Dialect } from '#compile'
import { keptColumns } from '#compile'
import type { Contract } from '#contract'
import type { DataFile } from '#lake'
import { parseRecords } from './clean-binding.ts'
import type { Fates } from './clean-fate.ts'
import { decideFates } from './clean-fate.ts'
import type { DatasetStanding } from './clean-standing.ts'
import type { CleanEffects, Work } from './clean-work.ts'
import { coordinates, workOf, workSchema } from './clean-work.ts'
import { attachFiles } from './exchange.ts'

/** A batch in the engine, classified: what each table has to gain and to lose. Names are relations, quoted. */
export interface CleanBatch extends Fates {
  readonly dialect: Dialect
  /** The new Bronze records. */
  readonly records: string
  /** Each of them typed, with its first broken rule. */
  readonly parsed: string
  /** Select of the typed rows that Silver gains. */
  readonly gained: string
  /** Topic by source. */
  readonly topics: ReadonlyMap<string, string>
  /** Keys under which a person's name or phone stands in these records. */
  readonly privateKeys: readonly string[]
}

/** Of compressed files. */
const heldBytes = 2 * 1024 * 1024

/** Classifies the records that Bronze gained in (from, to]. Reads Silver and the displaced as they stand; writes nothing outside the engine. */
export async function prepareBatch(
  contract: Contract,
  { from, to }: { readonly from: number; readonly to: number },
  standing: DatasetStanding,
  effects: CleanEffects,
): Promise<CleanBatch> {
  const work = workOf(contract, effects)
  const { dialect, place, name } = work
  const schema = dialect.identifier(workSchema(contract))
  const table = effects.table(`bronze/${contract.name}`)
  const bronze = async () => (standing.bronze?.version === to ? standing.bronze : await table.snapshotAt(to))
  await effects.engine.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
  const files: readonly DataFile[] =
    from === -1 ? (await bronze()).files : (await table.dataChangesBetween(from, to)).added
  const { columns, partitionColumns } = standing.bronze ?? (await bronze())
  await attachFiles(place('batch'), { root: table.root, columns, partitionColumns, files }, effects)
  // A small batch is read once; a large one is read from its files each time, so that memory stays bounded.
  const isSmall = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) <= heldBytes
  await effects.engine.run(`CREATE ${isSmall ? 'TABLE' : 'VIEW'} ${name('records')} AS SELECT * FROM ${name('batch')}`)

  const parsed = await parseRecords(work, name('records'), 'parsed', standing.file)
  const topics = new Map(parsed.topics)
  const incremental = from > -1 && !standing.silver.replace
  const fates = await decideFates(work, { bronze, records: parsed.records, from, incremental, standing, topics })
  return {
    ...fates,
    dialect,
    records: name('records'),
    parsed: name('parsed'),
    gained: gainedRows(work, fates),
    topics,
    privateKeys: parsed.privateKeys,
  }
}

function gainedRows({ dialect, name }: Work, { fate, back }: Fates): string {
  const own = coordinates(dialect)
  const fresh = `SELECT * FROM ${name('parsed')} WHERE _rule IS NULL`
  if (fate === undefined) return fresh
  const standing = `${fresh} AND (${own}) NOT IN (SELECT ${own} FROM ${fate} WHERE fate <> 'silver')`
  return back === undefined ? standing : `${standing} UNION ALL SELECT * FROM ${back}`
}

/** The select of the rows that Silver gains, in these of its columns. */
export function gainedColumns(contract: Contract, batch: CleanBatch, columns: readonly string[]): string {
  const known = new Set([
    ...keptColumns(contract).map(([column]) => column),
    ...['source', 'partition', 'offset', 'event_ts', 'ingest_ts', 'missing', 'warnings'],
  ])
  const chosen = columns.filter((column) => known.has(column)).map(batch.dialect.identifier)
  return `SELECT ${chosen.join(', ')} FROM (${batch.gained})`
}
