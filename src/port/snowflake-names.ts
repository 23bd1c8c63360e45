import type { ColumnType } from './column.ts'

// How Snowflake's SQL writes names, texts and types: statements that are compiled and those of the engine itself say them alike.

/** One part of a name, as the service keeps one that is written without quotes: in upper case, so that SQL without quotes, as the models have it, finds it. */
export function snowflakeIdentifier(part: string): string {
  return `"${part.toUpperCase().replaceAll('"', '""')}"`
}

/** `schema.name` or its parts, each part quoted. */
export function snowflakeName(...parts: readonly string[]): string {
  return parts
    .flatMap((part) => part.split('.'))
    .map(snowflakeIdentifier)
    .join('.')
}

export function snowflakeText(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

const types: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'NUMBER(38,0)',
  integer: 'NUMBER(38,0)',
  short: 'NUMBER(38,0)',
  byte: 'NUMBER(38,0)',
  double: 'FLOAT',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  binary: 'BINARY',
  date: 'DATE',
  timestamp: 'TIMESTAMP_TZ',
}

/** What a column that is not nested is there. Whole numbers have one type. */
export function snowflakeScalar(type: Extract<ColumnType, string>): string {
  return types[type] ?? type.replace('decimal', 'NUMBER')
}
