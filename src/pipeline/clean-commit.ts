import type { Dialect } from '#compile'
import { measureColumns, silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { DataFile, Table } from '#lake'
import { withColumns } from '#lake'
import type { Column } from '#port'
import type { CleanBatch } from './clean-batch.ts'
import { gainedColumns } from './clean-batch.ts'
import { toldOf } from './clean-binding.ts'
import { filesThatMayHold, soughtIn, soughtTexts } from './clean-bounds.ts'
import type { Standing } from './clean-standing.ts'
import { standingOf, txnsAt } from './clean-standing.ts'
import { displacedColumns, quarantineColumns } from './clean-tables.ts'
import type { CleanEffects, CommitEffects } from './clean-work.ts'
import { coordinates, countOf } from './clean-work.ts'
import { selectFiles, writePartitioned } from './exchange.ts'
import { streamProperties } from './stream-properties.ts'

/** What a batch does to one table. */
export interface TableChange {
  readonly standing: Standing
  readonly columns: readonly Column[]
  /** Properties of the table, given when it is made. */
  readonly configuration?: Readonly<Record<string, string>>
  /** Select of the rows to add, in the table's columns; undefined where there are none. */
  readonly gain: string | undefined
  /** Rows that go: a SQL condition, and the relation whose rows in the columns `by` they are; undefined where none do. */
  readonly lose: { readonly where: string; readonly rows: string; readonly by: readonly Column[] } | undefined
  /** The dataset whose rows are the dataset's own; undefined where all of the table is. */
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

export function quarantineChange(
  { contract, print }: Target,
  standing: Standing,
  batch: CleanBatch,
  rows: number,
): TableChange {
  const { dialect, records, parsed, privateKeys } = batch
  const { identifier: id, literal } = dialect
  const text = dialect.decode(id('value'))
  // Text that could not be taken apart may name people anywhere: where names are private, it stays in Bronze.
  const value =
    privateKeys.length === 0
      ? // What was too large to be read stays in Bronze alone.
        `CASE WHEN _rule <> 'too_large' THEN ${id('value')} END`
      : `CASE WHEN _rule IN ('too_large', 'unreadable_file', 'no_value', 'unknown_layout', 'not_utf8', 'not_json') THEN NULL ELSE ${dialect.encode(dialect.withoutMembers(text, privateKeys))} END`
  const gain = `SELECT ${literal(contract.name)} AS dataset, topic, source, ${id('partition')}, ${id('offset')}, ${id('timestamp')}, ${id('key')}, ${value} AS ${id('value')}, headers,
        CASE WHEN _rule = 'unreadable_file' THEN 'land' ELSE 'clean' END AS stage, _rule AS rule, ${toldOf('column', dialect)} AS ${id('column')}, ${toldOf('received', dialect)} AS received, ${toldOf('message', dialect)} AS message, ${literal(print)} AS contract, ingest_ts
      FROM ${records} INNER JOIN (SELECT ${coordinates(dialect)}, _rule, _told FROM ${parsed} WHERE _rule IS NOT NULL) USING (${coordinates(dialect)})`
  return {
    standing,
    columns: quarantineColumns,
    gain: rows > 0 ? gain : undefined,
    lose: undefined,
    own: contract.name,
    always: false,
  }
}

export function displacedChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const { dialect, fate, past, topics } = batch
  const { identifier: id, literal } = dialect
  const named = [...topics].filter(([, topic]) => topic !== contract.name)
  const own = literal(contract.name)
  const cases = named.map(([source, topic]) => `WHEN ${literal(source)} THEN ${literal(topic)}`).join(' ')
  const topic = named.length === 0 ? own : `CASE source ${cases} ELSE ${own} END`
  const gain = `SELECT ${own} AS dataset, COALESCE(topic, ${topic}) AS topic, source, ${id('partition')}, ${id('offset')}, event_ts, key_hash, value_hash, fate, by_source, by_offset, ingest_ts FROM ${fate} WHERE fate <> 'silver'`
  return {
    standing,
    columns: displacedColumns,
    gain: fate === undefined ? undefined : gain,
    lose: past === undefined ? undefined : losing(past, dialect, `dataset = ${own} AND `),
    own: contract.name,
    always: false,
  }
}

export function measureChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const { dialect, ousted } = batch
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
  const rows = dialect.unnest(`(${batch.gained})`, carried, id('_measures'), ['measure', 'value', 'missing_reason'])
  return {
    standing,
    columns: measureColumns(contract),
    gain: `SELECT ${keys.map(id).join(', ')} FROM (${rows}) INNER JOIN (VALUES ${words.join(', ')}) AS words(measure, respondent, construct, scale) USING (measure)`,
    lose: ousted === undefined ? undefined : losing(ousted, dialect),
    own: undefined,
    always: false,
  }
}

export function silverChange({ contract }: Target, standing: Standing, batch: CleanBatch): TableChange {
  const columns = silverColumns(contract)
  const names = columns.map(({ name }) => name)
  return {
    standing,
    columns,
    ...(contract.stream === undefined ? {} : { configuration: streamProperties }),
    gain: gainedColumns(contract, batch, names),
    lose: batch.ousted === undefined ? undefined : losing(batch.ousted, batch.dialect),
    own: undefined,
    always: true,
  }
}

/** The rows at the coordinates that a relation has. */
function losing(rows: string, dialect: Dialect, and = ''): TableChange['lose'] {
  const own = coordinates(dialect)
  const by = quarantineColumns.filter(({ name }) => coordinateNames.includes(name))
  return { where: `${and}(${own}) IN (SELECT ${own} FROM ${rows})`, rows, by }
}

/** Files that are written for a change and not yet part of the table, and those that it takes away. */
export interface PreparedChange {
  readonly change: TableChange
  readonly add: readonly DataFile[]
  readonly remove: readonly DataFile[]
}

/** Writes the data files of a change; a table that has the batch already gets none. */
export async function prepareChange(
  { to }: Target,
  change: TableChange,
  batch: CleanBatch,
  effects: CleanEffects,
): Promise<PreparedChange> {
  const { standing } = change
  if (standing.position >= to) return { change, add: [], remove: [] }
  return { change, ...(await writeChange(effects.table(standing.root), change, batch, effects)) }
}

/**
 * Brings one table to the batch's Bronze version in one commit. 'moved': another process changed what the batch was computed from, and nothing was written
 * that a reader could see; the batch has to be computed anew.
 */
export async function commitChange(
  { contract, print, to, full }: Target,
  { change, add, remove }: PreparedChange,
  effects: CommitEffects,
): Promise<'done' | 'moved'> {
  const { standing, columns, own, configuration = {} } = change
  if (standing.position >= to) return 'done'
  const table = effects.table(standing.root)
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
        // What is made anew has the contract's columns; what others share may only gain some.
        ...(standing.replace && own === undefined ? { columns } : withColumns(newest, columns)),
        ...(newest === undefined ? { configuration } : {}),
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
  { store }: Pick<CommitEffects, 'store'>,
): Promise<void> {
  const live = new Set((await table.snapshot())?.files.map(({ path }) => path))
  for (const { path } of files) if (!live.has(path)) await store.remove(`${table.root}/${path}`)
}

/** Data files to add and to remove. A file that holds a row that goes is written again without it, apart from what is gained, so that its bounds stay narrow. */
async function writeChange(
  table: Table,
  change: TableChange,
  { dialect }: CleanBatch,
  effects: CleanEffects,
): Promise<{ add: readonly DataFile[]; remove: readonly DataFile[] }> {
  const { standing, columns, gain, own } = change
  const shape = { columns, partitionColumns: standing.snapshot?.partitionColumns ?? [] }
  const gained = gain === undefined ? [] : await writePartitioned(table, gain, shape, effects)
  if (standing.replace && own === undefined) return { add: gained, remove: standing.snapshot?.files ?? [] }
  const { where, files } = await searched(change, dialect, effects)
  if (files.length === 0) return { add: gained, remove: [] }
  const names = columns.map(({ name }) => name)
  const paths = await effects.scratch.localPaths(files.map(({ path }) => `${table.root}/${path}`))
  const found = await effects.engine.query(
    `SELECT DISTINCT file FROM (${selectFiles(dialect, { ...shape, files }, paths)}) WHERE ${where}`,
  )
  const hit = new Set(found.rows.map(([file]) => String(file)))
  const remove = files.filter((_, index) => hit.has(paths[index] ?? ''))
  const removed = paths.filter((path) => hit.has(path))
  if (remove.length === 0) return { add: gained, remove }
  const list = names.map(dialect.identifier).join(', ')
  const kept = `SELECT ${list} FROM (${selectFiles(dialect, { ...shape, files: remove }, removed)}) WHERE NOT COALESCE(${where}, false)`
  return { add: [...(await writePartitioned(table, kept, shape, effects)), ...gained], remove }
}

/** The files that may hold a row that goes, and how such a row is told. */
async function searched(
  { standing, lose, own }: TableChange,
  { literal }: Dialect,
  effects: CleanEffects,
): Promise<{ where: string; files: readonly DataFile[] }> {
  const files = standing.snapshot?.files ?? []
  const ofDataset = own === undefined ? files : filesThatMayHold(files, [soughtTexts('dataset', [own])])
  if (standing.replace && own !== undefined) return { where: `dataset = ${literal(own)}`, files: ofDataset }
  if (lose === undefined || ofDataset.length === 0) return { where: 'false', files: [] }
  const sought = await soughtIn(lose.rows, lose.by, await countOf(lose.rows, effects), effects)
  return { where: lose.where, files: filesThatMayHold(ofDataset, sought) }
}
