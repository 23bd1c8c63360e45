import { dialects, silverColumns } from '#compile'
import type { Contract } from '#contract'
import type { Snapshot } from '#lake'
import type { CleanEffects } from './clean-batch.ts'
import { workSchema } from './clean-batch.ts'
import { discard } from './clean-commit.ts'
import type { DatasetStanding } from './clean-standing.ts'
import { filesRecorded, ledgerFilesTxn, standingOf, txnsAt } from './clean-standing.ts'
import { displacedColumns, ledgerColumns, quarantineColumns } from './clean-tables.ts'
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
  const dialect = dialects[engine.dialect]
  const schema = workSchema(contract)
  const name = (part: string): string => `${dialect.identifier(schema)}.${dialect.identifier(part)}`
  const version = standing.silver.position
  const bronze = table(`bronze/${contract.name}`)
  const at = version < 0 ? undefined : await bronze.snapshotAt(version)
  await attachSnapshot(`${schema}.l_bronze`, bronze, at, bronzeColumns, effects)
  await attachSnapshot(`${schema}.l_file`, table('bronze/file'), standing.file, fileColumns, effects)
  const silver = version < 0 ? undefined : standing.silver.snapshot
  await attachSnapshot(`${schema}.l_silver`, table(standing.silver.root), silver, silverColumns(contract), effects)
  await attachSnapshot(
    `${schema}.l_quarantine`,
    table(standing.quarantine.root),
    standing.quarantine.snapshot,
    quarantineColumns,
    effects,
  )
  await attachSnapshot(
    `${schema}.l_displaced`,
    table(standing.displaced.root),
    standing.displaced.snapshot,
    displacedColumns,
    effects,
  )
  const dataset = dialect.literal(contract.name)
  await engine.run(`CREATE OR REPLACE TABLE ${name('counted')} AS
    SELECT source, rule, CAST(sum(landed) AS BIGINT) AS landed, CAST(sum(silver) AS BIGINT) AS silver, CAST(sum(quarantined) AS BIGINT) AS quarantined,
      CAST(sum(duplicates) AS BIGINT) AS duplicates, CAST(sum(superseded) AS BIGINT) AS superseded, CAST(sum(warned) AS BIGINT) AS warned
    FROM (
      SELECT source, '' AS rule, count(*) AS landed, 0 AS silver, 0 AS quarantined, 0 AS duplicates, 0 AS superseded, 0 AS warned FROM ${name('l_bronze')} GROUP BY source
      UNION ALL SELECT source, '', 0, count(*), 0, 0, 0, count(warnings) FROM ${name('l_silver')} GROUP BY source
      UNION ALL SELECT source, unnest(['', rule]), 0, 0, count(*), 0, 0, 0 FROM ${name('l_quarantine')} WHERE dataset = ${dataset} GROUP BY source, rule
      UNION ALL SELECT source, '', 0, 0, 0, count(*) FILTER (WHERE fate = 'duplicate'), count(*) FILTER (WHERE fate = 'superseded'), 0 FROM ${name('l_displaced')} WHERE dataset = ${dataset} GROUP BY source
      UNION ALL SELECT source, rule, 0, 0, 0, 0, 0, count(*) FROM (SELECT source, unnest(string_split(warnings, ',')) AS rule FROM ${name('l_silver')} WHERE warnings IS NOT NULL) GROUP BY source, rule
    ) GROUP BY source, rule`)
  // Of several files with the same records, the first has the counts and the others have none.
  await engine.run(`CREATE OR REPLACE TABLE ${name('named')} AS
    WITH once AS (SELECT source, name, min(same_as IS NOT NULL) AS again, min(fetched_at) AS since FROM ${name('l_file')} WHERE dataset = ${dataset} GROUP BY source, name)
    SELECT source, name, row_number() OVER (PARTITION BY source ORDER BY again, since, name) AS place FROM once
    UNION ALL SELECT DISTINCT source, source, 1 FROM ${name('counted')} WHERE source NOT IN (SELECT source FROM once)`)
  const count = (column: string): string =>
    `CAST(CASE WHEN named.place = 1 THEN COALESCE(counted.${column}, 0) ELSE 0 END AS BIGINT) AS ${column}`
  const counts = ['landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'warned'].map(count).join(', ')
  await engine.run(`CREATE OR REPLACE TABLE ${name('entries')} AS
    SELECT ${dataset} AS dataset, named.source, named.name AS file_name, COALESCE(counted.rule, '') AS rule, ${counts}
    FROM ${name('named')} AS named LEFT JOIN ${name('counted')} AS counted ON counted.source = named.source AND (named.place = 1 OR counted.rule = '')
    ORDER BY file_name, named.source, rule`)
  const totals = await readTotals(`SELECT * FROM ${name('entries')}`, effects)
  checkConservation(contract.name, totals)
  return (await commitLedger(contract, print, standing, name('entries'), effects))
    ? totals.reduce<RecordCounts>(addCounts, noRecords)
    : undefined
}

async function commitLedger(
  contract: Contract,
  print: string,
  standing: DatasetStanding,
  entries: string,
  effects: CleanEffects,
): Promise<boolean> {
  const { ledger, silver, file } = standing
  const table = effects.table(ledger.root)
  const dialect = dialects[effects.engine.dialect]
  const remove = await filesWithDataset(contract.name, ledger.snapshot, effects)
  const names = ledgerColumns.map(({ name }) => dialect.identifier(name)).join(', ')
  const others =
    remove.length === 0
      ? ''
      : ` UNION ALL SELECT ${names} FROM (${dialect.files(
          await effects.scratch.localPaths(remove.map(({ path }) => `${ledger.root}/${path}`)),
          ledgerColumns.map(({ name }) => name),
        )}) WHERE dataset <> ${dialect.literal(contract.name)}`
  const add = await writeSelect(table, `SELECT ${names} FROM ${entries}${others}`, effects)
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
        ...(newest === undefined ? { columns: ledgerColumns } : {}),
        add,
        remove,
        txns: [
          ...txnsAt(contract.name, print, silver.position),
          { appId: ledgerFilesTxn(contract.name), version: files },
        ],
      }
    },
  })
  if (outcome === 'unneeded') await discard(table, add, effects)
  return stood
}

async function filesWithDataset(dataset: string, snapshot: Snapshot | undefined, effects: CleanEffects) {
  const files = snapshot?.files ?? []
  if (files.length === 0) return []
  const dialect = dialects[effects.engine.dialect]
  const paths = await effects.scratch.localPaths(files.map(({ path }) => `silver/ledger/${path}`))
  const found = await effects.engine.query(
    `SELECT DISTINCT file FROM (${dialect.files(paths, ['dataset'])}) WHERE dataset = ${dialect.literal(dataset)}`,
  )
  const hit = new Set(found.rows.map(([file]) => String(file)))
  return files.filter((_, index) => hit.has(paths[index] ?? ''))
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

/** Totals of every dataset, as the ledger has them; reads one small table and changes nothing. */
export async function datasetCounts(
  contracts: readonly Contract[],
  effects: Pick<CleanEffects, 'table' | 'engine' | 'scratch'>,
): Promise<Readonly<Record<string, DatasetCounts>>> {
  const ledger = effects.table('silver/ledger')
  await attachSnapshot('clean_ledger.ledger', ledger, await ledger.snapshot(), ledgerColumns, effects)
  const totals = await readTotals('SELECT * FROM clean_ledger.ledger', effects)
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
