import type { Dialect } from '#compile'
import { dialects } from '#compile'
import type { DataFile, Snapshot, Table } from '#lake'
import { recordsOf, withColumns } from '#lake'
import type { Cell, Column, ColumnType, SqlEngine } from '#port'
import { Fault } from '#port'
import type { Scratch } from './effects.ts'

export interface ExchangeEffects {
  readonly engine: SqlEngine
  readonly scratch: Scratch
}

/** Files of a table, or of one that is yet to be made. */
export interface TableFiles {
  readonly root: string
  readonly columns: readonly Column[]
  /** Absent: none. */
  readonly partitionColumns?: readonly string[]
  readonly files: readonly DataFile[]
}

/** Makes files of a table readable in the engine as `name`. No files: an empty table with these columns. */
export async function attachFiles(
  name: string,
  { root, columns, partitionColumns = [], files }: TableFiles,
  { engine, scratch }: ExchangeEffects,
): Promise<void> {
  const paths = await scratch.localPaths(files.map((file) => `${root}/${file.path}`))
  if (partitionColumns.length === 0 || files.length === 0) {
    await engine.attach({ name, columns, files: paths })
    return
  }
  const dialect = dialects[engine.dialect]
  const inFiles = columns.filter((column) => !partitionColumns.includes(column.name))
  const parts = partsOf(files, paths)
  const quoted = (relation: string) => relation.split('.').map(dialect.identifier).join('.')
  for (const [i, part] of parts.entries()) {
    await engine.attach({ name: `${name}__${i}`, columns: inFiles, files: part.paths })
  }
  const selects = parts.map(
    ({ values }, i) =>
      `SELECT ${valuesList(dialect, columns, partitionColumns, values)} FROM ${quoted(`${name}__${i}`)}`,
  )
  await engine.run(`CREATE OR REPLACE VIEW ${quoted(name)} AS ${selects.join(' UNION ALL ')}`)
}

/** Makes a table's snapshot readable in the engine with the columns that it has and these, which are null where it does not have them yet; no table: an empty one. */
export async function attachSnapshot(
  name: string,
  table: Table,
  snapshot: Snapshot | undefined,
  columns: readonly Column[],
  effects: ExchangeEffects,
): Promise<void> {
  const { partitionColumns = [], files = [] } = snapshot ?? {}
  const all = withColumns(snapshot, columns).columns ?? snapshot?.columns ?? columns
  const of = { root: table.root, columns: all, partitionColumns, files }
  await attachFiles(name, of, effects)
}

/** Select of the rows of some files, with a column `file` that has the path (of `paths`, one for each file) of the file that a row lies in. */
export function selectFiles(
  dialect: Dialect,
  { columns, partitionColumns = [], files }: Omit<TableFiles, 'root'>,
  paths: readonly string[],
): string {
  if (partitionColumns.length === 0) return dialect.files(paths, columns)
  const inFiles = columns.filter((column) => !partitionColumns.includes(column.name))
  return partsOf(files, paths)
    .map(
      ({ values, paths: own }) =>
        `SELECT ${valuesList(dialect, columns, partitionColumns, values)}, file FROM (${dialect.files(own, inFiles)})`,
    )
    .join(' UNION ALL ')
}

type PartitionValues = DataFile['partitionValues']

function partsOf(
  files: readonly DataFile[],
  paths: readonly string[],
): readonly { values: PartitionValues; paths: string[] }[] {
  const parts = new Map<string, { values: PartitionValues; paths: string[] }>()
  for (const [i, { partitionValues }] of files.entries()) {
    const key = JSON.stringify(Object.entries(partitionValues).sort())
    const part = parts.get(key) ?? { values: partitionValues, paths: [] }
    part.paths.push(paths[i] ?? '')
    parts.set(key, part)
  }
  return [...parts.values()]
}

/** The columns of a table over rows of one partition, whose values stand in no file. */
function valuesList(
  { identifier, literal, cast }: Dialect,
  columns: readonly Column[],
  partitionColumns: readonly string[],
  values: PartitionValues,
): string {
  return columns
    .map(({ name, type }) =>
      partitionColumns.includes(name)
        ? `${cast(literal(values[name] || null), type)} AS ${identifier(name)}`
        : identifier(name),
    )
    .join(', ')
}

/** Writes a select's rows as data files of the table, all of the same partition, not yet committed. No rows: no files. */
export async function writeSelect(
  table: Table,
  select: string,
  { engine, scratch }: ExchangeEffects,
  partition?: PartitionValues,
): Promise<readonly DataFile[]> {
  const files: DataFile[] = []
  for (const written of await engine.writeParquet(select, scratch.folder)) {
    files.push(await table.writeFile(await scratch.read(written.path), partition))
    await scratch.remove(written.path)
  }
  return files
}

/** The same, each row in a file of its partition. */
export async function writePartitioned(
  table: Table,
  select: string,
  { columns, partitionColumns }: Pick<Snapshot, 'columns' | 'partitionColumns'>,
  effects: ExchangeEffects,
): Promise<readonly DataFile[]> {
  if (partitionColumns.length === 0) return writeSelect(table, select, effects)
  const { engine } = effects
  const { identifier, literal } = dialects[engine.dialect]
  const rows = identifier(`_partitioned_${table.root.replaceAll('/', '_')}`)
  const types = partitionColumns.map((name): ColumnType => columns.find((each) => each.name === name)?.type ?? 'string')
  // Empty text is null to every reader, so both lie together.
  const keys = partitionColumns.map((name, i) =>
    types[i] === 'string' ? `NULLIF(${identifier(name)}, '')` : identifier(name),
  )
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE ${rows} AS SELECT *, dense_rank() OVER (ORDER BY ${keys.join(', ')}) AS _partition FROM (${select})`,
  )
  try {
    const found = await engine.query(
      `SELECT _partition, count(*), ${keys.map((key) => `any_value(${key})`).join(', ')} FROM ${rows} GROUP BY _partition ORDER BY _partition`,
    )
    const files: DataFile[] = []
    let counted = 0
    for (const [at, count, ...values] of found.rows) {
      const partition = Object.fromEntries(
        partitionColumns.map((name, i) => [name, cellText(values[i] ?? null, types[i])]),
      )
      const own = `SELECT * EXCLUDE (_partition, ${partitionColumns.map(identifier).join(', ')}) FROM ${rows} WHERE _partition = ${literal(Number(at))}`
      files.push(...(await writeSelect(table, own, effects, partition)))
      counted += Number(count)
    }
    const written = files.reduce((sum, file) => sum + (recordsOf(file) ?? 0), 0)
    if (written !== counted) throw lostRows(table.root, counted, written)
    return files
  } finally {
    await engine.run(`DROP TABLE IF EXISTS ${rows}`)
  }
}

/** As the protocol writes it: days and instants are ISO 8601 already, the latter to the microsecond, and decimals have all their digits. */
function cellText(cell: Cell, type: ColumnType | undefined): string | null {
  if (cell === null) return null
  return type === 'timestamp' ? String(cell).replace(/(\.\d{3})Z$/, '$1000Z') : String(cell)
}

function lostRows(root: string, rows: number, written: number): Fault {
  return new Fault('lake/partition', `Of ${rows} rows for ${root}, ${written} came into files.`, {
    mend: 'Nothing was committed and nothing is lost. Please report it.',
    facts: { root, rows, written },
  })
}
