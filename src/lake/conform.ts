import type { DataType, FileField } from '#parquet'
import { decimalOf } from '#parquet'
import type { Column, ColumnType } from '#port'
import { Fault } from '#port'

/** Fault `lake/bad-file` where a column of a file is not what the table says it is. A column that the file lacks is null, or of the partition. */
export function checkFileFields(
  fields: readonly FileField[],
  columns: readonly Column[],
  partitionColumns: readonly string[],
  name: string,
): void {
  for (const field of fields) {
    const column = columns.find((each) => each.name === field.name)
    const why = !column
      ? `the table has no column ${field.name}`
      : partitionColumns.includes(field.name)
        ? `the table is partitioned by ${field.name}, which stands in its log and not in its files`
        : fits(column.type, field.type)
          ? undefined
          : `column ${field.name} is ${typeName(field.type)} there and ${typeName(column.type)} in the table`
    if (why !== undefined) {
      throw new Fault('lake/bad-file', `${name} does not fit its table: ${why}.`, {
        mend: 'Cast the column where the rows are selected, so that file and table agree.',
        facts: { path: name, column: field.name },
      })
    }
  }
}

/** True where values of the file's type are values of the table's type as they are. */
function fits(wanted: ColumnType, found: DataType): boolean {
  if (typeof wanted === 'string') {
    if (typeof found !== 'string') return false
    if (wanted === found) return true
    const table = decimalOf(wanted)
    const file = decimalOf(found)
    return table !== undefined && file !== undefined && table.precision === file.precision && table.scale === file.scale
  }
  if (typeof found === 'string') return false
  if (wanted.type === 'array') return found.type === 'array' && fits(wanted.elementType, found.elementType)
  return (
    found.type === 'struct' &&
    found.fields.every((field) => {
      const column = wanted.fields.find((each) => each.name === field.name)
      return column !== undefined && fits(column.type, field.type)
    })
  )
}

export function typeName(type: DataType): string {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'array':
      return `array<${typeName(type.elementType)}>`
    case 'map':
      return `map<${typeName(type.keyType)},${typeName(type.valueType)}>`
    case 'struct':
      return `struct<${type.fields.map((field) => `${field.name} ${typeName(field.type)}`).join(', ')}>`
  }
}
