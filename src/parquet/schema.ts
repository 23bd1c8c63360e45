import type { PrimitiveType } from '#port'
import { Fault } from '#port'
import type { SchemaElement, SchemaTree } from './library.ts'

/** Delta's types; `Column` of the port fits, and maps, which the log's own checkpoints need, are there too. */
export type DataType =
  | PrimitiveType
  | { readonly type: 'array'; readonly elementType: DataType }
  | { readonly type: 'struct'; readonly fields: readonly Field[] }
  | { readonly type: 'map'; readonly keyType: DataType; readonly valueType: DataType }

export interface Field {
  readonly name: string
  readonly type: DataType
}

/**
 * A value as it is written and read. `long` and `timestamp` (µs since 1970, UTC) are numbers where safe and bigints beyond; `date` is days since 1970;
 * `decimal` is its digits as text; a map is an array of `{ key, value }`. A `binary` column also takes text, which is written as UTF-8.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [field: string]: Value }

const decimalText = /^decimal\((\d+),\s*(-?\d+)\)$/

export function decimalOf(type: string): { precision: number; scale: number } | undefined {
  const match = decimalText.exec(type)
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined
}

/** The Parquet form of a column and all it holds, in the order of the file's schema list. Every column is optional; lists have three levels. */
export function elementsOf({ name, type }: Field, required = false): readonly SchemaElement[] {
  const repetition_type = required ? 'REQUIRED' : 'OPTIONAL'
  if (typeof type === 'string') return [{ name, repetition_type, ...primitiveElement(type) }]
  switch (type.type) {
    case 'struct':
      return [
        { name, repetition_type, num_children: type.fields.length },
        ...type.fields.flatMap((field) => elementsOf(field)),
      ]
    case 'array':
      return [
        { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
        { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
        ...elementsOf({ name: 'element', type: type.elementType }),
      ]
    case 'map':
      return [
        { name, repetition_type, num_children: 1, converted_type: 'MAP', logical_type: { type: 'MAP' } },
        { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
        ...elementsOf({ name: 'key', type: type.keyType }, true),
        ...elementsOf({ name: 'value', type: type.valueType }),
      ]
  }
}

function primitiveElement(type: PrimitiveType): Omit<SchemaElement, 'name'> {
  switch (type) {
    case 'string':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
    case 'binary':
      return { type: 'BYTE_ARRAY' }
    case 'long':
      return { type: 'INT64' }
    case 'integer':
      return { type: 'INT32' }
    // Without the logical type: the library writes its width as 32 bits where the format says 8, and Arrow refuses the file.
    case 'short':
      return { type: 'INT32', converted_type: 'INT_16' }
    case 'byte':
      return { type: 'INT32', converted_type: 'INT_8' }
    case 'double':
      return { type: 'DOUBLE' }
    case 'float':
      return { type: 'FLOAT' }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } }
    case 'timestamp':
      return {
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      }
    default: {
      const decimal = decimalOf(type)
      if (!decimal) throw new TypeError(`no such column type: ${type}`)
      const { precision, scale } = decimal
      const physical: Pick<SchemaElement, 'type' | 'type_length'> =
        precision <= 9
          ? { type: 'INT32' }
          : precision <= 18
            ? { type: 'INT64' }
            : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: decimalBytes(precision) }
      return {
        ...physical,
        converted_type: 'DECIMAL',
        precision,
        scale,
        logical_type: { type: 'DECIMAL', precision, scale },
      }
    }
  }
}

/** Bytes that a two's complement number of so many decimal digits needs. */
function decimalBytes(precision: number): number {
  return Math.ceil((precision * Math.log2(10) + 1) / 8)
}

/** A column of a file, as Delta would call it; `unadjusted` and `unsigned` mark what Delta has no name for. */
export interface FileField extends Field {
  readonly oddity?: string
}

export function fieldOf(tree: SchemaTree): FileField {
  const name = tree.element.name
  const oddities: string[] = []
  const type = typeOf(tree, oddities)
  return oddities.length > 0 ? { name, type, oddity: oddities.join(', ') } : { name, type }
}

function typeOf(tree: SchemaTree, oddities: string[]): DataType {
  const { element, children } = tree
  if (children.length === 0) return primitiveOf(element, oddities)
  const only = children[0]
  const mark = element.logical_type?.type ?? element.converted_type
  if (mark === 'LIST' && only) {
    const inner = only.children.length === 1 ? only.children[0] : undefined
    return { type: 'array', elementType: inner ? typeOf(inner, oddities) : typeOf(only, oddities) }
  }
  if ((mark === 'MAP' || mark === 'MAP_KEY_VALUE') && only?.children[0] && only.children[1]) {
    return { type: 'map', keyType: typeOf(only.children[0], oddities), valueType: typeOf(only.children[1], oddities) }
  }
  return {
    type: 'struct',
    fields: children.map((child) => ({ name: child.element.name, type: typeOf(child, oddities) })),
  }
}

function primitiveOf(element: SchemaElement, oddities: string[]): PrimitiveType {
  const { type, converted_type: converted, logical_type: logical } = element
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') {
    return `decimal(${element.precision ?? 0},${element.scale ?? 0})`
  }
  if (converted?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned)) {
    oddities.push(`${element.name} is unsigned`)
  }
  switch (type) {
    case 'BOOLEAN':
      return 'boolean'
    case 'FLOAT':
      return 'float'
    case 'DOUBLE':
      return 'double'
    case 'INT96':
      return 'timestamp'
    case 'INT32':
      if (converted === 'DATE' || logical?.type === 'DATE') return 'date'
      if (converted === 'INT_8' || (logical?.type === 'INTEGER' && logical.bitWidth === 8)) return 'byte'
      if (converted === 'INT_16' || (logical?.type === 'INTEGER' && logical.bitWidth === 16)) return 'short'
      if (converted === 'TIME_MILLIS') oddities.push(`${element.name} is a time of day`)
      return 'integer'
    case 'INT64':
      if (logical?.type === 'TIME') oddities.push(`${element.name} is a time of day`)
      if (logical?.type === 'TIMESTAMP' && !logical.isAdjustedToUTC) oddities.push(`${element.name} is not in UTC`)
      if (logical?.type === 'TIMESTAMP' || converted?.startsWith('TIMESTAMP')) return 'timestamp'
      return 'long'
    case 'BYTE_ARRAY':
      return converted === 'UTF8' || logical?.type === 'STRING' || converted === 'ENUM' || converted === 'JSON'
        ? 'string'
        : 'binary'
    case 'FIXED_LEN_BYTE_ARRAY':
      oddities.push(`${element.name} has a fixed length`)
      return 'binary'
    default:
      throw new Fault('lake/damaged', `A Parquet column, ${element.name}, has no type.`, {
        mend: 'The file was not written by a known writer; write it again.',
        facts: { column: element.name },
      })
  }
}
