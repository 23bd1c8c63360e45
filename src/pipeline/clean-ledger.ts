import { dialects, silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { DataFile, RowOf } from '#lake'
import { readRows, withColumns } from '#lake'
import { writeParquet } from '#parquet'
import { filesThatMayHold, soughtTexts } from './clean-bounds.ts'
import { discard } from './clean-commit.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { filesRecorded, ledgerFilesTxn, standingOf, txnsAt } from './clean-standing.ts'
import { displacedColumns, ledgerColumns, quarantineColumns } from './clean-tables.ts'
import type { Counts, Tally } from './clean-tally.ts'
import { countNames, countsOf, nothingCounted } from './clean-tally.ts'
import type { CleanEffects } from './clean-work.ts'
import { workOf } from './clean-work.ts'
import { attachSnapshot, writeSelect } from './exchange.ts'
import { bronzeColumns, fileColumns } from './land/index.ts'
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
  effects: CleanEffects,
): Promise<RecordCounts | undefined> {
  const { engine, table } = effects
  const { dialect, place, name } = workOf(contract, effects)
  const version = standing.silver.position
  const bronze = table(`bronze/${contract.name}`)
  const at = version < 0 ? undefined : await bronze.snapshotAt(version)
  await attachSnapshot(place('l_bronze'), bronze, at, bronzeColumns, effects)
  await attachSnapshot(place('l_file'), table('bronze/file'), standing.file, fileColumns, effects)
  const silver = version < 0 ? undefined : standing.silver.snapshot
  await attachSnapshot(place('l_silver'), table(standing.silver.root), silver, silverColumns(contract), effects)
  await attachSnapshot(
    place('l_quarantine'),
    table(standing.quarantine.root),
    standing.quarantine.snapshot,
    quarantineColumns,
    effects,
  )
  await attachSnapshot(
    place('l_displaced'),
    table(standing.displaced.root),
    standing.displaced.snapshot,
    displacedColumns,
    effects,
  )
  const dataset = dialect.literal(contract.name)
  await engine.run(`CREATE OR REPLACE TABLE ${name('counted')} AS
    SELECT source, rule, max(topic) AS topic, CAST(sum(landed) AS BIGINT) AS landed, CAST(sum(silver) AS BIGINT) AS silver, CAST(sum(quarantined) AS BIGINT) AS quarantined,
      CAST(sum(duplicates) AS BIGINT) AS duplicates, CAST(sum(superseded) AS BIGINT) AS superseded, CAST(sum(warned) AS BIGINT) AS warned
    FROM (
      SELECT source, '' AS rule, max(topic) AS topic, count(*) AS landed, 0 AS silver, 0 AS quarantined, 0 AS duplicates, 0 AS superseded, 0 AS warned FROM ${name('l_bronze')} GROUP BY source
      UNION ALL SELECT source, '', NULL, 0, count(*), 0, 0, 0, count(warnings) FROM ${name('l_silver')} GROUP BY source
      UNION ALL SELECT source, unnest(['', rule]), NULL, 0, 0, count(*), 0, 0, 0 FROM ${name('l_quarantine')} WHERE dataset = ${dataset} GROUP BY source, rule
      UNION ALL SELECT source, '', NULL, 0, 0, 0, count(*) FILTER (WHERE fate = 'duplicate'), count(*) FILTER (WHERE fate = 'superseded'), 0 FROM ${name('l_displaced')} WHERE dataset = ${dataset} GROUP BY source
      UNION ALL SELECT source, rule, NULL, 0, 0, 0, 0, 0, count(*) FROM (SELECT source, unnest(string_split(warnings, ',')) AS rule FROM ${name('l_silver')} WHERE warnings IS NOT NULL) GROUP BY source, rule
    ) GROUP BY source, rule`)
  // Of several files with the same records, the first has the counts and the others have none. What no file brought, a topic did.
  await engine.run(`CREATE OR REPLACE TABLE ${name('named')} AS
    WITH once AS (SELECT source, name, min(same_as IS NOT NULL) AS again, min(fetched_at) AS since FROM ${name('l_file')} WHERE dataset = ${dataset} GROUP BY source, name)
    SELECT source, name, row_number() OVER (PARTITION BY source ORDER BY again, since, name) AS place FROM once
    UNION ALL SELECT source, COALESCE(max(topic), source), 1 FROM ${name('counted')} WHERE source NOT IN (SELECT source FROM once) GROUP BY source`)
  const count = (column: string): string =>
    `CAST(CASE WHEN named.place = 1 THEN COALESCE(counted.${column}, 0) ELSE 0 END AS BIGINT) AS ${column}`
  const counts = ['landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'warned'].map(count).join(', ')
  await engine.run(`CREATE OR REPLACE TABLE ${name('entries')} AS
    SELECT ${dataset} AS dataset, named.source, named.name AS file_name, COALESCE(counted.rule, '') AS rule, ${counts}
    FROM ${name('named')} AS named LEFT JOIN ${name('counted')} AS counted ON counted.source = named.source AND (named.place = 1 OR counted.rule = '')
    ORDER BY file_name, named.source, rule`)
  const totals = await readTotals(`SELECT * FROM ${name('entries')}`, effects)
  checkConservation(contract.name, totals)
  const { others, remove } = await readLedger(contract.name, standing, effects)
  const ledger = table(standing.ledger.root)
  const names = ledgerColumns.map((column) => dialect.identifier(column.name)).join(', ')
  const kept = others.length === 0 ? [] : [await ledger.writeFile(ledgerFile(others))]
  const add = [...(await writeSelect(ledger, `SELECT ${names} FROM ${name('entries')}`, effects)), ...kept]
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
  effects: CleanEffects,
): Promise<RecordCounts | undefined> {
  const { own, others, remove } = await readLedger(contract.name, standing, effects)
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

interface LedgerLine extends Counts {
  readonly dataset: string
  readonly source: string
  readonly fileName: string
  readonly rule: string
}

/** The dataset's lines, the files that hold them, and what else these files hold. */
async function readLedger(
  dataset: string,
  { ledger }: DatasetStanding,
  { engine, scratch }: CleanEffects,
): Promise<{ own: readonly LedgerLine[]; others: readonly LedgerLine[]; remove: readonly DataFile[] }> {
  const files = filesThatMayHold(ledger.snapshot?.files ?? [], [soughtTexts('dataset', [dataset])])
  if (files.length === 0) return { own: [], others: [], remove: [] }
  const paths = await scratch.localPaths(files.map(({ path }) => `${ledger.root}/${path}`))
  const names = ledgerColumns.map(({ name }) => name)
  const { rows } = await engine.query(
    `SELECT file, ${names.join(', ')} FROM (${dialects[engine.dialect].files(paths, ledgerColumns)})`,
  )
  const lines = rows.map(([file, of, source, fileName, rule, ...counts]) => ({
    file: String(file),
    line: {
      dataset: String(of),
      source: String(source),
      fileName: String(fileName),
      rule: String(rule),
      ...countsOf(counts),
    },
  }))
  const hit = new Set(lines.flatMap(({ file, line }) => (line.dataset === dataset ? [file] : [])))
  const inHit = lines.filter(({ file }) => hit.has(file)).map(({ line }) => line)
  return {
    own: inHit.filter((line) => line.dataset === dataset),
    others: inHit.filter((line) => line.dataset !== dataset),
    remove: files.filter((_, index) => hit.has(paths[index] ?? '')),
  }
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
  effects: CleanEffects,
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

async function readTotals(relation: string, { engine }: Pick<CleanEffects, 'engine'>): Promise<SourceCounts[]> {
  const { rows } = await engine.query(
    `SELECT dataset, source, file_name, landed, silver, quarantined, duplicates, superseded FROM (${relation}) WHERE rule = '' ORDER BY dataset, file_name, source`,
  )
  return rows.map(([dataset, source, fileName, landed, silver, quarantined, duplicates, superseded]) => ({
    dataset: String(dataset),
    source: String(source),
    fileName: String(fileName),
    landed: Number(landed),
    silver: Number(silver),
    quarantined: Number(quarantined),
    duplicates: Number(duplicates),
    superseded: Number(superseded),
  }))
}

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
  { store, table }: Pick<CleanEffects, 'store' | 'table'>,
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
