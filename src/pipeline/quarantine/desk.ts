import { silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { Snapshot } from '#lake'
import type { Column, Row } from '#port'
import { Fault } from '#port'
import { parseRecords, toldOf } from '../clean-binding.ts'
import { filesThatMayHold, soughtIn } from '../clean-bounds.ts'
import { datasetStanding } from '../clean-standing.ts'
import { displacedColumns, quarantineColumns } from '../clean-tables.ts'
import type { CleanEffects, Work } from '../clean-work.ts'
import { coordinates, countOf, workOf } from '../clean-work.ts'
import { attachFiles } from '../exchange.ts'
import { bronzeColumns } from '../land/index.ts'
import { recordId } from './record.ts'

/** Where records that were judged again are now. */
export interface Whereabouts {
  readonly silver: number
  readonly quarantined: number
  readonly duplicates: number
  readonly superseded: number
}

/** A record that broke a rule again. */
export interface RejectedAgain {
  readonly record: string
  readonly rule: string
  readonly column: string | null
  readonly received: string | null
  readonly message: string | null
}

export interface Verdict {
  readonly passed: number
  readonly rejected: number
  /** The first few that were rejected. */
  readonly examples: readonly RejectedAgain[]
}

const coordinateColumns: readonly Column[] = bronzeColumns.filter(({ name }) =>
  ['source', 'partition', 'offset'].includes(name),
)
const examplesTold = 5

/** A replay that loses this many rounds to others is not merely unlucky. */
export const rounds = 20

export function contended(dataset: string): Fault {
  return new Fault('clean/contended', `Other replays of ${dataset} came first in each of ${rounds} rounds.`, {
    mend: 'Run again when fewer processes replay this dataset.',
    retry: true,
    facts: { dataset },
  })
}

/** A schema of its own in the engine, for as long as `work` takes. */
export async function atDesk<T>(
  contract: Contract,
  effects: CleanEffects,
  work: (desk: Work) => Promise<T>,
): Promise<T> {
  const schema = `replay_${contract.name}`
  await effects.engine.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
  try {
    return await work(workOf(contract, effects, schema))
  } finally {
    await effects.engine.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`).catch(() => {}) // the engine is thrown away anyway
  }
}

/** Reads the records at these coordinates from Bronze into the table `target`. */
export async function recallRecords(
  { contract, dialect, effects, place, name }: Work,
  chosen: string,
  bronze: Snapshot,
  target: string,
): Promise<void> {
  const sought = await soughtIn(chosen, coordinateColumns, await countOf(chosen, effects), effects)
  const files = filesThatMayHold(bronze.files, sought)
  const root = `bronze/${contract.name}`
  await attachFiles(place(`${target}_bronze`), { root, columns: bronze.columns, files }, effects)
  const own = coordinates(dialect)
  await effects.engine.run(
    `CREATE OR REPLACE TABLE ${name(target)} AS SELECT * FROM ${name(`${target}_bronze`)} WHERE (${own}) IN (SELECT ${own} FROM ${chosen})`,
  )
}

/** What the contract as it stands says of the records in `relation`, which has Bronze's columns. */
export async function judge(desk: Work, relation: string, file: Snapshot | undefined): Promise<Verdict> {
  const { contract, effects, dialect, name } = desk
  await parseRecords(desk, relation, 'judged', file)
  const { rows: counts } = await effects.engine.query(`SELECT count(*), count(_rule) FROM ${name('judged')}`)
  const [all, rejected] = (counts[0] ?? [0, 0]).map(Number)
  const { rows } = await effects.engine.query(
    `SELECT ${coordinates(dialect)}, _rule, ${toldOf('column', dialect)}, ${toldOf('received', dialect)}, ${toldOf('message', dialect)} FROM ${name('judged')} WHERE _rule IS NOT NULL ORDER BY ${coordinates(dialect)} LIMIT ${examplesTold}`,
  )
  return {
    passed: Number(all) - Number(rejected),
    rejected: Number(rejected),
    examples: rows.map((row) => rejectedOf(contract.name, row)),
  }
}

function rejectedOf(dataset: string, [source, partition, offset, rule, column, received, message]: Row): RejectedAgain {
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
  return {
    record: recordId({ dataset, source: String(source), partition: Number(partition), offset: Number(offset) }),
    rule: String(rule),
    column: text(column),
    received: text(received),
    message: text(message),
  }
}

/** Others may move a record from one table to the next between two looks. */
const looks = 5

/** Where the records at these coordinates are, each in one place: fault `clean/conservation` where not. */
export async function locate(desk: Work, print: string, chosen: string): Promise<Whereabouts> {
  const { contract, effects } = desk
  const records = await countOf(chosen, effects)
  let found: Whereabouts | undefined
  for (let look = 0; look < looks; look += 1) {
    found = await lookFor(desk, print, chosen, records)
    if (found.silver + found.quarantined + found.duplicates + found.superseded === records) return found
  }
  throw new Fault(
    'clean/conservation',
    `${contract.name}: of ${records} replayed records ${found?.silver} are in Silver, ${found?.quarantined} quarantined, ${found?.duplicates} duplicates and ${found?.superseded} superseded.`,
    {
      mend: 'Clean the dataset again from Bronze with run --full, and report this: it is a fault of the platform or of a table changed by other hands.',
      facts: { dataset: contract.name, records },
    },
  )
}

async function lookFor(desk: Work, print: string, chosen: string, records: number): Promise<Whereabouts> {
  const { contract, dialect, effects, place, name } = desk
  const standing = await datasetStanding(contract, print, effects)
  const sought = await soughtIn(chosen, coordinateColumns, records, effects)
  const attach = async (part: string, { root, snapshot }: typeof standing.silver, columns: readonly Column[]) => {
    const files = filesThatMayHold(snapshot?.files ?? [], sought)
    await attachFiles(place(part), { root, columns: snapshot?.columns ?? columns, files }, effects)
  }
  await attach('now_silver', standing.silver, silverColumns(contract))
  await attach('now_quarantine', standing.quarantine, quarantineColumns)
  await attach('now_displaced', standing.displaced, displacedColumns)
  const own = coordinates(dialect)
  const here = `(${own}) IN (SELECT ${own} FROM ${chosen})`
  const of = `dataset = ${dialect.literal(contract.name)} AND ${here}`
  const { rows } = await effects.engine.query(`SELECT
    (SELECT count(*) FROM ${name('now_silver')} WHERE ${here}),
    (SELECT count(*) FROM ${name('now_quarantine')} WHERE ${of}),
    (SELECT count(*) FROM ${name('now_displaced')} WHERE ${of} AND fate = 'duplicate'),
    (SELECT count(*) FROM ${name('now_displaced')} WHERE ${of} AND fate = 'superseded')`)
  const [silver, quarantined, duplicates, superseded] = (rows[0] ?? []).map(Number)
  return {
    silver: silver ?? 0,
    quarantined: quarantined ?? 0,
    duplicates: duplicates ?? 0,
    superseded: superseded ?? 0,
  }
}
