import type { Materialization } from './feature.ts'
import type { Place } from './place.ts'
import type { MacroDefinition } from './template.ts'
import type { Value } from './value.ts'

export interface Relation {
  readonly schema: string
  readonly identifier: string
  /** As it stands in SQL: `"gold"."borough_summary"`, a common table expression's name, or where a source really lies. */
  readonly sql: string
}

export interface ColumnNote {
  readonly name: string
  readonly description: string
  readonly dataType: string | null
  readonly quote: boolean
  readonly meta: Value
  readonly tags: readonly string[]
}

export interface Macro {
  readonly id: string
  readonly name: string
  /** The project's name, or that of the package it comes from. */
  readonly package: string
  readonly file: string
  readonly source: string
  readonly definition: MacroDefinition
  readonly description: string
}

export interface SourceTable {
  readonly id: string
  readonly source: string
  readonly name: string
  readonly sourceDescription: string
  readonly description: string
  readonly fqn: readonly string[]
  readonly relation: Relation
  readonly columns: readonly ColumnNote[]
  readonly meta: Value
  readonly tags: readonly string[]
  readonly at: Place
}

/** What reading a node's text found it to need. */
export interface Needs {
  /** Unique ids, in order of appearance. */
  readonly nodes: Set<string>
  readonly macros: Set<string>
  readonly refs: { readonly names: readonly string[]; readonly at: Place }[]
  readonly sources: (readonly [string, string])[]
}

interface NodeBase {
  readonly id: string
  readonly name: string
  readonly fqn: readonly string[]
  /** Relative to the resource's own folder, as dbt's `path`. */
  readonly path: string
  /** Relative to the project's folder. */
  readonly file: string
  readonly at: Place
  readonly rawCode: string
  readonly checksum: string
  readonly config: ReadonlyMap<string, Value>
  readonly tags: readonly string[]
  readonly description: string
  readonly alias: string
  readonly schema: string
  readonly needs: Needs
}

export interface ModelNode extends NodeBase {
  readonly kind: 'model' | 'seed'
  readonly materialized: Materialization | 'seed'
  readonly columns: readonly ColumnNote[]
  readonly relation: Relation
  readonly patchFile: string | null
  /** Absolute, for a seed's rows. */
  readonly absoluteFile: string
}

export interface TestNode extends NodeBase {
  readonly kind: 'test'
  /** Absent for a singular test. */
  readonly generic: GenericTest | undefined
  /** Of a unit test, what it gives and expects. */
  readonly unit?: UnitTest
}

/** Rows by column, as text that the engine casts, or a select of them. */
export type UnitRows = { readonly rows: readonly ReadonlyMap<string, string | null>[] } | { readonly sql: string }

export interface UnitInput {
  readonly of: 'ref' | 'source' | 'this'
  readonly names: readonly string[]
  readonly rows: UnitRows
  readonly at: Place
}

export interface UnitTest {
  /** Id of the model. */
  readonly model: string
  readonly given: readonly UnitInput[]
  readonly expect: UnitRows
  /** What is expected is the whole table after the incremental model's rows came into those of `this`. */
  readonly merged: boolean
  readonly macros: ReadonlyMap<string, Value>
  readonly vars: ReadonlyMap<string, Value>
  readonly env: ReadonlyMap<string, Value>
}

export interface GenericTest {
  readonly name: string
  readonly namespace: string | null
  /** As written, `model` and `column_name` with them. */
  readonly kwargs: ReadonlyMap<string, Value>
  readonly columnName: string | null
  /** The model's name, or the source's and the table's. */
  readonly target: readonly string[]
  readonly onSource: boolean
  readonly attachedNode: string | null
  readonly fileKey: string
}

export type Node = ModelNode | TestNode

export const isUnit = (node: Node): node is TestNode & { readonly unit: UnitTest } =>
  node.kind === 'test' && node.unit !== undefined

export interface Docs {
  readonly id: string
  readonly name: string
  readonly file: string
  readonly text: string
}

export interface Manifest {
  readonly project: string
  readonly targetName: string
  readonly nodes: ReadonlyMap<string, Node>
  readonly sources: ReadonlyMap<string, SourceTable>
  readonly macros: ReadonlyMap<string, Macro>
  readonly docs: ReadonlyMap<string, Docs>
  readonly disabled: ReadonlySet<string>
  /** Models and seeds in build order, each test right after the last thing it stands on. */
  readonly order: readonly Node[]
}
