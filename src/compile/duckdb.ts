import type { ColumnType } from '#port'
import type { Dialect } from './dialect.ts'

const types: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  double: 'DOUBLE',
  float: 'FLOAT',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMPTZ',
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

function literal(value: string | number | boolean | null): string {
  if (value === null) return 'NULL'
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)
}

function type(given: ColumnType): string {
  if (typeof given === 'string') return types[given] ?? given.toUpperCase()
  if (given.type === 'array') return `${type(given.elementType)}[]`
  return `STRUCT(${given.fields.map((field) => `${identifier(field.name)} ${type(field.type)}`).join(', ')})`
}

const blanks = `' \t\n\r\u00a0'`

/** Thousands and percent, among blanks: looked for only where the plain cast failed. To trim the text first, character by character, would cost more than the cast. */
const dressedNumber = `'^[ \t\n\r\u00a0]*[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)([.][0-9]+)?[ \u00a0]?%?[ \t\n\r\u00a0]*$'`
const undressed = (text: string) => `translate(${text}, ',% \t\n\r\u00a0', '')`

/** Ranges: 2^31 − 1, and 2^53 − 1, beyond which a double skips whole numbers. */
const largest = { integer: '2147483647', long: '9007199254740991' } as const

function members(json: string, keys: readonly string[]): string {
  // A shape without members is no struct to DuckDB.
  const named = keys.length === 0 ? ['_'] : keys
  const shape = literal(JSON.stringify(Object.fromEntries(named.map((key) => [key, 'VARCHAR']))))
  return `json_transform(${json}, ${shape})`
}

/** What JSON that begins with a brace is. Texts are ordered by their bytes. */
const beginsAsObject = (json: string): string => `(${json} >= '{' AND ${json} < '|')`

export const duckdb: Dialect = {
  name: 'duckdb',
  identifier,
  literal,
  type,
  cast: (value, to) => `CAST(${value} AS ${type(to)})`,
  byteLength: (bytes) => `octet_length(${bytes})`,
  decode: (bytes) => `TRY(decode(${bytes}))`,
  // A TRY does all of its rows again, one by one, where one fails.
  parse: (text, keys) =>
    `CASE WHEN json_valid(${text}) THEN CASE WHEN ${beginsAsObject(text)} OR json_type(${text}) = 'OBJECT' THEN ${members(text, keys)} END END`,
  parseTrusted: (text, keys) =>
    `CASE WHEN ${beginsAsObject(text)} THEN ${members(text, keys)} WHEN json_valid(${text}) THEN CASE WHEN json_type(${text}) = 'OBJECT' THEN ${members(text, keys)} END END`,
  isMalformed: (message) => message.includes('Malformed JSON'),
  member: (parsed, key) => `${parsed}.${identifier(key)}`,
  memberAt: (text, key) => `TRY(json_extract_string(${text}, '/' || replace(replace(${key}, '~', '~0'), '/', '~1')))`,
  memberNames: (text) =>
    `CASE WHEN json_valid(${text}) THEN CASE WHEN json_type(${text}) = 'OBJECT' THEN CAST(to_json(json_keys(${text})) AS VARCHAR) END END`,
  pick: (texts, index) => `json_extract_string(${literal(JSON.stringify(texts))}, '/' || ${index})`,
  trim: (text) => `trim(${text}, ${blanks})`,
  // A text in JSON ends with its quote, and has tabs and line ends only behind a backslash.
  mayEndBlank: (json) => `contains(${json}, ' "') OR contains(${json}, '\\') OR contains(${json}, '\u00a0')`,
  // DuckDB's trim walks a text from end to end, character by character. Texts are ordered by their bytes, and all blanks but one come before any letter.
  trimMember(text, mayEndBlank) {
    const ends = [...' \t\n\r\u00a0'].map((blank) => `suffix(${text}, '${blank}')`).join(' OR ')
    const ended = `(${text} >= '\u00a0' AND ${text} < '\u00a1') OR ${ends}`
    return `CASE WHEN ${text} < '!' OR (${mayEndBlank} AND (${ended})) THEN trim(${text}, ${blanks}) ELSE ${text} END`
  },
  // An IN list of this length would become a join for each column.
  without: (text, markers) =>
    markers.length === 0
      ? text
      : `CASE ${text} ${markers.map((marker) => `WHEN ${literal(marker)} THEN NULL`).join(' ')} ELSE ${text} END`,
  isOneOf: (text, texts) => `COALESCE(list_contains([${texts.map(literal).join(', ')}], ${text}), true)`,
  // What a CASE asks more than once is reckoned more than once: each cast stands where it is needed, and `none` twice.
  number(text, none = 'NULL') {
    // DuckDB alone reads 1_000 as a number, and nan and inf as doubles.
    const plain = `TRY_CAST(${text} AS DOUBLE)`
    return `CASE WHEN isfinite(${plain}) AND NOT contains(${text}, '_') THEN ${plain} WHEN regexp_matches(${text}, ${dressedNumber}) THEN COALESCE(TRY_CAST(${undressed(text)} AS DOUBLE), ${none}) ELSE ${none} END`
  },
  whole: (number, to) =>
    `CASE WHEN ${number} = trunc(${number}) AND abs(${number}) <= ${largest[to]} THEN CAST(${number} AS ${type(to)}) END`,
  notANumber: `CAST('nan' AS DOUBLE)`,
  isNotANumber: (number) => `isnan(${number})`,
  boolean: (text) =>
    `CASE lower(${text}) ${['true', 'yes', 'y', 't', '1'].map((yes) => `WHEN '${yes}' THEN true`).join(' ')} ${['false', 'no', 'n', 'f', '0'].map((no) => `WHEN '${no}' THEN false`).join(' ')} END`,
  date: (text) =>
    `COALESCE(TRY_CAST(left(${text}, 10) AS DATE), CAST(try_strptime(regexp_extract(${text}, '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}'), '%m/%d/%Y') AS DATE))`,
  // DuckDB also reads infinity and epoch, and years that neither JavaScript nor other readers of the tables know.
  timestamp(text) {
    const instant = `TRY_CAST(${text} AS TIMESTAMPTZ)`
    return `CASE WHEN left(${text}, 1) BETWEEN '0' AND '9' AND ${instant} >= TIMESTAMPTZ '0001-01-01 00:00:00+00' AND ${instant} < TIMESTAMPTZ '10000-01-01 00:00:00+00' THEN ${instant} END`
  },
  round: (number) => `round(${number})`,
  digits(number, width) {
    const text = `CAST(CAST(round(${number}) AS BIGINT) AS VARCHAR)`
    return `CASE WHEN ${number} >= 0 AND ${number} < 1e18 THEN lpad(${text}, CAST(greatest(${width}, length(${text})) AS INTEGER), '0') END`
  },
  capture: (text, pattern, group) =>
    `CASE WHEN regexp_matches(${text}, ${literal(pattern)}) THEN regexp_extract(${text}, ${literal(pattern)}, ${group}) END`,
  matches: (text, pattern) => `regexp_matches(${text}, ${literal(pattern)})`,
  upper: (text) => `upper(${text})`,
  replace: (text, from, to) => `replace(${text}, ${literal(from)}, ${literal(to)})`,
  join: (separator, parts) => (parts.length === 0 ? `''` : `concat_ws(${literal(separator)}, ${parts.join(', ')})`),
  jsonText: (text) => `CAST(to_json(${text}) AS VARCHAR)`,
  withoutMembers(json, keys) {
    const nothing = Object.fromEntries(keys.map((key) => [key, null]))
    return `CAST(json_merge_patch(CAST(${json} AS JSON), CAST(${literal(JSON.stringify(nothing))} AS JSON)) AS VARCHAR)`
  },
  encode: (text) => `encode(${text})`,
  hash: (text) => `md5(${text})`,
  bucket: (texts) => `hash(${texts.join(', ')})`,
  text: (value) => `CAST(${value} AS VARCHAR)`,
  header: (headers, key) =>
    `CASE WHEN len(${headers}) > 0 THEN TRY(decode(list_filter(${headers}, lambda h: h.key = ${literal(key)})[1].value)) END`,
  values: (items, of) => `CAST([${items.join(', ')}] AS ${type(of)}[])`,
  map: (list, body) => `list_transform(${list}, lambda _item, _number: ${body('_item', '_number')})`,
  item: (list, number) => `${list}[${number}]`,
  hasNull: (list) => `list_count(${list}) < len(${list})`,
  joinItems: (separator, list) => `list_aggregate(${list}, 'string_agg', ${literal(separator)})`,
  list(records, fields) {
    const element = type({ type: 'struct', fields: Object.entries(fields).map(([name, of]) => ({ name, type: of })) })
    const packed = records.map(
      (record) =>
        `struct_pack(${Object.entries(record)
          .map(([name, value]) => `${identifier(name)} := ${value}`)
          .join(', ')})`,
    )
    return `CAST([${packed.join(', ')}] AS ${element}[])`
  },
  unnest: (relation, columns, list, fields) =>
    `SELECT ${[...columns.map(identifier), ...fields.map((field) => `_element.${identifier(field)} AS ${identifier(field)}`)].join(', ')}
      FROM (SELECT ${columns.map(identifier).join(', ')}, unnest(${list}) AS _element FROM ${relation})`,
  files: (paths, columns) =>
    `SELECT ${[...columns.map(({ name }) => identifier(name)), 'file'].join(', ')} FROM (
      SELECT ${columns.map((column) => `CAST(NULL AS ${type(column.type)}) AS ${identifier(column.name)}, `).join('')}CAST(NULL AS VARCHAR) AS file WHERE false
      UNION ALL BY NAME SELECT * EXCLUDE (filename), filename AS file FROM read_parquet([${paths.map(literal).join(', ')}], filename = true, union_by_name = true, hive_partitioning = false))`,
}

/** By the engine's own word for it. */
export const dialects: Readonly<Record<Dialect['name'], Dialect>> = { duckdb }
