import type { PrimitiveType } from '#port'
import type { SchemaElement } from './library.ts'
import type { DataType, Field } from './schema.ts'
import { elementsOf } from './schema.ts'

/** One leaf of a column: its values without nulls, and the levels that say where nulls and list ends are (Dremel). */
export interface LeafValues extends Leaf {
  readonly values: ArrayLike<unknown>
  /** Undefined: no nulls. */
  readonly definition: readonly number[] | undefined
  /** Undefined: no lists. */
  readonly repetition: readonly number[] | undefined
  /** Values and nulls together. */
  readonly slots: number
  /** True where all values are the same one. */
  readonly constant: boolean
}

/** A column's values in row order, or one value for all rows. */
export type ColumnValues = ArrayLike<unknown> | { readonly constant: unknown }

/** A column as the flat leaves that Parquet stores. `rows` from `start` to `end` (exclusive). */
export function shred(field: Field, values: ColumnValues, start: number, end: number): readonly LeafValues[] {
  if (typeof field.type === 'string') return [shredFlat(field, field.type, values, start, end)]
  const { node, leaves } = nodeOf(field)
  const at = 'constant' in values ? () => values.constant : (i: number) => values[i]
  for (let i = start; i < end; i += 1) place(node, at(i), 0, 0)
  return leaves.map((leaf) => ({ ...leaf, slots: leaf.definition.length, constant: false }))
}

function shredFlat(field: Field, type: PrimitiveType, values: ColumnValues, start: number, end: number): LeafValues {
  const [element] = elementsOf(field)
  if (!element) throw new TypeError(`no element for ${field.name}`)
  const leaf = {
    type,
    element,
    path: [field.name],
    maxDefinition: 1,
    maxRepetition: 0,
    repetition: undefined,
    slots: end - start,
  }
  if ('constant' in values) {
    const absent = values.constant === null || values.constant === undefined
    return {
      ...leaf,
      values: absent ? [] : new Array(end - start).fill(values.constant),
      definition: absent ? new Array(end - start).fill(0) : undefined,
      constant: !absent,
    }
  }
  const present: unknown[] = []
  for (let i = start; i < end; i += 1) {
    const value = values[i]
    if (value !== null && value !== undefined) present.push(value)
  }
  if (present.length === end - start) return { ...leaf, values: present, definition: undefined, constant: false }
  const definition: number[] = new Array(end - start)
  for (let i = start; i < end; i += 1) definition[i - start] = values[i] === null || values[i] === undefined ? 0 : 1
  return { ...leaf, values: present, definition, constant: false }
}

/** A leaf of the schema. */
export interface Leaf {
  readonly type: PrimitiveType
  readonly element: SchemaElement
  /** Names from the column down, as the footer has them. */
  readonly path: readonly string[]
  readonly maxDefinition: number
  readonly maxRepetition: number
}

export function leavesOf(field: Field): readonly Leaf[] {
  return nodeOf(field).leaves
}

interface LeafBuffer extends Leaf {
  readonly values: unknown[]
  readonly definition: number[]
  readonly repetition: number[]
}

type Node =
  | { readonly kind: 'leaf'; readonly leaf: LeafBuffer; readonly required: boolean }
  | { readonly kind: 'struct'; readonly children: readonly { readonly name: string; readonly node: Node }[] }
  /** `repetition`: the level with which a second item starts. A map is a list whose items have a key and a value. */
  | { readonly kind: 'list'; readonly repetition: number; readonly item: Node }
  | { readonly kind: 'map'; readonly repetition: number; readonly key: Node; readonly value: Node }

function nodeOf(field: Field): { node: Node; leaves: LeafBuffer[] } {
  const leaves: LeafBuffer[] = []
  const build = (
    name: string,
    type: DataType,
    path: readonly string[],
    def: number,
    rep: number,
    required: boolean,
  ): Node => {
    const here = [...path, name]
    const defined = required ? def : def + 1
    if (typeof type === 'string') {
      const [element] = elementsOf({ name, type }, required)
      if (!element) throw new TypeError(`no element for ${name}`)
      const leaf = {
        type,
        element,
        path: here,
        maxDefinition: defined,
        maxRepetition: rep,
        values: [],
        definition: [],
        repetition: [],
      }
      leaves.push(leaf)
      return { kind: 'leaf', leaf, required }
    }
    if (type.type === 'struct') {
      return {
        kind: 'struct',
        children: type.fields.map((child) => ({
          name: child.name,
          node: build(child.name, child.type, here, defined, rep, false),
        })),
      }
    }
    if (type.type === 'array') {
      const item = build('element', type.elementType, [...here, 'list'], defined + 1, rep + 1, false)
      return { kind: 'list', repetition: rep + 1, item }
    }
    const inside = [...here, 'key_value']
    return {
      kind: 'map',
      repetition: rep + 1,
      key: build('key', type.keyType, inside, defined + 1, rep + 1, true),
      value: build('value', type.valueType, inside, defined + 1, rep + 1, false),
    }
  }
  return { node: build(field.name, field.type, [], 0, 0, false), leaves }
}

/** Puts one value below `node`; `def` counts the optional and repeated levels above it that are there. */
function place(node: Node, value: unknown, def: number, rep: number): void {
  if (node.kind === 'leaf') {
    const { leaf, required } = node
    const absent = value === null || value === undefined
    if (absent && required) throw new TypeError(`${leaf.path.join('.')} cannot be null`)
    leaf.definition.push(absent || required ? def : def + 1)
    leaf.repetition.push(rep)
    if (!absent) leaf.values.push(value)
    return
  }
  if (value === null || value === undefined) {
    placeAbsent(node, def, rep)
    return
  }
  if (node.kind === 'struct') {
    for (const child of node.children) place(child.node, member(value, child.name), def + 1, rep)
    return
  }
  if (!Array.isArray(value)) throw new TypeError('a list or map is written from an array')
  if (value.length === 0) {
    placeAbsent(node, def + 1, rep)
    return
  }
  for (let i = 0; i < value.length; i += 1) {
    const itemRep = i === 0 ? rep : node.repetition
    if (node.kind === 'list') place(node.item, value[i], def + 2, itemRep)
    else {
      place(node.key, member(value[i], 'key'), def + 2, itemRep)
      place(node.value, member(value[i], 'value'), def + 2, itemRep)
    }
  }
}

function placeAbsent(node: Node, def: number, rep: number): void {
  switch (node.kind) {
    case 'leaf':
      node.leaf.definition.push(def)
      node.leaf.repetition.push(rep)
      return
    case 'struct':
      for (const child of node.children) placeAbsent(child.node, def, rep)
      return
    case 'list':
      placeAbsent(node.item, def, rep)
      return
    case 'map':
      placeAbsent(node.key, def, rep)
      placeAbsent(node.value, def, rep)
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`a struct with ${name} expected, not ${typeof value}`)
  return Reflect.get(value, name)
}
