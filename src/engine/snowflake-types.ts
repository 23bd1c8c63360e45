import type { Cell, Column, ColumnType } from '#port'
import { instantText, snowflakeScalar } from '#port'
import type { ResultColumn } from './snowflake-library.ts'

/** Whole numbers have one type there, and what is nested is JSON. */
export function snowflakeType(type: ColumnType): string {
  if (typeof type !== 'string') return type.type === 'array' ? 'ARRAY' : 'OBJECT'
  return snowflakeScalar(type)
}

export function columnOf(column: ResultColumn): Column {
  const name = column.getName()
  return { name: name === name.toUpperCase() ? name.toLowerCase() : name, type: columnType(column) }
}

function columnType(column: ResultColumn): ColumnType {
  const kind = column.getType()
  if (kind === 'fixed') {
    const scale = column.getScale()
    return scale > 0 ? `decimal(${precisionOf(column)},${scale})` : 'long'
  }
  if (kind === 'real') return 'double'
  if (kind === 'boolean' || kind === 'binary' || kind === 'date') return kind
  return kind.startsWith('timestamp') ? 'timestamp' : 'string'
}

/** How a value is read, by its column. Numbers arrive as text, so that none loses digits on the way. */
export function reader(column: ResultColumn): (value: unknown) => Cell {
  const type = columnType(column)
  if (type === 'long') return (value) => (value === null ? null : wholeNumber(String(value)))
  if (type === 'double') return (value) => finite(value)
  if (type === 'boolean') return (value) => (value === null ? null : value === true)
  if (type === 'binary') return (value) => (Buffer.isBuffer(value) ? value.toString('base64') : null)
  if (type === 'date') return (value) => (value instanceof Date ? value.toISOString().slice(0, 10) : null)
  if (type === 'timestamp') return (value) => (value instanceof Date ? instant(value) : null)
  if (typeof type === 'string' && type.startsWith('decimal')) {
    return (value) => (precisionOf(column) <= 15 || value === null ? finite(value) : String(value))
  }
  return (value) => (value === null || value === undefined ? null : String(value))
}

/** The driver has it and does not declare it. */
function precisionOf(column: ResultColumn): number {
  const known = 'getPrecision' in column && typeof column.getPrecision === 'function' ? column.getPrecision() : 38
  return Number(known) || 38
}

function finite(value: unknown): number | null {
  return value === null || !Number.isFinite(Number(value)) ? null : Number(value)
}

const safe = BigInt(Number.MAX_SAFE_INTEGER)

function wholeNumber(text: string): Cell {
  // A sum that the emulator of a test makes a double of may carry a fraction of zero.
  if (!/^-?\d+$/.test(text)) return finite(text)
  const whole = BigInt(text)
  return whole <= safe && whole >= -safe ? Number(whole) : text
}

/** The driver's instants are dates that know their nanoseconds. */
function instant(value: Date): string {
  const nanos = 'getNanoSeconds' in value && typeof value.getNanoSeconds === 'function' ? value.getNanoSeconds() : 0
  const seconds = Math.floor(value.getTime() / 1000)
  return instantText(BigInt(seconds) * 1_000_000n + BigInt(Math.floor(Number(nanos) / 1000)))
}
