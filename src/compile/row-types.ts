import type { Contract, ContractType } from '#contract'
import { wideColumns } from './column.ts'

const types: Readonly<Record<ContractType, string>> = {
  string: 'string',
  integer: 'number',
  long: 'number',
  double: 'number',
  boolean: 'boolean',
  date: 'string',
  timestamp: 'string',
  tract_2010: 'Tract2010',
  tract_2020: 'Tract2020',
}

/**
 * TypeScript types of the Silver rows. Tracts of the two censuses are types of their own: neither is assignable to, or comparable with, the other, though
 * both are strings of eleven digits. A column is null unless its rule rejects the row where it is missing.
 */
export function rowTypes(contracts: readonly Contract[]): string {
  return [
    '// Made by scripts/generate.ts from the datasets’ contracts. Change those.',
    '',
    'declare const vintage: unique symbol',
    '',
    '/** GEOID of a census tract of 2010. */',
    'export type Tract2010 = string & { readonly [vintage]: 2010 }',
    '',
    '/** GEOID of a census tract of 2020. */',
    'export type Tract2020 = string & { readonly [vintage]: 2020 }',
    '',
    '/** What every Silver row says of where it came from. */',
    'export interface Lineage {',
    '  readonly source: string',
    '  readonly partition: number',
    '  readonly offset: number',
    '  readonly event_ts: string',
    '  readonly ingest_ts: string',
    '  readonly missing: string | null',
    '  readonly warnings: string | null',
    '}',
    ...contracts.flatMap(rowType),
    '',
  ].join('\n')
}

function rowType(contract: Contract): string[] {
  return [
    '',
    `/** One row of silver.${contract.name}: ${contract.grain}. */`,
    `export interface ${pascal(contract.name)}Row extends Lineage {`,
    ...wideColumns(contract).flatMap(([column, spec]) => [
      `  /** ${spec.about} (${spec.unit}). */`,
      `  readonly ${column}: ${types[spec.type]}${spec.required?.severity === 'reject' ? '' : ' | null'}`,
    ]),
    '}',
  ]
}

function pascal(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')
}
