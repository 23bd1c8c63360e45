import type { ColumnType } from '#port'

/** A column's type in a word. */
export function typeName(type: ColumnType): string {
  return typeof type === 'string' ? type : type.type
}
