import type { ColumnSpec, Contract } from '#contract'
import type { Column } from '#port'
import { measureColumns, silverColumns, wideColumns } from './column.ts'

/** A table that is no dataset's, as dbt's sources name it. */
export interface PlatformTable {
  readonly schema: 'bronze' | 'silver'
  readonly name: string
  readonly about: string
  readonly columns: readonly Column[]
}

/**
 * dbt's sources: every Silver table with what its columns mean, their units, and the tests that the contract implies, and the platform's own tables.
 * The tests are the project's generic ones (`unique_combination`, `expression_is_true`) and dbt's; a contract's domains are one test a table, not one a column.
 * They check again what cleaning has checked, so they are for Silver that went through other hands (a warehouse, a copy): `--vars '{check_sources: true}'`.
 */
export function dbtSources(contracts: readonly Contract[], platform: readonly PlatformTable[]): string {
  const own = (schema: string): string[] =>
    platform
      .filter((table) => table.schema === schema)
      .flatMap((table) => [...head(table.name, table.about), ...columnsOf(table.columns, () => [])])
  return [
    '# Made by scripts/generate.ts from the datasets’ contracts. Change those.',
    'version: 2',
    'sources:',
    '  - name: silver',
    '    schema: silver',
    `    description: ${text('Typed, checked records: what the contracts make of Bronze')}`,
    '    tables:',
    ...contracts.flatMap((contract) => [...wideTable(contract), ...measureTable(contract)]),
    ...own('silver'),
    '  - name: bronze',
    '    schema: bronze',
    `    description: ${text('Records as they came')}`,
    '    tables:',
    ...own('bronze'),
    '',
  ].join('\n')
}

/** A test of the sources' own, off unless asked for. */
function test(name: string, more: Readonly<Record<string, unknown>> = {}): string {
  return `${name}: ${JSON.stringify({ ...more, config: { enabled: "{{ var('check_sources', false) }}" } })}`
}

function head(name: string, about: string): string[] {
  return [`      - name: ${name}`, `        description: ${text(about)}`]
}

function wideTable(contract: Contract): string[] {
  const domains = wideColumns(contract).flatMap(([name, spec]) => domainOf(name, spec))
  return [
    ...head(contract.name, `${contract.about} One row: ${contract.grain}. ${contract.attribution}.`),
    // What comes by a topic is read by the live models alone.
    ...(contract.stream === undefined ? [] : ['        config:', '          tags: [live]']),
    '        data_tests:',
    `          - ${test('unique_combination', { arguments: { columns: contract.key } })}`,
    ...(domains.length === 0
      ? []
      : [
          `          - ${test('expression_is_true', { name: `${contract.name}_values_are_in_their_domains`, arguments: { expression: domains.join(' and ') } })}`,
        ]),
    ...columnsOf(silverColumns(contract), (name) => testsOf(contract.columns[name])),
  ]
}

function measureTable(contract: Contract): string[] {
  if (contract.measureTable === undefined) return []
  const scales = ['rate', 'score_1_5', 'percent_positive']
  return [
    ...head(
      contract.measureTable,
      `Every measure of ${contract.title}, one row for each ${contract.grain} and measure.`,
    ),
    '        data_tests:',
    `          - ${test('unique_combination', { arguments: { columns: [...contract.key, 'measure'] } })}`,
    ...columnsOf(measureColumns(contract), (name) =>
      name === 'scale' ? [test('not_null'), test('accepted_values', { arguments: { values: scales } })] : [],
    ),
  ]
}

function columnsOf(columns: readonly Column[], tests: (name: string) => readonly string[]): string[] {
  return [
    '        columns:',
    ...columns.flatMap(({ name, comment }) => {
      const own = tests(name)
      return [
        `          - name: ${name}`,
        ...(comment === undefined ? [] : [`            description: ${text(comment)}`]),
        ...(own.length === 0 ? [] : ['            data_tests:', ...own.map((test) => `              - ${test}`)]),
      ]
    }),
  ]
}

function testsOf(spec: ColumnSpec | undefined): string[] {
  return spec?.required?.severity === 'reject' ? [test('not_null')] : []
}

/** A domain whose breach is rejected, as SQL that every engine of the project reads. Patterns differ from engine to engine, and are left to the cleaning. */
function domainOf(name: string, { domain }: ColumnSpec): string[] {
  if (domain === undefined || domain.severity !== 'reject' || 'matches' in domain.is) return []
  if ('oneOf' in domain.is) {
    const values = domain.is.oneOf.map((value) =>
      typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : value,
    )
    return [`coalesce(${name} in (${values.join(', ')}), true)`]
  }
  const { min, max } = domain.is
  if (min !== undefined && max !== undefined) return [`coalesce(${name} between ${min} and ${max}, true)`]
  if (min !== undefined) return [`coalesce(${name} >= ${min}, true)`]
  return max === undefined ? [] : [`coalesce(${name} <= ${max}, true)`]
}

/** A YAML text in double quotes, which JSON's are; braces would be Jinja to dbt. */
function text(value: string): string {
  return JSON.stringify(value.replaceAll('{{', '{ {').replaceAll('{%', '{ %'))
}
