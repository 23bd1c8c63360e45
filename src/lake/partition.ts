import type { Value } from '#parquet'
import { decimalOf, scaled } from '#parquet'
import type { ColumnType } from '#port'
import { damaged } from './fields.ts'

const instant = /^(\d{4,})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s*(Z)?$/

/** A partition value from its text (PROTOCOL.md, "Partition Value Serialization"); empty text is null for every type. Instants without a zone are UTC. */
export function partitionValue(text: string | null, type: ColumnType, where: string): Value {
  if (text === null || text === '') return null
  const wrong = () => damaged(where, `the partition value ${JSON.stringify(text)} is no ${String(type)}`)
  switch (type) {
    case 'string':
      return text
    case 'binary':
      return new TextEncoder().encode(text)
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw wrong()
      return text === 'true'
    case 'long':
    case 'integer':
    case 'short':
    case 'byte': {
      if (!/^[+-]?\d+$/.test(text)) throw wrong()
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text)
    }
    case 'double':
    case 'float': {
      const value = Number(text)
      if (Number.isNaN(value) && text !== 'NaN') throw wrong()
      return type === 'float' ? Math.fround(value) : value
    }
    case 'date':
    case 'timestamp': {
      const match = instant.exec(text)
      if (!match) throw wrong()
      const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = match
      const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
      if (type === 'date') return Math.floor(ms / 86_400_000)
      const micros = BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6))
      return Number.isSafeInteger(Number(micros)) ? Number(micros) : micros
    }
    default: {
      const decimal = typeof type === 'string' ? decimalOf(type) : undefined
      if (!decimal) throw wrong()
      try {
        return scaled(digitsOf(text, decimal.scale), decimal.scale)
      } catch {
        throw wrong()
      }
    }
  }
}

/** Characters that Hive, and so everyone, writes as `%XX` in the name of a partition's folder. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const escaped = /[\x00-\x1f\x7f"#%'*/:=?\\{}[\]^]/g

/** No file system takes a longer name. */
const mostNameBytes = 255

/**
 * The folder of a partition, `day=2025-01-31/borough=Queens/`. A convention only: readers go by the log, so values too long for a name have none.
 */
export function partitionFolder(columns: readonly string[], values: Readonly<Record<string, string | null>>): string {
  const names = columns.map(
    (column) => `${hiveName(column)}=${hiveName(values[column] ?? '__HIVE_DEFAULT_PARTITION__')}`,
  )
  if (names.some((name) => new TextEncoder().encode(name).length > mostNameBytes)) return ''
  return names.map((name) => `${name}/`).join('')
}

function hiveName(text: string): string {
  return text.replace(escaped, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}

function digitsOf(text: string, scale: number): bigint {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (!match) throw new RangeError(text)
  const fraction = match[3] ?? ''
  const shift = scale - fraction.length + Number(match[4] ?? 0)
  const digits = BigInt(`${match[2]}${fraction}` || '0')
  const value = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift)
  return match[1] === '-' ? -value : value
}
