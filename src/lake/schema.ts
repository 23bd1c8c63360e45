import { decimalOf } from '#parquet'
import type { Column, ColumnType } from '#port'
import { Fault } from '#port'
import type { Json } from './fields.ts'
import { asObject, damaged } from './fields.ts'

/** A table's schema, as far as a `Column` can say it, and what makes a table one that we do not write. */
export interface TableSchema {
  readonly columns: readonly Column[]
  /** Reasons why we cannot write here, in words: a map, a NOT NULL, an invariant. */
  readonly unwritable: readonly string[]
}

const primitives: ReadonlySet<string> = new Set([
  'string',
  'long',
  'integer',
  'short',
  'byte',
  'double',
  'float',
  'boolean',
  'binary',
  'date',
  'timestamp',
])

/** Reads a `schemaString`. A map becomes an array of key and value, `void` a column of nulls. */
export function parseSchema(schemaString: string, path: string): TableSchema {
  if (schemaString === '') return { columns: [], unwritable: ['no schema'] }
  let json: unknown
  try {
    json = JSON.parse(schemaString)
  } catch (cause) {
    throw damaged(path, 'schemaString is not JSON', cause)
  }
  const unwritable: string[] = []
  const struct = structOf(asObject(json, path, 'schemaString'), path, '', unwritable)
  return { columns: struct, unwritable }
}

function structOf(json: Json, path: string, above: string, unwritable: string[]): readonly Column[] {
  const { fields } = json
  if (!Array.isArray(fields)) throw damaged(path, 'a struct of the schema has no fields')
  return fields.map((item): Column => {
    const field = asObject(item, path, 'a field of the schema')
    const name = field.name
    if (typeof name !== 'string') throw damaged(path, 'a field of the schema has no name')
    const here = above === '' ? name : `${above}.${name}`
    if (field.nullable === false) unwritable.push(`${here} is NOT NULL`)
    const metadata = field.metadata ? asObject(field.metadata, path, 'metadata') : {}
    for (const key of ['delta.invariants', 'delta.generationExpression', 'delta.identity.start']) {
      if (key in metadata) unwritable.push(`${here} has ${key}`)
    }
    const type = typeOf(field.type, path, here, unwritable)
    const { comment } = metadata
    return typeof comment === 'string' ? { name, type, comment } : { name, type }
  })
}

function typeOf(type: unknown, path: string, at: string, unwritable: string[]): ColumnType {
  if (typeof type === 'string') {
    const primitive = primitiveOf(type)
    if (primitive !== undefined) return primitive
    if (type === 'void') {
      unwritable.push(`${at} is void`)
      return 'string'
    }
    throw new Fault('lake/unsupported', `${path}: the column ${at} has the type ${type}, which is not supported.`, {
      mend: 'Read the table with another engine.',
      facts: { path, column: at, feature: type },
    })
  }
  const json = asObject(type, path, `the type of ${at}`)
  switch (json.type) {
    case 'struct':
      return { type: 'struct', fields: structOf(json, path, at, unwritable) }
    case 'array':
      return { type: 'array', elementType: typeOf(json.elementType, path, `${at}.element`, unwritable) }
    case 'map':
      unwritable.push(`${at} is a map`)
      return {
        type: 'array',
        elementType: {
          type: 'struct',
          fields: [
            { name: 'key', type: typeOf(json.keyType, path, `${at}.key`, unwritable) },
            { name: 'value', type: typeOf(json.valueType, path, `${at}.value`, unwritable) },
          ],
        },
      }
    default:
      throw damaged(path, `the type of ${at} is not known`)
  }
}

function primitiveOf(type: string): ColumnType | undefined {
  const decimal = decimalOf(type)
  if (decimal) return `decimal(${decimal.precision},${decimal.scale})`
  switch (type) {
    case 'string':
    case 'long':
    case 'integer':
    case 'short':
    case 'byte':
    case 'double':
    case 'float':
    case 'boolean':
    case 'binary':
    case 'date':
    case 'timestamp':
      return type
    default:
      return undefined
  }
}

/** Spark's JSON of a schema; everything may be null. Of a column that stood `before` with the same type, what another writer noted of it stays. */
export function schemaString(columns: readonly Column[], before?: string): string {
  const noted = new Map<unknown, Json>()
  const old: unknown = before ? JSON.parse(before) : {}
  for (const field of Array.isArray(Object(old).fields) ? Object(old).fields : []) noted.set(field.name, field)
  const fields = columns.map((column) => {
    const field = fieldJson(column)
    const known = noted.get(column.name)
    if (known === undefined || JSON.stringify(known.type) !== JSON.stringify(field.type)) return field
    return { ...field, metadata: { ...Object(known.metadata), ...Object(field.metadata) } }
  })
  return JSON.stringify({ type: 'struct', fields })
}

function fieldJson({ name, type, comment }: Column): Json {
  return { name, type: typeJson(type), nullable: true, metadata: comment === undefined ? {} : { comment } }
}

function typeJson(type: ColumnType): unknown {
  if (typeof type === 'string') return type
  if (type.type === 'struct') return { type: 'struct', fields: type.fields.map(fieldJson) }
  return { type: 'array', elementType: typeJson(type.elementType), containsNull: true }
}

export function sameType(a: ColumnType, b: ColumnType): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b
  if (a.type === 'array') return b.type === 'array' && sameType(a.elementType, b.elementType)
  return (
    b.type === 'struct' &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => {
      const other = b.fields[i]
      return other !== undefined && field.name === other.name && sameType(field.type, other.type)
    })
  )
}

function typeText(type: ColumnType): string {
  return typeof type === 'string' ? type : JSON.stringify(typeJson(type))
}

/** Names are unique whatever their case (PROTOCOL.md, "Schema Serialization Format"), and of types that we can write. */
export function checkColumns(columns: readonly Column[], root: string): void {
  const seen = new Set<string>()
  for (const { name, type } of columns) {
    const key = name.toLowerCase()
    const why =
      name === '' ? 'has no name' : seen.has(key) ? 'stands there twice (names differ by case at most)' : undefined
    if (why !== undefined) throw schemaFault(root, `the column ${JSON.stringify(name)} ${why}`)
    if (typeof type === 'string' && !primitives.has(type) && !decimalOf(type)) {
      throw schemaFault(root, `the column ${name} has no type of Delta: ${type}`)
    }
    seen.add(key)
  }
}

const inexact: ReadonlySet<string> = new Set(['binary', 'double', 'float'])

/** Partition columns are columns of the table, of types that have a text, and not all that it has: its files need some. */
export function checkPartitionColumns(
  partitionColumns: readonly string[],
  columns: readonly Column[],
  root: string,
): void {
  const seen = new Set<string>()
  for (const name of partitionColumns) {
    const type = columns.find((column) => column.name === name)?.type
    const why =
      type === undefined
        ? 'is none of its columns'
        : typeof type !== 'string' || inexact.has(type)
          ? `has the type ${typeText(type)}, whose values have no one text`
          : seen.has(name)
            ? 'stands there twice'
            : undefined
    if (why !== undefined) throw partitionFault(root, `${JSON.stringify(name)} ${why}`)
    seen.add(name)
  }
  if (columns.length === seen.size) throw partitionFault(root, 'no column is left for its files')
}

function partitionFault(root: string, what: string): Fault {
  return new Fault('lake/schema', `${root} cannot be partitioned so: ${what}.`, {
    mend: 'Partition by some of its columns, of plain types.',
    facts: { root },
  })
}

/**
 * The columns that a table has after a change asks for `wanted`: those it has, in their order, and then the new ones.
 * Where all its files go in the same commit (`replaced`), it may have any columns, but for those that partition it.
 */
export function grownColumns(
  has: readonly Column[],
  wanted: readonly Column[],
  { root, replaced, partitionColumns }: { root: string; replaced: boolean; partitionColumns: readonly string[] },
): readonly Column[] {
  checkColumns(wanted, root)
  if (replaced) {
    keptColumns(
      has.filter(({ name }) => partitionColumns.includes(name)),
      wanted,
      root,
    )
    return wanted
  }
  return keptColumns(has, wanted, root)
}

function keptColumns(has: readonly Column[], wanted: readonly Column[], root: string): readonly Column[] {
  const byName = new Map(wanted.map((column) => [column.name.toLowerCase(), column]))
  const kept = has.map((column) => {
    const same = byName.get(column.name.toLowerCase())
    if (!same) throw schemaFault(root, `the column ${column.name} is gone`)
    if (same.name !== column.name || !sameType(same.type, column.type)) {
      throw schemaFault(
        root,
        `the column ${column.name} is ${typeText(column.type)} and was to become ${same.name} ${typeText(same.type)}`,
      )
    }
    byName.delete(column.name.toLowerCase())
    return same
  })
  return [...kept, ...byName.values()]
}

function schemaFault(root: string, what: string): Fault {
  return new Fault('lake/schema', `The columns of ${root} cannot change so: ${what}.`, {
    mend: 'Columns may be added; for any other change rebuild the table in full, or give the column a new name.',
    facts: { root },
  })
}
