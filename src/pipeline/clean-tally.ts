import type { Contract } from '#contract'
import type { DataFile } from '#lake'
import type { CleanBatch } from './clean-batch.ts'
import type { CleanEffects } from './clean-work.ts'
import type { RecordCounts } from './law.ts'
import { checkConservation, noRecords } from './law.ts'

/** What a source's, or a rule's, line in the ledger counts. */
export interface Counts extends RecordCounts {
  readonly warned: number
}

export interface Tally extends Counts {
  readonly source: string
  /** Empty for the totals of the source. */
  readonly rule: string
}

export interface LedgerLine extends Counts {
  readonly dataset: string
  readonly source: string
  readonly fileName: string
  readonly rule: string
}

/** The dataset's lines, the files that hold them, and what else these files hold. */
export interface LedgerStanding {
  readonly own: readonly LedgerLine[]
  readonly others: readonly LedgerLine[]
  readonly remove: readonly DataFile[]
}

export const countNames = ['landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'warned'] as const

export const nothingCounted: Counts = { ...noRecords, warned: 0 }

/** What a batch adds to each line of the ledger: less than 0 where rows went from Silver to the displaced, or back. */
export async function tallyBatch(
  contract: Contract,
  batch: CleanBatch,
  { engine }: Pick<CleanEffects, 'engine'>,
): Promise<readonly Tally[]> {
  const { parsed, gained, ousted, fate, past } = batch
  const checks = Object.values(contract.columns).flatMap(({ required, domain }) => [required, domain])
  const warns = [...checks, ...contract.rules].some((check) => check?.severity === 'warn')
  const line = (given: Partial<Record<(typeof countNames)[number], string>>): string =>
    countNames.map((name) => given[name] ?? '0').join(', ')
  const rules = (from: string, warned: string): string =>
    `SELECT source, rule, ${line({ warned })} FROM (SELECT source, unnest(string_split(warnings, ',')) AS rule FROM ${from} WHERE warnings IS NOT NULL) GROUP BY source, rule`
  const displaced = (from: string, sign: '' | '-'): string =>
    `SELECT source, '', ${line({ duplicates: `${sign}count(*) FILTER (fate = 'duplicate')`, superseded: `${sign}count(*) FILTER (fate = 'superseded')` })} FROM ${from} GROUP BY source`
  const selects = [
    `SELECT source, '' AS rule, ${line({ landed: 'records', quarantined: 'CASE WHEN _rule IS NOT NULL THEN records ELSE 0 END' })} FROM judged`,
    `SELECT source, _rule, ${line({ quarantined: 'records' })} FROM judged WHERE _rule IS NOT NULL`,
    // Where no record shares its key, Silver gains all that broke no rule.
    fate === undefined
      ? `SELECT source, '', ${line({ silver: 'records', warned: 'warned' })} FROM judged WHERE _rule IS NULL`
      : `SELECT source, '', ${line({ silver: 'count(*)', warned: 'count(warnings)' })} FROM (${gained}) GROUP BY source`,
    ...(warns ? [rules(`(${gained})`, 'count(*)')] : []),
    ...(ousted === undefined
      ? []
      : [
          `SELECT source, '', ${line({ silver: '-count(*)', warned: '-count(warnings)' })} FROM ${ousted} GROUP BY source`,
          ...(warns ? [rules(ousted, '-count(*)')] : []),
        ]),
    ...(fate === undefined ? [] : [displaced(`(SELECT * FROM ${fate} WHERE fate <> 'silver')`, '')]),
    ...(past === undefined ? [] : [displaced(past, '-')]),
  ]
  const sums = countNames.map((name) => `CAST(sum(${name}) AS BIGINT)`).join(', ')
  const { rows } = await engine.query(
    `WITH judged AS MATERIALIZED (SELECT source, _rule, count(*) AS records, count(warnings) AS warned FROM ${parsed} GROUP BY source, _rule)
    SELECT source, rule, ${sums} FROM (${selects.join('\nUNION ALL ')}) AS lines(source, rule, ${countNames.join(', ')}) GROUP BY source, rule`,
  )
  return rows.map(([source, rule, ...counts]) => ({ source: String(source), rule: String(rule), ...countsOf(counts) }))
}

/** In the order of `countNames`. */
export function countsOf([landed, silver, quarantined, duplicates, superseded, warned]: readonly unknown[]): Counts {
  return {
    landed: Number(landed),
    silver: Number(silver),
    quarantined: Number(quarantined),
    duplicates: Number(duplicates),
    superseded: Number(superseded),
    warned: Number(warned),
  }
}

/** Every record of a batch is somewhere, and every row that left one place is in another: fault `clean/conservation` where not. */
export function checkBatch(dataset: string, tallies: readonly Tally[]): void {
  const totals = tallies.filter(({ rule }) => rule === '')
  checkConservation(
    dataset,
    totals.map((tally) => ({ ...tally, fileName: tally.source })),
  )
}
