import type { Cell } from '#port'
import { instantText } from '#port'
import type { DuckDBValue } from './duckdb-api.ts'
import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
} from './duckdb-api.ts'

const safe = BigInt(Number.MAX_SAFE_INTEGER)

export function cell(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'bigint') return value <= safe && value >= -safe ? Number(value) : value.toString()
  if (value instanceof DuckDBDecimalValue) return value.width <= 15 ? value.toDouble() : value.toString()
  if (value instanceof DuckDBTimestampTZValue || value instanceof DuckDBTimestampValue) return instantText(value.micros)
  if (value instanceof DuckDBTimestampSecondsValue) return instantText(value.seconds * 1_000_000n)
  if (value instanceof DuckDBTimestampMillisecondsValue) return instantText(value.millis * 1_000n)
  if (value instanceof DuckDBTimestampNanosecondsValue) return instantText(value.nanos / 1_000n)
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString('base64')
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(cell)
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, item]) => [name, cell(item)]))
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: cell(entry.key), value: cell(entry.value) }))
  }
  return String(value)
}
