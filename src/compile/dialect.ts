import type { Column, ColumnType } from '#port'

/**
 * How one engine says what a compiled contract needs. Every function takes and gives SQL text; an argument may stand in the answer more than once.
 * The same record must come out the same in every dialect, to the last digit: `text` feeds hashes that outlive an engine.
 */
export interface Dialect {
  readonly name: 'duckdb'
  identifier(name: string): string
  literal(value: string | number | boolean | null): string
  type(type: ColumnType): string
  cast(value: string, type: ColumnType): string
  byteLength(bytes: string): string
  /** Bytes as text; null where they are not UTF-8. */
  decode(bytes: string): string
  /** A JSON object's members under these keys, each as text (a number, list or object as its JSON); null where the text is no JSON object. */
  parse(text: string, keys: readonly string[]): string
  /** The same in less time, where all texts that begin with a brace are JSON: where one is not, the statement fails with a message that `isMalformed`. */
  parseTrusted(text: string, keys: readonly string[]): string
  isMalformed(message: string): boolean
  /** One member of what `parse` gave. */
  member(parsed: string, key: string): string
  /** As `member`, of a JSON object's text, where the key is known only for each row. Null where the text is no JSON object. */
  memberAt(text: string, key: string): string
  /** JSON array of a JSON object's member names, in order; null where the text is no JSON object. */
  memberNames(text: string): string
  /** One of these texts, by an index from 0. */
  pick(texts: readonly (string | null)[], index: string): string
  /** Without blanks, tabs, line ends and no-break spaces at its ends. */
  trim(text: string): string
  /** Whether one of a JSON text's texts may begin or end with a blank; where it is false none does, but for one that begins with a space. */
  mayEndBlank(json: string): string
  /** As `trim`, of a member of a JSON text of which `mayEndBlank` is known; a member may be long, as a geometry is. */
  trimMember(text: string, mayEndBlank: string): string
  /** The text, null where it is one of these. */
  without(text: string, markers: readonly string[]): string
  /** True where the text is null or one of these. */
  isOneOf(text: string, texts: readonly string[]): string
  /** Text to a finite double, `none` (null if absent) where it is none; `1,234` and `87%` are read, blanks around it are read over. */
  number(text: string, none?: string): string
  /** A double that is a whole number of the type's range, as that type; else null. */
  whole(number: string, type: 'integer' | 'long'): string
  /** A double that is none. */
  readonly notANumber: string
  isNotANumber(number: string): string
  /** Text to boolean: true, yes, y, t, 1 and their opposites in any case; else null. */
  boolean(text: string): string
  /** Text to date: `2018-07-01`, `07/01/2018`, either followed by a time; else null. */
  date(text: string): string
  /** Text to instant, UTC where no zone stands in it; else null. */
  timestamp(text: string): string
  round(number: string): string
  digits(number: string, width: number): string
  capture(text: string, pattern: string, group: number): string
  /** Whether the pattern is found in the text. */
  matches(text: string, pattern: string): string
  upper(text: string): string
  /** Every occurrence of one text in another, replaced. */
  replace(text: string, from: string, to: string): string
  /** The parts that are not null, joined; an empty text where all are null. */
  join(separator: string, parts: readonly string[]): string
  /** A text as a JSON string, quotes included. */
  jsonText(text: string): string
  /** JSON text of an object, without these members. */
  withoutMembers(json: string, keys: readonly string[]): string
  encode(text: string): string
  /** Hex of the MD5 of a text. */
  hash(text: string): string
  /** A number that equal lists of texts share and others seldom do; it means nothing beyond the statement. */
  bucket(texts: readonly string[]): string
  /** One text for one value, the same in every dialect. */
  text(value: string): string
  /** The value of a record's header, decoded; null where there is none. */
  header(headers: string, key: string): string
  values(items: readonly string[], type: ColumnType): string
  /** A list of the same length; `body` makes each item from the item and its number, from 1. */
  map(list: string, body: (item: string, number: string) => string): string
  /** The item with this number, from 1. */
  item(list: string, number: number | string): string
  hasNull(list: string): string
  /** The items that are not null, joined; null or empty where all are null. */
  joinItems(separator: string, list: string): string
  /** A list of records; `fields` in the same order in each. */
  list(records: readonly Readonly<Record<string, string>>[], fields: Readonly<Record<string, ColumnType>>): string
  /** A select of one row an element: `columns` of the relation, and the fields of the elements. */
  unnest(relation: string, columns: readonly string[], list: string, fields: readonly string[]): string
  /** Rows of Parquet files with a column `file` that has each row's path as it was given. A column that a file lacks is null there. */
  files(paths: readonly string[], columns: readonly Column[]): string
}
