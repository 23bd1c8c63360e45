import type { Contract } from '#contract'
import type { DataFile, RowOf } from '#lake'
import { readRows, withColumns } from '#lake'
import { writeParquet } from '#parquet'
import { discard } from './clean-commit.ts'
import type { Judge } from './clean-judge.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { filesRecorded, ledgerFilesTxn, standingOf, txnsAt } from './clean-standing.ts'
import { ledgerColumns } from './clean-tables.ts'
import type { Counts, LedgerLine, Tally } from './clean-tally.ts'
import { countNames, nothingCounted } from './clean-tally.ts'
import type { CommitEffects } from './clean-work.ts'
import type { StageEffects } from './effects.ts'
import type { RecordCounts } from './law.ts'
import { addCounts, checkConservation, noRecords } from './law.ts'

/** Totals of a dataset over all that was ever landed, and of each file by name. */
export interface DatasetCounts extends RecordCounts {
  readonly sources: Readonly<Record<string, RecordCounts>>
}

/**
 * Counts each table as it stands, checks the conservation law by source, and replaces the dataset's rows in the ledger.
 * Answers the totals; undefined where another process moved the tables meanwhile.
 */
export async function refreshLedger(
  contract: Contract,
  print: string,
  standing: DatasetStanding,
  judge: Judge,
  effects: CommitEffects,
): Promise<RecordCounts | undefined> {
  const lines = await judge.count(standing)
  const totals = lines.filter(({ rule }) => rule === '')
  checkConservation(contract.name, totals)
  const { others, remove } = await judge.ledger(standing)
  const all = [...lines, ...others]
  const add = all.length === 0 ? [] : [await effects.table(standing.ledger.root).writeFile(ledgerFile(all))]
  return (await commitLedger(contract, print, standing, standing.silver.position, { add, remove }, effects))
    ? totals.reduce<RecordCounts>(addCounts, noRecords)
    : undefined
}

/**
 * Adds what a batch counted to the dataset's lines, which stand exactly where the batch began; the law is checked on what comes of it.
 * Answers the totals; undefined where another process moved the ledger meanwhile.
 */
export async function addToLedger(
  contract: Contract,
  print: string,
  standing: DatasetStanding,
  { to, tallies, topics }: { to: number; tallies: readonly Tally[]; topics: ReadonlyMap<string, string> },
  judge: Judge,
  effects: CommitEffects,
): Promise<RecordCounts | undefined> {
  const { own, others, remove } = await judge.ledger(standing)
  const lines = addTallies(contract.name, own, tallies, topics)
  const totals = lines.filter(({ rule }) => rule === '')
  checkConservation(contract.name, totals)
  const add = [await effects.table(standing.ledger.root).writeFile(ledgerFile([...lines, ...others]))]
  return (await commitLedger(contract, print, standing, to, { add, remove }, effects))
    ? totals.reduce<RecordCounts>(addCounts, noRecords)
    : undefined
}

/** Of several files with the same records, the one that has the counts keeps them. A source that has no line yet came by a topic. */
function addTallies(
  dataset: string,
  lines: readonly LedgerLine[],
  tallies: readonly Tally[],
  topics: ReadonlyMap<string, string>,
): readonly LedgerLine[] {
  const nameOf = new Map<string, LedgerLine>()
  for (const line of lines) {
    const known = nameOf.get(line.source)
    if (line.rule === '' && (known === undefined || line.landed > known.landed)) nameOf.set(line.source, line)
  }
  const byLine = new Map(lines.map((line) => [JSON.stringify([line.source, line.fileName, line.rule]), line]))
  for (const { source, rule, ...counts } of tallies) {
    const fileName = nameOf.get(source)?.fileName ?? topics.get(source) ?? source
    const key = JSON.stringify([source, fileName, rule])
    const line = byLine.get(key) ?? { dataset, source, fileName, rule, ...nothingCounted }
    byLine.set(key, { ...line, ...addAll(line, counts) })
  }
  return [...byLine.values()]
    .filter((line) => line.rule === '' || countNames.some((name) => line[name] !== 0))
    .sort(
      (a, b) => compareText(a.fileName, b.fileName) || compareText(a.source, b.source) || compareText(a.rule, b.rule),
    )
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function addAll(a: Counts, b: Counts): Counts {
  return { ...addCounts(a, b), warned: a.warned + b.warned }
}

function ledgerFile(lines: readonly LedgerLine[]): Uint8Array {
  const values = lines.map((line) => [
    ...[line.dataset, line.source, line.fileName, line.rule],
    ...countNames.map((name) => line[name]),
  ])
  return writeParquet(
    ledgerColumns,
    ledgerColumns.map((_, at) => values.map((row) => row[at])),
    lines.length,
  )
}

async function commitLedger(
  contract: Contract,
  print: string,
  { ledger, file }: DatasetStanding,
  position: number,
  { add, remove }: { add: readonly DataFile[]; remove: readonly DataFile[] },
  effects: CommitEffects,
): Promise<boolean> {
  const table = effects.table(ledger.root)
  const files = filesRecorded(file, contract.name)
  const told = `${ledger.mark} ${ledger.snapshot?.txns.get(ledgerFilesTxn(contract.name)) ?? 0}`
  let stood = true
  const { outcome } = await table.commit({
    operation: remove.length > 0 ? 'MERGE' : 'WRITE',
    blindAppend: false,
    stage(newest) {
      const now = standingOf(ledger.root, newest, contract.name, print)
      const live = new Set(newest?.files.map(({ path }) => path))
      const nowTold = `${now.mark} ${newest?.txns.get(ledgerFilesTxn(contract.name)) ?? 0}`
      stood = nowTold === told && remove.every(({ path }) => live.has(path))
      if (!stood) return undefined
      return {
        ...withColumns(newest, ledgerColumns),
        add,
        remove,
        txns: [...txnsAt(contract.name, print, position), { appId: ledgerFilesTxn(contract.name), version: files }],
      }
    },
  })
  if (outcome === 'unneeded') await discard(table, add, effects)
  return stood
}

type SourceCounts = RecordCounts & { readonly dataset: string; readonly source: string; readonly fileName: string }

function sourceCounts(row: RowOf): SourceCounts {
  return {
    dataset: String(row.dataset),
    source: String(row.source),
    fileName: String(row.file_name),
    landed: Number(row.landed),
    silver: Number(row.silver),
    quarantined: Number(row.quarantined),
    duplicates: Number(row.duplicates),
    superseded: Number(row.superseded),
  }
}

/** As an engine orders them: by their characters, not by a language's rules. */
function byName(a: SourceCounts, b: SourceCounts): number {
  const [one, other] = [`${a.fileName}\n${a.source}`, `${b.fileName}\n${b.source}`]
  return one < other ? -1 : one > other ? 1 : 0
}

/** Totals of every dataset, as the ledger has them; reads one small table and changes nothing. */
export async function datasetCounts(
  contracts: readonly Contract[],
  { store, table }: Pick<StageEffects, 'store' | 'table'>,
): Promise<Readonly<Record<string, DatasetCounts>>> {
  const ledger = table('silver/ledger')
  const snapshot = await ledger.snapshot()
  const totals: SourceCounts[] = []
  if (snapshot !== undefined)
    for await (const rows of readRows(store, ledger.root, snapshot))
      for (const row of rows) if (row.rule === '') totals.push(sourceCounts(row))
  totals.sort(byName)
  return Object.fromEntries(
    contracts.map(({ name }) => {
      const own = totals.filter(({ dataset }) => dataset === name)
      const sources: Record<string, RecordCounts> = {}
      for (const { fileName, landed, silver, quarantined, duplicates, superseded } of own)
        sources[fileName] = addCounts(sources[fileName] ?? noRecords, {
          landed,
          silver,
          quarantined,
          duplicates,
          superseded,
        })
      return [name, { ...Object.values(sources).reduce(addCounts, noRecords), sources }]
    }),
  )
}
