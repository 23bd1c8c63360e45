import type { BrokenRule, Counts, LedgerDataset, Quality } from '#api'
import type { SqlEngine } from '#port'
import type { Fields } from '../select.ts'
import { countOf, select, textOf } from '../select.ts'
import type { DatasetAbout, FigureRoute } from './question.ts'

const examplesPerRule = 5

export const quality: FigureRoute = {
  parameters: [],
  async answer(_ask, { engine, datasets, gold }): Promise<Omit<Quality, 'publication' | 'sample'>> {
    return { datasets: await readLedger(datasets, engine), rules: await readRules(engine), gold }
  },
}

async function readLedger(datasets: readonly DatasetAbout[], engine: SqlEngine): Promise<LedgerDataset[]> {
  const rows = await select(
    engine,
    `SELECT dataset, source, file_name, landed, silver, quarantined, duplicates, superseded, warned
     FROM silver.ledger WHERE rule = '' ORDER BY dataset, file_name, source LIMIT 10000`,
  )
  const found = [...new Set(rows.map((row) => textOf(row.dataset) ?? ''))]
  return found.map((dataset) => {
    const sources = rows
      .filter((row) => row.dataset === dataset)
      .map((row) => ({ source: textOf(row.source) ?? '', fileName: textOf(row.file_name) ?? '', ...countsOf(row) }))
    const title = datasets.find(({ name }) => name === dataset)?.title ?? dataset
    return { dataset, title, ...sumOf(sources), sources }
  })
}

function countsOf(row: Fields): Counts {
  return {
    landed: countOf(row.landed),
    silver: countOf(row.silver),
    quarantined: countOf(row.quarantined),
    duplicates: countOf(row.duplicates),
    superseded: countOf(row.superseded),
    warned: countOf(row.warned),
  }
}

function sumOf(all: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number) => all.reduce((total, counts) => total + of(counts), 0)
  return {
    landed: sum(({ landed }) => landed),
    silver: sum(({ silver }) => silver),
    quarantined: sum(({ quarantined }) => quarantined),
    duplicates: sum(({ duplicates }) => duplicates),
    superseded: sum(({ superseded }) => superseded),
    warned: sum(({ warned }) => warned),
  }
}

async function readRules(engine: SqlEngine): Promise<BrokenRule[]> {
  const rules = await select(
    engine,
    `SELECT dataset, rule, sum(quarantined)::BIGINT AS quarantined, sum(warned)::BIGINT AS warned FROM silver.ledger
     WHERE rule <> '' GROUP BY dataset, rule HAVING sum(quarantined) + sum(warned) > 0
     ORDER BY quarantined DESC, warned DESC, dataset, rule LIMIT 1000`,
  )
  // The raw record stays out: it may hold a person's name, which no contract has dropped yet.
  const examples = await select(
    engine,
    `SELECT dataset, rule, source, "offset", "column", received, message FROM silver.quarantine
     QUALIFY row_number() OVER (PARTITION BY dataset, rule ORDER BY source, "offset") <= ${examplesPerRule}
     ORDER BY dataset, rule, source, "offset" LIMIT 5000`,
  )
  return rules.map((row) => ({
    dataset: textOf(row.dataset) ?? '',
    rule: textOf(row.rule) ?? '',
    quarantined: countOf(row.quarantined),
    warned: countOf(row.warned),
    examples: examples
      .filter((example) => example.dataset === row.dataset && example.rule === row.rule)
      .map((example) => ({
        source: textOf(example.source) ?? '',
        offset: countOf(example.offset),
        column: textOf(example.column),
        received: cut(textOf(example.received)),
        message: cut(textOf(example.message)),
      })),
  }))
}

function cut(text: string | null): string | null {
  return text !== null && text.length > 300 ? `${text.slice(0, 300)}…` : text
}
