import { measureColumns, silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { DataFile, Table } from '#lake'
import type { Column } from '#port'
import type { CleanBatch, CleanEffects } from './clean-batch.ts'
import { gainedRows } from './clean-batch.ts'
import type { Standing } from './clean-standing.ts'
import { standingOf, txnsAt } from './clean-standing.ts'
import { displacedColumns, quarantineColumns } from './clean-tables.ts'
import { writeSelect } from './exchange.ts'

/** What a batch does to one table. */
export interface TableChange {
  readonly standing: Standing
  readonly columns: readonly Column[]
  /** Select of the rows to add, in the table's columns. */
  readonly gain: string
  /** SQL condition over the table's rows that go; undefined where none do. */
  readonly lose: string | undefined
  /** SQL condition over the table's rows that are the dataset's; undefined where all are. */
  readonly own: string | undefined
  /** Commit even where no row changes: the table's progress is what says that the batch is done. */
  readonly always: boolean
}

export interface Target {
  readonly contract: Contract
  readonly print: string
  /** The Bronze version that the batch brings the tables to. */
  readonly to: number
  /** Write what stands again, even where the tables have this version. */
  readonly full: boolean
}

const coordinateNames = ['source', 'partition', 'offset']

export function quarantineChange({ contract, print }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const { dialect, records, parsed, privateKeys } = batch
  const { identifier: id, literal } = dialect
  const text = dialect.decode(id('value'))
  // Text that could not be taken apart may name people anywhere: where names are private, it stays in Bronze.
  const value =
    privateKeys.length === 0
      ? id('value')
      : `CASE WHEN _rule IN ('unreadable_file', 'unknown_layout', 'not_utf8', 'not_json') THEN NULL ELSE ${dialect.encode(dialect.withoutMembers(text, privateKeys))} END`
  const own = `dataset = ${literal(contract.name)}`
  return {
    standing,
    columns: quarantineColumns,
    gain: `SELECT ${literal(contract.name)} AS dataset, topic, source, ${id('partition')}, ${id('offset')}, ${id('timestamp')}, ${id('key')}, ${value} AS ${id('value')}, headers,
        CASE WHEN _rule = 'unreadable_file' THEN 'land' ELSE 'clean' END AS stage, _rule AS rule, _rule_column AS ${id('column')}, _received AS received, _message AS message, ${literal(print)} AS contract, ingest_ts
      FROM ${records} INNER JOIN (SELECT ${coordinateNames.map(id).join(', ')}, _rule, _rule_column, _received, _message FROM ${parsed} WHERE _rule IS NOT NULL) USING (${coordinateNames.map(id).join(', ')})`,
    lose: undefined,
    own,
    always: false,
  }
}

export function displacedChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const { dialect, fate, contested } = batch
  const { identifier: id, literal } = dialect
  const own = `dataset = ${literal(contract.name)}`
  return {
    standing,
    columns: displacedColumns,
    gain: `SELECT ${literal(contract.name)} AS dataset, ${literal(contract.name)} AS topic, source, ${id('partition')}, ${id('offset')}, event_ts, key_hash, value_hash, fate, by_source, by_offset, ingest_ts FROM ${fate} WHERE fate <> 'silver'`,
    lose: contested === undefined ? undefined : `${own} AND key_hash IN (SELECT key_hash FROM ${contested})`,
    own,
    always: false,
  }
}

export function measureChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const { dialect } = batch
  const { identifier: id, literal } = dialect
  const measures = Object.entries(contract.columns).flatMap(([name, { measure }]) =>
    measure ? [{ name, ...measure }] : [],
  )
  const words = measures.map(
    (each) => `(${[each.name, each.respondent, each.construct, each.scale].map(literal).join(', ')})`,
  )
  const keys = measureColumns(contract).map(({ name }) => name)
  const carried = keys.filter(
    (name) => contract.key.includes(name) || [...coordinateNames, 'event_ts', 'ingest_ts'].includes(name),
  )
  const rows = dialect.unnest(
    `(SELECT * FROM ${batch.parsed} WHERE _rule IS NULL AND (${coordinateNames.map(id).join(', ')}) IN (SELECT ${coordinateNames.map(id).join(', ')} FROM ${batch.gained}))`,
    carried,
    id('_measures'),
    ['measure', 'value', 'missing_reason'],
  )
  return {
    standing,
    columns: measureColumns(contract),
    gain: `SELECT ${keys.map(id).join(', ')} FROM (${rows}) INNER JOIN (VALUES ${words.join(', ')}) AS words(measure, respondent, construct, scale) USING (measure)`,
    lose: oustedRows(batch),
    own: undefined,
    always: false,
  }
}

export function silverChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const columns = silverColumns(contract)
  return {
    standing,
    columns,
    gain: gainedRows(
      contract,
      batch,
      columns.map(({ name }) => name),
    ),
    lose: oustedRows(batch),
    own: undefined,
    always: true,
  }
}

function oustedRows({ ousted, dialect }: CleanBatch): string | undefined {
  if (ousted === undefined) return undefined
  const coordinates = coordinateNames.map(dialect.identifier).join(', ')
  return `(${coordinates}) IN (SELECT ${coordinates} FROM ${ousted})`
}

/**
 * Brings one table to the batch's Bronze version in one commit. 'moved': another process changed what the batch was computed from, and nothing was written
 * that a reader could see; the batch has to be computed anew.
 */
export async function commitChange(
  target: Target,
  change: TableChange,
  batch: CleanBatch,
  effects: CleanEffects,
): Promise<'done' | 'moved'> {
  const { contract, print, to, full } = target
  const { standing, columns } = change
  if (standing.position >= to) return 'done'
  const table = effects.table(standing.root)
  const { add, remove } = await writeChange(table, change, batch, effects)
  const idle = add.length === 0 && remove.length === 0 && standing.snapshot !== undefined
  if (idle && !change.always) return 'done'
  let moved = false
  const { outcome } = await table.commit({
    operation: remove.length > 0 ? 'MERGE' : 'WRITE',
    blindAppend: false,
    stage(newest) {
      moved = false
      const now = standingOf(standing.root, newest, contract.name, print)
      if (now.position >= to && !full) return undefined
      const live = new Set(newest?.files.map(({ path }) => path))
      moved = now.mark !== standing.mark || remove.some(({ path }) => !live.has(path))
      if (moved) return undefined
      return {
        ...(newest === undefined || standing.replace ? { columns } : {}),
        add,
        remove,
        txns: txnsAt(contract.name, print, to),
      }
    },
  })
  if (outcome === 'unneeded') await discard(table, add, effects)
  return moved ? 'moved' : 'done'
}

/** Takes away files that no commit names: another process has done the work. */
export async function discard(
  table: Table,
  files: readonly DataFile[],
  { store }: Pick<CleanEffects, 'store'>,
): Promise<void> {
  const live = new Set((await table.snapshot())?.files.map(({ path }) => path))
  for (const { path } of files) if (!live.has(path)) await store.remove(`${table.root}/${path}`)
}

/** Data files to add and to remove. A file that holds a row that goes is written again without it. */
async function writeChange(
  table: Table,
  { standing, columns, gain, lose, own }: TableChange,
  { dialect }: CleanBatch,
  effects: CleanEffects,
): Promise<{ add: readonly DataFile[]; remove: readonly DataFile[] }> {
  const files = standing.snapshot?.files ?? []
  const names = columns.map(({ name }) => name)
  const goes = standing.replace ? (own ?? 'true') : lose
  if (goes === undefined || files.length === 0) return { add: await writeSelect(table, gain, effects), remove: [] }
  if (standing.replace && own === undefined) return { add: await writeSelect(table, gain, effects), remove: files }
  const paths = await effects.scratch.localPaths(files.map(({ path }) => `${table.root}/${path}`))
  const found = await effects.engine.query(`SELECT DISTINCT file FROM (${dialect.files(paths, names)}) WHERE ${goes}`)
  const hit = new Set(found.rows.map(([file]) => String(file)))
  const remove = files.filter((_, index) => hit.has(paths[index] ?? ''))
  if (remove.length === 0) return { add: await writeSelect(table, gain, effects), remove }
  const list = names.map(dialect.identifier).join(', ')
  const kept = `SELECT ${list} FROM (${dialect.files([...hit], names)}) WHERE NOT COALESCE(${goes}, false)`
  return { add: await writeSelect(table, `${kept} UNION ALL SELECT ${list} FROM (${gain})`, effects), remove }
}
