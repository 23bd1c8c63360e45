import { callable } from './evaluate.ts'
import type { Place } from './place.ts'
import { unsupported } from './place.ts'
import type { Callable, Value } from './value.ts'
import { items, text, truthy } from './value.ts'

type Written = (arg: (name: string) => string, value: (name: string) => Value, at: Place) => string

/** dbt's macros that hide what databases say differently, as dbt-duckdb spells them. Each has its parameters and its SQL. */
const spelled: Readonly<Record<string, readonly [parameters: string, sql: Written]>> = {
  type_string: ['', () => 'TEXT'],
  type_timestamp: ['', () => 'timestamp'],
  type_float: ['', () => 'float'],
  type_numeric: ['', () => 'numeric(28,6)'],
  type_bigint: ['', () => 'bigint'],
  type_int: ['', () => 'integer'],
  type_boolean: ['', () => 'boolean'],
  current_timestamp: ['', () => 'now()'],
  any_value: ['expression', (arg) => `arbitrary(${arg('expression')})`],
  bool_or: ['expression', (arg) => `bool_or(${arg('expression')})`],
  cast: ['field type', (arg) => `cast(${arg('field')} as ${arg('type')})`],
  // As dbt-duckdb has it: a plain cast, which fails on text that is no number.
  safe_cast: ['field type', (arg) => `cast(${arg('field')} as ${arg('type')})`],
  cast_bool_to_text: ['field', (arg) => `cast(${arg('field')} as TEXT)`],
  concat: ['fields', (_arg, value, at) => listed(value('fields'), ' || ', at)],
  date: ['year month day', (arg) => `make_date(${arg('year')}, ${arg('month')}, ${arg('day')})`],
  date_trunc: ['datepart date', (arg) => `date_trunc('${arg('datepart')}', ${arg('date')})`],
  dateadd: [
    'datepart interval from_date_or_timestamp',
    (arg) => added(arg('from_date_or_timestamp'), arg('interval'), arg('datepart')),
  ],
  datediff: [
    'first_date second_date datepart',
    (arg, _value, at) => {
      if (arg('datepart') === 'week') throw unsupported('dbt.datediff in weeks', at)
      return `(date_diff('${arg('datepart')}', ${arg('first_date')}::timestamp, ${arg('second_date')}::timestamp))`
    },
  ],
  last_day: [
    'date datepart',
    (arg) => {
      const [date, part] = [arg('date'), arg('datepart')]
      const next = part === 'quarter' ? ['3', 'month'] : ['1', part]
      return `cast(${added(added(`date_trunc('${part}', ${date})`, next[0] ?? '', next[1] ?? ''), '-1', 'day')} as date)`
    },
  ],
  equals: ['expr1 expr2', (arg) => `(${arg('expr1')} = ${arg('expr2')})`],
  escape_single_quotes: ['expression', (arg) => arg('expression').replaceAll("'", "''")],
  string_literal: ['value', (arg) => `'${arg('value')}'`],
  except: ['', () => 'except'],
  intersect: ['', () => 'intersect'],
  hash: ['field', (arg) => `md5(cast(${arg('field')} as TEXT))`],
  length: ['expression', (arg) => `length(${arg('expression')})`],
  listagg: [
    'measure delimiter_text order_by_clause limit_num',
    (arg, value) => {
      const delimiter = truthy(value('delimiter_text')) ? arg('delimiter_text') : "','"
      const order = truthy(value('order_by_clause')) ? ` ${arg('order_by_clause')}` : ''
      if (!truthy(value('limit_num'))) return `string_agg(${arg('measure')}, ${delimiter}${order})`
      return `list_aggr((array_agg(${arg('measure')}${order}))[1:${arg('limit_num')}], 'string_agg', ${delimiter})`
    },
  ],
  position: ['substring_text string_text', (arg) => `position(${arg('substring_text')} in ${arg('string_text')})`],
  replace: ['field old_chars new_chars', (arg) => `replace(${arg('field')}, ${arg('old_chars')}, ${arg('new_chars')})`],
  right: ['string_text length_expression', (arg) => `right(${arg('string_text')}, ${arg('length_expression')})`],
  split_part: [
    'string_text delimiter_text part_number',
    (arg) => `string_split(${arg('string_text')}, ${arg('delimiter_text')})[${arg('part_number')}]`,
  ],
  array_construct: [
    'inputs data_type',
    (arg, value, at) => {
      const inputs = items(value('inputs') ?? [], at)
      if (inputs.length > 0) return `array[${listed([...inputs], ', ', at)}]`
      return `array[]::${value('data_type') === null ? 'integer' : arg('data_type')}[]`
    },
  ],
  array_append: ['array new_element', (arg) => `array_append(${arg('array')}, ${arg('new_element')})`],
  array_concat: ['array_1 array_2', (arg) => `array_cat(${arg('array_1')}, ${arg('array_2')})`],
}

function added(from: string, interval: string, part: string): string {
  const unit = part.toLowerCase()
  const [factor, base] = unit === 'quarter' ? [' * 3', 'month'] : unit === 'week' ? [' * 7', 'day'] : ['', unit]
  const amount = factor === '' ? `cast(${interval} as bigint)` : `(cast(${interval} as bigint)${factor})`
  return `(${from} + ${amount} * interval 1 ${base})`
}

const listed = (value: Value, between: string, at: Place): string =>
  items(value, at)
    .map((item) => text(item, at))
    .join(between)

export const crossDatabaseMacros: ReadonlyMap<string, Callable> = new Map(
  Object.entries(spelled).map(([name, [list, write]]): [string, Callable] => {
    const parameters = list === '' ? [] : list.split(' ')
    const call = callable(`dbt.${name}`, parameters, (arg, at) =>
      write(
        (parameter) => text(arg(parameter) ?? null, at),
        (parameter) => arg(parameter) ?? null,
        at,
      ),
    )
    return [name, call]
  }),
)

/** Macros of dbt's own that the runner does not do, so that they are refused by name and not called unknown. */
export const refusedDbtMacros: ReadonlySet<string> = new Set(
  (
    'date_spine get_intervals_between generate_series get_powers_of_two run_query statement get_columns_in_relation load_relation ' +
    'drop_relation_if_exists create_schema drop_schema get_where_subquery should_store_failures current_timestamp_backcompat ' +
    'snapshot_get_time convert_timezone get_catalog date_part partition_range dates_in_range'
  ).split(' '),
)
