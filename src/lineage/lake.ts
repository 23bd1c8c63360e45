import type { LineageKind, LineageOrigin, LineageTable } from '#api'
import type { Contract } from '#contract'
import type { Column } from '#port'
import { contractTables, lineageColumn } from './contract.ts'

/** A table of Bronze or Silver. */
export interface LakeTable {
  readonly name: string
  readonly columns: readonly Column[]
}

/** For a table that is made in TypeScript, what each of its columns is made of: `silver.boundary.geometry`. */
export type DeclaredOrigins = Readonly<Record<string, { readonly kind: LineageKind; readonly from: readonly string[] }>>

/** Bronze and Silver, each table after what it reads. */
export function lakeLineage(
  contracts: readonly Contract[],
  tables: readonly LakeTable[],
  declared: Readonly<Record<string, DeclaredOrigins>>,
): readonly LineageTable[] {
  const columnsOf = new Map(tables.map(({ name, columns }) => [name, columns]))
  const byContract = contracts.flatMap((contract) =>
    contractTables(contract, columnsOf.get(`bronze.${contract.name}`) ?? []),
  )
  const done = new Set(byContract.map(({ name }) => name))
  const rest = tables.filter(({ name }) => !done.has(name))
  const bronze = [
    ...byContract.filter(isBronze),
    ...rest.filter(({ name }) => name.startsWith('bronze.')).map(fileTable),
  ]
  const everyRow = bronze.map(({ name }): LineageOrigin => ({ kind: 'rows', table: name }))
  const others = rest
    .filter(({ name }) => !name.startsWith('bronze.'))
    .map((table) => {
      const origins = declared[table.name]
      return origins === undefined ? accountTable(table, everyRow) : placeTable(table, origins)
    })
  return [...bronze, ...byContract.filter((table) => !isBronze(table)), ...others]
}

const isBronze = ({ layer }: LineageTable): boolean => layer === 'bronze'

const plain = { uses: [], untraced: null } as const

function fileTable({ name, columns }: LakeTable): LineageTable {
  const about = 'Every file that was landed'
  return {
    ...plain,
    name,
    layer: 'bronze',
    madeBy: 'file',
    about,
    reads: [],
    columns: columns.map((each) => lineageColumn(each, [])),
  }
}

/** What became of the records, over all of Bronze. */
function accountTable({ name, columns }: LakeTable, from: readonly LineageOrigin[]): LineageTable {
  const reads = from.flatMap((origin) => ('table' in origin ? [origin.table] : []))
  const about = 'What became of every record'
  return {
    ...plain,
    name,
    layer: 'silver',
    madeBy: 'ledger',
    about,
    reads,
    columns: columns.map((each) => lineageColumn(each, from)),
  }
}

function placeTable({ name, columns }: LakeTable, origins: DeclaredOrigins): LineageTable {
  const made = columns.map((column) => {
    const { kind, from } = origins[column.name] ?? { kind: 'transformed', from: [] }
    return lineageColumn(
      column,
      from.map((whole) => ({
        kind,
        table: whole.slice(0, whole.lastIndexOf('.')),
        column: whole.slice(whole.lastIndexOf('.') + 1),
      })),
    )
  })
  const reads = made.flatMap(({ from }) => from.flatMap((origin) => ('table' in origin ? [origin.table] : [])))
  return {
    ...plain,
    name,
    layer: 'silver',
    madeBy: 'place',
    about: 'Places by polygon',
    reads: [...new Set(reads)],
    columns: made,
  }
}
