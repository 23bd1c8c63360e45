export type { ColumnSpec, Contract, ContractType, Domain, Measure, RowRule, Severity } from './contract.ts'
export type { Expression } from './expression.ts'
export { blockedHeaders, headerKey, matchLayout } from './header.ts'
export type { Block, Encoding, Layout } from './layout.ts'
