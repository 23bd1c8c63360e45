import { readRows } from '#lake'
import type { Value } from '#parquet'
import { decimalOf } from '#parquet'
import type { Cell, ColumnType, Row } from '#port'
import { instantText } from '#port'
import type { QueryAnswer, WorkEffects } from './api.ts'
import type { ReadTableRequest } from './maintain-api.ts'
import { openTableFolder } from './maintain-table.ts'

/** Rows of any Delta table as they stand, in the order of its files; cells as a query answers them. */
export async function readTable(
  { folder, version, maxRows = Number.POSITIVE_INFINITY }: ReadTableRequest,
  effects: WorkEffects,
): Promise<QueryAnswer> {
  const { store, root, table } = openTableFolder(folder, effects)
  const snapshot = version === undefined ? await table.snapshot() : await table.snapshotAt(version)
  const columns = snapshot?.columns ?? []
  const rows: Row[] = []
  for await (const batch of snapshot === undefined ? [] : readRows(store, root, snapshot)) {
    for (const row of batch) rows.push(columns.map(({ name, type }) => cellOf(row[name] ?? null, type)))
    if (rows.length > maxRows) break
  }
  const truncated = rows.length > maxRows
  return { columns, rows: truncated ? rows.slice(0, maxRows) : rows, truncated }
}

function cellOf(value: Value, type: ColumnType): Cell {
  if (value === null) return null
  if (typeof type !== 'string') {
    if (type.type === 'array') return Array.isArray(value) ? value.map((item) => cellOf(item, type.elementType)) : null
    return typeof value === 'object'
      ? Object.fromEntries(
          type.fields.map((field) => [field.name, cellOf(Reflect.get(value, field.name) ?? null, field.type)]),
        )
      : null
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (type === 'date') return dayText(Number(value))
  if (type === 'timestamp') return instantText(BigInt(value as number | bigint))
  const decimal = decimalOf(type)
  if (decimal) return decimal.precision <= 15 ? Number(value) : String(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  return typeof value === 'boolean' ? value : String(value)
}

function dayText(days: number): string {
  const date = new Date(days * 86_400_000)
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().replace(/T.*/, '')
}
