import type { LineageColumn, LineageOrigin, LineageTable, LineageUse } from '#api'
import { bronzeOfCoordinate, keptColumns, measureColumns, silverColumns } from '#compile'
import type { ColumnSpec, Contract, Expression } from '#contract'
import { expressionsIn, headerKey } from '#contract'
import type { Column } from '#port'
import { columnsBefore, originSet, through } from './origin.ts'
import { typeName } from './type-name.ts'

/** A dataset's Bronze, and what its contract makes of it: Silver, and the table of its measures where it has one. */
export function contractTables(contract: Contract, bronzeColumns: readonly Column[]): readonly LineageTable[] {
  const reads = [`bronze.${contract.name}`]
  const made = { layer: 'silver', madeBy: 'contract', reads, uses: usesOf(contract), untraced: null } as const
  const silver = { ...made, name: `silver.${contract.name}`, about: contract.title }
  const origins = (name: string): readonly LineageOrigin[] => silverOrigins(contract, name)
  const tables: LineageTable[] = [
    bronzeTable(contract, bronzeColumns),
    { ...silver, columns: silverColumns(contract).map((column) => lineageColumn(column, origins(column.name))) },
  ]
  if (contract.measureTable !== undefined) {
    const columns = measureColumns(contract).map((column) =>
      lineageColumn(column, measureOrigins(contract, column.name)),
    )
    tables.push({
      ...silver,
      name: `silver.${contract.measureTable}`,
      about: `${contract.title}: its measures`,
      columns,
    })
  }
  return tables
}

export function lineageColumn({ name, type, comment }: Column, from: readonly LineageOrigin[]): LineageColumn {
  return { name, type: typeName(type), about: comment ?? '', from, chosenBy: [] }
}

/** What every record has, and the headers under which the files, or the messages, have the dataset's values. */
function bronzeTable(contract: Contract, columns: readonly Column[]): LineageTable {
  const about = `As it stands in the ${contract.stream === undefined ? 'files' : 'messages'}`
  const headers = new Map<string, string>()
  for (const spec of Object.values(contract.columns)) {
    const stays = spec.privacy === 'drop' ? '; left in Bronze' : ''
    for (const { column } of headersOf(contract, writtenAs(spec))) headers.set(column, about + stays)
  }
  return {
    name: `bronze.${contract.name}`,
    layer: 'bronze',
    madeBy: 'file',
    about: `${contract.title}, as published by ${contract.publisher}`,
    columns: [
      ...columns.filter(({ name }) => !headers.has(name)).map((column) => lineageColumn(column, [])),
      ...[...headers].map(([name, about]) => ({ name, type: 'string', about, from: [], chosenBy: [] })),
    ],
    reads: [],
    uses: [],
    untraced: null,
  }
}

const writtenAs = (spec: ColumnSpec): Expression => spec.value ?? { kind: 'source', headers: spec.from ?? [] }

interface Header {
  readonly kind: 'copied'
  readonly table: string
  readonly column: string
}

/** The headers that an expression reads, through the columns it reads. */
function headersOf(contract: Contract, expression: Expression): readonly Header[] {
  const table = `bronze.${contract.name}`
  return [...expressionsIn(expression)].flatMap((each): readonly Header[] => {
    if (each.kind === 'source' || each.kind === 'raw') {
      return each.headers.map((header) => ({ kind: 'copied', table, column: asPublished(contract, header) }))
    }
    const spec = each.kind === 'column' ? contract.columns[each.name] : undefined
    return spec === undefined ? [] : headersOf(contract, writtenAs(spec))
  })
}

/** As a layout spells the header: headers are compared by their key, and a column may name its own in other letters. */
function asPublished({ layouts }: Contract, header: string): string {
  const key = headerKey(header)
  return layouts.flatMap(({ requires }) => requires).find((each) => headerKey(each) === key) ?? header
}

/** Where a column of Silver comes from: a coordinate, what a layout says of all its files, or the contract's expression. */
function silverOrigins(contract: Contract, name: string): readonly LineageOrigin[] {
  const table = `bronze.${contract.name}`
  const bronze = bronzeOfCoordinate[name]
  if (bronze !== undefined) return [{ kind: 'copied', table, column: bronze }]
  const spec = contract.columns[name]
  if (spec !== undefined) return originSet([...constantsOf(contract, name), ...written(contract, writtenAs(spec))])
  const read =
    name === 'warnings'
      ? warnHeaders(contract)
      : keptColumns(contract).flatMap(([, each]) => headersOf(contract, writtenAs(each)))
  // Without a rule that warns, there is never a warning.
  return read.length === 0 ? [{ kind: 'constant', value: 'null' }] : originSet(through('transformed', read))
}

function written(contract: Contract, expression: Expression): readonly LineageOrigin[] {
  const headers = headersOf(contract, expression)
  if (expression.kind === 'source' || expression.kind === 'raw') return headers
  const constants = [...expressionsIn(expression)].flatMap((each): readonly LineageOrigin[] =>
    each.kind === 'constant' ? [{ kind: 'constant', value: String(each.value) }] : [],
  )
  return columnsBefore(through('transformed', [...headers, ...constants]))
}

function constantsOf({ layouts }: Contract, column: string): readonly LineageOrigin[] {
  return layouts.flatMap(({ constants = {} }) =>
    Object.hasOwn(constants, column) ? [{ kind: 'constant', value: String(constants[column]) }] : [],
  )
}

function measureOrigins(contract: Contract, name: string): readonly LineageOrigin[] {
  const measures = Object.entries(contract.columns).filter(([, spec]) => spec.measure !== undefined)
  const of = (value: (column: string, spec: ColumnSpec) => string | undefined): readonly LineageOrigin[] =>
    originSet(measures.map(([column, spec]) => ({ kind: 'constant', value: value(column, spec) ?? '' })))
  const values = measures.flatMap(([column]) => silverOrigins(contract, column))
  if (name === 'measure') return of((column) => column)
  if (name === 'respondent') return of((_, { measure }) => measure?.respondent)
  if (name === 'construct') return of((_, { measure }) => measure?.construct)
  if (name === 'scale') return of((_, { measure }) => measure?.scale)
  if (name === 'value') return originSet(values)
  if (name === 'missing_reason') return originSet(through('transformed', values))
  return silverOrigins(contract, name)
}

/** Headers by which a record may be rejected, and those by which one record takes another's place. */
function usesOf(contract: Contract): readonly LineageUse[] {
  const rejects = [
    ...Object.values(contract.columns)
      .filter(({ required, domain }) => required?.severity === 'reject' || domain?.severity === 'reject')
      .map(writtenAs),
    ...contract.rules.filter(({ severity }) => severity === 'reject').map(({ holds }) => holds),
  ]
  const keys = contract.key.flatMap((name) => contract.columns[name] ?? []).map(writtenAs)
  const uses = (how: LineageUse['how'], expressions: readonly Expression[]): readonly LineageUse[] =>
    expressions.flatMap((each) => headersOf(contract, each)).map(({ table, column }) => ({ how, table, column }))
  const all = [...uses('FILTER', rejects), ...uses('GROUP_BY', keys)]
  return [...new Map(all.map((use) => [`${use.how} ${use.column}`, use])).values()]
}

function warnHeaders(contract: Contract): readonly LineageOrigin[] {
  const columns = Object.values(contract.columns)
    .filter(({ required, domain }) => required?.severity === 'warn' || domain?.severity === 'warn')
    .map(writtenAs)
  const rules = contract.rules.filter(({ severity }) => severity === 'warn').map(({ holds }) => holds)
  return [...columns, ...rules].flatMap((each) => headersOf(contract, each))
}
