/** Delta's primitive type names, used everywhere above an engine; each engine maps its own names onto these. */
export type PrimitiveType =
  | 'string'
  | 'long'
  | 'integer'
  | 'short'
  | 'byte'
  | 'double'
  | 'float'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'timestamp'
  | `decimal(${number},${number})`

export interface ArrayType {
  readonly type: 'array'
  readonly elementType: ColumnType
}

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly Column[]
}

export type ColumnType = PrimitiveType | ArrayType | StructType

/** One column of a table. Every column may be null: a rule, not a file format, says what must be there. */
export interface Column {
  readonly name: string
  readonly type: ColumnType
  /** What it means, with its unit; shown to people. */
  readonly comment?: string
}
