import { hashText } from './hash.ts'
import type { Place } from './place.ts'
import { mistaken } from './place.ts'
import type { Value } from './value.ts'
import { isDict, isList, isTuple, items, repr, text, truthy } from './value.ts'

/** Config that may stand among a test's own arguments. */
const configArguments =
  'severity tags enabled where limit warn_if error_if fail_calc store_failures store_failures_as sql_header meta database schema alias'.split(
    ' ',
  )

export interface WrittenTest {
  readonly name: string
  readonly namespace: string | null
  readonly givenName: string | null
  readonly description: string
  readonly args: Map<string, Value>
  readonly config: Map<string, Value>
}

/** Reads `not_null`, `{accepted_values: {arguments: {values: […]}}}`, or `{test_name: …, …}`; arguments may stand under `arguments` or bare. */
export function readTest(written: Value, column: string | null, at: Place): WrittenTest {
  const { called, given } = calledTest(written, at)
  const [namespace, name] = called.includes('.') ? called.split('.') : [null, called]
  const args = new Map<string, Value>(column === null ? [] : [['column_name', column]])
  for (const [key, value] of given) args.set(text(key, at), value)
  const nested = args.get('arguments')
  args.delete('arguments')
  if (isDict(nested ?? null)) for (const [key, value] of nested as Map<Value, Value>) args.set(text(key, at), value)

  const config = new Map<string, Value>()
  const take = (key: string): Value | undefined => {
    const value = args.get(key)
    args.delete(key)
    return value
  }
  for (const key of configArguments) {
    const value = take(key)
    if (value !== undefined && value !== null) config.set(key, value)
  }
  const group = take('config')
  if (group !== undefined && group !== null) {
    if (!isDict(group)) throw mistaken('config must be a group of `key: value`.', at, 'Write it as keys and values.')
    for (const [key, value] of group) if (value !== null) config.set(text(key, at), value)
  }
  const givenName = take('name')
  const description = take('description')
  return {
    name: name ?? called,
    namespace: namespace ?? null,
    givenName: givenName === undefined ? null : text(givenName, at),
    description: description === undefined ? '' : text(description, at),
    args,
    config,
  }
}

function calledTest(written: Value, at: Place): { called: string; given: Map<Value, Value> } {
  if (typeof written === 'string') return { called: written, given: new Map() }
  const wrong = (): Error =>
    mistaken('A test is a name, or a name with its arguments.', at, 'Write `- unique` or `- accepted_values: {…}`.')
  if (!isDict(written)) throw wrong()
  const named = written.get('test_name')
  if (named !== undefined) {
    const given = new Map(written)
    given.delete('test_name')
    return { called: text(named, at), given }
  }
  const [only, ...more] = [...written]
  if (only === undefined || more.length > 0) throw wrong()
  const [name, args] = only
  if (args !== null && !isDict(args)) throw wrong()
  return { called: text(name, at), given: args ?? new Map() }
}

/** The name that dbt makes of a test's type, target and arguments: whole, and where that is too long for a file, cut with a hash. */
export function testNames(
  test: WrittenTest,
  target: string,
  onSource: boolean,
  at: Place,
): { short: string; full: string } {
  if (test.givenName !== null) return { short: test.givenName, full: test.givenName }
  const parts: string[] = []
  for (const key of [...test.args.keys()].sort()) {
    const value = test.args.get(key) ?? null
    if (key === 'model') continue
    const values = isDict(value) ? [...value.values()] : isList(value) ? value : [value]
    parts.push(...values.map((each) => text(each, at).replace(/[^0-9a-zA-Z_]+/g, '_')))
  }
  const type = `${onSource ? 'source_' : ''}${test.name}`
  const identifier = `${test.namespace === null ? '' : `${test.namespace}_`}${type}_${target}`
  const full = `${identifier}_${parts.join('__')}`
  return { short: full.length >= 64 ? `${identifier.slice(0, 30)}_${hashText('md5', full)}` : full, full }
}

/** The last ten digits of the hash of a test's name and metadata, written as Python prints them; part of its unique id. */
export function testHash(fullName: string, test: WrittenTest, kwargs: ReadonlyMap<string, Value>, at: Place): string {
  const hashable = (value: Value): Value => {
    if (isDict(value)) {
      const keys = [...value.keys()].sort((a, b) => (text(a, at) < text(b, at) ? -1 : 1))
      return new Map(keys.map((key): [Value, Value] => [key, hashable(value.get(key) ?? null)]))
    }
    return isList(value) && !isTuple(value) ? value.map(hashable) : text(value, at)
  }
  const metadata = new Map<Value, Value>([
    ['kwargs', new Map<Value, Value>(kwargs)],
    ['name', test.name],
    ['namespace', test.namespace],
  ])
  return hashText('md5', fullName + repr(hashable(metadata), at)).slice(-10)
}

type Kwargs = ReadonlyMap<string, Value>

/** dbt's own four tests: a select of the rows that break the rule. */
export const builtinTests: Readonly<Record<string, (kwargs: Kwargs, at: Place) => string>> = {
  not_null: (kwargs, at) => {
    const { model, column } = subject(kwargs, ['model', 'column_name'], at)
    return `select ${column}\nfrom ${model}\nwhere ${column} is null`
  },
  unique: (kwargs, at) => {
    const { model, column } = subject(kwargs, ['model', 'column_name'], at)
    return [
      `select ${column} as unique_field, count(*) as n_records`,
      `from ${model}`,
      `where ${column} is not null`,
      `group by ${column}`,
      'having count(*) > 1',
    ].join('\n')
  },
  accepted_values: (kwargs, at) => {
    const { model, column } = subject(kwargs, ['model', 'column_name', 'values', 'quote'], at)
    const quote = truthy(kwargs.get('quote') ?? true)
    const values = items(argument(kwargs, 'values', at), at).map((value) =>
      quote ? `'${text(value, at)}'` : text(value, at),
    )
    return [
      'with all_values as (',
      `  select ${column} as value_field, count(*) as n_records from ${model} group by ${column}`,
      ')',
      `select * from all_values where value_field not in (${values.join(',')})`,
    ].join('\n')
  },
  relationships: (kwargs, at) => {
    const { model, column } = subject(kwargs, ['model', 'column_name', 'to', 'field'], at)
    const [to, field] = [text(argument(kwargs, 'to', at), at), text(argument(kwargs, 'field', at), at)]
    return [
      `with child as (select ${column} as from_field from ${model} where ${column} is not null),`,
      `parent as (select ${field} as to_field from ${to})`,
      'select from_field from child left join parent on child.from_field = parent.to_field where parent.to_field is null',
    ].join('\n')
  },
}

function subject(kwargs: Kwargs, known: readonly string[], at: Place): { model: string; column: string } {
  const extra = [...kwargs.keys()].find((key) => !known.includes(key))
  if (extra !== undefined)
    throw mistaken(`The test takes no argument ${extra}.`, at, `It takes ${known.slice(1).join(', ')}.`)
  return { model: text(argument(kwargs, 'model', at), at), column: text(argument(kwargs, 'column_name', at), at) }
}

function argument(kwargs: Kwargs, name: string, at: Place): Value {
  const value = kwargs.get(name)
  if (value === undefined) throw mistaken(`The test lacks its argument ${name}.`, at, `Give ${name} under arguments.`)
  return value
}
